package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.tracing.TracingSettings.Format;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What takes a trace, and baggage, across the edge. Immutable; safe for use by several threads. */
final class Propagators {

    private final List<TextMapPropagator> traces = new ArrayList<>();
    private final List<TextMapPropagator> others = new ArrayList<>();

    /** Those that are named, with the keys of the baggage that may come in. */
    Propagators(List<Format> formats, Set<String> allowedBaggage) {
        for (Format format : formats) {
            switch (format) {
                case TRACECONTEXT -> traces.add(new W3cTraceContext());
                case B3 -> traces.add(new B3(true));
                case B3MULTI -> traces.add(new B3(false));
                case BAGGAGE -> others.add(new AllowedBaggage(allowedBaggage));
            }
        }
    }

    /** The caller that begins the first trace that an exchange brings; an invalid one where it brings none. */
    SpanContext caller(Exchange exchange) {
        for (int i = 0; i < traces.size(); i++) {
            SpanContext caller = caller(traces.get(i), exchange);
            if (caller.isValid()) {
                return caller;
            }
        }
        return SpanContext.getInvalid();
    }

    private static SpanContext caller(TextMapPropagator propagator, Exchange exchange) {
        if (propagator instanceof W3cTraceContext) {
            return W3cTraceContext.caller(exchange);
        }
        return Span.fromContext(propagator.extract(Context.root(), exchange, ExchangeHeaders.ACCESS))
                .getSpanContext();
    }

    /** A context with what else an exchange brings. */
    Context rest(Context context, Exchange exchange) {
        Context read = context;
        for (int i = 0; i < others.size(); i++) {
            read = others.get(i).extract(read, exchange, ExchangeHeaders.ACCESS);
        }
        return read;
    }

    /** A context without what somebody else has read of baggage. */
    Context withoutBaggage(Context context) {
        return Baggage.fromContextOrNull(context) == null ? context : context.with(Baggage.empty());
    }

    void inject(Context context, Exchange exchange) {
        for (int i = 0; i < traces.size(); i++) {
            traces.get(i).inject(context, exchange, ExchangeHeaders.ACCESS);
        }
        for (int i = 0; i < others.size(); i++) {
            others.get(i).inject(context, exchange, ExchangeHeaders.ACCESS);
        }
    }
}
