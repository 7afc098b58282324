package dev.crosscut.tracing;

import java.util.Set;

/** What is taken out of a URL before it is on a span: the values of some parameters, and who logs in with it. */
final class Redaction {

    private static final String REDACTED = "REDACTED";
    private static final String NOBODY = REDACTED + ":" + REDACTED + "@";

    private final Set<String> parameters;

    /** The names of query parameters, whose case matters. */
    Redaction(Set<String> parameters) {
        this.parameters = parameters;
    }

    /** The query with each such value replaced. */
    String query(String query) {
        if (parameters.isEmpty()) {
            return query;
        }
        StringBuilder changed = null;
        int copied = 0;
        int start = 0;
        while (start < query.length()) {
            int and = query.indexOf('&', start);
            int end = and < 0 ? query.length() : and;
            int equals = query.indexOf('=', start);
            if (equals >= 0 && equals < end && parameters.contains(query.substring(start, equals))) {
                changed = changed == null ? new StringBuilder(query.length()) : changed;
                changed.append(query, copied, equals + 1).append(REDACTED);
                copied = end;
            }
            start = end + 1;
        }
        return changed == null
                ? query
                : changed.append(query, copied, query.length()).toString();
    }

    /** An absolute URL with its query redacted, and without its user information. */
    String url(String url) {
        int hash = url.indexOf('#');
        int end = hash < 0 ? url.length() : hash;
        int mark = url.indexOf('?');
        if (mark < 0 || mark > end) {
            return withoutUser(url);
        }
        return withoutUser(url.substring(0, mark)) + '?' + query(url.substring(mark + 1, end)) + url.substring(end);
    }

    private static String withoutUser(String target) {
        int slashes = target.indexOf("//");
        if (slashes < 0) {
            return target;
        }
        int start = slashes + 2;
        int end = start;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        int at = target.lastIndexOf('@', end - 1);
        return at < start ? target : target.substring(0, start) + NOBODY + target.substring(at + 1);
    }
}
