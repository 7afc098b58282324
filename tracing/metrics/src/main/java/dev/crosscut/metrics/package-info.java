/** Measurements of every exchange, on Micrometer. */
@NullMarked
package dev.crosscut.metrics;

import org.jspecify.annotations.NullMarked;
