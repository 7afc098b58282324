package dev.crosscut.metrics;

import java.util.List;

/**
 * A meter as it is to be, wherever it is recorded and whatever reads it.
 *
 * @param name the name
 * @param description what it measures, as one sentence
 * @param buckets the upper bounds of its buckets in seconds, ascending; none for a counter
 * @param keys the keys that each of its series has, in a fixed order
 */
record Convention(String name, String description, List<Double> buckets, List<String> keys) {

    private static final double NANOS = 1e9;

    boolean isTimer() {
        return !buckets.isEmpty();
    }

    /** The buckets as a registry has them. */
    double[] bucketNanos() {
        return buckets.stream()
                .mapToDouble(seconds -> Math.rint(seconds * NANOS))
                .toArray();
    }
}
