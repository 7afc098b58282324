package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.micrometer.registry.otlp.ExemplarContextProvider;
import io.micrometer.registry.otlp.OtlpExemplarContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the registry of OTLP which trace is being measured: that of the current exchange, where it is kept. Given to the
 * builder of Micrometer's {@code OtlpMeterRegistry}.
 */
public final class ExchangeExemplars implements ExemplarContextProvider {

    /** Makes one; it has no state. */
    public ExchangeExemplars() {}

    @Override
    public @Nullable OtlpExemplarContext getExemplarContext() {
        return Exchange.current()
                .filter(exchange -> exchange.getOrDefault(Key.SAMPLED, false))
                .flatMap(exchange -> exchange.get(Key.TRACE_ID)
                        .flatMap(trace -> exchange.get(Key.SPAN_ID).map(span -> new OtlpExemplarContext(trace, span))))
                .orElse(null);
    }
}
