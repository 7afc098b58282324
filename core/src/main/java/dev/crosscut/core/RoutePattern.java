package dev.crosscut.core;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
                isPath ? Optional.of(PathSegments.of(parts[parts.length - 1])) : Optional.empty());
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
        return matches(exchange, path -> Optional.of(PathSegments.lenient(path)));
    }

    private boolean matches(Exchange exchange, Function<String, Optional<String>> taken) {
        return (operation.equals(ANY) || operation.equals(exchange.operation()))
                && (segments.isEmpty() || matchesTarget(segments.get(), exchange, taken));
    }

    private static boolean matchesTarget(
            List<String> wanted, Exchange exchange, Function<String, Optional<String>> taken) {
        return Stream.of(exchange.get(Key.ROUTE), exchange.path().flatMap(taken))
                .flatMap(Optional::stream)
                .anyMatch(target -> PathSegments.match(wanted, PathSegments.of(target)));
    }
}
