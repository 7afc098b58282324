package dev.crosscut.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The span of a caller, out of a {@code traceparent} that is valid. Its id is read out only where somebody asks for it: who
 * records nothing of the trace does not. Immutable.
 */
final class CallerSpan implements SpanContext {

    private final String text;
    private final String traceId;
    private final TraceFlags flags;
    private final TraceState state;

    CallerSpan(String text, String traceId, TraceFlags flags, TraceState state) {
        this.text = text;
        this.traceId = traceId;
        this.flags = flags;
        this.state = state;
    }

    @Override
    public String getTraceId() {
        return traceId;
    }

    @Override
    public String getSpanId() {
        return TraceParent.spanId(text);
    }

    @Override
    public TraceFlags getTraceFlags() {
        return flags;
    }

    @Override
    public TraceState getTraceState() {
        return state;
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    /** As one of OpenTelemetry's own, which is equal to others that are the same. */
    SpanContext plain() {
        return SpanContext.createFromRemoteParent(traceId, getSpanId(), flags, state);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallerSpan caller && plain().equals(caller.plain());
    }

    @Override
    public int hashCode() {
        return Objects.hash(traceId, getSpanId());
    }

    @Override
    public String toString() {
        return plain().toString();
    }
}
