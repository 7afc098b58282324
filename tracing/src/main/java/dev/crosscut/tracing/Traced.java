package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** What tracing keeps on an exchange: what is current in OpenTelemetry while the exchange is, and whose the span is. */
final class Traced extends ExchangeContext {

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

    /** What went wrong at the beginning, to be told at the end. */
    static final Key<Throwable> FAULT = Key.of("tracing_fault", Throwable.class);

    private static final Traced ABSENT = new Traced(Context.root(), Span.getInvalid(), null, Owner.NONE, null);

    final Owner owner;

    /** The name that a span of ours began with. */
    final @Nullable String name;

    /**
     * One whose span is current on top of another context, or the plain context itself where those of this class are not kept.
     */
    Traced(Context rest, Span span, @Nullable Exchange exchange, Owner owner, @Nullable String name) {
        super(rest, span, exchange);
        this.owner = owner;
        this.name = name;
    }

    Context context() {
        return isKept() ? this : rest;
    }

    /** What is kept on an exchange; null before it has begun. Allocates nothing, as an optional would. */
    @SuppressWarnings("ReferenceEquality") // the one that stands for none
    static @Nullable Traced of(Exchange exchange) {
        Traced traced = exchange.getOrDefault(KEY, ABSENT);
        return traced == ABSENT ? null : traced;
    }

    /** The context of an exchange; the root before it has begun. */
    static Context contextOf(Exchange exchange) {
        Traced traced = of(exchange);
        return traced == null ? Context.root() : traced.context();
    }
}
