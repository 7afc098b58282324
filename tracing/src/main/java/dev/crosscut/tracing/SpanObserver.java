package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Settings;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * Opens a span when an exchange begins and ends it with the exchange.
 *
 * Ids. Whatever happens, the exchange has the ids of a trace, and its outgoing calls carry them: those of the span that the
 * SDK has made, or where there is none, or it fails, or has been shut down, those that Ids makes.
 *
 * Existing spans. A span that is current where a request comes in, and was made in this process, is that of an agent or of
 * the framework for this request. It is then the exchange's, gets attributes, and is ended by who made it.
 *
 * Faults. The pipeline contains what is thrown, and does not tell an observer of the end whose begin has failed. So begin
 * throws last of all, when the exchange has its ids and nothing is left open.
 */
final class SpanObserver implements Observer {

    private static final String SCOPE = "dev.crosscut.tracing";
    private static final int MAX_LINKS = 128;

    private final Supplier<OpenTelemetry> openTelemetry;
    private final Propagators propagators;
    private final Conventions conventions;
    private final Set<Exchange.Kind> kinds = EnumSet.noneOf(Exchange.Kind.class);
    private final SpanAttributes attributes;
    private final ExceptionRecords exceptions;
    private final ReplyHeaders replyHeaders;
    private volatile Source source = new Source(OpenTelemetry.noop());

    /** An OpenTelemetry, with its tracer, which is costly to ask for. */
    private record Source(
            OpenTelemetry openTelemetry, @Nullable Tracer tracer) {

        Source(OpenTelemetry openTelemetry) {
            this(openTelemetry, openTelemetry == OpenTelemetry.noop() ? null : openTelemetry.getTracer(SCOPE));
        }
    }

    SpanObserver(Supplier<OpenTelemetry> openTelemetry, Settings settings) {
        this.openTelemetry = openTelemetry;
        this.propagators = new Propagators(
                settings.get(TracingSettings.PROPAGATORS), Set.copyOf(settings.get(TracingSettings.BAGGAGE)));
        this.conventions = new Conventions(settings);
        this.kinds.addAll(settings.get(TracingSettings.SPANS));
        this.attributes = new SpanAttributes(settings.get(TracingSettings.ATTRIBUTES));
        this.exceptions = new ExceptionRecords(
                settings.get(TracingSettings.EXCEPTIONS), settings.get(TracingSettings.EXCEPTION_MESSAGES));
        this.replyHeaders = new ReplyHeaders(settings.get(TracingSettings.REPLY_HEADERS));
    }

    private Source source() {
        OpenTelemetry now = openTelemetry.get();
        Source known = source;
        if (known.openTelemetry != now) {
            known = new Source(now);
            source = known;
        }
        return known;
    }

    @Override
    public Phase phase() {
        return Phase.TRACING;
    }

    @Override
    public void begin(Exchange exchange) {
        Beginning beginning = new Beginning(exchange);
        Traced traced = beginning.traced();
        SpanContext ids = beginning.ids;
        exchange.put(Traced.KEY, traced);
        exchange.put(Key.TRACE_ID, ids.getTraceId());
        exchange.put(Key.SPAN_ID, ids.getSpanId());
        exchange.put(Key.SAMPLED, ids.isSampled());
        if (isOutgoing(exchange.kind())) {
            propagators.inject(traced.context(), exchange);
        } else if (exchange.kind() == Exchange.Kind.SERVER) {
            replyHeaders.set(exchange, ids);
        }
        if (beginning.fault != null) {
            throw beginning.fault;
        }
    }

    /** One exchange on its way to its span. */
    private final class Beginning {

        private final Exchange exchange;
        private final Exchange.Kind kind;
        private Context parent = Context.root();
        private SpanContext caller = SpanContext.getInvalid();
        private SpanContext ids = caller;
        private Span span = Span.getInvalid();
        private String name = "";
        private @Nullable RuntimeException fault;

        Beginning(Exchange exchange) {
            this.exchange = exchange;
            this.kind = exchange.kind();
        }

        Traced traced() {
            try {
                findParent();
            } catch (RuntimeException e) {
                failed(e);
            }
            try {
                if (!ids.isValid() && kinds.contains(kind)) {
                    start();
                }
                handOn();
                return new Traced(parent.with(span).with(Traced.EXCHANGE, exchange), span, name);
            } catch (RuntimeException e) {
                failed(e);
            }
            ids = Ids.next(caller);
            span = Span.wrap(ids);
            return new Traced(Context.root().with(span).with(Traced.EXCHANGE, exchange), span, "");
        }

