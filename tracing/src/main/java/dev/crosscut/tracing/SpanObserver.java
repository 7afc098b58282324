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
 * Attributes. A sampler gets what it may want to know, unless the caller has not sampled: then it has nothing to decide, but
 * for one that overrides callers, and to hand attributes to the SDK costs more than all else. Where the span is recorded all
 * the same, it has them at once.
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
    private final boolean asksAlways;
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
        this.asksAlways = settings.get(TracingSettings.UNSAMPLED_ATTRIBUTES);
        this.attributes = new SpanAttributes(settings.get(TracingSettings.ATTRIBUTES));
        this.exceptions = new ExceptionRecords(
                openTelemetry,
                settings.get(TracingSettings.EXCEPTIONS),
                settings.get(TracingSettings.EXCEPTION_MESSAGES));
        this.replyHeaders = new ReplyHeaders(settings.get(TracingSettings.REPLY_HEADERS));
    }

    /** What makes spans; null as long as nothing does. Once there is one it stays, as OpenTelemetry has it. */
    @SuppressWarnings("ReferenceEquality") // the one that does nothing
    private @Nullable Tracer tracer(Exchange exchange) {
        try {
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
        } catch (Throwable e) {
            failed(exchange, e);
            return null;
        }
    }

    @Override
    public Phase phase() {
        return Phase.TRACING;
    }

    @Override
    public void begin(Exchange exchange) {
        TravellingStorage.check();
        Span theirs = ofFramework(exchange);
        Context parent = parent(exchange, theirs != null);
        SpanContext caller = contextOf(Span.fromContext(parent), exchange);
        Tracer tracer = theirs == null ? tracer(exchange) : null;
        boolean isLeftOut = tracer != null && !kinds.contains(exchange.kind());
        String name = tracer == null || isLeftOut ? null : name(exchange);
        Span span = tracer == null || name == null ? theirs : started(exchange, tracer, name, parent, caller);

        SpanContext ids = span == null ? SpanContext.getInvalid() : contextOf(span, exchange);
        Owner owner = theirs != null ? Owner.THEIRS : Owner.OURS;
        if (span == null || !(owner == Owner.THEIRS ? ids.isValid() : isNew(ids, caller))) {
            owner = Owner.NONE;
            ids = isLeftOut && caller.isValid() ? caller : Ids.next(caller, samplesNew);
            span = isLeftOut ? Span.fromContext(parent) : Span.wrap(ids);
        }
        exchange.put(Key.TRACE_ID, ids.getTraceId());
        exchange.put(Key.SPAN_ID, ids.getSpanId());
        if (ids.isSampled()) {
            exchange.put(Key.SAMPLED, true);
        }
        Traced traced = new Traced(context(exchange, parent, span, ids), span, exchange, owner, name);
        exchange.put(Traced.KEY, traced);
        begun(exchange, traced, ids, caller);
    }

    /** The span that an agent or a framework has made for this request; null where there is none. */
    private @Nullable Span ofFramework(Exchange exchange) {
        if (exchange.kind() != Exchange.Kind.SERVER) {
            return null;
        }
        try {
            Context current = Context.current();
            Span running = Span.fromContext(current);
            SpanContext ids = running.getSpanContext();
            return ids.isValid() && !ids.isRemote() && current.get(ExchangeContext.EXCHANGE) == null ? running : null;
        } catch (Throwable e) {
            failed(exchange, e);
            return null;
        }
    }

    @SuppressWarnings("ReferenceEquality") // the root is one object
    private Context parent(Exchange exchange, boolean isOfFramework) {
        try {
            Context current = Context.current();
            if (isOfFramework) {
                return propagators.rest(propagators.withoutBaggage(current), exchange);
            }
            if (exchange.kind().isIncoming()) {
                return propagators.rest(calling(exchange), exchange);
            }
            Exchange within = exchange.parent().orElse(null);
            return within != null && current == Context.root() ? Traced.contextOf(within) : current;
        } catch (Throwable e) {
            failed(exchange, e);
            return Context.root();
        }
    }

    /** A context with the caller alone; of a batch, whose messages may have several, none. */
    private Context calling(Exchange exchange) {
        SpanContext caller = exchange.messages().isEmpty() ? propagators.caller(exchange) : SpanContext.getInvalid();
        return caller.isValid() ? ExchangeContext.of(Context.root(), Span.wrap(caller)) : Context.root();
    }

    private static SpanContext contextOf(Span span, Exchange exchange) {
        try {
            return span.getSpanContext();
        } catch (Throwable e) {
            failed(exchange, e);
            return SpanContext.getInvalid();
        }
    }

    private @Nullable String name(Exchange exchange) {
        try {
            return conventions.of(exchange).name(exchange);
        } catch (Throwable e) {
            failed(exchange, e);
            return null;
        }
    }

    private @Nullable Span started(Exchange exchange, Tracer tracer, String name, Context parent, SpanContext caller) {
        try {
            SpanBuilder builder = tracer.spanBuilder(name).setParent(parent).setSpanKind(spanKind(exchange.kind()));
            try {
                if (!isDecided(caller)) {
                    conventions.of(exchange).start(exchange, builder);
                }
                link(exchange, builder, caller);
            } catch (Throwable e) {
                failed(exchange, e);
            }
            return builder.startSpan();
        } catch (Throwable e) {
            failed(exchange, e);
            return null;
        }
    }

    /** Whether the span's parent is known not to be sampled, by which samplers go. */
    private boolean isDecided(SpanContext caller) {
        return !asksAlways && caller.isValid() && !caller.isSampled();
    }

    /** Whether a span is one that was made now: an SDK that was shut down hands its parent back. */
    private static boolean isNew(SpanContext made, SpanContext caller) {
        return made.isValid()
                && !made.isRemote()
                && (caller.isRemote() || !made.getSpanId().equals(caller.getSpanId()));
    }

    /** A message that is handled alone is a child of who sent it, and linked to that, as each of a batch is. */
    private void link(Exchange exchange, SpanBuilder builder, SpanContext caller) {
        if (exchange.kind() != Exchange.Kind.CONSUMER) {
            return;
        }
        List<Exchange> messages = exchange.messages();
        if (messages.isEmpty()) {
            addLink(builder, caller);
        }
        for (int i = 0; i < Math.min(messages.size(), MAX_LINKS); i++) {
            addLink(builder, propagators.caller(messages.get(i)));
        }
    }

    private static void addLink(SpanBuilder builder, SpanContext sender) {
        if (sender.isValid()) {
            builder.addLink(sender instanceof CallerSpan caller ? caller.plain() : sender);
        }
    }

    /** What the span of an exchange is current on top of. */
    private static Context context(Exchange exchange, Context parent, Span span, SpanContext ids) {
        if (ExchangeContext.isKept()) {
            return parent;
        }
        try {
            return new ExchangeContext(parent, span, exchange).plain();
        } catch (Throwable e) {
            failed(exchange, e);
            return new ExchangeContext(parent, Span.wrap(ids), exchange).plain();
        }
    }

    private void begun(Exchange exchange, Traced traced, SpanContext ids, SpanContext caller) {
        try {
            if (exchange.kind().isOutgoing()) {
                inject(exchange, traced, ids);
            } else if (exchange.kind() == Exchange.Kind.SERVER) {
                replyHeaders.set(exchange, ids);
            }
            if (traced.owner == Owner.THEIRS) {
                attributes.set(exchange, traced.span); // they may end it before we do
            }
            if (traced.owner == Owner.OURS && isDecided(caller) && traced.span.isRecording()) {
                conventions.of(exchange).start(exchange, new StartedSpan(traced.span));
            }
        } catch (Throwable e) {
            failed(exchange, e);
        }
    }

    /** The ids go out in any case, also where the span does not tell them a second time. */
    private void inject(Exchange exchange, Traced traced, SpanContext ids) {
        try {
            propagators.inject(traced.context(), exchange);
        } catch (Throwable e) {
            failed(exchange, e);
            propagators.inject(ExchangeContext.of(traced.context(), Span.wrap(ids)), exchange);
        }
    }

    private static void failed(Exchange exchange, Throwable e) {
        exchange.put(Traced.FAULT, worse(exchange.get(Traced.FAULT).orElse(null), e));
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
        Traced traced = Traced.of(exchange);
        if (traced == null) {
            return;
        }
        if (traced.owner == Owner.OURS) {
            complete(exchange, outcome, traced);
        } else if (traced.owner == Owner.THEIRS) {
            try {
                attributes.set(exchange, traced.span);
            } catch (Throwable e) {
                failed(exchange, e);
            }
        }
        Throwable fault = exchange.get(Traced.FAULT).orElse(null);
        if (fault instanceof Error error) {
            throw error;
        }
        if (fault != null) {
            throw (Exception) fault;
        }
    }

    private void complete(Exchange exchange, Outcome outcome, Traced traced) {
        Span span = traced.span;
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
            failed(exchange, e);
        }
        try {
            if (span.isRecording()) {
                String name = convention.name(exchange);
                if (!name.equals(traced.name)) {
                    span.updateName(name);
                }
                convention.end(exchange, outcome, span);
            }
        } catch (Throwable e) {
            failed(exchange, e);
        }
        try {
            if (span.isRecording()) {
                attributes.set(exchange, span);
            }
            if (hasFailed) {
                exceptions.write(convention.exceptionEvent(exchange), exchange, outcome, traced);
            }
        } catch (Throwable e) {
            failed(exchange, e);
        }
        try {
            span.end();
        } catch (Throwable e) {
            failed(exchange, e);
        }
    }
}
