package dev.crosscut.logging;

/** Credentials that are told by their form: bearer and basic (RFC 6750, RFC 7617), JSON Web Tokens, keys of AWS, PEM. */
final class Credentials {

    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int SHORTEST_TOKEN = 8;
    private static final int LONG_TOKEN = 32;
    private static final int SHORTEST_HEADER = 10;
    private static final int JWE_PARTS = 5;
    private static final int AWS_PREFIX = 4;
    private static final int AWS_ID = 20;
    private static final int PEM_DASHES = 5;
    private static final int PEM_LABEL = 48;
    private static final String PEM_END = "-----END ";

    private Credentials() {}

    /** What follows the word bearer or basic, whose first letter is at an index. */
    static long findScheme(String text, int at) {
        if (at > 0 && Chars.isLetterOrDigit(text.charAt(at - 1))) {
            return Span.NONE;
        }
        boolean isBearer = text.regionMatches(true, at, "bearer", 0, 6);
        if (!isBearer && !text.regionMatches(true, at, "basic", 0, 5)) {
            return Span.NONE;
        }
        int space = at + (isBearer ? 6 : 5);
        int start = space;
        while (start < text.length() && Chars.isSpace(text.charAt(start))) {
            start++;
        }
        if (start == space) {
            return Span.NONE;
        }
        int end = start;
        while (end < text.length() && isToken68(text.charAt(end))) {
            end++;
        }
        while (end > start && text.charAt(end - 1) == '.') {
            end--; // the end of a sentence
        }
        boolean isCredential = isBearer ? isToken(text, start, end) : isUserAndPassword(text, start, end);
        return isCredential ? Span.of(start, end) : Span.NONE;
    }

    private static boolean isToken68(char c) {
        return Chars.isBase64Url(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
    }

    /** Unlike a word of a sentence, a token has digits, or it is long and has letters of both cases. */
    private static boolean isToken(String text, int start, int end) {
        boolean hasDigit = false;
        boolean hasUpper = false;
        boolean hasLower = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            hasDigit |= Chars.isDigit(c);
            hasUpper |= Chars.isUpper(c);
            hasLower |= c >= 'a' && c <= 'z';
        }
        int length = end - start;
        return (hasDigit && length >= SHORTEST_TOKEN) || (hasUpper && hasLower && length >= LONG_TOKEN);
    }

    /** Whether it is base64 (RFC 4648) of something with a colon. */
    private static boolean isUserAndPassword(String text, int start, int end) {
        int padding = end;
        while (padding > start && text.charAt(padding - 1) == '=') {
            padding--;
        }
        boolean hasColon = false;
        int bits = 0;
        int count = 0;
        for (int i = start; i < padding; i++) {
            int value = BASE64.indexOf(text.charAt(i));
            if (value < 0) {
                return false;
            }
            bits = (bits << 6 | value) & 0xfff;
            count += 6;
            if (count >= 8) {
                count -= 8;
                hasColon |= (bits >> count & 0xff) == ':';
            }
        }
        return hasColon && (end - start) % 4 == 0 && end - padding <= 2;
    }

    /** A signed or encrypted token in its compact form, the J of whose {@code eyJ} is at an index. */
    static long findJwt(String text, int at, int from) {
        int start = at - 2;
        if (start < from || text.charAt(at - 1) != 'y' || text.charAt(start) != 'e') {
            return Span.NONE;
        }
        int end = endOfBase64Url(text, at);
        if (end - start < SHORTEST_HEADER || !Chars.is('.', text, end)) {
            return Span.skip(end);
        }
        int payload = endOfBase64Url(text, end + 1);
        if (!Chars.is('.', text, payload)) {
            return Span.skip(end);
        }
        int last = payload;
        for (int part = 3; part <= JWE_PARTS && Chars.is('.', text, last); part++) {
            last = endOfBase64Url(text, last + 1);
        }
        return Span.of(start, last);
    }

    private static int endOfBase64Url(String text, int at) {
        int end = at;
        while (end < text.length() && Chars.isBase64Url(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** The id of an access key, long-lived or temporary, that begins at an index, without the four letters that say which. */
    static long findAwsKey(String text, int at) {
        if ((!text.startsWith("AKIA", at) && !text.startsWith("ASIA", at))
                || Chars.isLetterOrDigit(text, at - 1)
                || Chars.isLetterOrDigit(text, at + AWS_ID)
                || at + AWS_ID > text.length()) {
            return Span.NONE;
        }
        for (int i = at + AWS_PREFIX; i < at + AWS_ID; i++) {
            if (!Chars.isUpper(text.charAt(i)) && !Chars.isDigit(text.charAt(i))) {
                return Span.NONE;
            }
        }
        return Span.of(at + AWS_PREFIX, at + AWS_ID);
    }

    /** What a PEM block that holds a private key has between its first and its last line; the first begins at an index. */
    static long findPrivateKey(String text, int at) {
        int label = pastDashes(text, at);
        int start = afterFirstLine(text, at, label);
        boolean isPrivate = start >= 0 && text.substring(label, start).contains("PRIVATE KEY");
        return isPrivate ? Span.of(start, endOfPemBody(text, start)) : Span.skip(label);
    }

    /** A PEM block of any kind, its first and last line included; the first begins at an index. */
    static long findPem(String text, int at) {
        int label = pastDashes(text, at);
        int start = afterFirstLine(text, at, label);
        if (start < 0) {
            return Span.skip(label);
        }
        int end = endOfPemBody(text, start);
        if (!text.startsWith(PEM_END, end)) {
            return Span.of(at, end);
        }
        int last = text.indexOf("-----", end + PEM_END.length());
        return Span.of(at, last < 0 || last - end > PEM_LABEL ? end : last + PEM_DASHES);
    }

    private static int pastDashes(String text, int at) {
        int end = at;
        while (Chars.is('-', text, end)) {
            end++;
        }
        return end;
    }

    /** After the line that begins a PEM block, whose label is between dashes; -1 for none. */
    private static int afterFirstLine(String text, int at, int label) {
        if (label - at < PEM_DASHES || !text.startsWith("BEGIN ", label)) {
            return -1;
        }
        int end = text.indexOf("-----", label);
        return end < 0 || end - label > PEM_LABEL ? -1 : end + PEM_DASHES;
    }

    private static int endOfPemBody(String text, int start) {
        int end = start;
        while (end < text.length() && isPemBody(text, end)) {
            end++;
        }
        return end;
    }

    private static boolean isPemBody(String text, int at) {
        char c = text.charAt(at);
        return c == '-'
                ? !text.startsWith("-----", at)
                : Chars.isLetterOrDigit(c) || Chars.isWhitespace(c) || "+/=:,.*\\".indexOf(c) >= 0;
    }
}
