package dev.crosscut.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A guard that says what it was asked and told, then does as it was made to. */
class Warden implements Guard {

    /** What a guard does in a method; may throw anything. */
    interface Step {
        @Nullable
        Decision take(Exchange exchange) throws Exception;
    }

    private final String name;
    private final Events events;
    private final Phase phase;
    private final List<Outcome> settled = new CopyOnWriteArrayList<>();
    private volatile Step admitting = exchange -> Decision.proceed();
    private volatile Step settling = exchange -> Decision.proceed();
    private volatile int requestBytes;
    private volatile int responseBytes;

    Warden(String name, Events events) {
        this(name, events, Phase.AUTHORIZE);
    }

    Warden(String name, Events events, Phase phase) {
        this.name = name;
        this.events = events;
        this.phase = phase;
    }

    static Step failing(Throwable fault) {
        return exchange -> {
            throw Fault.sneaky(fault);
        };
    }

    Warden admitting(Step step) {
        admitting = step;
        return this;
    }

    Warden answering(int status) {
        return admitting(exchange -> Decision.answer(Reply.of(status)));
    }

    Warden settling(Step step) {
        settling = step;
        return this;
    }

    Warden needing(int bytes) {
        requestBytes = bytes;
        return this;
    }

    Warden holding(int bytes) {
        responseBytes = bytes;
        return this;
    }

    List<Outcome> settled() {
        return List.copyOf(settled);
    }

    String name() {
        return name;
    }

    @Override
    public Phase phase() {
        return phase;
    }

    @Override
    public int requestBytes(Exchange exchange) {
        return requestBytes;
    }

    @Override
    public int responseBytes(Exchange exchange) {
        return responseBytes;
    }

    @Override
    public Decision admit(Exchange exchange) throws Exception {
        events.add(name + " is asked");
        return admitting.take(exchange);
    }

    @Override
    public Decision settle(Exchange exchange, Outcome outcome) throws Exception {
        settled.add(outcome);
        events.add(name + " settles " + Events.describe(outcome));
        return settling.take(exchange);
    }
}
