package dev.crosscut.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What participants were asked and told, in order. */
final class Events {

    private final List<String> all = new CopyOnWriteArrayList<>();

    void add(String event) {
        all.add(event);
    }

    List<String> list() {
        return List.copyOf(all);
    }

    List<String> endingWith(String suffix) {
        return all.stream().filter(event -> event.endsWith(suffix)).toList();
    }

    List<String> of(String name) {
        return all.stream().filter(event -> event.startsWith(name + " ")).toList();
    }

    @Override
    public String toString() {
        return all.toString();
    }

    static String describe(Outcome outcome) {
        return outcome.getClass().getSimpleName()
                + (outcome.status().isPresent() ? " " + outcome.status().getAsInt() : "");
    }
}
