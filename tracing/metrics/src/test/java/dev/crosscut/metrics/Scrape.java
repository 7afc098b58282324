package dev.crosscut.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text in Prometheus' format, every line of it read, and none that is malformed or there twice. */
record Scrape(Map<String, String> types, List<Sample> samples) {

    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|info|untyped)");
    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .*");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[+-]?Inf|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");
    private static final Pattern LABEL =
            Pattern.compile("\\G([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");

    record Sample(String name, Map<String, String> labels, double value) {}

    static Scrape parse(String text) {
        Map<String, String> types = new HashMap<>();
        List<Sample> samples = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String line : text.split("\n", -1)) {
            if (line.isEmpty() || HELP.matcher(line).matches()) {
                continue;
            }
            Matcher type = TYPE.matcher(line);
            if (type.matches()) {
                require(types.put(type.group(1), type.group(2)) == null, "a second type", line);
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            require(sample.matches(), "no line of Prometheus' format", line);
            require(seen.add(line.substring(0, line.lastIndexOf(' '))), "a series that is there twice", line);
            samples.add(new Sample(
                    sample.group(1),
                    labels(sample.group(2) == null ? "" : sample.group(2), line),
                    Double.parseDouble(sample.group(3).replace("Inf", "Infinity"))));
        }
        return new Scrape(types, samples);
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(text);
        int end = 0;
        while (label.find()) {
            require(labels.put(label.group(1), label.group(2)) == null, "a label that is there twice", line);
            end = label.end();
        }
        require(end == text.length(), "labels that are malformed", line);
        return labels;
    }

    private static void require(boolean holds, String otherwise, String line) {
        if (!holds) {
            throw new AssertionError(otherwise + ": " + line);
        }
    }

    List<Sample> named(String name) {
        return samples.stream().filter(sample -> sample.name().equals(name)).toList();
    }

    double sum(String name) {
        return named(name).stream().mapToDouble(Sample::value).sum();
    }

    /** The buckets of each series of a histogram, by their bounds. */
    Map<Map<String, String>, TreeMap<Double, Double>> buckets(String histogram) {
        Map<Map<String, String>, TreeMap<Double, Double>> all = new HashMap<>();
        for (Sample sample : named(histogram + "_bucket")) {
            Map<String, String> labels = new TreeMap<>(sample.labels());
            double bound = Double.parseDouble(labels.remove("le").replace("Inf", "Infinity"));
            all.computeIfAbsent(labels, series -> new TreeMap<>()).put(bound, sample.value());
        }
        return all;
    }
}
