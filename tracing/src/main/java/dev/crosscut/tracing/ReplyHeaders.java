package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.tracing.TracingSettings.ReplyHeader;
import io.opentelemetry.api.trace.SpanContext;
import java.util.List;

/** How a reply tells its trace to who gets it. */
final class ReplyHeaders {

    private final List<ReplyHeader> names;

    ReplyHeaders(List<ReplyHeader> names) {
        this.names = names;
    }

    void set(Exchange exchange, SpanContext span) {
        for (int i = 0; i < names.size(); i++) {
            switch (names.get(i)) {
                case TRACERESPONSE -> exchange.responseHeader("traceresponse", TraceParent.text(span));
                case SERVER_TIMING ->
                    exchange.responseHeader("Server-Timing", "traceparent;desc=\"" + TraceParent.text(span) + '"');
            }
        }
    }
}
