package dev.crosscut.jdbc;

import dev.crosscut.jdbc.SqlScanner.Kind;

/** The text of a query without what could be a value: {@code ?} for each literal, nothing for comments. */
final class QueryText {

    private static final String LITERAL = "?";
    private static final String CUT = "...";

    private QueryText() {}

    static String of(String sql, Dialect dialect, int longest) {
        SqlScanner scanner = new SqlScanner(sql, dialect);
        StringBuilder text = new StringBuilder(Math.min(sql.length(), longest - CUT.length()) + CUT.length());
        boolean apart = false;
        Kind kind = scanner.next();
        while (kind != Kind.END && text.length() <= longest) {
            if (kind == Kind.SPACE) {
                apart = text.length() > 0;
            } else {
                if (apart) {
                    text.append(' ');
                    apart = false;
                }
                append(text, sql, scanner, kind, longest);
            }
            kind = scanner.next();
        }
        return cut(text, longest);
    }

    private static void append(StringBuilder text, String sql, SqlScanner scanner, Kind kind, int longest) {
        if (kind == Kind.LITERAL || scanner.is("true") || scanner.is("false")) {
            text.append(LITERAL);
        } else if (kind == Kind.HIDDEN) {
            text.append(CUT);
        } else {
            text.append(sql, scanner.start(), Math.min(scanner.end(), scanner.start() + longest + 1));
        }
    }

    /** No longer than the bound, and saying so where it was. */
    static String cut(StringBuilder text, int longest) {
        if (text.length() > longest) {
            int end = longest - CUT.length();
            text.setLength(Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
            text.append(CUT);
        }
        return text.toString();
    }
}
