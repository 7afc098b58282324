package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.metrics.MetricsSettings.Experimental;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures each exchange when it has ended: by the meter of its protocol, and by what guards left on it. Allocates nothing
 * where the series is known; what an exchange makes to answer is its own.
 */
final class Measuring implements Observer {

    private final Instrument httpServer;
    private final Instrument httpClient;
    private final Instrument database;
    private final Instrument local;
    private final Instrument idempotency;
    private final Instrument decisions;
    private final @Nullable Rpc rpc;
    private final @Nullable Messaging messaging;

    /** The meters of remote procedure calls. */
    private record Rpc(Instrument server, Instrument client) {}

    /** The meters of messages. */
    private record Messaging(Instrument client, Instrument process, Instrument sent, Instrument consumed) {}

    Measuring(Map<String, Dimension> keys, SeriesLimit limit, Backend backend, List<Experimental> experimental) {
        httpServer = new Instrument(Conventions.HTTP_SERVER, keys, limit, backend);
        httpClient = new Instrument(Conventions.HTTP_CLIENT, keys, limit, backend);
        database = new Instrument(Conventions.DB_CLIENT, keys, limit, backend);
        local = new Instrument(Conventions.LOCAL, keys, limit, backend);
        idempotency = new Instrument(Conventions.IDEMPOTENCY, keys, limit, backend);
        decisions = new Instrument(Conventions.DECISIONS, keys, limit, backend);
        rpc = experimental.contains(Experimental.RPC)
                ? new Rpc(
                        new Instrument(Conventions.RPC_SERVER, keys, limit, backend),
                        new Instrument(Conventions.RPC_CLIENT, keys, limit, backend))
                : null;
        messaging = experimental.contains(Experimental.MESSAGING)
                ? new Messaging(
                        new Instrument(Conventions.MESSAGING_CLIENT, keys, limit, backend),
                        new Instrument(Conventions.MESSAGING_PROCESS, keys, limit, backend),
                        new Instrument(Conventions.MESSAGING_SENT, keys, limit, backend),
                        new Instrument(Conventions.MESSAGING_CONSUMED, keys, limit, backend))
                : null;
    }

    @Override
    public Phase phase() {
        return Phase.METRICS;
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        long nanos = exchange.elapsed().toNanos();
        Instrument duration = duration(exchange);
        if (duration != null) {
            duration.take(exchange, outcome, nanos);
        }
        if (messaging != null) {
            count(messaging, exchange, outcome);
        }
        if (!exchange.getOrDefault(Key.IDEMPOTENCY, "").isEmpty()) {
            idempotency.take(exchange, outcome, 1);
        }
        if (!exchange.getOrDefault(Key.DECISION, "").isEmpty()) {
            decisions.take(exchange, outcome, 1);
        }
    }

    /** The meter of the protocol; null where it has none. */
    private @Nullable Instrument duration(Exchange exchange) {
        return switch (exchange.kind()) {
            case SERVER -> isHttp(exchange) ? httpServer : rpc != null && isRpc(exchange) ? rpc.server : null;
            case CLIENT -> outgoing(exchange);
            case PRODUCER -> messaging != null && isMessaging(exchange) ? messaging.client : null;
            case CONSUMER -> messaging != null && isMessaging(exchange) ? messaging.process : null;
            case LOCAL -> local;
        };
    }

    private @Nullable Instrument outgoing(Exchange exchange) {
        if (has(exchange, Conventions.DB_SYSTEM_NAME)) {
            return database;
        }
        if (isHttp(exchange)) {
            return httpClient;
        }
        if (rpc != null && isRpc(exchange)) {
            return rpc.client;
        }
        return messaging != null && isMessaging(exchange) ? messaging.client : null;
    }

    private static void count(Messaging meters, Exchange exchange, Outcome outcome) {
        switch (exchange.kind()) {
            case PRODUCER -> {
                if (isMessaging(exchange)) {
                    meters.sent.take(exchange, outcome, messages(exchange));
                }
            }
            case CONSUMER -> {
                if (isMessaging(exchange)) {
                    meters.consumed.take(exchange, outcome, messages(exchange));
                }
            }
            case SERVER, CLIENT, LOCAL -> {}
        }
    }

    /** Of a batch as many as it has, which may be none. */
    private static long messages(Exchange exchange) {
        Object count = ValueSource.attribute(exchange, Conventions.MESSAGING_BATCH_MESSAGE_COUNT);
        return count instanceof Long number
                ? Math.max(0, number)
                : Math.max(1, exchange.messages().size());
    }

    private static boolean isHttp(Exchange exchange) {
        return exchange.protocol().equals("http");
    }

    private static boolean isRpc(Exchange exchange) {
        return has(exchange, Conventions.RPC_SYSTEM_NAME);
    }

    private static boolean isMessaging(Exchange exchange) {
        return has(exchange, Conventions.MESSAGING_SYSTEM);
    }

    private static boolean has(Exchange exchange, String attribute) {
        return exchange.attribute(attribute).isPresent();
    }
}
