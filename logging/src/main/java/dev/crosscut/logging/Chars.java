package dev.crosscut.logging;

/** Kinds of characters that masking tells apart. An index outside of a text has none of them. */
final class Chars {

    private static final int ASCII = 0x80;

    private Chars() {}

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= ASCII && Character.isLetter(c));
    }

    static boolean isLetterOrDigit(char c) {
        return isDigit(c) || isLetter(c);
    }

    static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    /** The alphabet of base64url. */
    static boolean isBase64Url(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || isUpper(c) || c == '-' || c == '_';
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\u00a0';
    }

    static boolean isWhitespace(char c) {
        return c <= ' ' || c == 0x85 || (c >= 0xa0 && (Character.isWhitespace(c) || Character.isSpaceChar(c)));
    }

    static boolean endsLine(char c) {
        return c == '\n' || c == '\r';
    }

    static char lower(char c) {
        return isUpper(c) ? (char) (c + ('a' - 'A')) : c;
    }

    static boolean isDigit(CharSequence text, int at) {
        return at >= 0 && at < text.length() && isDigit(text.charAt(at));
    }

    static boolean isLetterOrDigit(CharSequence text, int at) {
        return at >= 0 && at < text.length() && isLetterOrDigit(text.charAt(at));
    }

    static boolean is(char c, CharSequence text, int at) {
        return at >= 0 && at < text.length() && text.charAt(at) == c;
    }

    /** Whether the text has an end or white space here. */
    static boolean isEnd(CharSequence text, int at) {
        return at >= text.length() || isWhitespace(text.charAt(at));
    }
}
