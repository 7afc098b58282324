package dev.crosscut.core;

import dev.crosscut.core.Observer.OfBodies;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The participants in their order, and the two rings in which they are asked and told. Immutable but for its counters. */
final class Pipeline {

    static final int MAX_OBSERVERS = Integer.SIZE;

    final Observer[] observers;
    private final boolean copies;
    final Guard[] guards;
    final Binding[] bindings;
    final Faults faults;
    final LongSupplier clock;
    final LongAdder open = new LongAdder();
    private final @Nullable LeakDetector leaks;

    Pipeline(
            Observer[] observers,
            Guard[] guards,
            Binding[] bindings,
            Faults faults,
            LongSupplier clock,
            @Nullable LeakDetector leaks) {
        this.observers = observers;
        this.copies = Stream.of(observers).anyMatch(OfBodies.class::isInstance);
        this.guards = guards;
        this.bindings = bindings;
        this.faults = faults;
        this.clock = clock;
        this.leaks = leaks;
    }

    /** Begins the observers. */
    Call begin(Exchange exchange) {
        Call call = new Call(this, exchange, clock.getAsLong());
        exchange.begun(call, exchange.kind().isIncoming() ? null : Current.get());
        open.increment();
        if (leaks != null) {
            leaks.watch(call);
        }
        for (int i = 0; i < observers.length; i++) {
            try {
                observers[i].begin(exchange);
                if (copies && exchange.kind().isIncoming() && observers[i] instanceof OfBodies observer) {
                    copy(exchange, Exchange.REQUEST_COPY, observer.requestCopy(exchange));
                    copy(exchange, Exchange.RESPONSE_COPY, observer.responseCopy(exchange));
                }
            } catch (VirtualMachineError e) {
                call.failed |= -1 << i;
                abort(call, e);
                throw e;
            } catch (Throwable fault) {
                call.failed |= 1 << i;
                faults.observer(observers[i], "begin", exchange, fault);
            }
        }
        return call;
    }

    /** Where several observers want a copy, it is as long as the longest. */
    private static void copy(Exchange exchange, Key<BodyCopy> key, int bound) {
        BodyCopy before = exchange.get(key).orElse(null);
        if (bound >= 0 && (before == null || before.limit() < bound)) {
            exchange.put(key, new BodyCopy(bound));
        }
    }

    /** Asks the guards, one after the other, on this thread. */
    void admit(Call call) {
        if (guards.length == 0) {
            return;
        }
        try (Scope scope = call.attach()) {
            for (Guard guard : guards) {
                Reply reply = ask(guard, call.exchange);
                if (reply != null) {
                    Outcome.Answered answer =
                            new Outcome.Answered(reply, guard.getClass().getName());
                    settle(call, answer);
                    call.answered(answer);
                    return;
                }
                call.admitted++;
            }
        } catch (VirtualMachineError e) {
            abort(call, e);
            throw e;
        }
    }

    private @Nullable Reply ask(Guard guard, Exchange exchange) {
        try {
            int needed = guard.requestBytes(exchange);
            int held = guard.responseBytes(exchange);
            if (needed > 0) {
                Reply unreadable = buffer(exchange, needed);
                if (unreadable != null) {
                    return unreadable;
                }
            }
            return applied(guard.admit(exchange), exchange, held);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable fault) {
            return refusal(guard, "admit", exchange, fault);
        }
    }

    private @Nullable Reply buffer(Exchange exchange, int needed) {
        Optional<ByteBuffer> body = exchange.requestBody();
        if (body.isEmpty()) {
            try {
                body = exchange.readRequest(needed);
            } catch (Exception e) {
                return unreadable(exchange, e);
            }
        }
        return buffered(body, exchange, needed);
    }

    /** What to answer where the body cannot be read: the client's doing, unless the adapter threw what it should not. */
    Reply unreadable(Exchange exchange, Exception fault) {
        faults.unreadable(exchange, fault);
        return Problems.unreadableBody();
    }

    /** A guard objected when the exchange was over. Its own fault has been reported already. */
    void tooLate(Outcome.Answered late, Exchange exchange) {
        if (!late.reply().equals(Problems.guardFailed())) {
            faults.tooLate(late, exchange);
        }
    }

    /** Keeps the request body, and copies it, the first time; what to answer where it is too long. */
    static @Nullable Reply buffered(Optional<ByteBuffer> body, Exchange exchange, int needed) {
        if (body.isPresent() && exchange.requestBody().isEmpty()) {
            ByteBuffer bytes = body.get().asReadOnlyBuffer();
            exchange.put(Exchange.REQUEST_BODY, bytes);
            BodyCopy copy = exchange.requestCopy().orElse(null);
            if (copy != null) {
                byte[] whole = new byte[bytes.remaining()];
                bytes.duplicate().get(whole);
                copy.add(whole, 0, whole.length);
            }
        }
        return body.isPresent() && body.get().remaining() <= needed ? null : Problems.contentTooLarge(needed);
    }

