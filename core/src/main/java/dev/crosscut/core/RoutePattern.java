package dev.crosscut.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which exchanges are meant: {@code POST /payments/*}, {@code /health/**}, {@code nightly-report}. An operation (the HTTP
 * method) may come first, or {@code *}; {@code *} stands for one segment of the path and {@code **} for any number. Immutable.
 *
 * <p>It is held to the {@linkplain Key#ROUTE route}, which the service decided on, and to the path, which the caller did. How a
 * server takes an oddly spelled path is its own affair, so who is to be let off asks {@link #matches}, and who is to be held to
 * something asks {@link #mayMatch}.
 */
public final class RoutePattern {

    /** What a setting that is a pattern expects. */
    public static final String EXPECTED =
            "a path that begins with /, such as /payments/* or /health/**, or an operation without *, or both: POST /payments";

    private static final String ANY = "*";
    private static final String ANY_NUMBER = "**";
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final Pattern AMBIGUOUS = Pattern.compile("[%;\\\\]|//|/\\.");

    private final String operation;
    private final Optional<List<String>> segments;

    private RoutePattern(String operation, Optional<List<String>> segments) {
        this.operation = operation;
        this.segments = segments;
    }

    /**
     * Reads a pattern.
     *
     * @param text the pattern
     * @return the pattern
     * @throws IllegalArgumentException if it is none
     */
    public static RoutePattern parse(String text) {
        String[] parts = text.strip().split("\\s+", -1);
        boolean isPath = parts[parts.length - 1].startsWith("/");
        boolean isPathAlone = isPath && parts.length == 1;
        boolean isOperation = parts[0].equals(ANY) || parts[0].indexOf('*') < 0;
        if (text.isBlank() || parts.length > 2 || (parts.length == 2 && !isPath) || (!isPathAlone && !isOperation)) {
            throw new IllegalArgumentException("'" + text + "' is no route; expected " + EXPECTED);
        }
        return new RoutePattern(
                isPathAlone ? ANY : parts[0],
                isPath ? Optional.of(segmentsOf(parts[parts.length - 1])) : Optional.empty());
    }

    /**
     * Whether a text can be read, for a setting's check.
     *
     * @param text the text
     * @return true if it is a pattern
     */
    public static boolean isOne(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Whether an exchange is meant, for sure: a path counts only where no server would take it for another one, so that nobody
     * gets what is not meant for him by the way it is spelled.
     *
     * @param exchange the exchange
     * @return true if it is meant
     */
    public boolean matches(Exchange exchange) {
        return matches(exchange, path -> AMBIGUOUS.matcher(path).find() ? Optional.empty() : Optional.of(path));
    }

    /**
     * Whether an exchange may be meant: the path counts as the most lenient server takes it, without parameters, escapes, dots
     * and empty segments, so that nobody gets around what is meant for all by the way it is spelled.
     *
     * @param exchange the exchange
     * @return true if it may be meant
     */
    public boolean mayMatch(Exchange exchange) {
        return matches(exchange, path -> Optional.of(lenient(path)));
    }

    private boolean matches(Exchange exchange, Function<String, Optional<String>> taken) {
        return (operation.equals(ANY) || operation.equals(exchange.operation()))
                && (segments.isEmpty() || matchesTarget(segments.get(), exchange, taken));
    }

    private static boolean matchesTarget(
            List<String> wanted, Exchange exchange, Function<String, Optional<String>> taken) {
        return Stream.of(exchange.get(Key.ROUTE), exchange.path().flatMap(taken))
                .flatMap(Optional::stream)
                .anyMatch(target -> matches(wanted, segmentsOf(target)));
    }

    /** Escapes are taken off twice, since some servers and the proxies before them do so. */
    private static String lenient(String path) {
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

    private static List<String> segmentsOf(String path) {
        return List.of((path.startsWith("/") ? path.substring(1) : path).split("/", -1));
    }

    /** Goes back to the last {@code **} only, so the work is at most the product of the lengths. */
    private static boolean matches(List<String> wanted, List<String> given) {
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
