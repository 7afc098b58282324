package dev.crosscut.core;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong in participants: counted always, reported at most once a minute for each of them. A culprit is the
 * participant itself, or its class or interned class name.
 */
final class Faults {

    private static final System.Logger LOG = System.getLogger("dev.crosscut");
    private static final long REPORT_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final Map<Object, Count> counts = Collections.synchronizedMap(new IdentityHashMap<>());
    private final LongSupplier clock;

    private static final class Count {
        final LongAdder all = new LongAdder();
        final LongAdder unreported = new LongAdder();
        final AtomicLong nextReport;

        Count(long now) {
            this.nextReport = new AtomicLong(now);
        }
    }

    Faults(LongSupplier clock) {
        this.clock = clock;
    }

    void observer(Observer observer, String method, Exchange exchange, Throwable fault) {
        report(
                System.Logger.Level.WARNING,
                observer,
                "observer " + observer.getClass().getName() + " failed in " + method + " of " + describe(exchange)
                        + "; the exchange goes on",
                fault);
    }

    void guard(Guard guard, String method, Exchange exchange, Throwable fault) {
        report(
                System.Logger.Level.ERROR,
                guard,
                "guard " + guard.getClass().getName() + " failed in " + method + " of " + describe(exchange)
                        + (method.equals("settle")
                                ? "; the response is withheld where it is still held"
                                : "; the exchange is refused"),
                fault);
    }

    void tooLate(Outcome.Answered late, Exchange exchange) {
        report(
                System.Logger.Level.ERROR,
                late.guard().intern(),
                "guard " + late.guard() + " answered " + late.reply().status() + " when " + describe(exchange)
                        + " settled, too late to change the response; a guard whose objection must reach the client"
                        + " holds the response, see responseBytes",
                null);
    }

    void unreadable(Exchange exchange, Exception fault) {
        String message = "the request content of " + describe(exchange) + " could not be read";
        if (fault instanceof IOException) {
            LOG.log(System.Logger.Level.DEBUG, message, fault);
        } else {
            report(
                    System.Logger.Level.WARNING,
                    exchange.getClass(),
                    message + "; expected an IOException where that is not the adapter's fault",
                    fault);
        }
    }

    void binding(Binding binding, String method, Throwable fault) {
        report(
                System.Logger.Level.WARNING,
                binding,
                "binding " + binding.getClass().getName() + " failed in " + method + "; the exchange goes on",
                fault);
    }

    void report(System.Logger.Level level, Object culprit, String message, @Nullable Throwable fault) {
        Throwable bare = fault == null ? null : unwrap(fault);
        restoreInterrupt(fault);
        long now = clock.getAsLong();
        Count count = counts.computeIfAbsent(culprit, first -> new Count(now));
        count.all.increment();
        count.unreported.increment();
        long due = count.nextReport.get();
        if (now - due < 0 || !count.nextReport.compareAndSet(due, now + REPORT_EVERY_NANOS)) {
            return;
        }
        long more = count.unreported.sumThenReset() - 1;
        try {
            LOG.log(level, more > 0 ? message + " (and " + more + " more times since the last report)" : message, bare);
        } catch (Throwable brokenLogger) {
            count.all.increment(); // nothing is left to report it with
        }
    }

    /** What an exchange calls itself, also where its adapter cannot say. */
    static String describe(Exchange exchange) {
        try {
            return exchange.toString();
        } catch (Throwable e) {
            return exchange.kind() + " " + exchange.getClass().getName();
        }
    }

    /** For what was thrown on this thread; an interrupt of another one arrives with what carried it. */
    static void restoreInterrupt(@Nullable Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    Map<String, Long> counted() {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((culprit, count) -> sums.merge(nameOf(culprit), count.all.sum(), Long::sum));
        return sums;
    }

    private static String nameOf(Object culprit) {
        return culprit instanceof String name
                ? name
                : (culprit instanceof Class<?> type ? type : culprit.getClass()).getName();
    }

    /** The exception itself, without what carried it from one thread to another. */
    static Throwable unwrap(Throwable error) {
        Throwable bare = error;
        while ((bare instanceof CompletionException || bare instanceof ExecutionException) && bare.getCause() != null) {
            bare = bare.getCause();
        }
        return bare;
    }

    /** Waits for a stage and throws what it failed with, bare unless that would look like an interrupt of this thread. */
    static <T> T join(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            Throwable bare = unwrap(e);
            if (bare instanceof Error error) {
                throw error;
            }
            if (bare instanceof Exception exception && !(bare instanceof InterruptedException)) {
                throw exception;
            }
            throw e;
        }
    }
}
