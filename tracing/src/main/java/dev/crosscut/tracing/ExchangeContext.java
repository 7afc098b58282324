package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A context with a span, and the exchange that it belongs to, on top of another: one object, where OpenTelemetry's own are
 * an object and an array for each value that is added. Not every storage keeps contexts that are not OpenTelemetry's own:
 * that of an agent translates those that it knows. Immutable.
 */
class ExchangeContext implements Context {

    /** The exchange that a context belongs to. */
    static final ContextKey<Exchange> EXCHANGE = ContextKey.named("dev.crosscut.exchange");

    final Context rest;
    final Span span;
    final @Nullable Exchange exchange;

    ExchangeContext(Context rest, Span span, @Nullable Exchange exchange) {
        this.rest = rest;
        this.span = span;
        this.exchange = exchange;
    }

    /** Whether the storage keeps such contexts, which is seen only when it is used. */
    private static final class Kept {

        static final boolean ONCE = isKeptBy(ContextStorage.get());
    }

    /** Holds the key of spans, which OpenTelemetry tells to nobody but a context that a span is to be stored in. */
    private static final class SpanKey implements Context {

        static final @Nullable ContextKey<?> KEY = find();

        private @Nullable ContextKey<?> told;

        private static @Nullable ContextKey<?> find() {
            SpanKey asking = new SpanKey();
            Span.getInvalid().storeInContext(asking);
            return asking.told;
        }

        @Override
        public <V> @Nullable V get(ContextKey<V> key) {
            return null;
        }

        @Override
        public <V> Context with(ContextKey<V> key, V value) {
            told = key;
            return this;
        }
    }

    /** Whether contexts of this class may be handed out; otherwise they are to be {@link #plain}. */
    static boolean isKept() {
        return Kept.ONCE;
    }

    @SuppressWarnings("ReferenceEquality") // this very context
    static boolean isKeptBy(ContextStorage storage) {
        Context probe = new ExchangeContext(Context.root(), Span.getInvalid(), null);
        try (Scope scope = storage.attach(probe)) {
            return scope != null && SpanKey.KEY != null && storage.current() == probe;
        }
    }

    /** A context with a span in it. */
    static Context of(Context context, Span span) {
        return isKept() ? new ExchangeContext(context, span, null) : context.with(span);
    }

    @Override
    @SuppressWarnings({"unchecked", "ReferenceEquality"}) // keys are identities, and tell the type of the value
    public final <V> @Nullable V get(ContextKey<V> key) {
        if (key == SpanKey.KEY && span != Span.getInvalid()) {
            return (V) span;
        }
        return key == EXCHANGE && exchange != null ? (V) exchange : rest.get(key);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // as above
    public final <V> Context with(ContextKey<V> key, V value) {
        return key == SpanKey.KEY ? new ExchangeContext(rest, (Span) value, exchange) : plain().with(key, value);
    }

    /** The same as a context of OpenTelemetry's own. */
    @SuppressWarnings("ReferenceEquality") // what is invalid is one object
    final Context plain() {
        Context spanned = span == Span.getInvalid() ? rest : rest.with(span);
        return exchange == null ? spanned : spanned.with(EXCHANGE, exchange);
    }

    @Override
    public final String toString() {
        return plain().toString();
    }
}
