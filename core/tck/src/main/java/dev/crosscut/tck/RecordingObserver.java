package dev.crosscut.tck;

import dev.crosscut.core.Binding;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Records every exchange, and every way in which an adapter misused the pipeline: an exchange that began while a thread
 * still carried another, one that ended twice or not at all, a scope closed twice or on another thread than its own.
 *
 * <p>Registered both as an {@link Observer} and as a {@link Binding}. Safe for use by several threads.
 */
public final class RecordingObserver implements Observer, Binding {

    private final Key<Recorded> key = Key.of("recorded", Recorded.class);
    private final ConcurrentLinkedQueue<Recorded> exchanges = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> misuses = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<BoundScope> scopes = new ConcurrentLinkedQueue<>();
    private final Duration patience;

    /** Makes one that has seen nothing. */
    public RecordingObserver() {
        this(Duration.ofSeconds(20));
    }

    RecordingObserver(Duration patience) {
        this.patience = patience;
    }

    /** One exchange that began. */
    public static final class Recorded {
        private final Exchange exchange;
        private final Optional<String> path;
        private volatile @Nullable Outcome outcome;

        private Recorded(Exchange exchange) {
            this.exchange = exchange;
            this.path = exchange.path();
        }

        /**
         * The exchange.
         *
         * @return the exchange
         */
        public Exchange exchange() {
            return exchange;
        }

        /**
         * The path that it began with.
         *
         * @return the path, empty where the protocol has none
         */
        public Optional<String> path() {
            return path;
        }

        /**
         * How it ended.
         *
         * @return the outcome, empty while it is open
         */
        public Optional<Outcome> outcome() {
            return Optional.ofNullable(outcome);
        }

        @Override
        public String toString() {
            return exchange + path.map(p -> " " + p).orElse("") + ": " + (outcome == null ? "open" : outcome);
        }
    }

    @Override
    public void begin(Exchange exchange) {
        boolean incoming = exchange.kind().isIncoming();
        if (incoming) {
            Exchange.current()
                    .ifPresent(left -> misuses.add(exchange + " began on the thread "
                            + Thread.currentThread().getName() + ", which still carries " + left));
        }
        Recorded recorded = new Recorded(exchange);
        exchange.put(key, recorded);
        exchanges.add(recorded);
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        Recorded recorded = exchange.get(key).orElse(null);
        if (recorded == null) {
            misuses.add(exchange + " ended and never began");
            return;
        }
        if (recorded.outcome != null) {
            misuses.add(recorded + " ended again as " + outcome);
        }
        recorded.outcome = outcome;
    }

    @Override
    public Scope attach(Exchange exchange) {
        return opened(exchange.toString());
    }

    @Override
    public Scope clear() {
        return opened("no exchange");
    }

    private Scope opened(String what) {
        BoundScope scope = new BoundScope(what);
        scopes.add(scope);
        return scope;
    }

    private final class BoundScope implements Scope {
        private final String what;
        private final Thread thread = Thread.currentThread();
        private boolean closed;

        BoundScope(String what) {
            this.what = what;
        }

        @Override
        public void close() {
            if (Thread.currentThread() != thread) {
                misuses.add("a scope of " + what + " was opened on " + thread.getName() + " and closed on "
                        + Thread.currentThread().getName());
            }
            if (closed) {
                misuses.add("a scope of " + what + " was closed twice");
            }
            closed = true;
            scopes.remove(this);
        }
    }

    /**
     * The exchanges so far, in the order in which they began.
     *
     * @return the exchanges
     */
    public List<Recorded> exchanges() {
        return List.copyOf(exchanges);
    }

    /**
     * Waits until exactly one exchange of those that fit has ended, and none is open.
     *
     * @param which which exchanges are meant
     * @return the exchange
     * @throws AssertionError if there is none, or more than one, or it does not end within 20 seconds
     */
    public Recorded only(Predicate<Recorded> which) {
        await(() -> {
            List<Recorded> begun = exchanges.stream().filter(which).toList();
            return !begun.isEmpty() && begun.stream().allMatch(r -> r.outcome != null);
        });
        List<Recorded> found = exchanges.stream().filter(which).toList();
        if (found.size() != 1 || found.get(0).outcome == null) {
            throw new AssertionError("expected one exchange that ended, found " + found + " among " + exchanges);
        }
        return found.get(0);
    }

    /**
     * Waits until every exchange has ended and every scope is closed, and checks that nothing was misused on the way.
     *
     * @throws AssertionError with all misuses, and whatever is still open after 20 seconds
     */
    public void verify() {
        await(() -> scopes.isEmpty() && exchanges.stream().allMatch(r -> r.outcome != null));
        List<String> all = new ArrayList<>(misuses);
        exchanges.stream().filter(r -> r.outcome == null).forEach(r -> all.add(r + " at the end"));
        scopes.forEach(s -> all.add("a scope of " + s.what + " on " + s.thread.getName() + " was never closed"));
        if (!all.isEmpty()) {
            throw new AssertionError("the pipeline was misused:\n  - " + String.join("\n  - ", all));
        }
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(2_000_000);
        }
    }
}
