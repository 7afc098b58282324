package dev.crosscut.logging;

/*
 * Values that stand in a text after a hidden name: name=value, name: value, "name":"value", <name>value</name>, as URLs,
 * forms, JSON, headers and the text of records and maps have them.
 *
 * The value in quotes ends at the quote that closes it, at the same depth of escapes, or at the end of the line. One in
 * brackets ends at the bracket that closes it. Any other ends at white space, or at a comma, a semicolon or an ampersand
 * behind which another name follows, or at a quote or bracket with which what is around it ends. Where the name itself
 * comes after a bracket or a comma, as in the text of a record, a value may have spaces: it then ends before the next name
 * or at the bracket, where that is near. It is always rather too much that is hidden than too little.
 *
 * What another rule would find from within a value may go beyond its end: Bearer and a token, a PEM block, the groups of a
 * number, another name and its value. To hide its beginning alone would leave the rest without what tells it, so a value
 * then goes as far as that does, whichever rules are on.
 *
 * Cost. What was hidden is looked at once more, from its beginning to its end, and whatever looks ahead without hiding has
 * a bound, so time is linear.
 */
final class NamedValues {

    private static final int LONGEST_NAME = 64;
    private static final int NEAR = 256;
    private static final int SPACES = 4;
    private static final String CDATA = "<![CDATA[";

    private static final int SHOWN = 4;
    private static final int UNICODE_ESCAPE = 5;

    private static final String[] SCHEMES = {"Bearer", "Basic", "Token", "Negotiate", "NTLM", "DPoP", "ApiKey"};
    private static final String[] NO_SECRET = {"null", "true", "false"};

    private final HiddenNames names;

    NamedValues(HiddenNames names) {
        this.names = names;
    }

    /** The value after the equals sign or colon at an index, where what is before that is a hidden name. */
    long find(String text, int at, int from) {
        return whole(text, findAlone(text, at, from));
    }

    private long findAlone(String text, int at, int from) {
        int nameEnd = at;
        while (nameEnd > from && at - nameEnd < SPACES && Chars.isSpace(text.charAt(nameEnd - 1))) {
            nameEnd--;
        }
        char quote = 0;
        int escapes = 0;
        if (nameEnd > from && ValueEnds.isQuote(text.charAt(nameEnd - 1))) {
            quote = text.charAt(nameEnd - 1);
            nameEnd--;
            while (nameEnd > from && text.charAt(nameEnd - 1) == '\\') {
                nameEnd--;
                escapes++;
            }
        }
        int indexed = nameEnd;
        nameEnd = withoutIndex(text, nameEnd, from);
        if (quote == 0 && nameEnd < indexed && nameEnd > from && ValueEnds.isQuote(text.charAt(nameEnd - 1))) {
            nameEnd--; // as in params["password"]
        }
        if (!names.mayHide(text, from, nameEnd)) {
            return Span.NONE;
        }
        int nameStart = nameEnd;
        int earliest = Math.max(from, nameEnd - LONGEST_NAME);
        while (nameStart > earliest && ValueEnds.isName(text.charAt(nameStart - 1))) {
            nameStart--;
        }
        int unescaped = afterEscape(text, nameStart);
        if (unescaped < nameEnd && names.hides(text, unescaped, nameEnd)) {
            nameStart = unescaped;
        }
        if (nameStart == nameEnd || !names.hides(text, nameStart, nameEnd)) {
            return Span.NONE;
        }
        int start = startOfValue(text, at + 1);
        if (start == text.length() || Chars.endsLine(text.charAt(start))) {
            return Span.NONE;
        }
        boolean isJson = quote == '"' && escapes == 0;
        int before = quote == 0 ? nameStart : nameStart - 1 - escapes;
        boolean isWholeLine = names.isWholeLine(text, nameStart, nameEnd);
        return find(text, start, isJson, isInStructure(text, before), isWholeLine);
    }

    /** Before the index of an element, as in {@code secrets[0]}, and inside of other brackets, as in {@code user[password]}. */
    private static int withoutIndex(String text, int nameEnd, int from) {
        int end = nameEnd;
        while (end > from && text.charAt(end - 1) == ']') {
            int open = end - 2;
            while (open >= from && Chars.isDigit(text.charAt(open))) {
                open--;
            }
            if (open < from || text.charAt(open) != '[') {
                return end - 1;
            }
            end = open;
        }
        return end;
    }

