package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.Locale;

/** The headers that spans have, as far as they are listed. */
final class CapturedHeaders {

    private final List<Captured> request;
    private final List<Captured> response;

    private record Captured(String name, AttributeKey<List<String>> key) {}

    CapturedHeaders(List<String> request, List<String> response) {
        this.request = captured("http.request.header.", request);
        this.response = captured("http.response.header.", response);
    }

    private static List<Captured> captured(String prefix, List<String> names) {
        return names.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .distinct()
                .map(name -> new Captured(name, AttributeKey.stringArrayKey(prefix + name)))
                .toList();
    }

    void request(Exchange exchange, SpanBuilder span) {
        for (int i = 0; i < request.size(); i++) {
            List<String> values = exchange.requestHeaders(request.get(i).name);
            if (!values.isEmpty()) {
                span.setAttribute(request.get(i).key, values);
            }
        }
    }

    void response(Exchange exchange, Span span) {
        for (int i = 0; i < response.size(); i++) {
            List<String> values = exchange.responseHeaders(response.get(i).name);
            if (!values.isEmpty()) {
                span.setAttribute(response.get(i).key, values);
            }
        }
    }
}
