package dev.crosscut.idempotency;

import dev.crosscut.core.Propagation;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Claims, completes and renews records, and decides what a claim comes to.
 *
 * <p><b>Ownership.</b> Each claim has an owner number of its own. Where the store fails in mid-call, the claim is made once
 * more with the same number, which a store grants again; should that fail too, the record is given back in the background,
 * since no work has begun. The time that a lease has left is counted by a clock that is never set back, from before the call
 * that began it, so the owner never believes in a lease longer than the store does.
 *
 * <p><b>The end.</b> A record is released only where it is known that the work was not done. What could not be stored is tried
 * again in the background, and counts as running meanwhile; once its lease is over it is abandoned, as after a crash.
 *
 * <p><b>Waiting.</b> Who waits for an owner in this process is told when that has ended; others are looked at again and again,
 * more and more rarely.
 */
final class Engine implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");
    private static final int QUEUE = 10_000;
    private static final int MAX_PENDING = 10_000;
    private static final long FIRST_LOOK_MILLIS = 20;
    private static final long LAST_LOOK_MILLIS = 500;
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 1_000;

    final IdempotencyStore store;
    final OutcomeFormat format;
    final ValueCodec codec;
    final LongSupplier clock;
    private final NearCache near;
    private final IdempotencyListener listener;
    private final Owners owners = new Owners();
    private final Map<RecordKey, IdempotentRun> running = new ConcurrentHashMap<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor threads;
    private final Executor calls;

    Engine(
            IdempotencyStore store,
            OutcomeFormat format,
            ValueCodec codec,
            NearCache near,
            IdempotencyListener listener,
            int threads,
            LongSupplier clock) {
        this.store = store;
        this.format = format;
        this.codec = codec;
        this.near = near;
        this.listener = listener;
        this.clock = clock;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "timer"));
        this.timer.setRemoveOnCancelPolicy(true);
        this.threads = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(QUEUE),
                task -> daemon(task, "store"));
        this.threads.allowCoreThreadTimeOut(true);
        this.calls = store.isBlocking() ? Propagation.wrap((Executor) this.threads) : Runnable::run;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, "crosscut-idempotency-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** Decides on a request, on this thread. Waits for the store, and for nobody else. */
    Admission admit(Request request) {
        Optional<Claim.Done> known = near.find(request.key());
        if (known.isPresent()) {
            return found(request, known.get());
        }
        long before = clock.getAsLong();
        Claim claim = claim(store, request, request.policy().terms(owners.next(), Optional.empty()));
        if (claim instanceof Claim.Done done) {
            near.keep(request.key(), done);
        }
        if (claim instanceof Claim.Abandoned abandoned && mayTakeOver(request, abandoned)) {
            before = clock.getAsLong();
            claim = claim(store, request, takingOver(request, abandoned));
            if (claim instanceof Claim.Granted granted) {
                return owned(request, granted, before, true);
            }
        }
        if (claim instanceof Claim.Granted granted) {
            return owned(request, granted, before, false);
        }
        return found(request, (Claim.Found) claim);
    }

    /** As {@link #admit}, waiting for another owner as long as the policy says, on this thread. */
    Admission admitWaiting(Request request) {
        long began = clock.getAsLong();
        for (int asked = 0; ; asked++) {
            Admission admission = admit(request);
            Duration left = left(request, admission, began);
            if (left.isZero() || !waited(change(request.key(), asked, left))) {
                return told(request, admission);
            }
        }
    }

    /** Whether the wait went to its end. */
    private static boolean waited(CompletableFuture<Void> change) {
        try {
            change.get();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            return true;
        }
    }

    /** As {@link #admitWaiting}, on no thread of the caller's. */
    CompletableFuture<Admission> admitAsync(Request request) {
        return admitAsync(request, clock.getAsLong(), 0);
    }

    private CompletableFuture<Admission> admitAsync(Request request, long began, int asked) {
        return async(() -> admit(request)).thenCompose(admission -> {
            Duration left = left(request, admission, began);
            return left.isZero()
                    ? CompletableFuture.completedFuture(told(request, admission))
                    : change(request.key(), asked, left).thenCompose(changed -> admitAsync(request, began, asked + 1));
        });
    }

    /** How long to wait still; zero where there is nothing to wait for. */
    private Duration left(Request request, Admission admission, long began) {
        if (!(admission instanceof Admission.InFlight)) {
            return Duration.ZERO;
        }
        Duration left = request.policy().waiting().minusNanos(clock.getAsLong() - began);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private Admission told(Request request, Admission admission) {
        if (admission instanceof Admission.InFlight) {
            told(Event.CONFLICT, request);
        }
        return admission;
    }

    /** As {@link #admit}, within a transaction: nothing is known before that commits, and nothing can be tried again. */
    Admission admitWithin(IdempotencyStore transaction, Request request) {
        Optional<Claim.Done> known = near.find(request.key());
        if (known.isPresent()) {
            return found(request, known.get());
        }
        long before = clock.getAsLong();
        Claim claim = once(
                request,
                () -> transaction.claim(
                        request.key(), request.fingerprint(), request.policy().terms(owners.next(), Optional.empty())));
        boolean again = claim instanceof Claim.Abandoned abandoned && mayTakeOver(request, abandoned);
        if (again) {
            ClaimTerms terms = takingOver(request, (Claim.Abandoned) claim);
            claim = once(request, () -> transaction.claim(request.key(), request.fingerprint(), terms));
        }
        if (claim instanceof Claim.Granted granted) {
            told(again ? Event.RE_EXECUTED : Event.EXECUTED, request);
            return new Admission.Owned(run(transaction, request, granted, before, again));
        }
        return told(request, found(request, (Claim.Found) claim));
    }

    /** The outcome that is there; claims nothing. */
    Optional<Admission.Replay> find(Request request) {
        Claim claim = claim(store, request, request.policy().terms(owners.next(), Optional.empty()));
        if (claim instanceof Claim.Granted granted) {
            store.release(granted.ticket());
        }
        return claim instanceof Claim.Done done && done.fingerprint().equals(request.fingerprint())
                ? Optional.of(new Admission.Replay(request, done.outcome()))
                : Optional.empty();
    }

    private static boolean mayTakeOver(Request request, Claim.Abandoned abandoned) {
        return request.policy().onAbandoned() == OnAbandoned.RE_EXECUTE
                && abandoned.fingerprint().equals(request.fingerprint());
    }

    private ClaimTerms takingOver(Request request, Claim.Abandoned abandoned) {
        return request.policy().terms(owners.next(), Optional.of(abandoned.ticket()));
    }

    private Admission owned(Request request, Claim.Granted granted, long before, boolean again) {
        IdempotentRun run = run(store, request, granted, before, again);
        running.put(request.key(), run);
        run.keepLease();
        told(again ? Event.RE_EXECUTED : Event.EXECUTED, request);
        return new Admission.Owned(run);
    }

    private IdempotentRun run(
            IdempotencyStore from, Request request, Claim.Granted granted, long before, boolean again) {
        try {
            Steps steps = Steps.read(format, request.key(), granted.progress());
            return new IdempotentRun(this, from, request, granted.ticket(), steps, before, again);
        } catch (IllegalArgumentException e) {
            throw new IdempotencyException(
                    Reason.NOT_REPLAYABLE,
                    request.operation() + " was not begun again: the recovery points of " + request.key()
                            + " cannot be read (" + e.getMessage() + ")",
                    e);
        }
    }

    private Admission found(Request request, Claim.Found found) {
        if (!found.fingerprint().equals(request.fingerprint())) {
            told(Event.MISMATCH, request);
            return new Admission.Mismatch();
        }
        if (found instanceof Claim.Done done) {
            told(Event.REPLAYED, request);
            return new Admission.Replay(request, done.outcome());
        }
        if (found instanceof Claim.Running owner) {
            return new Admission.InFlight(owner.remaining());
        }
        if (request.policy().onAbandoned() == OnAbandoned.REFUSE) {
            told(Event.UNKNOWN, request);
            return new Admission.Unknown();
        }
        return new Admission.InFlight(Duration.ZERO); // somebody else took it over, and is gone again
    }

    private Claim claim(IdempotencyStore from, Request request, ClaimTerms terms) {
        try {
            return from.claim(request.key(), request.fingerprint(), terms);
        } catch (RuntimeException first) {
            failed("claim", request, first);
            try {
                return from.claim(request.key(), request.fingerprint(), terms);
            } catch (RuntimeException second) {
                first.addSuppressed(second);
                giveBack(request, terms);
                throw unavailable(request, first);
            }
        }
    }

    private Claim once(Request request, Supplier<Claim> claim) {
        try {
            return claim.get();
        } catch (RuntimeException e) {
            failed("claim", request, e);
            throw unavailable(request, e);
        }
    }

    static IdempotencyException unavailable(Request request, RuntimeException cause) {
        return new IdempotencyException(
                Reason.STORE_UNAVAILABLE,
                request.operation() + " was not begun: the store of idempotency keys failed to claim " + request.key()
                        + " (" + cause + ")",
                cause);
    }

    /** Nobody will do what may have been claimed; what was taken over is abandoned, as it was before. */
    private void giveBack(Request request, ClaimTerms terms) {
        retry("give back", request, request.policy().lease(), () -> {
            Claim claim = store.claim(request.key(), request.fingerprint(), terms);
            if (claim instanceof Claim.Granted granted && terms.abandoned().isPresent()) {
                store.renew(granted.ticket(), Duration.ZERO, granted.progress());
            } else if (claim instanceof Claim.Granted granted) {
                store.release(granted.ticket());
            }
        });
    }

    /** Tries in the background, for no longer than given, until the call returns. */
    void retry(String what, Request request, Duration longest, Runnable call) {
        if (pending.incrementAndGet() > MAX_PENDING) {
            pending.decrementAndGet();
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the store cannot " + what + " " + request.key() + ", and " + MAX_PENDING
                            + " other calls wait for it already; the record is left as it is");
            return;
        }
        retry(what, request, clock.getAsLong() + longest.toNanos(), FIRST_RETRY_MILLIS, call);
    }

    private void retry(String what, Request request, long until, long delayMillis, Runnable call) {
        var unused = after(delayMillis, () -> {
            try {
                call.run();
                pending.decrementAndGet();
            } catch (RuntimeException e) {
                if (clock.getAsLong() - until >= 0) {
                    pending.decrementAndGet();
                    LOG.log(
                            System.Logger.Level.ERROR,
                            "the store could not " + what + " " + request.key() + " of " + request.operation()
                                    + "; once its lease is over the record is abandoned",
                            e);
                } else {
                    retry(what, request, until, Math.min(2 * delayMillis, LAST_RETRY_MILLIS), call);
                }
            }
        });
    }

    /** Runs a call of the store later, off the timer. */
    ScheduledFuture<?> after(long millis, Runnable call) {
        return timer.schedule(
                () -> {
                    try {
                        calls.execute(call);
                    } catch (RejectedExecutionException e) {
                        call.run(); // rather late than never
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** Runs a call of the store where it may wait. */
    <T> CompletableFuture<T> async(Supplier<T> call) {
        try {
            return CompletableFuture.supplyAsync(call, calls);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new IllegalStateException(
                    QUEUE + " calls wait for the store already; expected it to be faster, or more threads"
                            + " (crosscut.idempotency.threads)",
                    e));
        }
    }

    /** Completes when it makes sense to ask again, after so many times. */
    CompletableFuture<Void> change(RecordKey key, int asked, Duration longest) {
        IdempotentRun here = running.get(key);
        CompletableFuture<Void> change =
                here == null ? new CompletableFuture<>() : here.ended().copy();
        long look =
                here == null ? Math.min(FIRST_LOOK_MILLIS << Math.min(asked, 10), LAST_LOOK_MILLIS) : Long.MAX_VALUE;
        long millis = Math.max(1, Math.min(look, longest.toMillis()));
        return change.completeOnTimeout(null, millis, TimeUnit.MILLISECONDS);
    }

    void kept(IdempotentRun run, ByteBuffer outcome) {
        near.keep(
                run.request().key(),
                new Claim.Done(
                        run.request().fingerprint(),
                        outcome,
                        run.request().policy().retention()));
    }

    void ended(IdempotentRun run) {
        running.remove(run.request().key(), run);
    }

    void told(Event event, Request request) {
        try {
            listener.on(event, request.operation(), request.key());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the listener of idempotency keys failed at " + event, e);
        }
    }

    void failed(String what, Request request, RuntimeException fault) {
        LOG.log(
                System.Logger.Level.WARNING,
                "the store of idempotency keys failed to " + what + " " + request.key() + " of " + request.operation()
                        + ": " + fault);
        told(Event.STORE_FAILED, request);
    }

    /** How many records this process owns now. */
    int owned() {
        return running.size();
    }

    /** How many calls wait for the store to come back. */
    int pending() {
        return pending.get();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        threads.shutdown();
    }
}
