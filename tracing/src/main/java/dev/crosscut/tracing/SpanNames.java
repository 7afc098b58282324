package dev.crosscut.tracing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of spans of HTTP, which are few: each is made once. Where there are more routes than expected, the names of those
 * beyond are made anew each time. Safe for use by several threads.
 */
final class SpanNames {

    private static final int MOST = 1000;

    private final Map<String, Map<String, String>> byMethod = new ConcurrentHashMap<>();

    /** The name of a span with a route. The methods are a bounded number. */
    String of(String method, String route) {
        Map<String, String> byRoute = byMethod.get(method);
        String known = byRoute == null ? null : byRoute.get(route);
        return known == null ? added(method, route) : known;
    }

    private String added(String method, String route) {
        String name = method + ' ' + route;
        Map<String, String> byRoute = byMethod.computeIfAbsent(method, first -> new ConcurrentHashMap<>());
        if (byRoute.size() < MOST) {
            byRoute.put(route, name);
        }
        return name;
    }
}
