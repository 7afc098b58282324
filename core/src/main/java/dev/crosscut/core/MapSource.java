package dev.crosscut.core;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A source in memory. Immutable. */
final class MapSource implements Source {

    private final String name;
    private final Map<String, String> values;
    private final Map<String, Integer> lines;
    private final boolean asVariables;

    MapSource(String name, Map<String, String> values, Map<String, Integer> lines) {
        this(name, values, lines, false);
    }

    private MapSource(String name, Map<String, String> values, Map<String, Integer> lines, boolean asVariables) {
        this.asVariables = asVariables;
        this.name = name;
        this.values = Map.copyOf(values);
        this.lines = Map.copyOf(lines);
    }

    static Source environment(Map<String, String> variables) {
        Map<String, String> ours = new TreeMap<>(variables);
        ours.keySet().removeIf(key -> !key.startsWith("CROSSCUT_"));
        return new MapSource("environment", ours, Map.of(), true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> keys() {
        return values.keySet();
    }

    @Override
    public Optional<String> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public String origin(String key) {
        Integer line = lines.get(key);
        return line == null ? name : name + ":" + line;
    }

    @Override
    public String spelling(String key) {
        return asVariables ? key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_') : key;
    }
}
