package dev.crosscut.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.NamingConvention;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What to ask Prometheus about an objective. Names are those that Micrometer's registry for Prometheus makes of those of the
 * meter.
 *
 * <p>Requests are bad where they are not good, and none are bad where nothing says so: the series of an error begins with
 * the first one, and what is not there yet would hide those that were good. Where there was no request, there is no answer.
 */
final class SloQueries {

    static final String METER = name(Objective.METER);
    static final String COUNT = METER + "_count";
    static final String BUCKET = METER + "_bucket";
    static final String ERROR_TYPE = label(Conventions.ERROR_TYPE);

    private final String job;
    private final Objective objective;

    SloQueries(String job, Objective objective) {
        this.job = job;
        this.objective = objective;
    }

    /** A timer as Prometheus has it. */
    private static String name(Convention timer) {
        return NamingConvention.snakeCase.name(timer.name(), Meter.Type.TIMER) + "_seconds";
    }

    /** A key as Prometheus has it. */
    static String label(String key) {
        return NamingConvention.snakeCase.tagKey(key);
    }

    /** How many of the requests of a window were bad, of 1. */
    String badRatio(String window) {
        return "(\n  " + bad(window) + "\n)\n/\n(\n  " + answered(window) + "\n)";
    }

    /** Requests a second, where there were some. */
    String answered(String window) {
        return total(window) + " > 0";
    }

    /** Bad requests a second. */
    String bad(String window) {
        return objective
                .latency()
                .map(latency -> total(window) + " - (" + sum(good(), window) + " or 0 * " + total(window) + ")")
                .orElseGet(() ->
                        sum(series(COUNT, List.of(ERROR_TYPE + "!=\"\"")), window) + " or 0 * " + total(window));
    }

    private String total(String window) {
        return sum(all(), window);
    }

    /** The counter of all requests. */
    String all() {
        return series(COUNT, List.of());
    }

    /** The counter of good requests. */
    String good() {
        String noError = ERROR_TYPE + "=\"\"";
        return objective
                .latency()
                .map(latency -> series(BUCKET, List.of(noError, "le=" + quoted(edge(latency.toNanos())))))
                .orElseGet(() -> series(COUNT, List.of(noError)));
    }

    /** The upper bound of a bucket as the registry writes it. */
    private static String edge(long nanos) {
        return Double.toString(nanos / 1e9);
    }

    private String sum(String series, String window) {
        String by = objective.keys().isEmpty()
                ? "sum"
                : objective.keys().stream().map(SloQueries::label).collect(Collectors.joining(", ", "sum by (", ") "));
        return by + "(rate(" + series + "[" + window + "]))";
    }

    private String series(String name, List<String> conditions) {
        List<String> all = new ArrayList<>();
        all.add("job=" + quoted(job));
        for (String key : objective.keys()) {
            String value = objective.selected().get(key);
            if (value != null) {
                all.add(label(key) + "=" + quoted(value));
            }
        }
        all.addAll(conditions);
        return name + "{" + String.join(", ", all) + "}";
    }

    /** A text as the language of queries has it. */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
