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
 * Cost. What was hidden is not looked at again, and whatever looks ahead without hiding has a bound, so time is linear.
 */
final class NamedValues {

    private static final int LONGEST_NAME = 64;
    private static final int NEAR = 256;
    private static final int SPACES = 4;
    private static final String CDATA = "<![CDATA[";

    private static final String[] SCHEMES = {"Bearer ", "Basic ", "Token ", "Negotiate ", "NTLM ", "DPoP ", "ApiKey "};
    private static final String[] NO_SECRET = {"null", "true", "false"};

    private final HiddenNames names;

    NamedValues(HiddenNames names) {
        this.names = names;
    }

    /** The value after the equals sign or colon at an index, where what is before that is a hidden name. */
    long find(String text, int at, int from) {
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
        } else if (nameEnd > from && text.charAt(nameEnd - 1) == ']') {
            nameEnd--;
        }
        if (!names.mayHide(text, from, nameEnd)) {
            return Span.NONE;
        }
        int nameStart = nameEnd;
        int earliest = Math.max(from, nameEnd - LONGEST_NAME);
        while (nameStart > earliest && ValueEnds.isName(text.charAt(nameStart - 1))) {
            nameStart--;
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
        int end;
        if (ValueEnds.isOpening(first)) {
            end = ValueEnds.word(text, ValueEnds.structure(text, start));
        } else if (isWholeLine) {
            int credentials = start + schemeLength(text, start);
            if (credentials > start) {
                return credentials < text.length() ? find(text, credentials, false, false, false) : Span.NONE;
            }
            end = isInStructure ? ValueEnds.inStructure(text, start, text.length(), true) : -1;
            end = end < 0 ? ValueEnds.line(text, start) : end;
        } else {
            end = isInStructure ? ValueEnds.inStructure(text, start, start + NEAR, false) : -1;
            end = end < 0 ? ValueEnds.word(text, start) : end;
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

    private static int schemeLength(String text, int start) {
        for (String scheme : SCHEMES) {
            if (text.regionMatches(true, start, scheme, 0, scheme.length())) {
                return scheme.length();
            }
        }
        return 0;
    }

    /** The text of an element whose start tag ends at an index. */
    long findElement(String text, int at, int from) {
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
