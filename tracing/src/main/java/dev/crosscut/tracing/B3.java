package dev.crosscut.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of Zipkin's B3, which are read in both forms, the single one first. A trace id of 64 bits gets zeros before
 * it. What is not valid is as if it had not been sent; so is a sampling decision without ids.
 */
final class B3 implements TextMapPropagator {

    private static final String SINGLE = "b3";
    private static final String TRACE_ID = "X-B3-TraceId";
    private static final String SPAN_ID = "X-B3-SpanId";
    private static final String SAMPLED = "X-B3-Sampled";
    private static final String FLAGS = "X-B3-Flags";

    private static final String ZEROS = "0".repeat(Ids.SPAN_LENGTH);

    private final boolean isSingle;

    /** Writes one header, or several. */
    B3(boolean isSingle) {
        this.isSingle = isSingle;
    }

    @Override
    public Collection<String> fields() {
        return isSingle ? List.of(SINGLE) : List.of(TRACE_ID, SPAN_ID, SAMPLED);
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
        SpanContext span = Span.fromContext(context).getSpanContext();
        if (!span.isValid()) {
            return;
        }
        String sampled = span.isSampled() ? "1" : "0";
        if (isSingle) {
            setter.set(carrier, SINGLE, span.getTraceId() + "-" + span.getSpanId() + "-" + sampled);
        } else {
            setter.set(carrier, TRACE_ID, span.getTraceId());
            setter.set(carrier, SPAN_ID, span.getSpanId());
            setter.set(carrier, SAMPLED, sampled);
        }
    }

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
        String single = getter.get(carrier, SINGLE);
        SpanContext span = single == null ? SpanContext.getInvalid() : span(single);
        if (!span.isValid()) {
            boolean isDebugged = "1".equals(getter.get(carrier, FLAGS));
            span = span(
                    getter.get(carrier, TRACE_ID),
                    getter.get(carrier, SPAN_ID),
                    isDebugged ? "d" : getter.get(carrier, SAMPLED));
        }
        return span.isValid() ? context.with(Span.wrap(span)) : context;
    }

    private static SpanContext span(String single) {
        String[] parts = Ows.trimmed(single).split("-", 5);
        boolean isOne = parts.length >= 2 && parts.length <= 4;
        return isOne ? span(parts[0], parts[1], parts.length == 2 ? null : parts[2]) : SpanContext.getInvalid();
    }

    private static SpanContext span(@Nullable String traceId, @Nullable String spanId, @Nullable String sampled) {
        String trace = traceId == null ? "" : Ows.trimmed(traceId);
        String span = spanId == null ? "" : Ows.trimmed(spanId);
        boolean isTrace = trace.length() == Ids.TRACE_LENGTH || trace.length() == Ids.SPAN_LENGTH;
        if (!isTrace
                || span.length() != Ids.SPAN_LENGTH
                || !Ids.isId(trace, 0, trace.length())
                || !Ids.isId(span, 0, span.length())) {
            return SpanContext.getInvalid();
        }
        return SpanContext.createFromRemoteParent(
                trace.length() == Ids.TRACE_LENGTH ? trace : ZEROS + trace,
                span,
                isSampled(sampled) ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
    }

    private static boolean isSampled(@Nullable String sampled) {
        return "1".equals(sampled) || "d".equals(sampled) || "true".equalsIgnoreCase(sampled);
    }
}
