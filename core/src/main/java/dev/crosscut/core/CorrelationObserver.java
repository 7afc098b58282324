package dev.crosscut.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives each exchange its correlation id, and takes it across the edge in both directions. */
final class CorrelationObserver implements Observer {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.correlation");

    private final List<String> headers;
    private final String preferred;
    private final CorrelationPlugin.Trust trust;
    private final boolean echo;
    private final CorrelationIds ids;

    CorrelationObserver(List<String> headers, CorrelationPlugin.Trust trust, boolean echo, CorrelationIds ids) {
        this.headers = headers;
        this.preferred = headers.get(0);
        this.trust = trust;
        this.echo = echo;
        this.ids = ids;
    }

    @Override
    public Phase phase() {
        return Phase.CORRELATION;
    }

    @Override
    public void begin(Exchange exchange) {
        if (exchange.kind().isIncoming()) {
            String id = incoming(exchange);
            if (echo && exchange.kind() == Exchange.Kind.SERVER) {
                exchange.responseHeader(preferred, id);
            }
            return;
        }
        String id = exchange.getOrDefault(Key.CORRELATION_ID, "");
        if (id.isEmpty()) {
            id = UuidV7.GENERATOR.next();
            exchange.put(Key.CORRELATION_ID, id);
        }
        if (exchange.kind().isOutgoing()) {
            exchange.requestHeader(preferred, id);
        }
    }

    private String incoming(Exchange exchange) {
        String id = "";
        try {
            String sent = accepted(exchange);
            if (sent != null && trust == CorrelationPlugin.Trust.KEEP) {
                id = sent;
            } else if (sent != null) {
                exchange.put(Key.EXTERNAL_CORRELATION_ID, sent);
            }
        } finally {
            // Also where the adapter fails to read its headers: no exchange is without an id.
            id = id.isEmpty() ? UuidV7.GENERATOR.next() : id;
            exchange.put(Key.CORRELATION_ID, id);
        }
        return id;
    }

    /** The caller's id, where it sent exactly one and it is valid. Fields of one name count as one list (RFC 9110, 5.3). */
    private @Nullable String accepted(Exchange exchange) {
        for (int i = 0; i < headers.size(); i++) {
            List<String> values = exchange.requestHeaders(headers.get(i));
            if (!values.isEmpty()) {
                if (values.size() == 1 && ids.accepts(values.get(0))) {
                    return values.get(0);
                }
                if (LOG.isLoggable(System.Logger.Level.DEBUG)) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "the {0} of the caller was replaced: {1} value(s), the first of {2} characters, do not make"
                                    + " one valid correlation id",
                            headers.get(i),
                            values.size(),
                            values.get(0).length());
                }
                return null;
            }
        }
        return null;
    }
}
