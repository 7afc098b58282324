package dev.crosscut.core;

import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259): text, numbers, booleans, and maps and iterables of these. */
final class Json {

    private Json() {}

    static void write(@Nullable Object value, StringBuilder out) {
        if (value instanceof CharSequence text) {
            text(text, out);
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                text(String.valueOf(entry.getKey()), out);
                out.append(':');
                write(entry.getValue(), out);
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Iterable<?> all) {
            String separator = "";
            out.append('[');
            for (Object each : all) {
                out.append(separator);
                write(each, out);
                separator = ",";
            }
            out.append(']');
        } else {
            out.append(value instanceof Boolean ? value : number(value));
        }
    }

    /** In the spelling of BigDecimal, which is JSON's; a Number may have any of its own. */
    private static BigDecimal number(@Nullable Object value) {
        try {
            if (value instanceof Number) {
                return new BigDecimal(value.toString());
            }
        } catch (NumberFormatException e) {
            // such as NaN
        }
        throw new IllegalArgumentException(
                "a value of " + (value == null ? "null" : value.getClass().getName())
                        + " cannot be written as JSON; expected text, a finite number, a boolean, a list or a map");
    }

    private static void text(CharSequence text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                out.append(String.format("\\u%04x", (int) c));
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.append(c).append(text.charAt(++i));
            } else {
                out.append(Character.isSurrogate(c) ? '\ufffd' : c);
            }
        }
        out.append('"');
    }
}
