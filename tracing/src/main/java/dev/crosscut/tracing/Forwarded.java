package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.Locale;

/**
 * Where a request came from and what for, as the outermost proxy saw it where proxies say so: by {@code Forwarded} (RFC
 * 7239), or else {@code X-Forwarded-*}, or else by what the server itself sees. Untrusted.
 *
 * @param client the address of the client; empty where it is not known
 * @param scheme of the URL
 * @param host with its port, where there is one
 * @param serverPort the port where the host has none; 0 where it is not known
 */
record Forwarded(String client, String scheme, String host, long serverPort) {

    private static final String FORWARDED = "Forwarded";

    static Forwarded of(Exchange exchange, boolean isAsked) {
        String client = text(exchange, "client.address");
        String scheme = text(exchange, "url.scheme");
        String host = text(exchange, "server.address");
        Object port = exchange.attribute("server.port").orElse(0L);
        long serverPort = port instanceof Long number ? number : 0;
        if (!isAsked) {
            return new Forwarded(client, scheme, host, serverPort);
        }
        String standard = first(exchange, FORWARDED);
        String saidClient = said(exchange, standard, "for", "X-Forwarded-For");
        String saidScheme = said(exchange, standard, "proto", "X-Forwarded-Proto");
        String saidHost = said(exchange, standard, "host", "X-Forwarded-Host");
        return new Forwarded(
                saidClient.isEmpty() ? client : address(saidClient),
                saidScheme.isEmpty() ? scheme : saidScheme.toLowerCase(Locale.ROOT),
                saidHost.isEmpty() ? host : saidHost,
                saidHost.isEmpty() ? serverPort : 0);
    }

    private static String text(Exchange exchange, String name) {
        return exchange.attribute(name).orElse("") instanceof String text ? text : "";
    }

    private static String said(Exchange exchange, String standard, String parameter, String other) {
        String value = standard.isEmpty() ? "" : parameter(standard, parameter);
        return value.isEmpty() ? Ows.trimmed(first(exchange, other)) : value;
    }

    /** The first element of a list, which is that of the outermost proxy. */
    private static String first(Exchange exchange, String name) {
        List<String> values = exchange.requestHeaders(name);
        if (values.isEmpty()) {
            return "";
        }
        String value = values.get(0);
        int comma = value.indexOf(',');
        return comma < 0 ? value : value.substring(0, comma);
    }

    private static String parameter(String element, String name) {
        int start = 0;
        while (start < element.length()) {
            int semicolon = element.indexOf(';', start);
            int end = semicolon < 0 ? element.length() : semicolon;
            int equals = element.indexOf('=', start);
            if (equals > 0
                    && equals < end
                    && Ows.trimmed(element, start, equals).equalsIgnoreCase(name)) {
                return unquoted(Ows.trimmed(element, equals + 1, end));
            }
            start = end + 1;
        }
        return "";
    }

    private static String unquoted(String value) {
        boolean isQuoted = value.length() >= 2 && value.charAt(0) == '"' && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1).replace("\\", "") : value;
    }

    /** Without the port, and without the brackets around an IPv6 address. */
    private static String address(String node) {
        if (node.startsWith("[")) {
            int end = node.indexOf(']');
            return end < 0 ? node.substring(1) : node.substring(1, end);
        }
        int colon = node.indexOf(':');
        return colon >= 0 && colon == node.lastIndexOf(':') ? node.substring(0, colon) : node;
    }

    void set(SpanBuilder span) {
        if (!client.isEmpty()) {
            span.setAttribute(Semantic.CLIENT_ADDRESS, client);
        }
        if (!scheme.isEmpty()) {
            span.setAttribute(Semantic.URL_SCHEME, scheme);
        }
        if (!host.isEmpty()) {
            String address = address(host);
            span.setAttribute(Semantic.SERVER_ADDRESS, address);
            long port = serverPort > 0 ? serverPort : port(address.length());
            if (port > 0) {
                span.setAttribute(Semantic.SERVER_PORT, port);
            }
        }
    }

    private long port(int addressLength) {
        int colon = host.lastIndexOf(':');
        String digits = colon < addressLength ? "" : host.substring(colon + 1);
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (isNumber) {
            return Long.parseLong(digits);
        }
        return switch (scheme) {
            case "https" -> 443;
            case "http" -> 80;
            default -> 0;
        };
    }
}
