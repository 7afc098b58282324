package dev.crosscut.jdbc;

import java.util.Locale;
import java.util.Set;

/**
 * Takes the text of a query apart, in one pass, without ever failing.
 *
 * <p>No part of a literal or a comment is ever a token of another kind. Databases differ in where these end, a setting of
 * the session can change it, and who is wrong about one quote takes all literals after it for code. So where it is not
 * certain how the database reads the text, {@link Kind#HIDDEN} stands for all the rest.
 */
final class SqlScanner {

    /** What a token is. */
    enum Kind {
        /** A keyword or a name. */
        WORD,
        /** A name in quotes, with them. */
        QUOTED,
        /** Text, number or money, with its prefix and its quotes; to the end of the text where they are not closed. */
        LITERAL,
        /** One character that is none of the others. */
        SYMBOL,
        /** White space or a comment. */
        SPACE,
        /** All the rest, of which it is not certain what it is. */
        HIDDEN,
        /** Nothing is left. */
        END
    }

    /** What may follow the brace of an escape of JDBC; elsewhere it begins a comment, in Informix. */
    private static final Set<String> ESCAPES = Set.of("call", "d", "escape", "fn", "limit", "oj", "t", "ts");

    private final String sql;
    private final int length;
    private final Dialect dialect;
    private int start;
    private int at;
    private Kind kind = Kind.SPACE;
    /** The word before this one was IDENTIFIED, so that BY is followed by a password, in Oracle one without quotes. */
    private boolean identified;

    private boolean password;

    SqlScanner(String sql, Dialect dialect) {
        this.sql = sql;
        this.length = sql.length();
        this.dialect = dialect;
    }

    /** Goes on to the next token. */
    Kind next() {
        start = at;
        if (at >= length) {
            kind = Kind.END;
        } else if (password) {
            kind = hidden();
        } else {
            kind = scan(sql.charAt(at));
        }
        return kind;
    }

    /** Where the token begins. */
    int start() {
        return start;
    }

    /** Behind its last character. */
    int end() {
        return at;
    }

    /** The token. */
    String text() {
        return sql.substring(start, at);
    }

    /** Whether the token is this character. */
    boolean is(char symbol) {
        return kind == Kind.SYMBOL && sql.charAt(start) == symbol;
    }

    /** Whether the token is this word, in any case. */
    boolean is(String word) {
        return kind == Kind.WORD && isWord(start, at, word);
    }

    private Kind scan(char c) {
        if (isSpace(c)) {
            return space();
        }
        boolean point = c == '.' && isDigit(peek(1)) && (start == 0 || !isInWord(sql.charAt(start - 1)));
        if (point || isDigit(c)) {
            return number(at);
        }
        if (isInWord(c) && c != '$') {
            return word();
        }
        return switch (c) {
            case '\'' -> text(at, false);
            case '"' -> dialect.namesInDoubleQuotes ? name(c) : text(at, false);
            case '`' -> dialect.hasNamesInBackticks() ? name(c) : hidden();
            case '[' -> bracket();
            case '$' -> dollar();
            case '#' -> hash();
            case '-' -> minus();
            case '/' -> slash();
            case '{' -> dialect == Dialect.OTHER && !isEscape() ? hidden() : symbol();
            case 0 -> hidden();
            default -> symbol();
        };
    }

    private Kind symbol() {
        at++;
        return Kind.SYMBOL;
    }

    private Kind hidden() {
        at = length;
        return Kind.HIDDEN;
    }

    private Kind literal(int end) {
        at = end;
        return Kind.LITERAL;
    }

    private Kind space() {
        while (at < length && isSpace(sql.charAt(at))) {
            at++;
        }
        return Kind.SPACE;
    }

    private Kind number(int from) {
        boolean hexadecimal = sql.startsWith("0x", from) || sql.startsWith("0X", from);
        int i = from;
        while (i < length) {
            char c = sql.charAt(i);
            boolean signed = (c == '+' || c == '-')
                    && !hexadecimal
                    && i > from
                    && (sql.charAt(i - 1) | ' ') == 'e'
                    && isDigit(i + 1 < length ? sql.charAt(i + 1) : ' ');
            if (!signed && c != '.' && c != '_' && !isDigit(c) && !isLetter(c)) {
                break;
            }
            i++;
        }
        return literal(i);
    }

    private Kind word() {
        while (at < length && isInWord(sql.charAt(at))) {
            at++;
        }
        if (at < length && sql.charAt(at) == '\'') {
            if (isWord(start, at, "q") || isWord(start, at, "nq")) {
                return dialect == Dialect.ORACLE ? chosenQuotes() : hidden();
            }
            if (at == start + 1) {
                return text(at, dialect == Dialect.POSTGRESQL && (sql.charAt(start) | ' ') == 'e');
            }
        }
        password = identified && isWord(start, at, "by");
        identified = isWord(start, at, "identified");
        return Kind.WORD;
    }

    /** Text in quotes, a doubled one of which stands for itself. */
    private Kind text(int open, boolean escapes) {
        char quote = sql.charAt(open);
        if (dialect == Dialect.OTHER && sql.startsWith("" + quote + quote, open + 1)) {
            return hidden(); // three quotes, to some databases
        }
        boolean escaped = false;
        for (int i = open + 1; i < length; i++) {
            char c = sql.charAt(i);
            if (c == quote) {
                if (escaped && !escapes) {
                    return hidden();
                }
                if (!escaped && (i + 1 == length || sql.charAt(i + 1) != quote)) {
                    return literal(i + 1);
                }
                if (!escaped) {
                    i++;
                }
            }
            escaped = c == '\\' && !escaped;
        }
        return literal(length);
    }

