package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers {@code traceparent} and {@code tracestate} of W3C Trace Context, level 2, for any OpenTelemetry SDK.
 *
 * <p>What is not valid is as if it had not been sent: a {@code traceparent} that is malformed, or there twice, leaves the
 * context as it is, and so does the {@code tracestate} beside it; a {@code tracestate} that is malformed, or has more than 32
 * members, is left out. Header fields of one name are one list (RFC 9110, 5.3), so a getter should answer
 * {@link TextMapGetter#getAll}. Nothing is thrown but what the getter and the setter throw. Immutable; safe for use by several
 * threads.
 */
public final class W3cTraceContext implements TextMapPropagator {

    static final String TRACEPARENT = "traceparent";
    static final String TRACESTATE = "tracestate";

    private static final List<String> FIELDS = List.of(TRACEPARENT, TRACESTATE);

    /** Makes the propagator. */
    public W3cTraceContext() {}

    @Override
    public Collection<String> fields() {
        return FIELDS;
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
        SpanContext span = Span.fromContext(context).getSpanContext();
        if (!span.isValid()) {
            return;
        }
        setter.set(carrier, TRACEPARENT, TraceParent.text(span));
        String state = TraceStateHeader.text(span.getTraceState());
        if (!state.isEmpty()) {
            setter.set(carrier, TRACESTATE, state);
        }
    }

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
        Iterator<String> parents = getter.getAll(carrier, TRACEPARENT);
        if (!parents.hasNext()) {
            return context;
        }
        String parent = parents.next();
        if (parents.hasNext()) {
            return context;
        }
        SpanContext caller = TraceParent.parse(parent, state(carrier, getter));
        return caller.isValid() ? context.with(Span.wrap(caller)) : context;
    }

    /** Asks for one value first: most callers send none, and a getter makes an iterator even of nothing. */
    private static <C> TraceState state(@Nullable C carrier, TextMapGetter<C> getter) {
        if (getter.get(carrier, TRACESTATE) == null) {
            return TraceState.getDefault();
        }
        Iterator<String> values = getter.getAll(carrier, TRACESTATE);
        if (!values.hasNext()) {
            return TraceState.getDefault();
        }
        String first = values.next();
        return TraceStateHeader.parse(values.hasNext() ? joined(first, values) : first);
    }

    /** The span that has called an exchange; an invalid one where its headers name none. */
    static SpanContext caller(Exchange exchange) {
        List<String> parents = exchange.requestHeaders(TRACEPARENT);
        if (parents.size() != 1) {
            return SpanContext.getInvalid();
        }
        List<String> states = exchange.requestHeaders(TRACESTATE);
        TraceState state = states.isEmpty()
                ? TraceState.getDefault()
                : TraceStateHeader.parse(states.size() == 1 ? states.get(0) : String.join(",", states));
        return TraceParent.caller(parents.get(0), state);
    }

    private static String joined(String first, Iterator<String> others) {
        StringBuilder list = new StringBuilder(first);
        while (others.hasNext()) {
            list.append(',').append(others.next());
        }
        return list.toString();
    }

    @Override
    public String toString() {
        return "W3cTraceContext";
    }
}
