package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;

/** The semantic conventions of calls to a database, which are stable for SQL. */
final class DatabaseConvention implements Convention {

    private static final Attributes AT_START = new Attributes(
            Semantic.DB_SYSTEM_NAME,
            Semantic.DB_NAMESPACE,
            Semantic.DB_COLLECTION_NAME,
            Semantic.DB_OPERATION_NAME,
            Semantic.DB_QUERY_SUMMARY,
            Semantic.DB_QUERY_TEXT,
            Semantic.SERVER_ADDRESS,
            Semantic.SERVER_PORT);

    private static final Attributes AT_END = new Attributes(
            Semantic.DB_OPERATION_BATCH_SIZE,
            Semantic.DB_STORED_PROCEDURE_NAME,
            Semantic.DB_RESPONSE_STATUS_CODE,
            Semantic.NETWORK_PEER_ADDRESS,
            Semantic.NETWORK_PEER_PORT);

    @Override
    public String name(Exchange exchange) {
        return exchange.operation();
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
        return "db.client.operation.exception";
    }
}
