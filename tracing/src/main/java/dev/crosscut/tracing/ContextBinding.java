package dev.crosscut.tracing;

import dev.crosscut.core.Binding;
import dev.crosscut.core.Exchange;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/**
 * The current exchange as OpenTelemetry's current {@link Context}, for code that asks there. Where that is one of the
 * exchange already, with more in it perhaps, it stays.
 */
final class ContextBinding implements Binding {

    private static final Scope NOTHING = Scope.noop();

    @Override
    @SuppressWarnings({"MustBeClosedChecker", "ReferenceEquality"
    }) // it is, by who gets it; this very exchange, whatever an adapter makes of equals
    public Scope attach(Exchange exchange) {
        if (Context.current().get(ExchangeContext.EXCHANGE) == exchange) {
            return NOTHING;
        }
        return TravellingStorage.mirror(Traced.contextOf(exchange));
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // as above
    public Scope clear() {
        return Context.root().makeCurrent();
    }
}
