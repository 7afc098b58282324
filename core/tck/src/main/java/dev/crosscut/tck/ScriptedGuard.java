package dev.crosscut.tck;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A guard that is another one for each path, and lets every other path proceed. */
final class ScriptedGuard implements Guard {

    private static final Guard NONE = new Guard() {
        @Override
        public Phase phase() {
            return Phase.DEDUPLICATE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return Decision.proceed();
        }
    };

    private final Map<String, Guard> byPath = new ConcurrentHashMap<>();

    void at(String path, Guard guard) {
        byPath.put(path, guard);
    }

    private Guard of(Exchange exchange) {
        return byPath.getOrDefault(exchange.path().orElse(""), NONE);
    }

    @Override
    public Phase phase() {
        return Phase.DEDUPLICATE;
    }

    @Override
    public int requestBytes(Exchange exchange) throws Exception {
        return of(exchange).requestBytes(exchange);
    }

    @Override
    public int responseBytes(Exchange exchange) throws Exception {
        return of(exchange).responseBytes(exchange);
    }

    @Override
    public Decision admit(Exchange exchange) throws Exception {
        return of(exchange).admit(exchange);
    }

    @Override
    public Decision settle(Exchange exchange, Outcome outcome) throws Exception {
        return of(exchange).settle(exchange, outcome);
    }
}
