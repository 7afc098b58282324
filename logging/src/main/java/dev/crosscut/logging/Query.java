package dev.crosscut.logging;

import java.util.Set;

/** Query strings as they may be logged. */
final class Query {

    private static final String HIDDEN = "***";

    private Query() {}

    /**
     * A query with the values of all parameters hidden but those of the given names. What is no parameter with a name and a
     * value, such as a token by itself, is hidden whole.
     */
    static String redacted(String query, Set<String> shown) {
        StringBuilder safe = new StringBuilder(query.length());
        int start = 0;
        while (start <= query.length()) {
            int and = query.indexOf('&', start);
            int end = and < 0 ? query.length() : and;
            int equals = start;
            while (equals < end && query.charAt(equals) != '=') {
                equals++;
            }
            if (start > 0) {
                safe.append('&');
            }
            if (equals == end) {
                safe.append(start == end ? "" : HIDDEN);
            } else if (shown.contains(query.substring(start, equals))) {
                safe.append(query, start, end);
            } else {
                safe.append(query, start, equals + 1).append(equals + 1 == end ? "" : HIDDEN);
            }
            start = end + 1;
        }
        return safe.toString();
    }
}
