package dev.crosscut.benchmarks;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Source;
import java.util.Map;

/** Pipelines that depend on nothing of the machine that they are built on. */
final class Pipelines {

    /** An id as a caller sends it. */
    static final String CORRELATION_ID = "01938f2e-7c1a-7b5d-9f3e-2a6b8c4d5e6f";

    private Pipelines() {}

    static Crosscut.Builder bare() {
        return correlated().property("crosscut.correlation.enabled", "false");
    }

    static Crosscut.Builder correlated() {
        return Crosscut.builder().discoverPlugins(false).source(Source.of("benchmark", Map.of()));
    }

    /** With the plugins on the class path: correlation and logging. */
    static Crosscut.Builder logged() {
        return Crosscut.builder().source(Source.of("benchmark", Map.of()));
    }

    /**
     * A pipeline of its own participants. No two of them are of one class: in a service too, the pipeline calls through
     * an interface of which it has seen many implementations.
     */
    static Crosscut of(int observers, int guards) {
        Observer[] watching = {new Keeping() {}, new Keeping() {}, new Keeping() {}, new Keeping() {}, new Keeping() {}
        };
        Guard[] asked = {
            new Admitting() {}, new Admitting() {}, new Admitting() {}, new Admitting() {}, new Admitting() {}
        };
        Crosscut.Builder builder = bare();
        for (int i = 0; i < observers; i++) {
            builder.observer(watching[i]);
        }
        for (int i = 0; i < guards; i++) {
            builder.guard(asked[i]);
        }
        return builder.build();
    }

    /** Keeps a value on the exchange from its beginning to its end. */
    private abstract static class Keeping implements Observer {

        private final Key<Object> key = Key.of("benchmark", Object.class);
        private final Object value = new Object();

        @Override
        public void begin(Exchange exchange) {
            exchange.put(key, value);
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            if (!value.equals(exchange.getOrDefault(key, this))) {
                throw new IllegalStateException("the exchange did not keep the value of " + key);
            }
        }
    }

    private abstract static class Admitting implements Guard {

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return Decision.proceed();
        }
    }
}