    /** Past the letter of an escape, as names in strings of JSON may have it before them: {@code a=1\npin=2}. */
    private static int afterEscape(String text, int nameStart) {
        if (!Chars.is('\\', text, nameStart - 1) || nameStart == text.length()) {
            return nameStart;
        }
        return switch (text.charAt(nameStart)) {
            case 'n', 'r', 't', 'b', 'f' -> nameStart + 1;
            case 'u' -> nameStart + UNICODE_ESCAPE;
            default -> nameStart;
        };
    }

    /** Past what else a separator has, as in {@code =>}, {@code :=} and {@code ==}, and past spaces. */
    private static int startOfValue(String text, int at) {
        int start = at;
        while (Chars.is('=', text, start) || Chars.is('>', text, start)) {
            start++;
        }
        while (start < text.length() && Chars.isSpace(text.charAt(start))) {
            start++;
        }
        return start;
    }

    private static boolean isInStructure(String text, int nameStart) {
        int before = nameStart - 1;
        while (before > 0 && nameStart - before < SPACES && text.charAt(before) == ' ') {
            before--;
        }
        if (before < 0) {
            return false;
        }
        char c = text.charAt(before);
        return ValueEnds.isOpening(c) || (c == ',' && before < nameStart - 1);
    }

    private static long find(String text, int start, boolean isJson, boolean isInStructure, boolean isWholeLine) {
        char first = text.charAt(start);
        int escapes = 0;
        while (Chars.is('\\', text, start + escapes)) {
            escapes++;
        }
        if (isMasked(text, start)) {
            return Span.NONE;
        }
        int quote = start + escapes;
        if (quote < text.length() && ValueEnds.isQuote(text.charAt(quote))) {
            int end = ValueEnds.quoted(text, quote, escapes);
            return end > quote + 1 ? Span.of(quote + 1, end) : Span.NONE;
        }
        int credentials = pastScheme(text, start);
        int end;
        if (ValueEnds.isOpening(first)) {
            end = ValueEnds.word(text, ValueEnds.structure(text, start));
        } else if (isWholeLine) {
            boolean hasScheme = credentials > start;
            if (hasScheme && (credentials == text.length() || Chars.endsLine(text.charAt(credentials)))) {
                return Span.NONE;
            }
            if (hasScheme && ValueEnds.word(text, credentials) > credentials) {
                return find(text, credentials, false, false, false);
            }
            end = isInStructure ? ValueEnds.inStructure(text, start, text.length(), true) : -1;
            end = end < 0 ? ValueEnds.line(text, start) : end;
        } else {
            end = isInStructure ? ValueEnds.inStructure(text, start, start + NEAR, false) : -1;
            end = Math.max(end, endOfCredentials(text, credentials));
            end = Math.max(end, CardNumbers.endOfGroups(text, start));
        }
        return found(text, start, end, isJson);
    }

    /** Whether a value is what replaces values, as it is where a text is masked that has been masked before. */
    private static boolean isMasked(String text, int start) {
        int end = start + TextMasking.MASK.length();
        return text.startsWith(TextMasking.MASK, start)
                && (Chars.isEnd(text, end) || ValueEnds.mayFollow(text.charAt(end)));
    }

    private static long found(String text, int start, int end, boolean isJson) {
        if (end <= start || isMasked(text, start)) {
            return Span.NONE;
        }
        for (String word : NO_SECRET) {
            if (end - start == word.length() && text.regionMatches(true, start, word, 0, word.length())) {
                return Span.NONE;
            }
        }
        return isJson ? Span.quoted(start, end) : Span.of(start, end);
    }

    /** Past the name of a scheme of authentication and the spaces behind it; the start where there is none. */
    private static int pastScheme(String text, int start) {
        for (String scheme : SCHEMES) {
            int end = start + scheme.length();
            int at = end;
            if (text.regionMatches(true, start, scheme, 0, scheme.length())) {
                while (at < text.length() && Chars.isSpace(text.charAt(at))) {
                    at++;
                }
            }
            if (at > end) {
                return at;
            }
        }
        return start;
    }

    /** The end of a word, or of what is in quotes. */
    private static int endOfCredentials(String text, int start) {
        if (start == text.length() || !ValueEnds.isQuote(text.charAt(start))) {
            return ValueEnds.word(text, start);
        }
        int end = ValueEnds.quoted(text, start, 0);
        return Chars.is(text.charAt(start), text, end) ? end + 1 : end;
    }

