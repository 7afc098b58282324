package dev.crosscut.logging;

import java.io.Serial;
import java.util.HexFormat;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/** Text from anywhere, made fit for a line. */
final class Texts {

    private static final char REPLACEMENT = '\ufffd';
    private static final char DELETE = 0x7f;

    private Texts() {}

    /**
     * Text that UTF-8 can carry: a surrogate without its other half becomes U+FFFD. A parser may refuse its escape, which
     * is all that JSON could make of it.
     */
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

    /** Text that stays on its line and in its order, for people: what could break either is written as JSON would. */
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
            if (isUnsafe(c)) {
                safe.append(escape(c));
            } else {
                safe.append(c);
            }
        }
        return wellFormed(safe.toString());
    }

    private static String escape(int c) {
        return "\\u" + HexFormat.of().toHexDigits((char) c);
    }

    /** Control characters, line and paragraph separators, and those that reorder or hide the text around them. */
    private static boolean isUnsafe(int c) {
        return c < ' '
                || (c >= DELETE && c <= 0x9f)
                || c == 0x061c
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x2069)
                || c == 0xfeff;
    }

    /** The escapes of JSON, and with them all that {@link #isUnsafe} names. Costs nothing for text in ASCII. */
    static final class Escapes extends CharacterEscapes {

        @Serial
        private static final long serialVersionUID = 1L;

        private final int[] ascii = standardAsciiEscapesForJSON();

        Escapes() {
            ascii[DELETE] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ascii.clone();
        }

        @Override
        @SuppressWarnings("NullAway") // null where there is no escape, as the documentation of the class has it
        public SerializableString getEscapeSequence(int c) {
            return isUnsafe(c) ? new SerializedString(escape(c)) : null;
        }
    }
}
