package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.LongStream;

/** The semantic conventions of HTTP, which are stable; what servers and clients have in common. */
abstract class HttpConvention implements Convention {

    private static final String OTHER = "_OTHER";

    private static final int FIRST_STATUS = 100;
    private static final List<Long> STATUSES =
            LongStream.range(FIRST_STATUS, 600).boxed().toList();

    private final Set<String> knownMethods;
    private final CapturedHeaders headers;
    private final SpanNames names = new SpanNames();

    HttpConvention(Set<String> knownMethods, CapturedHeaders headers) {
        this.knownMethods = knownMethods;
        this.headers = headers;
    }

    @Override
    public String name(Exchange exchange) {
        String method = knownMethods.contains(exchange.operation()) ? exchange.operation() : "HTTP";
        String route = exchange.getOrDefault(Key.ROUTE, "");
        return route.isEmpty() || exchange.kind() != Exchange.Kind.SERVER ? method : names.of(method, route);
    }

    @Override
    public void start(Exchange exchange, SpanBuilder span) {
        String method = exchange.operation();
        if (knownMethods.contains(method)) {
            span.setAttribute(Semantic.HTTP_REQUEST_METHOD, method);
        } else {
            span.setAttribute(Semantic.HTTP_REQUEST_METHOD, OTHER);
            span.setAttribute(Semantic.HTTP_REQUEST_METHOD_ORIGINAL, method);
        }
        startOfKind(exchange, span);
        headers.request(exchange, span);
    }

    abstract void startOfKind(Exchange exchange, SpanBuilder span);

    @Override
    public void end(Exchange exchange, Outcome outcome, Span span) {
        OptionalInt status = status(exchange, outcome);
        if (status.isPresent()) {
            span.setAttribute(Semantic.HTTP_RESPONSE_STATUS_CODE, boxed(status.getAsInt()));
        }
        endOfKind(exchange, span);
        headers.response(exchange, span);
    }

    private static Long boxed(int status) {
        int place = status - FIRST_STATUS;
        return place >= 0 && place < STATUSES.size() ? STATUSES.get(place) : Long.valueOf(status);
    }

    abstract OptionalInt status(Exchange exchange, Outcome outcome);

    abstract void endOfKind(Exchange exchange, Span span);

    /** Of requests that come in. */
    static final class Server extends HttpConvention {

        private static final Attributes AT_START = new Attributes(Semantic.NETWORK_PEER_ADDRESS);
        private static final Attributes AT_END =
                new Attributes(Semantic.NETWORK_PEER_PORT, Semantic.NETWORK_PROTOCOL_VERSION);

        private final Redaction redaction;
        private final boolean isForwarded;

        Server(Set<String> knownMethods, CapturedHeaders headers, Redaction redaction, boolean isForwarded) {
            super(knownMethods, headers);
            this.redaction = redaction;
            this.isForwarded = isForwarded;
        }

        @Override
        public String exceptionEvent(Exchange exchange) {
            return "http.server.request.exception";
        }

        @Override
        OptionalInt status(Exchange exchange, Outcome outcome) {
            return outcome.status();
        }

        @Override
        void startOfKind(Exchange exchange, SpanBuilder span) {
            String route = exchange.getOrDefault(Key.ROUTE, "");
            if (!route.isEmpty()) {
                span.setAttribute(Semantic.HTTP_ROUTE, route);
            }
            span.setAttribute(Semantic.URL_PATH, redaction.path(exchange.path().orElse("/")));
            String query = exchange.query().orElse("");
            if (!query.isEmpty()) {
                span.setAttribute(Semantic.URL_QUERY, redaction.query(query));
            }
            Forwarded.set(exchange, isForwarded, span);
            AT_START.set(exchange, span);
            var agents = exchange.requestHeaders("User-Agent");
            if (!agents.isEmpty()) {
                span.setAttribute(Semantic.USER_AGENT_ORIGINAL, agents.get(0));
            }
        }

        @Override
        void endOfKind(Exchange exchange, Span span) {
            String route = exchange.getOrDefault(Key.ROUTE, "");
            if (!route.isEmpty()) {
                span.setAttribute(Semantic.HTTP_ROUTE, route);
            }
            AT_END.set(exchange, span);
        }
    }

    /** Of requests that go out. */
    static final class Client extends HttpConvention {

        private static final Attributes AT_START =
                new Attributes(Semantic.SERVER_ADDRESS, Semantic.SERVER_PORT, Semantic.HTTP_REQUEST_RESEND_COUNT);
        private static final Attributes AT_END = new Attributes(
                Semantic.NETWORK_PEER_ADDRESS, Semantic.NETWORK_PEER_PORT, Semantic.NETWORK_PROTOCOL_VERSION);

        private final Redaction redaction;

        Client(Set<String> knownMethods, CapturedHeaders headers, Redaction redaction) {
            super(knownMethods, headers);
            this.redaction = redaction;
        }

        @Override
        public String exceptionEvent(Exchange exchange) {
            return "http.client.request.exception";
        }

        /** What was received: a guard may have answered, and a body may fail after its head. */
        @Override
        OptionalInt status(Exchange exchange, Outcome outcome) {
            return exchange.status();
        }

        @Override
        void startOfKind(Exchange exchange, SpanBuilder span) {
            AT_START.set(exchange, span);
            if (exchange.attribute(Semantic.URL_FULL.getKey()).orElse(null) instanceof String url) {
                span.setAttribute(Semantic.URL_FULL, redaction.url(url));
            }
        }

        @Override
        void endOfKind(Exchange exchange, Span span) {
            AT_END.set(exchange, span);
        }
    }
}
