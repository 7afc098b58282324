package dev.crosscut.tracing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** What is taken out of a URL before it is on a span: the values of some parameters, its user information, session ids. */
final class Redaction {

    private static final String REDACTED = "REDACTED";
    private static final String SESSION = "jsessionid";
    private static final String NOBODY = REDACTED + ":" + REDACTED + "@";

    private final List<String> parameters;

    /** The names of parameters of queries and of segments of paths, whose case matters. */
    Redaction(Set<String> parameters) {
        this.parameters = List.copyOf(parameters);
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
            if (equals >= 0 && equals < end && isSecret(query, start, equals)) {
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

    /** Whether a part of the query names such a parameter; compared where it is, as most have nothing to hide. */
    private boolean isSecret(String query, int start, int end) {
        int percent = query.indexOf('%', start);
        if (percent >= 0 && percent < end) {
            return parameters.contains(decoded(query.substring(start, end)));
        }
        for (int i = 0; i < parameters.size(); i++) {
            String name = parameters.get(i);
            if (name.length() == end - start && query.startsWith(name, start)) {
                return true;
            }
        }
        return false;
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name; // percent signs that encode nothing stand for themselves
        }
    }

    /** A path with the values of such parameters, and the ids of sessions, replaced: {@code /a;sig=x/b;jsessionid=y}. */
    String path(String path) {
        StringBuilder changed = null;
        int copied = 0;
        int semicolon = path.indexOf(';');
        while (semicolon >= 0) {
            int start = semicolon + 1;
            int end = start;
            while (end < path.length() && ";/?#".indexOf(path.charAt(end)) < 0) {
                end++;
            }
            int equals = path.indexOf('=', start);
            if (equals >= 0 && equals < end && (isSession(path, start, equals) || isSecret(path, start, equals))) {
                changed = changed == null ? new StringBuilder(path.length()) : changed;
                changed.append(path, copied, equals + 1).append(REDACTED);
                copied = end;
            }
            semicolon = path.indexOf(';', end);
        }
        return changed == null
                ? path
                : changed.append(path, copied, path.length()).toString();
    }

    private static boolean isSession(String path, int start, int end) {
        return end - start == SESSION.length() && path.regionMatches(true, start, SESSION, 0, end - start);
    }

    /** An absolute URL with its query redacted, and without its user information. */
    String url(String url) {
        int hash = url.indexOf('#');
        int end = hash < 0 ? url.length() : hash;
        int mark = url.indexOf('?');
        if (mark < 0 || mark > end) {
            return path(withoutUser(url));
        }
        return path(withoutUser(url.substring(0, mark)))
                + '?'
                + query(url.substring(mark + 1, end))
                + url.substring(end);
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
