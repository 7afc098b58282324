package dev.crosscut.tracing;

import io.opentelemetry.api.trace.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * A valid value of {@code traceparent}, as W3C Trace Context has it in 3.2: {@code 00-<trace id>-<parent id>-<flags>}, in
 * lower case. Of a later version the beginning is read, which stays as it is (3.2.4).
 *
 * @param flags the flags that level 2 knows: sampled, random trace id
 */
record TraceParent(String traceId, String spanId, byte flags) {

    private static final int VERSION_END = 2;
    private static final int TRACE_START = 3;
    private static final int TRACE_END = 35;
    private static final int SPAN_START = 36;
    private static final int SPAN_END = 52;
    private static final int FLAGS_START = 53;
    private static final int LENGTH = 55;
    private static final int KNOWN_FLAGS = 3;

    /** Null where it is not valid. */
    static @Nullable TraceParent parse(String header) {
        String text = Ows.trimmed(header);
        if (text.length() < LENGTH
                || !Ids.isHex(text, 0, VERSION_END)
                || text.startsWith("ff")
                || text.charAt(VERSION_END) != '-'
                || !Ids.isId(text, TRACE_START, TRACE_END)
                || text.charAt(TRACE_END) != '-'
                || !Ids.isId(text, SPAN_START, SPAN_END)
                || text.charAt(SPAN_END) != '-'
                || !Ids.isHex(text, FLAGS_START, LENGTH)) {
            return null;
        }
        boolean isOfThisVersion = text.startsWith("00");
        if (text.length() > LENGTH && (isOfThisVersion || text.charAt(LENGTH) != '-')) {
            return null;
        }
        int flags = Character.digit(text.charAt(LENGTH - 1), 16) & KNOWN_FLAGS;
        return new TraceParent(
                text.substring(TRACE_START, TRACE_END), text.substring(SPAN_START, SPAN_END), (byte) flags);
    }

    /** The value for a span that is the parent of what is called. */
    static String text(SpanContext span) {
        int flags = span.getTraceFlags().asByte() & KNOWN_FLAGS;
        return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-0" + (char) ('0' + flags);
    }
}
