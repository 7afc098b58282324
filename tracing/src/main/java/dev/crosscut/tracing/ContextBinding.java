package dev.crosscut.tracing;

import dev.crosscut.core.Binding;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Scope;
import io.opentelemetry.context.Context;

/**
 * The current exchange as OpenTelemetry's current {@link Context}, for code that asks there. Where that is one of the
 * exchange already, with more in it perhaps, it stays.
 */
final class ContextBinding implements Binding {

    private static final Scope NOTHING = () -> {};

    @Override
    @SuppressWarnings("ReferenceEquality") // this very exchange, whatever an adapter makes of equals
    public Scope attach(Exchange exchange) {
        if (Context.current().get(Traced.EXCHANGE) == exchange) {
            return NOTHING;
        }
        return scope(Traced.contextOf(exchange));
    }

    @Override
    public Scope clear() {
        return scope(Context.root());
    }

    @SuppressWarnings("MustBeClosedChecker") // by who gets it
    private static Scope scope(Context context) {
        io.opentelemetry.context.Scope scope = context.makeCurrent();
        return scope::close;
    }
}
