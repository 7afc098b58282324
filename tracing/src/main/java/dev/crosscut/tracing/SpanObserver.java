package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Settings;
import dev.crosscut.tracing.Traced.Owner;
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
 * Existing spans. A span that is current where a request comes in, was made in this process and belongs to no exchange, is
 * that of an agent or of the framework for this request. It is then the exchange's, gets attributes, and is ended by who
 * made it. What such a framework has read of the caller's baggage is held to the list like any.
 *
 * Left out. An exchange of a kind that is to have no span is in the context that it begins in, unchanged: ids that we made up
 * would be a parent there, by which samplers go.
 *
 * Faults. Each step is on its own: what it throws costs that step alone, and is thrown at the very end, so that the pipeline
 * counts it. Were it thrown from the beginning, the pipeline would not tell of the end, and the span would stay open.
 */
final class SpanObserver implements Observer {

    private static final String SCOPE = "dev.crosscut.tracing";
    private static final int MAX_LINKS = 128;

    private final Supplier<OpenTelemetry> openTelemetry;
    private final Propagators propagators;
    private final Conventions conventions;
    private final Set<Exchange.Kind> kinds = EnumSet.noneOf(Exchange.Kind.class);
    private final boolean samplesNew;
    private final SpanAttributes attributes;
    private final ExceptionRecords exceptions;
    private final ReplyHeaders replyHeaders;
    private volatile @Nullable Tracer known;

    SpanObserver(Supplier<OpenTelemetry> openTelemetry, Settings settings) {
        this.openTelemetry = openTelemetry;
        this.propagators = new Propagators(
                settings.get(TracingSettings.PROPAGATORS), Set.copyOf(settings.get(TracingSettings.BAGGAGE)));
        this.conventions = new Conventions(settings);
        this.kinds.addAll(settings.get(TracingSettings.SPANS));
        this.samplesNew = settings.get(TracingSettings.SAMPLED);
        this.attributes = new SpanAttributes(settings.get(TracingSettings.ATTRIBUTES));
        this.exceptions = new ExceptionRecords(
                openTelemetry,
                settings.get(TracingSettings.EXCEPTIONS),
                settings.get(TracingSettings.EXCEPTION_MESSAGES));
        this.replyHeaders = new ReplyHeaders(settings.get(TracingSettings.REPLY_HEADERS));
    }

    /** What makes spans; null as long as nothing does. Once there is one it stays, as OpenTelemetry has it. */
    @SuppressWarnings("ReferenceEquality") // the one that does nothing
    private @Nullable Tracer tracer() {
        Tracer tracer = known;
        if (tracer == null) {
            OpenTelemetry now = openTelemetry.get();
            if (now == OpenTelemetry.noop()) {
                return null;
            }
            tracer = now.getTracer(SCOPE);
            known = tracer;
        }
        return tracer.isEnabled() ? tracer : null;
    }

    @Override
    public Phase phase() {
        return Phase.TRACING;
    }

    @Override
    public void begin(Exchange exchange) {
        TravellingStorage.check();
        Beginning beginning = new Beginning(exchange);
        beginning.findParent();
        beginning.findSpan();
        SpanContext ids = beginning.ids;
        exchange.put(Key.TRACE_ID, ids.getTraceId());
        exchange.put(Key.SPAN_ID, ids.getSpanId());
        exchange.put(Key.SAMPLED, ids.isSampled());
        Context context = beginning.context();
        try {
            if (exchange.kind().isOutgoing()) {
                propagators.inject(context, exchange);
            } else if (exchange.kind() == Exchange.Kind.SERVER) {
                replyHeaders.set(exchange, ids);
            }
            if (beginning.owner == Owner.THEIRS) {
                attributes.set(exchange, beginning.span); // they may end it before we do
            }
        } catch (Throwable e) {
            beginning.failed(e);
        }
        exchange.put(Traced.KEY, new Traced(context, beginning.span, beginning.owner, beginning.name, beginning.fault));
    }

    /** One exchange on its way to its span. */
    private final class Beginning {

        private final Exchange exchange;
        private final Exchange.Kind kind;
        private Context parent = Context.root();
        private SpanContext caller = SpanContext.getInvalid();
        private SpanContext ids = caller;
        private Span span = Span.getInvalid();
        private Owner owner = Owner.NONE;
        private boolean isMadeUp;
        private String name = "";
        private @Nullable Throwable fault;

        Beginning(Exchange exchange) {
            this.exchange = exchange;
            this.kind = exchange.kind();
        }

