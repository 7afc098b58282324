package dev.crosscut.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An observer that says what it was told, then fails if it is made to. */
class Watcher implements Observer {

    private final String name;
    private final Events events;
    private final Phase phase;
    private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    private volatile @Nullable Throwable inBegin;
    private volatile @Nullable Throwable inEnd;

    Watcher(String name, Events events) {
        this(name, events, Phase.APPLICATION);
    }

    Watcher(String name, Events events, Phase phase) {
        this.name = name;
        this.events = events;
        this.phase = phase;
    }

    Watcher failingInBegin(Throwable fault) {
        inBegin = fault;
        return this;
    }

    Watcher failingInEnd(Throwable fault) {
        inEnd = fault;
        return this;
    }

    List<Outcome> outcomes() {
        return List.copyOf(outcomes);
    }

    Outcome outcome() {
        if (outcomes.size() != 1) {
            throw new AssertionError(name + " heard of " + outcomes + "; expected one end");
        }
        return outcomes.get(0);
    }

    @Override
    public Phase phase() {
        return phase;
    }

    @Override
    public void begin(Exchange exchange) {
        events.add(name + " begins");
        fail(inBegin);
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        outcomes.add(outcome);
        events.add(name + " ends " + Events.describe(outcome));
        fail(inEnd);
    }

    private static void fail(@Nullable Throwable fault) {
        if (fault != null) {
            throw Fault.sneaky(fault);
        }
    }
}
