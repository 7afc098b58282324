package dev.crosscut.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What JMH's JSON says of one benchmark, as far as it is shown. */
record Measured(
        String benchmark,
        String jdkVersion,
        String vmName,
        Metric primaryMetric,
        Map<String, Metric> secondaryMetrics) {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /**
     * A figure for each iteration of each round.
     *
     * @param scoreUnit the unit of the figures
     * @param rawData by round and iteration
     */
    record Metric(String scoreUnit, List<List<Double>> rawData) {

        Sample sample() {
            return new Sample(rawData.stream()
                    .flatMap(List::stream)
                    .mapToDouble(Double::doubleValue)
                    .toArray());
        }
    }

    /** Everything in a file, by the name of the benchmark. */
    static Map<String, Measured> read(Path json) {
        Map<String, Measured> byName = new LinkedHashMap<>();
        for (Measured each : new JsonMapper().readValue(json, Measured[].class)) {
            byName.put(each.benchmark, each);
        }
        return byName;
    }

    /** The time of one operation, or how many there were in a second. */
    Sample speed() {
        return primaryMetric.sample();
    }

    boolean isThroughput() {
        return primaryMetric.scoreUnit().equals("ops/s");
    }

    /** The whole bytes that one operation allocates. */
    long bytes() {
        Metric allocated = secondaryMetrics.get(ALLOCATED);
        if (allocated == null) {
            throw new IllegalStateException(benchmark + " was measured without " + ALLOCATED + "; expected -prof gc");
        }
        return Math.round(allocated.sample().median());
    }
}