        @SuppressWarnings("ReferenceEquality") // the root is one object
        void findParent() {
            try {
                Context current = Context.current();
                if (!kind.isIncoming()) {
                    Exchange within = exchange.parent().orElse(null);
                    parent = within != null && current == Context.root() ? Traced.contextOf(within) : current;
                } else if (isOfFramework(current)) {
                    span = Span.fromContext(current);
                    ids = span.getSpanContext();
                    owner = Owner.THEIRS;
                    parent = propagators.rest(propagators.withoutBaggage(current), exchange);
                } else if (exchange.messages().isEmpty()) {
                    parent = propagators.rest(propagators.trace(exchange), exchange);
                } else {
                    parent = propagators.rest(Context.root(), exchange);
                }
                caller = Span.fromContext(parent).getSpanContext();
            } catch (Throwable e) {
                failed(e);
            }
        }

        private boolean isOfFramework(Context current) {
            SpanContext running = Span.fromContext(current).getSpanContext();
            return kind == Exchange.Kind.SERVER
                    && running.isValid()
                    && !running.isRemote()
                    && current.get(Traced.EXCHANGE) == null;
        }

        void findSpan() {
            if (owner == Owner.THEIRS) {
                return;
            }
            boolean isLeftOut = false;
            try {
                Tracer tracer = tracer();
                isLeftOut = tracer != null && !kinds.contains(kind);
                if (tracer != null && !isLeftOut) {
                    start(tracer);
                }
            } catch (Throwable e) {
                failed(e);
            }
            if (owner == Owner.NONE && isLeftOut) {
                span = Span.fromContext(parent);
                ids = caller.isValid() ? caller : Ids.next(caller, samplesNew);
            } else if (owner == Owner.NONE) {
                ids = Ids.next(caller, samplesNew);
                span = Span.wrap(ids);
                isMadeUp = true;
            }
        }

        private void start(Tracer tracer) {
            Convention convention = conventions.of(exchange);
            String first = convention.name(exchange);
            SpanBuilder builder = tracer.spanBuilder(first).setParent(parent).setSpanKind(spanKind(kind));
            try {
                convention.start(exchange, builder);
                link(builder);
            } catch (Throwable e) {
                failed(e);
            }
            Span started = builder.startSpan();
            SpanContext made = started.getSpanContext();
            if (made.isValid() && !made.getSpanId().equals(caller.getSpanId())) {
                span = started;
                ids = made;
                owner = Owner.OURS;
                name = first;
            }
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

        Context context() {
            Context spanned = parent;
            if (owner != Owner.NONE || isMadeUp) {
                try {
                    spanned = parent.with(span);
                } catch (Throwable e) {
                    failed(e);
                    spanned = parent.with(Span.wrap(ids));
                }
            }
            return spanned.with(Traced.EXCHANGE, exchange);
        }

        void failed(Throwable e) {
            fault = worse(fault, e);
        }
    }

    /** The first fault. Nothing holds up an error of the JVM itself. */
    private static Throwable worse(@Nullable Throwable before, Throwable now) {
        if (now instanceof VirtualMachineError error) {
            throw error;
        }
        return before == null ? now : before;
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
    public void end(Exchange exchange, Outcome outcome) throws Exception {
        Traced traced = exchange.get(Traced.KEY).orElse(null);
        if (traced == null) {
            return;
        }
        Throwable fault = traced.fault();
        if (traced.owner() == Owner.OURS) {
            fault = complete(exchange, outcome, traced, fault);
        } else if (traced.owner() == Owner.THEIRS) {
            try {
                attributes.set(exchange, traced.span());
            } catch (Throwable e) {
                fault = worse(fault, e);
            }
        }
        if (fault instanceof Error error) {
            throw error;
        }
        if (fault != null) {
            throw (Exception) fault;
        }
    }

    private @Nullable Throwable complete(
            Exchange exchange, Outcome outcome, Traced traced, @Nullable Throwable before) {
        Throwable fault = before;
        Span span = traced.span();
        Convention convention = conventions.of(exchange);
        boolean hasFailed = false;
        try {
            Optional<String> error = exchange.errorType(outcome);
            hasFailed = error.isPresent();
            if (hasFailed) {
                span.setStatus(StatusCode.ERROR);
                span.setAttribute(Semantic.ERROR_TYPE, error.get());
            }
        } catch (Throwable e) {
            fault = worse(fault, e);
        }
        try {
            if (span.isRecording()) {
                String name = convention.name(exchange);
                if (!name.equals(traced.name())) {
                    span.updateName(name);
                }
                convention.end(exchange, outcome, span);
            }
        } catch (Throwable e) {
            fault = worse(fault, e);
        }
        try {
            if (span.isRecording()) {
                attributes.set(exchange, span);
            }
            if (hasFailed) {
                exceptions.write(convention.exceptionEvent(exchange), exchange, outcome, traced);
            }
        } catch (Throwable e) {
            fault = worse(fault, e);
        }
        try {
            span.end();
        } catch (Throwable e) {
            fault = worse(fault, e);
        }
        return fault;
    }
}