    /** What a decision comes to: a reply, or null to go on, once the response is held as far as the guard wants it. */
    static @Nullable Reply applied(@Nullable Decision decision, Exchange exchange, int held) {
        if (decision instanceof Decision.Answer answer) {
            return answer.reply();
        }
        requireDecision(decision);
        if (held > exchange.getOrDefault(Exchange.HELD_BYTES, 0)) {
            exchange.put(Exchange.HELD_BYTES, held);
        }
        return null;
    }

    static void requireDecision(@Nullable Decision decision) {
        if (decision == null) {
            throw new IllegalStateException("it returned null; expected Decision.proceed() or Decision.answer(reply)");
        }
    }

    Reply refusal(Guard guard, String method, Exchange exchange, Throwable fault) {
        faults.guard(guard, method, exchange, fault);
        return Problems.guardFailed();
    }

    /** Tells the guards that proceeded, the last first; returns what the first of them to object answers instead. */
    Outcome.@Nullable Answered settle(Call call, Outcome outcome) {
        Outcome.Answered instead = null;
        VirtualMachineError fatal = null;
        if (call.admitted > 0) {
            try (Scope scope = call.attach()) {
                for (int i = call.admitted - 1; i >= 0; i--) {
                    try {
                        Decision decision = guards[i].settle(call.exchange, outcome);
                        instead = objection(guards[i], decision, instead);
                    } catch (VirtualMachineError e) {
                        fatal = e;
                    } catch (Throwable fault) {
                        instead = objection(guards[i], call.exchange, fault, instead);
                    }
                }
            }
            call.admitted = 0;
        }
        if (fatal != null) {
            throw fatal;
        }
        return instead;
    }

    Outcome.@Nullable Answered objection(Guard guard, @Nullable Decision decision, Outcome.@Nullable Answered earlier) {
        requireDecision(decision);
        return earlier == null && decision instanceof Decision.Answer answer
                ? new Outcome.Answered(answer.reply(), guard.getClass().getName())
                : earlier;
    }

    Outcome.Answered objection(Guard guard, Exchange exchange, Throwable fault, Outcome.@Nullable Answered earlier) {
        Reply reply = refusal(guard, "settle", exchange, fault);
        return earlier == null ? new Outcome.Answered(reply, guard.getClass().getName()) : earlier;
    }

    void ended(Call call, Outcome outcome) {
        VirtualMachineError fatal = observers.length > 0 ? Current.end(call, outcome) : null;
        open.decrement();
        if (leaks != null) {
            leaks.ended(call);
        }
        call.exchange.ended();
        if (fatal != null) {
            throw fatal;
        }
    }

    /** Tells the observers that began, the last first; returns what the JVM itself threw. */
    @Nullable
    VirtualMachineError tell(Call call, Outcome outcome) {
        VirtualMachineError fatal = null;
        for (int i = observers.length - 1; i >= 0; i--) {
            if ((call.failed & 1 << i) != 0) {
                continue;
            }
            try {
                observers[i].end(call.exchange, outcome);
            } catch (VirtualMachineError e) {
                fatal = e;
            } catch (Throwable fault) {
                faults.observer(observers[i], "end", call.exchange, fault);
            }
        }
        return fatal;
    }

    /** The JVM is failing under the pipeline: whoever began or proceeded is told, and the adapter gets no call. */
    void abort(Call call, VirtualMachineError fatal) {
        if (!call.abort()) {
            return;
        }
        Outcome outcome = Outcome.failed(fatal);
        try {
            settle(call, outcome);
        } catch (VirtualMachineError another) {
            fatal.addSuppressed(another);
        }
        try {
            ended(call, outcome);
        } catch (VirtualMachineError another) {
            fatal.addSuppressed(another);
        }
    }

    /** Binds an exchange, or that there is none, to this thread in every mirror. */
    AutoCloseable bind(@Nullable Exchange exchange) {
        AutoCloseable bound = bind(0, exchange);
        for (int i = 1; i < bindings.length; i++) {
            int last = i;
            AutoCloseable top = bind(i, exchange);
            AutoCloseable below = bound;
            bound = () -> {
                unbind(last, top);
                below.close();
            };
        }
        return bound;
    }

    private AutoCloseable bind(int i, @Nullable Exchange exchange) {
        try {
            return Objects.requireNonNull(
                    exchange == null ? bindings[i].clear() : bindings[i].attach(exchange), "it returned no scope");
        } catch (Throwable fault) {
            faults.binding(bindings[i], exchange == null ? "clear" : "attach", fault);
            return () -> {};
        }
    }

    /** Undoes what a binding did; the first one's undoes that of all. */
    void unbind(int i, AutoCloseable bound) {
        try {
            bound.close();
        } catch (Throwable fault) {
            faults.binding(bindings[i], "close", fault);
        }
    }
}
