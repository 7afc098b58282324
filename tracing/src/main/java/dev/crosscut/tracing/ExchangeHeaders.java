package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers of an exchange, as propagators read and write them. Fields of one name are one list (RFC 9110, 5.3). */
final class ExchangeHeaders implements TextMapGetter<Exchange>, TextMapSetter<Exchange> {

    static final ExchangeHeaders ACCESS = new ExchangeHeaders();

    private ExchangeHeaders() {}

    @Override
    public @Nullable String get(@Nullable Exchange exchange, String key) {
        List<String> values = exchange == null ? List.of() : exchange.requestHeaders(key);
        return switch (values.size()) {
            case 0 -> null;
            case 1 -> values.get(0);
            default -> String.join(",", values);
        };
    }

    @Override
    public Iterator<String> getAll(@Nullable Exchange exchange, String key) {
        List<String> values = exchange == null ? List.of() : exchange.requestHeaders(key);
        return values.iterator();
    }

    @Override
    public void set(@Nullable Exchange exchange, String key, String value) {
        if (exchange != null) {
            exchange.requestHeader(key, value);
        }
    }
}
