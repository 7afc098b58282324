/**
 * The rules of the house: {@link ReactorTest} over the poms, {@link ArchitectureTest} over the classes,
 * {@link JarsIT} over the jars.
 */
package dev.crosscut.house;
