package dev.crosscut.logging;

import java.util.HexFormat;

/** Text from anywhere, made fit for a line. */
final class Texts {

    static final char REPLACEMENT = '\ufffd';
    static final char DELETE = 0x7f;

    private Texts() {}

    /** Text that UTF-8 can carry: a surrogate without its other half becomes U+FFFD. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaceHalves(text, i);
            }
        }
        return text;
    }

    private static String replaceHalves(String text, int from) {
        StringBuilder whole = new StringBuilder(text);
        for (int i = from; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < whole.length()
                    && Character.isLowSurrogate(whole.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                whole.setCharAt(i, REPLACEMENT);
            }
        }
        return whole.toString();
    }

    /** Text that stays on its line and in its order, for people: what could break either is seen as an escape of JSON. */
    static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUnsafe(text.charAt(i))) {
                return escape(text);
            }
        }
        return wellFormed(text);
    }

    private static String escape(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> safe.append("\\n");
                case '\r' -> safe.append("\\r");
                case '\t' -> safe.append("\\t");
                default -> {
                    if (isUnsafe(c)) {
                        safe.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        safe.append(c);
                    }
                }
            }
        }
        return wellFormed(safe.toString());
    }

    /** The beginning of a text, no longer than a number of characters. */
    static String beginning(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    /** Control characters, line and paragraph separators, and those that reorder or hide the text around them. */
    static boolean isUnsafe(char c) {
        return c < ' '
                || (c >= DELETE && c <= 0x9f)
                || c == 0x061c
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x2069)
                || c == 0xfeff;
    }
}
