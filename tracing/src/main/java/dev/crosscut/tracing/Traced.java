package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;

/**
 * What tracing keeps on an exchange.
 *
 * @param context what is current in OpenTelemetry while the exchange is
 * @param span that of the exchange
 * @param name the name that the span began with; empty for a span that somebody else has made, and ends
 */
record Traced(Context context, Span span, String name) {

    static final Key<Traced> KEY = Key.of("traced", Traced.class);

    /** The exchange that a context belongs to. */
    static final ContextKey<Exchange> EXCHANGE = ContextKey.named("dev.crosscut.exchange");

    static final Traced NONE = new Traced(Context.root(), Span.getInvalid(), "");
}
