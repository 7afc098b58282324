package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import org.jspecify.annotations.Nullable;

/**
 * What tracing keeps on an exchange.
 *
 * @param context what is current in OpenTelemetry while the exchange is
 * @param span that of the exchange
 * @param owner who made the span, and ends it
 * @param name the name that a span of ours began with
 * @param fault what went wrong at the beginning, to be told at the end
 */
record Traced(
        Context context,
        Span span,
        Owner owner,
        String name,
        @Nullable Throwable fault) {

    /** Who has made a span. */
    enum Owner {
        /** Crosscut, for the exchange. */
        OURS,
        /** An agent or a framework, for the exchange. */
        THEIRS,
        /** Somebody, for something around the exchange; or there is only an id. */
        NONE
    }

    static final Key<Traced> KEY = Key.of("traced", Traced.class);

    /** The exchange that a context belongs to. */
    static final ContextKey<Exchange> EXCHANGE = ContextKey.named("dev.crosscut.exchange");

    /** That of an exchange that has not begun. */
    static Context contextOf(Exchange exchange) {
        Traced traced = exchange.get(KEY).orElse(null);
        return traced == null ? Context.root() : traced.context;
    }
}
