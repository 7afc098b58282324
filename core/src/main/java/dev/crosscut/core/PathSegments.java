package dev.crosscut.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The segments of paths, for {@link RoutePattern}. */
final class PathSegments {

    private static final String ANY = "*";
    private static final String ANY_NUMBER = "**";
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");

    private PathSegments() {}

    static List<String> of(String path) {
        return List.of((path.startsWith("/") ? path.substring(1) : path).split("/", -1));
    }

    /**
     * The path as the most lenient server takes it. Escapes are taken off twice, since some servers and the proxies before them
     * do so.
     */
    static String lenient(String path) {
        Deque<String> kept = new ArrayDeque<>();
        String decoded = unescaped(unescaped(path)).replace('\\', '/');
        for (String segment : decoded.split("/", -1)) {
            String name = segment.indexOf(';') < 0 ? segment : segment.substring(0, segment.indexOf(';'));
            if (name.equals("..")) {
                kept.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                kept.addLast(name);
            }
        }
        return "/" + String.join("/", kept);
    }

    private static String unescaped(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(escape ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(escape.group(1), 16))));
    }

    /** Goes back to the last {@code **} only, so the work is at most the product of the lengths. */
    static boolean match(List<String> wanted, List<String> given) {
        int w = 0;
        int g = 0;
        int resumeWanted = -1;
        int resumeGiven = -1;
        while (g < given.size()) {
            if (w < wanted.size() && wanted.get(w).equals(ANY_NUMBER)) {
                resumeWanted = ++w;
                resumeGiven = g;
            } else if (w < wanted.size()
                    && (wanted.get(w).equals(ANY) || wanted.get(w).equals(given.get(g)))) {
                w++;
                g++;
            } else if (resumeWanted >= 0) {
                w = resumeWanted;
                g = ++resumeGiven;
            } else {
                return false;
            }
        }
        while (w < wanted.size() && wanted.get(w).equals(ANY_NUMBER)) {
            w++;
        }
        return w == wanted.size();
    }
}
