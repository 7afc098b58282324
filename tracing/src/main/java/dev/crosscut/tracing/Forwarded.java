package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client of a request, and the scheme and host that it was sent to, as the first proxy saw them: by {@code Forwarded} (RFC
 * 7239), or else {@code X-Forwarded-*}, or else as the server itself sees them. Untrusted: a client can send these headers, and
 * a proxy that appends to them keeps what it sent.
 */
final class Forwarded {

    private static final Long HTTP_PORT = 80L;
    private static final Long HTTPS_PORT = 443L;
    private static final int LONGEST_PORT = 5;

    private Forwarded() {}

    /** Sets them, where known; by no header unless these are asked. */
    static void set(Exchange exchange, boolean isAsked, SpanBuilder span) {
        String client = Convention.text(exchange, Semantic.CLIENT_ADDRESS);
        String scheme = Convention.text(exchange, Semantic.URL_SCHEME);
        String host = Convention.text(exchange, Semantic.SERVER_ADDRESS);
        Long port = exchange.attribute(Semantic.SERVER_PORT.getKey()).orElse(null) instanceof Long number && number > 0
                ? number
                : null;
        if (!isAsked) {
            set(span, client, scheme, host, port);
            return;
        }
        String standard = first(exchange, "Forwarded");
        String saidClient = said(exchange, standard, "for", "X-Forwarded-For");
        String saidScheme =
                said(exchange, standard, "proto", "X-Forwarded-Proto").toLowerCase(Locale.ROOT);
        String saidHost = said(exchange, standard, "host", "X-Forwarded-Host");
        String lastScheme = saidScheme.isEmpty() ? scheme : saidScheme;
        Long saidPort = number(Ows.trimmed(first(exchange, "X-Forwarded-Port")));
        boolean isPortOfOther =
                !saidHost.isEmpty() || (Objects.equals(port, portOf(scheme)) && !lastScheme.equals(scheme));
        set(
                span,
                isAddress(saidClient) ? address(saidClient) : client,
                lastScheme,
                saidHost.isEmpty() ? host : saidHost,
                saidPort != null || isPortOfOther ? saidPort : port);
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

    private static void set(SpanBuilder span, String client, String scheme, String host, @Nullable Long port) {
        if (!client.isEmpty()) {
            span.setAttribute(Semantic.CLIENT_ADDRESS, client);
        }
        if (!scheme.isEmpty()) {
            span.setAttribute(Semantic.URL_SCHEME, scheme);
        }
        if (!host.isEmpty()) {
            String address = address(host);
            span.setAttribute(Semantic.SERVER_ADDRESS, address);
            Long said = port == null ? portAfter(host, address.length()) : port;
            Long known = said == null ? portOf(scheme) : said;
            if (known != null) {
                span.setAttribute(Semantic.SERVER_PORT, known);
            }
        }
    }

    private static @Nullable Long portAfter(String host, int addressLength) {
        int colon = host.lastIndexOf(':');
        return colon < addressLength ? null : number(host.substring(colon + 1));
    }

    private static @Nullable Long number(String digits) {
        boolean isNumber = !digits.isEmpty()
                && digits.length() <= LONGEST_PORT
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        long number = isNumber ? Long.parseLong(digits) : 0;
        return number > 0 ? number : null;
    }

    private static @Nullable Long portOf(String scheme) {
        return switch (scheme) {
            case "https" -> HTTPS_PORT;
            case "http" -> HTTP_PORT;
            default -> null;
        };
    }
}
