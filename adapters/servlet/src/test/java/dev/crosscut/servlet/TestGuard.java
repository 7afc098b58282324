package dev.crosscut.servlet;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Does what the first segment of a path says: {@code /buffered} sees up to {@value #BOUND} bytes of the request,
 * {@code /held} of the response, {@code /both} of both, and {@code /plain} of neither.
 */
final class TestGuard implements Guard {

    static final int BOUND = 1000;

    private final Map<String, Decision> settleWith = new ConcurrentHashMap<>();
    private final Map<String, Gate> gates = new ConcurrentHashMap<>();
    private final Map<String, List<Settled>> settled = new ConcurrentHashMap<>();

    /** What the guard was told of one exchange. */
    record Settled(Outcome outcome, Optional<String> request, Optional<String> response) {}

    /** Stops the settling of a path. */
    static final class Gate {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        void awaitReached() throws InterruptedException {
            if (!reached.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("the guard was never told to settle");
            }
        }

        void open() {
            open.countDown();
        }
    }

    TestGuard settleWith(String path, Decision decision) {
        settleWith.put(path, decision);
        return this;
    }

    Gate gate(String path) {
        Gate gate = new Gate();
        gates.put(path, gate);
        return gate;
    }

    /** What was settled on a path, in order. */
    List<Settled> settled(String path) {
        return settled.getOrDefault(path, List.of());
    }

    private static String path(Exchange exchange) {
        return exchange.path().orElse("");
    }

    private static int bound(Exchange exchange, String mode) {
        String path = path(exchange);
        return path.startsWith(mode) || path.startsWith("/both") ? BOUND : 0;
    }

    @Override
    public Phase phase() {
        return Phase.DEDUPLICATE;
    }

    @Override
    public int requestBytes(Exchange exchange) {
        return bound(exchange, "/buffered");
    }

    @Override
    public int responseBytes(Exchange exchange) {
        return bound(exchange, "/held");
    }

    @Override
    public Decision admit(Exchange exchange) {
        return Decision.proceed();
    }

    @Override
    public Decision settle(Exchange exchange, Outcome outcome) throws InterruptedException {
        String path = path(exchange);
        settled.computeIfAbsent(path, p -> new CopyOnWriteArrayList<>())
                .add(new Settled(outcome, text(exchange.requestBody()), text(exchange.responseBody())));
        Gate gate = gates.get(path);
        if (gate != null) {
            gate.reached.countDown();
            if (!gate.open.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody opened the gate");
            }
        }
        return settleWith.getOrDefault(path, Decision.proceed());
    }

    private static Optional<String> text(Optional<ByteBuffer> body) {
        return body.map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString());
    }
}
