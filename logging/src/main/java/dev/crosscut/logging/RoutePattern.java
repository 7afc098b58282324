package dev.crosscut.logging;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which exchanges are meant: {@code POST /payments/*}, {@code /health/**}, {@code nightly-report}. An operation (the HTTP
 * method) may come first, or {@code *}; {@code *} stands for one segment of the path and {@code **} for any number. Immutable.
 *
 * <p>It is held to the route, which the service decided on, and to the path, which the caller did: to a path only where no
 * server would take it for another one, so that nobody chooses what is left out of the log by the way it is spelled.
 */
final class RoutePattern {

    static final String EXPECTED =
            "a path that begins with /, such as /payments/* or /health/**, or an operation without *, or both: POST /payments";

    private static final String ANY = "*";
    private static final String ANY_NUMBER = "**";
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
     * @throws IllegalArgumentException if it is none
     */
    static RoutePattern parse(String text) {
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

    static boolean isOne(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    boolean matches(Exchange exchange) {
        return (operation.equals(ANY) || operation.equals(exchange.operation()))
                && segments.map(wanted -> matchesTarget(wanted, exchange)).orElse(true);
    }

    private static boolean matchesTarget(List<String> wanted, Exchange exchange) {
        return exchange.get(Key.ROUTE)
                        .filter(route -> matches(wanted, segmentsOf(route)))
                        .isPresent()
                || exchange.path()
                        .filter(path -> !AMBIGUOUS.matcher(path).find() && matches(wanted, segmentsOf(path)))
                        .isPresent();
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
