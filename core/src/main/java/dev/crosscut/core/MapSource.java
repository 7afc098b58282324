package dev.crosscut.core;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A source in memory. Immutable. */
class MapSource implements Source {

    private final String name;
    private final Map<String, String> values;
    private final Map<String, Integer> lines;

    MapSource(String name, Map<String, String> values, Map<String, Integer> lines) {
        this.name = name;
        this.values = Map.copyOf(values);
        this.lines = Map.copyOf(lines);
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
}