    /** A value as far as any rule goes that finds something from within it. */
    private long whole(String text, long value) {
        if (!Span.isFound(value)) {
            return value;
        }
        int start = Span.start(value);
        int end = Span.end(value);
        int at = start;
        while (at < end) {
            char c = text.charAt(at);
            boolean isSeparator = c == '=' || c == ':';
            long found = isSeparator ? afterSeparator(text, at, start, end) : other(text, at, start);
            if (Span.isFound(found)) {
                end = further(text, end, Span.end(found));
                at = isSeparator ? at + 1 : Math.max(at + 1, Span.end(found));
            } else {
                at = Math.max(at + 1, Span.skipped(found));
            }
            if (at >= end) {
                end = further(text, end, afterName(text, start, end));
            }
        }
        if (end > Span.end(value)) {
            end = closingQuote(text, start, end);
        }
        return Span.isQuoted(value) ? Span.quoted(start, end) : Span.of(start, end);
    }

    private static int further(String text, int end, int reached) {
        return reached > end ? Math.max(reached, ValueEnds.word(text, reached)) : end;
    }

    private static long other(String text, int at, int start) {
        char c = text.charAt(at);
        if (Chars.isDigit(c)) {
            long iban = Ibans.find(text, at, start);
            long number = Span.isFound(iban) ? iban : CardNumbers.find(text, at);
            return Span.isFound(number) ? Span.of(Span.start(number), pastShown(text, Span.end(number))) : number;
        }
        return switch (c) {
            case 'B', 'b' -> Credentials.findScheme(text, at);
            case '-' -> Credentials.findPem(text, at);
            default -> Span.NONE;
        };
    }

    /** Past the characters of a number that its own rule shows. */
    private static int pastShown(String text, int cut) {
        int end = cut;
        for (int left = SHOWN; left > 0; end++) {
            left -= Chars.isLetterOrDigit(text, end) ? 1 : 0;
        }
        return end;
    }

    /** What comes after a separator within a value. Only where the value ends soon may that go beyond its end. */
    private long afterSeparator(String text, int at, int start, int end) {
        long user = text.charAt(at) == ':' ? Addresses.findUrlUser(text, at) : Span.NONE;
        return Span.isFound(user) || end - at > LONGEST_NAME ? user : findAlone(text, at, start);
    }

    /** The end of the value that follows where the value itself is a hidden name. */
    private int afterName(String text, int start, int end) {
        int at = end;
        while (at - end < SPACES && at < text.length() && Chars.isSpace(text.charAt(at))) {
            at++;
        }
        boolean isSeparator = Chars.is('=', text, at) || Chars.is(':', text, at);
        long found = isSeparator ? findAlone(text, at, start) : Span.NONE;
        return Span.isFound(found) ? Span.end(found) : end;
    }

    /** The quote around a value that goes on after the end of a line, where only white space comes before it. */
    private static int closingQuote(String text, int start, int end) {
        if (start == 0 || !ValueEnds.isQuote(text.charAt(start - 1))) {
            return end;
        }
        int close = end;
        while (close < text.length() && Chars.isWhitespace(text.charAt(close))) {
            close++;
        }
        return Chars.is(text.charAt(start - 1), text, close) ? close : end;
    }

    /** The text of an element whose start tag ends at an index. */
    long findElement(String text, int at, int from) {
        return whole(text, findElementAlone(text, at, from));
    }

    private long findElementAlone(String text, int at, int from) {
        int open = at - 1;
        int earliest = Math.max(from, at - NEAR);
        while (open >= earliest && text.charAt(open) != '<' && text.charAt(open) != '>') {
            open--;
        }
        if (open < earliest || text.charAt(open) != '<' || text.charAt(at - 1) == '/') {
            return Span.NONE;
        }
        int nameStart = open + 1;
        int nameEnd = nameStart;
        while (nameEnd < at && (ValueEnds.isName(text.charAt(nameEnd)) || text.charAt(nameEnd) == ':')) {
            if (text.charAt(nameEnd) == ':') {
                nameStart = nameEnd + 1;
            }
            nameEnd++;
        }
        if (nameStart == nameEnd || !names.hides(text, nameStart, nameEnd)) {
            return Span.NONE;
        }
        boolean isLiteral = text.startsWith(CDATA, at + 1);
        int start = isLiteral ? at + 1 + CDATA.length() : at + 1;
        int end = isLiteral ? ValueEnds.literal(text, start) : text.indexOf('<', start);
        return end > start && (isLiteral || Chars.is('/', text, end + 1)) ? Span.of(start, end) : Span.NONE;
    }
}
