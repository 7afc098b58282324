package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Where the value of a key comes from. Most are attributes of the exchange, by the name of the key. */
enum ValueSource {
    ATTRIBUTE,
    OPERATION,
    STATUS,
    ROUTE,
    ERROR,
    TIER,
    PROTOCOL,
    DESTINATION,
    IDEMPOTENCY,
    DECISION;

    private static final int FIRST_STATUS = 100;
    private static final List<String> STATUSES =
            IntStream.range(FIRST_STATUS, 600).mapToObj(Integer::toString).toList();

    static ValueSource of(String key) {
        return switch (key) {
            case Conventions.HTTP_REQUEST_METHOD, Conventions.RPC_METHOD, Conventions.OPERATION -> OPERATION;
            case Conventions.HTTP_RESPONSE_STATUS_CODE -> STATUS;
            case Conventions.HTTP_ROUTE -> ROUTE;
            case Conventions.ERROR_TYPE -> ERROR;
            case Conventions.TENANT_TIER -> TIER;
            case Conventions.NETWORK_PROTOCOL_NAME -> PROTOCOL;
            case Conventions.MESSAGING_DESTINATION_NAME -> DESTINATION;
            case Conventions.RESULT -> IDEMPOTENCY;
            case Conventions.DECISION -> DECISION;
            default -> ATTRIBUTE;
        };
    }

    /** The value, which is nothing or empty where there is none. */
    @Nullable
    Object value(String key, Exchange exchange, Outcome outcome) {
        return switch (this) {
            case ATTRIBUTE -> attribute(exchange, key);
            case OPERATION -> exchange.operation();
            case STATUS -> status(outcome.status());
            case ROUTE -> exchange.getOrDefault(Key.ROUTE, "");
            case ERROR -> exchange.errorType(outcome).orElse(null);
            case TIER -> exchange.getOrDefault(Key.TENANT_TIER, "");
            case PROTOCOL -> protocol(attribute(exchange, key));
            case DESTINATION ->
                attribute(exchange, Conventions.MESSAGING_DESTINATION_TEMPLATE) == null
                        ? attribute(exchange, key)
                        : null;
            case IDEMPOTENCY -> exchange.getOrDefault(Key.IDEMPOTENCY, "");
            case DECISION -> exchange.getOrDefault(Key.DECISION, "");
        };
    }

    static @Nullable Object attribute(Exchange exchange, String name) {
        return exchange.attribute(name).orElse(null);
    }

    /** Said only where it is not what one expects. */
    private static @Nullable Object protocol(@Nullable Object name) {
        return "http".equals(name) ? null : name;
    }

    private static @Nullable String status(OptionalInt code) {
        if (code.isEmpty()) {
            return null;
        }
        int place = code.getAsInt() - FIRST_STATUS;
        return place >= 0 && place < STATUSES.size() ? STATUSES.get(place) : Conventions.OTHER;
    }
}
