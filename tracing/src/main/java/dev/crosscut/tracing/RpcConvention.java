package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;

/** The semantic conventions of remote procedure calls, as they are before they are stable. */
final class RpcConvention implements Convention {

    private static final Attributes AT_START =
            new Attributes(Semantic.RPC_SYSTEM_NAME, Semantic.SERVER_ADDRESS, Semantic.SERVER_PORT);

    private static final Attributes AT_END = new Attributes(
            Semantic.RPC_RESPONSE_STATUS_CODE, Semantic.NETWORK_PEER_ADDRESS, Semantic.NETWORK_PEER_PORT);

    @Override
    public String name(Exchange exchange) {
        return exchange.operation();
    }

    @Override
    public void start(Exchange exchange, SpanBuilder span) {
        span.setAttribute(Semantic.RPC_METHOD, exchange.operation());
        AT_START.set(exchange, span);
    }

    @Override
    public void end(Exchange exchange, Outcome outcome, Span span) {
        AT_END.set(exchange, span);
    }

    @Override
    public String exceptionEvent(Exchange exchange) {
        return exchange.kind() == Exchange.Kind.CLIENT ? "rpc.client.call.exception" : "rpc.server.call.exception";
    }
}
