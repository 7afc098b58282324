package dev.crosscut.tracing;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.concurrent.ThreadLocalRandom;

/** Random ids of traces and spans, in lower-case hexadecimal and never zero (W3C Trace Context, 3.2.2.3 and 3.2.2.4). */
final class Ids {

    static final int TRACE_LENGTH = 32;
    static final int SPAN_LENGTH = 16;

    /** The flag that says that a trace id is random. */
    private static final byte RANDOM = 2;

    private static final byte SAMPLED = 1;

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Ids() {}

    /** A new span: in the caller's trace, or where there is no caller in one that begins, sampled or not. */
    static SpanContext next(SpanContext caller, boolean isSampled) {
        return caller.isValid()
                ? SpanContext.create(caller.getTraceId(), spanId(), caller.getTraceFlags(), caller.getTraceState())
                : SpanContext.create(
                        traceId(),
                        spanId(),
                        TraceFlags.fromByte(isSampled ? RANDOM | SAMPLED : RANDOM),
                        TraceState.getDefault());
    }

    private static String traceId() {
        char[] text = new char[TRACE_LENGTH];
        write(ThreadLocalRandom.current().nextLong(), text, 0);
        write(nonZero(), text, SPAN_LENGTH);
        return new String(text);
    }

    private static String spanId() {
        char[] text = new char[SPAN_LENGTH];
        write(nonZero(), text, 0);
        return new String(text);
    }

    private static long nonZero() {
        long random;
        do {
            random = ThreadLocalRandom.current().nextLong();
        } while (random == 0);
        return random;
    }

    private static void write(long value, char[] text, int from) {
        for (int i = 0; i < SPAN_LENGTH; i++) {
            text[from + i] = HEX[(int) (value >>> (60 - 4 * i)) & 0xf];
        }
    }

    /** Whether a part of a text is lower-case hexadecimal. */
    static boolean isHex(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!isHex(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #isHex}, and not all zero. */
    static boolean isId(String text, int start, int end) {
        boolean isZero = true;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (!isHex(c)) {
                return false;
            }
            isZero &= c == '0';
        }
        return !isZero;
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}
