package dev.crosscut.idempotency;

import dev.crosscut.core.Propagation;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Claims, completes and renews records, and decides what a claim comes to.
 *
 * <p><b>Ownership.</b> Each claim has an owner number of its own. Where the store fails in mid-call, the claim is made once
 * more with the same number, which a store grants again; should that fail too, the record is given back in the background,
 * since no work has begun: it is released, or abandoned again where it was. The time that a lease has left is counted by a
 * clock that is never set back, from before the call that began it, so the owner never believes in a lease longer than the
 * store does. What is at work in this process is never taken over here, whatever has become of its lease.
 *
 * <p><b>The end.</b> A record is released only where it is known that the work was not done. What could not be stored is tried
 * again in the background, and counts as running meanwhile; once its lease is over it is abandoned, as after a crash.
 *
 * <p><b>Waiting.</b> Who waits for an owner in this process is told when that has ended; others are looked at again and again,
 * more and more rarely. Work that asks for its own key does not wait for itself.
 *
 * <p><b>Threads.</b> Asynchronous claims are refused where too many wait for the store; what ends a run never is, since the
 * work is done by then.
 */
final class Engine implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");
    private static final int QUEUE = 10_000;
    private static final int MAX_PENDING = 10_000;
    private static final int MAX_GIVEN_BACK = MAX_PENDING / 2;
    private static final long FIRST_LOOK_MILLIS = 20;
    private static final long LAST_LOOK_MILLIS = 500;
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 1_000;
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    final IdempotencyStore store;
    final OutcomeFormat format;
    final ValueCodec codec;
    final LongSupplier clock;
    private final NearCache near;
    private final List<IdempotencyListener> listeners;
    private final Owners owners = new Owners();
    private final Map<RecordKey, IdempotentRun> running = new ConcurrentHashMap<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor threads;
    private final Executor calls;
    private volatile boolean closed;

    Engine(
            IdempotencyStore store,
            OutcomeFormat format,
            ValueCodec codec,
            NearCache near,
            List<IdempotencyListener> listeners,
            int threads,
            LongSupplier clock) {
        this.store = store;
        this.format = format;
        this.codec = codec;
        this.near = near;
        this.listeners = listeners;
        this.clock = clock;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "timer"));
        this.timer.setRemoveOnCancelPolicy(true);
        this.threads = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> daemon(task, "store"));
        this.threads.allowCoreThreadTimeOut(true);
        this.calls = store.isBlocking() ? Propagation.wrap((Executor) this.threads) : Runnable::run;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(null, task, "crosscut-idempotency-" + name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** Decides on a request, on this thread. Waits for the store, and for nobody else. */
    Admission admit(Request request) {
        if (closed) {
            throw new IdempotencyException(
                    Reason.STORE_UNAVAILABLE, request.operation() + " was not begun: its Idempotency is closed");
        }
        Optional<Claim.Done> known = near.find(request.key());
        if (known.isPresent()) {
            return found(request, known.get());
        }
        long before = clock.getAsLong();
        Claim claim = claim(request, request.policy().terms(owners.next(), Optional.empty()));
        if (claim instanceof Claim.Done done) {
            near.keep(request.key(), done);
        }
        if (claim instanceof Claim.Abandoned abandoned && mayTakeOver(request, abandoned)) {
            before = clock.getAsLong();
            claim = claim(request, takingOver(request, abandoned));
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
    Admission admitWaiting(Request asking) {
        Request request = outsideItself(asking);
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
        CompletableFuture<Admission> result = new CompletableFuture<>();
        ask(outsideItself(request), clock.getAsLong(), 0, result);
        return result;
    }

    private void ask(Request request, long began, int asked, CompletableFuture<Admission> result) {
        if (threads.getQueue().size() >= QUEUE) {
            result.completeExceptionally(new IdempotencyException(
                    Reason.STORE_UNAVAILABLE,
                    request.operation() + " was not begun: " + QUEUE + " calls wait for the store already; expected it"
                            + " to be faster, or more threads (crosscut.idempotency.threads)"));
            return;
        }
        var unused = async(() -> admit(request)).whenComplete((admission, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            Duration left = left(request, admission, began);
            if (left.isZero()) {
                result.complete(told(request, admission));
                return;
            }
            Runnable again = Propagation.wrap((Runnable) () -> ask(request, began, asked + 1, result));
            var unusedToo =
                    change(request.key(), asked, left).whenCompleteAsync((changed, never) -> again.run(), threads);
        });
    }

    /** Whoever asks for a key on the thread that is at work under it would wait for itself. */
    private Request outsideItself(Request request) {
        IdempotentRun here = running.get(request.key());
        return here != null && here.isOnThisThread()
                ? new Request(
                        request.operation(),
                        request.key(),
                        request.fingerprint(),
                        request.policy().waiting(Duration.ZERO))
                : request;
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
        ClaimTerms terms = request.policy().terms(owners.next(), Optional.empty());
        Claim claim = claim(request, terms);
        if (claim instanceof Claim.Granted granted) {
            try {
                giveBack(terms, granted);
            } catch (RuntimeException e) {
                failed("release", request, e);
                giveBack(request, terms);
            }
        }
        return claim instanceof Claim.Done done && done.fingerprint().equals(request.fingerprint())
                ? Optional.of(new Admission.Replay(request, done.outcome()))
                : Optional.empty();
    }

    private boolean mayTakeOver(Request request, Claim.Abandoned abandoned) {
        return request.policy().onAbandoned() == OnAbandoned.RE_EXECUTE
                && abandoned.fingerprint().equals(request.fingerprint())
                && !isAtWorkHere(abandoned.ticket());
    }

    private boolean isAtWorkHere(Ticket ticket) {
        IdempotentRun here = running.get(ticket.key());
        return here != null && here.isActive(ticket);
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

    /** Whether a store is that of a caller's transaction, and not the engine's own. */
    @SuppressWarnings("ReferenceEquality") // the own one is one object
    boolean isTransaction(IdempotencyStore from) {
        return from != store;
    }

    private IdempotentRun run(
            IdempotencyStore from, Request request, Claim.Granted granted, long before, boolean again) {
        try {
            Steps steps = Steps.read(format, request.key(), granted.progress());
            return new IdempotentRun(this, from, request, granted.ticket(), steps, before, again);
        } catch (RuntimeException e) {
            if (!isTransaction(from)) {
                abandon(request, granted);
            }
            throw new IdempotencyException(
                    Reason.NOT_REPLAYABLE,
                    request.operation() + " was not begun again: the recovery points of " + request.key()
                            + " cannot be read (" + e.getMessage() + ")",
                    e);
        }
    }

    private void abandon(Request request, Claim.Granted granted) {
        try {
            store.renew(granted.ticket(), Duration.ZERO, granted.progress());
        } catch (RuntimeException e) {
            failed("give up", request, e); // its lease will be over by itself
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
        if (isAtWorkHere(((Claim.Abandoned) found).ticket())) {
            return new Admission.InFlight(Duration.ZERO);
        }
        if (request.policy().onAbandoned() == OnAbandoned.REFUSE) {
            told(Event.UNKNOWN, request);
            return new Admission.Unknown();
        }
        return new Admission.InFlight(Duration.ZERO); // somebody else took it over, and is gone again
    }

    private Claim claim(Request request, ClaimTerms terms) {
        try {
            return store.claim(request.key(), request.fingerprint(), terms);
        } catch (RuntimeException first) {
            failed("claim", request, first);
            try {
                return store.claim(request.key(), request.fingerprint(), terms);
            } catch (RuntimeException second) {
                giveBack(request, terms);
                throw unavailable(request, second);
            }
        } catch (Error e) {
            giveBack(request, terms);
            throw e;
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
        retry("give back", request, MAX_GIVEN_BACK, () -> {
            if (store.claim(request.key(), request.fingerprint(), terms) instanceof Claim.Granted granted) {
                giveBack(terms, granted);
            }
        });
    }

    /** Where the record was taken over, what its earlier owner has done is still not known. */
    private void giveBack(ClaimTerms terms, Claim.Granted granted) {
        Ticket ticket = granted.ticket();
        if (terms.abandoned()
                .filter(before -> ticket.epoch() == before.epoch() + 1)
                .isPresent()) {
            store.renew(ticket, Duration.ZERO, granted.progress());
        } else {
            store.release(ticket);
        }
    }

    /** Tries in the background, for no longer than an outcome is kept, until the call returns. */
    void retry(String what, Request request, Runnable call) {
        retry(what, request, MAX_PENDING, call);
    }

    private void retry(String what, Request request, int most, Runnable call) {
        if (pending.incrementAndGet() > most) {
            dropped(what, request, most + " other calls wait for it already", null);
        } else {
            retry(
                    what,
                    request,
                    clock.getAsLong() + request.policy().retention().toNanos(),
                    FIRST_RETRY_MILLIS,
                    call);
        }
    }

    private void retry(String what, Request request, long until, long delayMillis, Runnable call) {
        Future<?> next = after(delayMillis, () -> {
            try {
                call.run();
                pending.decrementAndGet();
            } catch (RuntimeException | Error e) {
                if (clock.getAsLong() - until >= 0) {
                    dropped(what, request, "an outcome would not be kept longer", e);
                } else {
                    retry(what, request, until, Math.min(2 * delayMillis, LAST_RETRY_MILLIS), call);
                }
            }
        });
        if (next == null) {
            dropped(what, request, "its Idempotency is closed", null);
        }
    }

    private void dropped(String what, Request request, String why, @Nullable Throwable last) {
        pending.decrementAndGet();
        LOG.log(
                System.Logger.Level.ERROR,
                "the store could not " + what + " " + request.key() + " of " + request.operation()
                        + ", and it is not tried again, since " + why + "; the record is left as it is, and abandoned"
                        + " once its lease is over",
                last);
    }

    /** Runs a call of the store later, off the timer; null, and never, where this is closed. */
    @Nullable
    Future<?> after(long millis, Runnable call) {
        try {
            return timer.schedule(() -> calls.execute(call), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** Runs a call of the store where it may wait. Never refused. */
    <T> CompletableFuture<T> async(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, calls);
    }

    /** Completes when it makes sense to ask again, after so many times. */
    CompletableFuture<Void> change(RecordKey key, int asked, Duration longest) {
        IdempotentRun here = running.get(key);
        CompletableFuture<Void> change = new CompletableFuture<>();
        long look = Math.min(FIRST_LOOK_MILLIS << Math.min(asked, 10), LAST_LOOK_MILLIS);
        if (here != null && here.isActive()) {
            change = here.ended().copy();
            look = Long.MAX_VALUE;
        }
        Duration left = longest.compareTo(LONGEST_WAIT) < 0 ? longest : LONGEST_WAIT;
        long millis = Math.max(1, Math.min(look, left.toMillis()));
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
        for (IdempotencyListener listener : listeners) {
            try {
                listener.on(event, request.operation(), request.key());
            } catch (Throwable e) {
                LOG.log(System.Logger.Level.WARNING, "a listener of idempotency keys failed at " + event, e);
            }
        }
    }

    void failed(String what, Request request, Throwable fault) {
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

    /** How many renewals and retries are to come. */
    int scheduled() {
        return timer.getQueue().size();
    }

    /** What is at work can still end: threads are made for it when it does, and go again. */
    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        threads.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
        int left = pending.get();
        if (left > 0) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    left + " calls still waited for the store of idempotency keys; their records are left as they are,"
                            + " and abandoned once their leases are over");
        }
    }
}
