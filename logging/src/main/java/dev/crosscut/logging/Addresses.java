package dev.crosscut.logging;

/** E-mail addresses, and the user and password in URLs. */
final class Addresses {

    private static final int LONGEST_LOCAL_PART = 64;
    private static final int LONGEST_DOMAIN = 253;

    private Addresses() {}

    /** What is before an at sign, where that makes an e-mail address. */
    static long findEmail(String text, int at, int from) {
        int start = at;
        int earliest = Math.max(from, at - LONGEST_LOCAL_PART);
        while (start > earliest && isLocalPart(text.charAt(start - 1))) {
            start--;
        }
        while (start < at && text.charAt(start) == '.') {
            start++; // the end of what came before
        }
        return start < at && isDomain(text, at + 1) ? Span.of(start, at) : Span.NONE;
    }

    private static boolean isLocalPart(char c) {
        return Chars.isLetterOrDigit(c) || "._%+-".indexOf(c) >= 0;
    }

    /** Two labels or more, the last of letters. */
    private static boolean isDomain(String text, int start) {
        int end = start;
        int label = start; // where the last one begins
        boolean lastHasDigit = false;
        int latest = Math.min(text.length(), start + LONGEST_DOMAIN);
        while (end < latest) {
            char c = text.charAt(end);
            if (c == '.' && end > label && Chars.isLetterOrDigit(text, end + 1)) {
                label = end + 1;
                lastHasDigit = false;
            } else if (Chars.isLetterOrDigit(c) || (c == '-' && end > label)) {
                lastHasDigit |= Chars.isDigit(c);
            } else {
                break;
            }
            end++;
        }
        return label > start
                && end - label >= 2
                && text.charAt(end - 1) != '-'
                && (!lastHasDigit || text.startsWith("xn--", label));
    }

    /** The user, with or without a password, in a URL whose colon is at an index. */
    static long findUrlUser(String text, int at) {
        if (!text.startsWith("//", at + 1) || !Chars.isLetterOrDigit(text, at - 1)) {
            return Span.NONE;
        }
        int start = at + 3;
        int user = -1;
        int end = start;
        while (end < text.length() && !endsAuthority(text.charAt(end))) {
            if (text.charAt(end) == '@') {
                user = end;
            }
            end++;
        }
        return user > start ? Span.of(start, user) : Span.NONE;
    }

    private static boolean endsAuthority(char c) {
        return c == '/'
                || c == '?'
                || c == '#'
                || c == '"'
                || c == '\''
                || c == '<'
                || c == '>'
                || Chars.isWhitespace(c);
    }
}
