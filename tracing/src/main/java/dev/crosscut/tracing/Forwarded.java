package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.Locale;

/**
 * The client of a request, and the scheme and host that it was sent to, as the first proxy saw them: by {@code Forwarded} (RFC
 * 7239), or else {@code X-Forwarded-*}, or else as the server itself sees them. Untrusted: a client can send these headers, and
 * a proxy that appends to them keeps what it sent.
 *
 * @param client the address of the client; empty where it is not known
 * @param scheme of the URL
 * @param host with its port, where there is one
 * @param port the port where the host has none; 0 where it is that of the scheme
 */
record Forwarded(String client, String scheme, String host, long port) {

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int LONGEST_PORT = 5;

    static Forwarded of(Exchange exchange, boolean isAsked) {
        String client = Convention.text(exchange, Semantic.CLIENT_ADDRESS);
        String scheme = Convention.text(exchange, Semantic.URL_SCHEME);
        String host = Convention.text(exchange, Semantic.SERVER_ADDRESS);
        long port = exchange.attribute(Semantic.SERVER_PORT.getKey()).orElse(0L) instanceof Long number ? number : 0;
        if (!isAsked) {
            return new Forwarded(client, scheme, host, port);
        }
        String standard = first(exchange, "Forwarded");
        String saidClient = said(exchange, standard, "for", "X-Forwarded-For");
        String saidScheme =
                said(exchange, standard, "proto", "X-Forwarded-Proto").toLowerCase(Locale.ROOT);
        String saidHost = said(exchange, standard, "host", "X-Forwarded-Host");
        String lastScheme = saidScheme.isEmpty() ? scheme : saidScheme;
        boolean isPortOfOther = !saidHost.isEmpty() || (port == portOf(scheme) && !lastScheme.equals(scheme));
        long saidPort = number(Ows.trimmed(first(exchange, "X-Forwarded-Port")));
        return new Forwarded(
                isAddress(saidClient) ? address(saidClient) : client,
                lastScheme,
                saidHost.isEmpty() ? host : saidHost,
                saidPort > 0 ? saidPort : isPortOfOther ? 0 : port);
    }

    private static String said(Exchange exchange, String standard, String parameter, String other) {
        String value = standard.isEmpty() ? "" : parameter(standard, parameter);
        return value.isEmpty() ? Ows.trimmed(first(exchange, other)) : value;
    }

    /** The first element of a list. */
    private static String first(Exchange exchange, String name) {
        List<String> values = exchange.requestHeaders(name);
        return values.isEmpty() ? "" : values.get(0).substring(0, end(values.get(0), 0, ','));
    }

    /** Where a delimiter is that no quotes are around, or the text ends. */
    private static int end(String text, int start, char delimiter) {
        boolean isQuoted = false;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                isQuoted = !isQuoted;
            } else if (c == '\\' && isQuoted) {
                i++;
            } else if (c == delimiter && !isQuoted) {
                return i;
            }
        }
        return text.length();
    }

    private static String parameter(String element, String name) {
        int start = 0;
        while (start < element.length()) {
            int end = end(element, start, ';');
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

    /** Not where a proxy does not know the client, or hides it (RFC 7239, 6.2 and 6.3). */
    private static boolean isAddress(String node) {
        return !node.isEmpty() && node.charAt(0) != '_' && !node.equalsIgnoreCase("unknown");
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
            long known = port > 0 ? port : portAfter(address.length());
            if (known > 0) {
                span.setAttribute(Semantic.SERVER_PORT, known);
            }
        }
    }

    private long portAfter(int addressLength) {
        int colon = host.lastIndexOf(':');
        long said = colon < addressLength ? 0 : number(host.substring(colon + 1));
        return said > 0 ? said : portOf(scheme);
    }

    private static long number(String digits) {
        boolean isNumber = !digits.isEmpty()
                && digits.length() <= LONGEST_PORT
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : 0;
    }

    private static long portOf(String scheme) {
        return switch (scheme) {
            case "https" -> HTTPS_PORT;
            case "http" -> HTTP_PORT;
            default -> 0;
        };
    }
}
