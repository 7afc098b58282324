package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the registry of Prometheus which trace is being measured: that of the current exchange. So a bucket has an
 * exemplar, a trace whose duration it counted. Given to the constructor of Micrometer's {@code PrometheusMeterRegistry}.
 */
public final class ExchangeSpanContext implements SpanContext {

    /** Makes one; it has no state. */
    public ExchangeSpanContext() {}

    @Override
    public @Nullable String getCurrentTraceId() {
        return current(Key.TRACE_ID);
    }

    @Override
    public @Nullable String getCurrentSpanId() {
        return current(Key.SPAN_ID);
    }

    private static @Nullable String current(Key<String> key) {
        return Exchange.current().flatMap(exchange -> exchange.get(key)).orElse(null);
    }

    @Override
    public boolean isCurrentSpanSampled() {
        return Exchange.current()
                .map(exchange -> exchange.getOrDefault(Key.SAMPLED, false))
                .orElse(false);
    }

    /** Nothing: no span needs to know. */
    @Override
    public void markCurrentSpanAsExemplar() {}
}
