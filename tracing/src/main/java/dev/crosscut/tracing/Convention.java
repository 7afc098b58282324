package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;

/** What a span says of an exchange, by the conventions of one protocol. Stateless; safe for use by several threads. */
interface Convention {

    /** The name, as well as it is known: of few distinct values, and never empty. */
    String name(Exchange exchange);

    /** Sets what a sampler may want to know. */
    void start(Exchange exchange, SpanBuilder span);

    /** Sets what is known only now. */
    void end(Exchange exchange, Outcome outcome, Span span);

    /** The name of the event that an exception is; empty where the conventions have none. */
    String exceptionEvent(Exchange exchange);

    /** The text that an adapter answers for an attribute; empty where there is none. */
    static String text(Exchange exchange, AttributeKey<String> attribute) {
        return exchange.attribute(attribute.getKey()).orElse("") instanceof String text ? text : "";
    }

    /** Attributes that an adapter answers for as they are. */
    record Attributes(List<AttributeKey<?>> keys) {

        Attributes(AttributeKey<?>... keys) {
            this(List.of(keys));
        }

        void set(Exchange exchange, SpanBuilder span) {
            for (int i = 0; i < keys.size(); i++) {
                AttributeKey<?> key = keys.get(i);
                Object value = exchange.attribute(key.getKey()).orElse(null);
                if (value != null) {
                    set(span, key, value);
                }
            }
        }

        void set(Exchange exchange, Span span) {
            for (int i = 0; i < keys.size(); i++) {
                AttributeKey<?> key = keys.get(i);
                Object value = exchange.attribute(key.getKey()).orElse(null);
                if (value != null) {
                    set(span, key, value);
                }
            }
        }

        @SuppressWarnings("unchecked") // a key of each type takes values of that type
        private static void set(SpanBuilder span, AttributeKey<?> key, Object value) {
            if (isOf(key, value)) {
                span.setAttribute((AttributeKey<Object>) key, value);
            }
        }

        @SuppressWarnings("unchecked") // as above
        private static void set(Span span, AttributeKey<?> key, Object value) {
            if (isOf(key, value)) {
                span.setAttribute((AttributeKey<Object>) key, value);
            }
        }

        private static boolean isOf(AttributeKey<?> key, Object value) {
            return switch (key.getType()) {
                case STRING -> value instanceof String;
                case LONG -> value instanceof Long;
                case BOOLEAN -> value instanceof Boolean;
                default -> false;
            };
        }
    }
}
