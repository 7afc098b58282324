package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;

/** The semantic conventions of messaging, as they are before they are stable. */
final class MessagingConvention implements Convention {

    private static final Attributes AT_START = new Attributes(
            Semantic.MESSAGING_SYSTEM,
            Semantic.MESSAGING_OPERATION_NAME,
            Semantic.MESSAGING_OPERATION_TYPE,
            Semantic.MESSAGING_DESTINATION_NAME,
            Semantic.MESSAGING_DESTINATION_TEMPLATE,
            Semantic.MESSAGING_DESTINATION_PARTITION_ID,
            Semantic.MESSAGING_CONSUMER_GROUP_NAME,
            Semantic.MESSAGING_BATCH_MESSAGE_COUNT,
            Semantic.MESSAGING_CLIENT_ID,
            Semantic.SERVER_ADDRESS,
            Semantic.SERVER_PORT);

    private static final Attributes AT_END = new Attributes(
            Semantic.MESSAGING_MESSAGE_ID,
            Semantic.MESSAGING_KAFKA_OFFSET,
            Semantic.MESSAGING_KAFKA_MESSAGE_KEY,
            Semantic.MESSAGING_KAFKA_MESSAGE_TOMBSTONE);

    @Override
    public String name(Exchange exchange) {
        String operation = Convention.text(exchange, Semantic.MESSAGING_OPERATION_NAME);
        String template = Convention.text(exchange, Semantic.MESSAGING_DESTINATION_TEMPLATE);
        String destination =
                template.isEmpty() ? Convention.text(exchange, Semantic.MESSAGING_DESTINATION_NAME) : template;
        if (operation.isEmpty() || destination.isEmpty()) {
            return exchange.operation();
        }
        return operation + ' ' + destination;
    }

    @Override
    public void start(Exchange exchange, SpanBuilder span) {
        AT_START.set(exchange, span);
    }

    @Override
    public void end(Exchange exchange, Outcome outcome, Span span) {
        AT_END.set(exchange, span);
    }

    @Override
    public String exceptionEvent(Exchange exchange) {
        return exchange.kind() == Exchange.Kind.CONSUMER ? "messaging.process.exception" : "messaging.client.exception";
    }
}
