/** Crosscut beside its peers, measured with JMH in one run, and the tables made of it. */
@NullMarked
package dev.crosscut.benchmarks;

import org.jspecify.annotations.NullMarked;
