package dev.crosscut.tracing;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * W3C Baggage, of which only listed entries come in. OpenTelemetry's propagator reads and writes the header, and holds it to
 * the 64 entries and 8192 bytes that the specification has as limits.
 */
final class AllowedBaggage implements TextMapPropagator {

    private static final TextMapPropagator W3C = W3CBaggagePropagator.getInstance();

    private final Set<String> allowed;

    /** The keys of entries that may come in. */
    AllowedBaggage(Set<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    @Override
    public Collection<String> fields() {
        return W3C.fields();
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
        W3C.inject(context, carrier, setter);
    }

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
        if (allowed.isEmpty()) {
            return context;
        }
        Baggage sent = Baggage.fromContext(W3C.extract(Context.root(), carrier, getter));
        BaggageBuilder taken = Baggage.builder();
        sent.forEach((key, entry) -> {
            if (allowed.contains(key)) {
                taken.put(key, entry.getValue(), entry.getMetadata());
            }
        });
        Baggage baggage = taken.build();
        return baggage.isEmpty() ? context : context.with(baggage);
    }
}
