package dev.crosscut.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;

/**
 * The values of {@code traceparent}, as W3C Trace Context has them in 3.2: {@code 00-<trace id>-<parent id>-<flags>}, in lower
 * case. Of a later version the beginning is read, which stays as it is (3.2.4).
 */
final class TraceParent {

    private static final int VERSION_END = 2;
    private static final int TRACE_START = 3;
    private static final int TRACE_END = 35;
    private static final int SPAN_START = 36;
    private static final int SPAN_END = 52;
    private static final int FLAGS_START = 53;
    private static final int LENGTH = 55;

    /** The flags that level 2 knows: sampled, random trace id. */
    private static final int KNOWN_FLAGS = 3;

    private TraceParent() {}

    /** The span that a value names, which has this state; an invalid one where the value is not valid. */
    static SpanContext parse(String header, TraceState state) {
        String text = Ows.trimmed(header);
        return isFormed(text)
                ? SpanContext.createFromRemoteParent(traceId(text), spanId(text), flags(text), state) // checks the ids
                : SpanContext.getInvalid();
    }

    /** As {@link #parse}, with the id of the span not read out yet. */
    static SpanContext caller(String header, TraceState state) {
        String text = Ows.trimmed(header);
        return isFormed(text) && Ids.isId(text, TRACE_START, TRACE_END) && Ids.isId(text, SPAN_START, SPAN_END)
                ? new CallerSpan(text, traceId(text), flags(text), state)
                : SpanContext.getInvalid();
    }

    private static boolean isFormed(String text) {
        return text.length() >= LENGTH
                && text.charAt(VERSION_END) == '-'
                && text.charAt(TRACE_END) == '-'
                && text.charAt(SPAN_END) == '-'
                && isVersion(text)
                && Ids.isHex(text, FLAGS_START, LENGTH);
    }

    private static String traceId(String text) {
        return text.substring(TRACE_START, TRACE_END);
    }

    private static TraceFlags flags(String text) {
        return TraceFlags.fromByte((byte) (Character.digit(text.charAt(LENGTH - 1), 16) & KNOWN_FLAGS));
    }

    /** The id of the span, out of a value that is valid. */
    static String spanId(String text) {
        return text.substring(SPAN_START, SPAN_END);
    }

    private static boolean isVersion(String text) {
        if (text.startsWith("00")) {
            return text.length() == LENGTH;
        }
        return Ids.isHex(text, 0, VERSION_END)
                && !text.startsWith("ff")
                && (text.length() == LENGTH || text.charAt(LENGTH) == '-');
    }

    /** The value for a span that is the parent of what is called. */
    static String text(SpanContext span) {
        int flags = span.getTraceFlags().asByte() & KNOWN_FLAGS;
        return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-0" + (char) ('0' + flags);
    }
}
