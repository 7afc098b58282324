package dev.crosscut.benchmarks;

import java.util.List;
import java.util.Map;

/** A request as a server hands it over, the same to everybody, and what comes of it. */
final class Received {

    /** Of what is called {@code http.server.request.duration} by all. */
    static final String METER = "http.server.request.duration";

    static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
    static final String CALLERS_SPAN_ID = "00f067aa0ba902b7";

    /** What a span is to say of it, by the semantic conventions of HTTP. */
    static final Map<String, Object> ATTRIBUTES = Map.ofEntries(
            Map.entry("http.request.method", "GET"),
            Map.entry("url.scheme", "https"),
            Map.entry("url.path", "/orders/4711"),
            Map.entry("url.query", "expand=lines&page=2"),
            Map.entry("server.address", "shop.example"),
            Map.entry("server.port", 8443L),
            Map.entry("client.address", "192.0.2.17"),
            Map.entry("network.peer.address", "192.0.2.17"),
            Map.entry("network.peer.port", 51234L),
            Map.entry("network.protocol.version", "1.1"),
            Map.entry("user_agent.original", "acme-checkout/3.2"),
            Map.entry("http.route", "/orders/{id}"),
            Map.entry("http.response.status_code", 200L));

    final String method = "GET";
    final String scheme = "https";
    final String path = "/orders/4711";
    final String query = "expand=lines&page=2";
    final String host = "shop.example";
    final int port = 8443;
    final String peer = "192.0.2.17";
    final int peerPort = 51234;
    final String version = "1.1";
    final String userAgent = "acme-checkout/3.2";
    final String route = "/orders/{id}";
    final int status = 200;

    private final String[] names;
    private final List<List<String>> values;

    /** With the header by which the caller hands its trace on. */
    Received(String traceHeader, String trace) {
        names = new String[] {"Host", "User-Agent", "Accept", traceHeader};
        values = List.of(List.of("shop.example:8443"), List.of(userAgent), List.of("application/json"), List.of(trace));
    }

    /** From a caller that speaks W3C Trace Context. */
    static Received traced(boolean isSampled) {
        return new Received("traceparent", "00-" + TRACE_ID + "-" + CALLERS_SPAN_ID + (isSampled ? "-01" : "-00"));
    }

    List<String> headers(String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equalsIgnoreCase(name)) {
                return values.get(i);
            }
        }
        return List.of();
    }
}