        private void findParent() {
            Context current = Context.current();
            Span running = Span.fromContext(current);
            SpanContext context = running.getSpanContext();
            boolean isRunning = context.isValid() && !context.isRemote();
            if (!isIncoming(kind)) {
                parent = isRunning ? current : of(exchange.parent(), current);
            } else if (isRunning) {
                parent = current;
                span = running;
                ids = context;
            } else if (exchange.messages().isEmpty()) {
                parent = propagators.extract(exchange);
            }
            caller = Span.fromContext(parent).getSpanContext();
        }

        private static Context of(Optional<Exchange> within, Context current) {
            return within.isPresent()
                    ? within.get().getOrDefault(Traced.KEY, Traced.NONE).context()
                    : current;
        }

        /** Where there is no span, its ids: those of the caller where no span was to be made, and new ones otherwise. */
        private void handOn() {
            if (!ids.isValid() || (ids.getSpanId().equals(caller.getSpanId()) && !name.isEmpty())) {
                ids = caller.isValid() && !kinds.contains(kind) ? caller : Ids.next(caller);
                span = Span.wrap(ids);
            }
        }

        private void start() {
            Tracer tracer = source().tracer;
            if (tracer == null || !tracer.isEnabled()) {
                return;
            }
            Convention convention = conventions.of(exchange);
            name = convention.name(exchange);
            SpanBuilder builder = tracer.spanBuilder(name).setParent(parent).setSpanKind(spanKind(kind));
            convention.start(exchange, builder);
            link(builder);
            span = builder.startSpan();
            ids = span.getSpanContext();
        }

        /** A message that is handled alone is a child of who sent it, and linked to that, as each of a batch is. */
        private void link(SpanBuilder builder) {
            if (kind != Exchange.Kind.CONSUMER) {
                return;
            }
            List<Exchange> messages = exchange.messages();
            if (messages.isEmpty()) {
                addLink(builder, parent);
            }
            for (int i = 0; i < Math.min(messages.size(), MAX_LINKS); i++) {
                addLink(builder, propagators.trace(messages.get(i)));
            }
        }

        private static void addLink(SpanBuilder builder, Context sender) {
            SpanContext sent = Span.fromContext(sender).getSpanContext();
            if (sent.isValid()) {
                builder.addLink(sent);
            }
        }

        private void failed(RuntimeException e) {
            if (fault == null) {
                fault = e;
            } else {
                fault.addSuppressed(e);
            }
        }
    }

    private static boolean isIncoming(Exchange.Kind kind) {
        return kind == Exchange.Kind.SERVER || kind == Exchange.Kind.CONSUMER;
    }

    private static boolean isOutgoing(Exchange.Kind kind) {
        return kind == Exchange.Kind.CLIENT || kind == Exchange.Kind.PRODUCER;
    }

    private static SpanKind spanKind(Exchange.Kind kind) {
        return switch (kind) {
            case SERVER -> SpanKind.SERVER;
            case CLIENT -> SpanKind.CLIENT;
            case PRODUCER -> SpanKind.PRODUCER;
            case CONSUMER -> SpanKind.CONSUMER;
            case LOCAL -> SpanKind.INTERNAL;
        };
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        Traced traced = exchange.getOrDefault(Traced.KEY, Traced.NONE);
        Span span = traced.span();
        boolean isOurs = !traced.name().isEmpty();
        try {
            Optional<String> error = exchange.errorType(outcome);
            if (error.isPresent()) {
                exceptions.write(exchange, outcome, traced, source().openTelemetry);
            }
            if (span.isRecording()) {
                attributes.set(exchange, span);
                if (isOurs) {
                    complete(exchange, outcome, traced, error);
                }
            }
        } finally {
            if (isOurs) {
                span.end();
            }
        }
    }

    private void complete(Exchange exchange, Outcome outcome, Traced traced, Optional<String> error) {
        Span span = traced.span();
        Convention convention = conventions.of(exchange);
        convention.end(exchange, outcome, span);
        String name = convention.name(exchange);
        if (!name.equals(traced.name())) {
            span.updateName(name);
        }
        if (error.isPresent()) {
            span.setAttribute(Semantic.ERROR_TYPE, error.get());
            span.setStatus(StatusCode.ERROR);
        }
    }
}
