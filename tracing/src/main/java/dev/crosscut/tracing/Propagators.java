package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.tracing.TracingSettings.Format;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
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

    /** A context with the first trace that an exchange brings, and nothing else. */
    Context trace(Exchange exchange) {
        for (int i = 0; i < traces.size(); i++) {
            Context context = traces.get(i).extract(Context.root(), exchange, ExchangeHeaders.ACCESS);
            if (Span.fromContextOrNull(context) != null) {
                return context;
            }
        }
        return Context.root();
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
