package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Settings;
import dev.crosscut.tracing.TracingSettings.Experimental;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.util.List;
import java.util.Set;

/** Which convention an exchange falls under. */
final class Conventions {

    /** Of work inside the service, and of what has no convention, or none that is switched on. */
    private static final Convention NONE = new Convention() {

        @Override
        public String name(Exchange exchange) {
            return exchange.operation();
        }

        @Override
        public void start(Exchange exchange, SpanBuilder span) {}

        @Override
        public void end(Exchange exchange, Outcome outcome, Span span) {}

        @Override
        public String exceptionEvent(Exchange exchange) {
            return "";
        }
    };

    private final Convention server;
    private final Convention client;
    private final Convention database = new DatabaseConvention();
    private final Convention rpc;
    private final Convention messaging;

    Conventions(Settings settings) {
        Set<String> methods = Set.copyOf(TracingSettings.knownMethods(settings.get(TracingSettings.KNOWN_METHODS)));
        CapturedHeaders headers = new CapturedHeaders(
                settings.get(TracingSettings.REQUEST_HEADERS), settings.get(TracingSettings.RESPONSE_HEADERS));
        Redaction redaction = new Redaction(Set.copyOf(settings.get(TracingSettings.REDACTED_PARAMETERS)));
        List<Experimental> experimental = settings.get(TracingSettings.EXPERIMENTAL);
        this.server = new HttpConvention.Server(methods, headers, redaction, settings.get(TracingSettings.FORWARDED));
        this.client = new HttpConvention.Client(methods, headers, redaction);
        this.rpc = experimental.contains(Experimental.RPC) ? new RpcConvention() : NONE;
        this.messaging = experimental.contains(Experimental.MESSAGING) ? new MessagingConvention() : NONE;
    }

    Convention of(Exchange exchange) {
        if (exchange.protocol().equals("http")) {
            return switch (exchange.kind()) {
                case SERVER -> server;
                case CLIENT -> client;
                case PRODUCER, CONSUMER, LOCAL -> NONE;
            };
        }
        if (exchange.kind() == Exchange.Kind.LOCAL) {
            return NONE;
        }
        if (exchange.attribute(Semantic.DB_SYSTEM_NAME.getKey()).isPresent()) {
            return database;
        }
        if (exchange.attribute(Semantic.RPC_SYSTEM_NAME.getKey()).isPresent()) {
            return rpc;
        }
        return exchange.attribute(Semantic.MESSAGING_SYSTEM.getKey()).isPresent() ? messaging : NONE;
    }
}
