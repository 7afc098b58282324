package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** The values of an exchange that its span has too: those of Crosscut's own keys under names of its own. */
final class SpanAttributes {

    private static final Map<String, String> OURS = Map.of(
            Key.CORRELATION_ID.name(), "crosscut.correlation.id",
            Key.EXTERNAL_CORRELATION_ID.name(), "crosscut.correlation.external_id",
            Key.CALLER.name(), "crosscut.caller",
            Key.TENANT.name(), "crosscut.tenant.id",
            Key.TENANT_TIER.name(), "crosscut.tenant.tier",
            Key.DECISION.name(), "crosscut.decision",
            Key.IDEMPOTENCY.name(), "crosscut.idempotency");

    /** The names of Crosscut's own keys. */
    static final Set<String> KNOWN = Collections.unmodifiableSet(new TreeSet<>(OURS.keySet()));

    private final Map<String, AttributeKey<String>> byKey = new HashMap<>();

    /** The names of the keys. */
    SpanAttributes(List<String> names) {
        names.forEach(name -> byKey.put(name, AttributeKey.stringKey(OURS.getOrDefault(name, name))));
    }

    void set(Exchange exchange, Span span) {
        if (!byKey.isEmpty()) {
            exchange.forEach(new Setter(span));
        }
    }

    private final class Setter implements BiConsumer<Key<?>, Object> {

        private final Span span;

        Setter(Span span) {
            this.span = span;
        }

        @Override
        public void accept(Key<?> key, Object value) {
            AttributeKey<String> attribute = key.isLoggable() ? byKey.get(key.name()) : null;
            if (attribute != null) {
                span.setAttribute(attribute, String.valueOf(value));
            }
        }
    }
}
