package dev.crosscut.logging;

/** Where a value ends that begins in a text. What has no end, ends with its line or the text: rather too much is hidden. */
final class ValueEnds {

    private static final int LONGEST_NAME = 64;
    private static final int SPACES = 4;

    private ValueEnds() {}

    /** The quote that is escaped as often as the one that opens; or the end of the line. */
    static int quoted(String text, int open, int escapes) {
        char quote = text.charAt(open);
        int backslashes = 0;
        for (int i = open + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote && backslashes % (2 * (escapes + 1)) == escapes && !isApostrophe(text, i)) {
                if (c == '"' || i == open + 1 || !Chars.is(c, text, i + 1)) {
                    return i - escapes;
                }
                i++; // doubled, as SQL has it
            }
            if (Chars.endsLine(c)) {
                return i;
            }
            backslashes = c == '\\' ? backslashes + 1 : 0;
        }
        return text.length();
    }

    private static boolean isApostrophe(String text, int quote) {
        return text.charAt(quote) == '\'' && Chars.isLetterOrDigit(text, quote + 1);
    }

    /** After the bracket that closes; else where the frames of a stack trace begin, or the end. */
    static int structure(String text, int start) {
        int depth = 0;
        char quote = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote || Chars.endsLine(c)) {
                    quote = 0;
                }
            } else if (c == '"') {
                quote = c;
            } else if (isOpening(c)) {
                depth++;
            } else if (isClosing(c)) {
                depth--;
                if (depth == 0) {
                    return i + 1;
                }
            }
            if (Chars.endsLine(c) && text.startsWith("\tat ", i + 1)) {
                return i;
            }
        }
        return text.length();
    }

    static int line(String text, int start) {
        int end = start;
        while (end < text.length() && !Chars.endsLine(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Before white space, the next name or a quote around it all, and before the end of a sentence and what closes. */
    static int word(String text, int start) {
        int end = start;
        while (!Chars.isEnd(text, end) && !endsWord(text, end)) {
            end++;
        }
        while (end > start && mayFollow(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean endsWord(String text, int at) {
        char c = text.charAt(at);
        return switch (c) {
            case ',', ';', '&' -> isName(text, at + 1);
            case '"', '\'' -> isEndOfAll(text, at + 1);
            case '\\' -> Chars.is('"', text, at + 1);
            case '<' -> Chars.is('/', text, at + 1);
            default -> false;
        };
    }

    /** Before the next name or at the bracket that closes what is around; -1 where neither is near. */
    static int inStructure(String text, int start, int latest, boolean isWholeLine) {
        int depth = 0;
        for (int at = start; at < text.length() && at < latest && !Chars.endsLine(text.charAt(at)); at++) {
            char c = text.charAt(at);
            if (isOpening(c)) {
                depth++;
            } else if (isClosing(c) && depth > 0) {
                depth--;
            } else if (depth == 0
                    && (isClosing(c)
                            ? isEndOfAll(text, at + 1)
                            : endsWord(text, at) && !(isWholeLine && (c == ';' || c == '&')))) {
                return at;
            }
        }
        return -1;
    }

    /** Whether nothing more comes but what closes, separates, or white space. */
    private static boolean isEndOfAll(String text, int at) {
        if (Chars.isEnd(text, at)) {
            return true;
        }
        char c = text.charAt(at);
        return isClosing(c) || isQuote(c) || ",;:&>\\".indexOf(c) >= 0;
    }

    /** Whether a name and what separates it from its value are here. */
    private static boolean isName(String text, int from) {
        int at = from;
        while (at - from < SPACES && Chars.is(' ', text, at)) {
            at++;
        }
        while (at - from < SPACES && at < text.length() && (isQuote(text.charAt(at)) || text.charAt(at) == '\\')) {
            at++;
        }
        int start = at;
        while (at < text.length()
                && at - start < LONGEST_NAME
                && (isName(text.charAt(at)) || text.charAt(at) == '[' || text.charAt(at) == ']')) {
            at++;
        }
        if (at == start) {
            return false;
        }
        while (at < text.length()
                && (isQuote(text.charAt(at)) || text.charAt(at) == '\\')
                && at - start <= LONGEST_NAME) {
            at++;
        }
        return Chars.is('=', text, at) || Chars.is(':', text, at);
    }

    static int literal(String text, int start) {
        int end = start;
        while (end < text.length() && !Chars.endsLine(text.charAt(end)) && !text.startsWith("]]>", end)) {
            end++;
        }
        return end;
    }

    static boolean isName(char c) {
        return Chars.isDigit(c) || (c >= 'a' && c <= 'z') || Chars.isUpper(c) || c == '_' || c == '-' || c == '.';
    }

    static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    static boolean isOpening(char c) {
        return c == '{' || c == '[' || c == '(';
    }

    private static boolean isClosing(char c) {
        return c == '}' || c == ']' || c == ')';
    }

    /** What may come between a value and white space, and is then not part of it. */
    static boolean mayFollow(char c) {
        return ".,;:)]}>\"'&\\<".indexOf(c) >= 0;
    }
}
