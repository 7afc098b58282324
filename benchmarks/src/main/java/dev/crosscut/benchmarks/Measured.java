package dev.crosscut.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What JMH's JSON says of one benchmark, as far as it is shown. */
record Measured(
        String benchmark,
        int threads,
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

    boolean isRate() {
        return primaryMetric.scoreUnit().equals("ops/s");
    }

    /** How long one operation took on the clock, in nanoseconds, or how many there were in a second. */
    Sample clock() {
        return primaryMetric.sample();
    }

    /** How long processors worked for one operation, in nanoseconds. */
    Sample processor() {
        return secondary(ProcessorTime.METRIC);
    }

    /** What is compared: processor time, but where threads wait for each other, for that takes no processor. */
    Sample compared() {
        return threads == 1 || isRate() ? processor() : clock();
    }

    /** The whole bytes that one operation allocates. */
    long bytes() {
        return Math.round(secondary(ALLOCATED).median());
    }

    private Sample secondary(String metric) {
        Metric measured = secondaryMetrics.get(metric);
        if (measured == null) {
            throw new IllegalStateException(
                    benchmark + " was measured without " + metric + "; expected a file that benchmarks/run wrote");
        }
        return measured.sample();
    }
}