    /** Text between quotes of its own choice, {@code q'[…]'}, as Oracle has it. */
    private Kind chosenQuotes() {
        if (at + 1 >= length) {
            return literal(length);
        }
        char open = sql.charAt(at + 1);
        char close = switch (open) {
            case '[' -> ']';
            case '{' -> '}';
            case '(' -> ')';
            case '<' -> '>';
            default -> open;
        };
        int end = sql.indexOf(close + "'", at + 2);
        return literal(end < 0 ? length : end + 2);
    }

    /** A name in quotes; one with control characters is hidden. */
    private Kind name(char quote) {
        boolean printable = true;
        for (int i = at + 1; i < length; i++) {
            char c = sql.charAt(i);
            if (c == quote) {
                if (i + 1 == length || sql.charAt(i + 1) != quote) {
                    at = i + 1;
                    return printable ? Kind.QUOTED : Kind.LITERAL;
                }
                i++;
            }
            printable &= !Character.isISOControl(c);
        }
        return literal(length);
    }

    /** A name, an index of an array, or either. */
    private Kind bracket() {
        if (dialect == Dialect.SQL_SERVER) {
            return name(']');
        }
        if (dialect == Dialect.POSTGRESQL) {
            return symbol();
        }
        for (int i = at + 1; i < length; i++) {
            char c = sql.charAt(i);
            if (c == ']') {
                return symbol();
            }
            if ("'\"`[$#-/{".indexOf(c) >= 0) {
                break;
            }
        }
        return hidden();
    }

    /** Text between dollars, a parameter, money, or a name. */
    private Kind dollar() {
        if (isDigit(peek(1))) {
            return number(at + 1);
        }
        if (dialect == Dialect.POSTGRESQL) {
            return tagged();
        }
        if (dialect == Dialect.H2 && peek(1) == '$') {
            return between("$$");
        }
        return dialect == Dialect.OTHER ? hidden() : word();
    }

    private Kind tagged() {
        int tag = at + 1;
        while (tag < length && sql.charAt(tag) != '$' && isInWord(sql.charAt(tag))) {
            tag++;
        }
        return tag < length && sql.charAt(tag) == '$' ? between(sql.substring(at, tag + 1)) : symbol();
    }

    private Kind between(String tag) {
        int end = sql.indexOf(tag, at + tag.length());
        return literal(end < 0 ? length : end + tag.length());
    }

    private Kind hash() {
        if (dialect == Dialect.MYSQL) {
            return lineComment();
        }
        return dialect == Dialect.POSTGRESQL ? symbol() : hidden();
    }

    private Kind minus() {
        if (peek(1) != '-') {
            return symbol();
        }
        boolean apart = at + 2 >= length || peek(2) <= ' ';
        if (!apart && dialect == Dialect.MYSQL) {
            return symbol();
        }
        return !apart && dialect == Dialect.OTHER ? hidden() : lineComment();
    }

    private Kind slash() {
        if (peek(1) == '*') {
            return comment();
        }
        if (peek(1) == '/' && dialect == Dialect.H2) {
            return lineComment();
        }
        return peek(1) == '/' && dialect == Dialect.OTHER ? hidden() : symbol();
    }

    /** Whether a carriage return alone ends it is not certain. */
    private Kind lineComment() {
        for (int i = at; i < length; i++) {
            char c = sql.charAt(i);
            if (c == '\n') {
                at = i + 1;
                return Kind.SPACE;
            }
            if (c == '\r' && i + 1 < length && sql.charAt(i + 1) != '\n') {
                return hidden();
            }
        }
        at = length;
        return Kind.SPACE;
    }

    /** What follows {@code /*!} is code to some databases, and in a hint there may be text, with the end of a comment in it. */
    private Kind comment() {
        char first = peek(2);
        if (first == '!' || (first == 'M' && peek(3) == '!')) {
            return hidden();
        }
        boolean quotes = false;
        int open = 1;
        for (int i = at + 2; i < length; i++) {
            char c = sql.charAt(i);
            if (c == '*' && i + 1 < length && sql.charAt(i + 1) == '/') {
                i++;
                open--;
                if (open == 0) {
                    at = i + 1;
                    return first == '+' && quotes ? hidden() : Kind.SPACE;
                }
            } else if (c == '/' && i + 1 < length && sql.charAt(i + 1) == '*') {
                if (!dialect.sureOfComments) {
                    return hidden();
                }
                if (dialect.nestsComments) {
                    i++;
                    open++;
                }
            }
            quotes |= c == '\'' || c == '"' || c == '`';
        }
        at = length;
        return Kind.SPACE;
    }

    private boolean isEscape() {
        int from = at + 1;
        while (from < length && isSpace(sql.charAt(from))) {
            from++;
        }
        int to = from;
        while (to < length && isLetter(sql.charAt(to)) && to - from < 8) {
            to++;
        }
        return sql.startsWith("?", from)
                || ESCAPES.contains(sql.substring(from, to).toLowerCase(Locale.ROOT));
    }

    private boolean isWord(int from, int to, String word) {
        return to - from == word.length() && sql.regionMatches(true, from, word, 0, word.length());
    }

    private char peek(int ahead) {
        return at + ahead < length ? sql.charAt(at + ahead) : ' ';
    }

    private boolean isInWord(char c) {
        return isLetter(c)
                || isDigit(c)
                || c == '_'
                || c == '$'
                || (c == '#' && dialect.hasHashInNames())
                || (c >= 0x80 && Character.getType(c) != Character.CURRENCY_SYMBOL);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isSpace(char c) {
        return (c <= ' ' && c != 0) || c == 0x7f;
    }
}
