package dev.crosscut.idempotency;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Work that is being done under an idempotency key, as the work sees it: that it owns the key, and what it can do so as not to
 * have an effect twice. Safe for use by several threads.
 */
public final class IdempotentRun {

    /** The run that an exchange is, and the work within it. */
    static final Key<IdempotentRun> RUN =
            Key.of("idempotent_run", IdempotentRun.class).inherited();

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");
    private static final String DOWNSTREAM = "crosscut-idempotency-downstream-1";

    /** How it ended, or that it has not. */
    private enum State {
        ACTIVE,
        ENDED,
        LOST
    }

    /** What became of an outcome. */
    enum Completion {
        STORED,
        LOST,
        PENDING
    }

    private final Engine engine;
    private final IdempotencyStore store;
    private final Request request;
    private final Ticket ticket;
    private final boolean repeated;
    private final long began;
    private final Steps steps;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile State state = State.ACTIVE;
    private volatile long leased;
    private volatile boolean effectless;
    private volatile boolean left;
    private volatile @Nullable Thread worker;
    private volatile @Nullable Future<?> renewal;

    IdempotentRun(
            Engine engine,
            IdempotencyStore store,
            Request request,
            Ticket ticket,
            Steps steps,
            long leased,
            boolean repeated) {
        this.engine = engine;
        this.store = store;
        this.request = request;
        this.ticket = ticket;
        this.leased = leased;
        this.began = leased;
        this.repeated = repeated;
        this.steps = steps;
    }

    /**
     * The run of the exchange that is current on this thread, for handlers whose key the guard has claimed.
     *
     * @return the run; empty where the exchange has no key, or none is current
     */
    public static Optional<IdempotentRun> current() {
        return Exchange.current().flatMap(exchange -> exchange.get(RUN));
    }

    /**
     * The fencing number: greater with each owner of the key, for as long as its record is kept. A resource that refuses
     * numbers smaller than the greatest it has seen is safe from owners that do not know yet that they are none any more.
     *
     * @return from 1 on
     */
    public int epoch() {
        return ticket.epoch();
    }

    /**
     * Whether an earlier owner began this work and did not say how it came out.
     *
     * @return true where some of it may have been done
     */
    public boolean isRepeated() {
        return repeated;
    }

    /**
     * A key for a call that is part of this work, to be sent to whoever answers it as its idempotency key. Each run under
     * the same key has the same, so whoever it is does its part once.
     *
     * @param step which call, where there are several
     * @return 43 characters of {@code [A-Za-z0-9_-]}
     */
    public String downstreamKey(String step) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(request.key().derived(DOWNSTREAM, step).bytes());
    }

    /**
     * Makes sure that the key is still owned, before something that cannot be undone. Costs nothing while the lease is known
     * to last, and otherwise asks the store.
     *
     * @throws IdempotencyException with {@link Reason#LEASE_LOST} if it is not, because somebody else has it or the work
     *     has ended, or if nobody can say
     */
    public void checkOwned() {
        if (state != State.ACTIVE || (!isLeased() && !renewed())) {
            throw lost(null);
        }
    }

    /** As {@link #checkOwned}, before the work begins: where that fails, nothing has been done. */
    void begin() {
        try {
            checkOwned();
        } catch (RuntimeException | Error e) {
            if (!isTransactional()) {
                release();
            }
            throw e;
        }
    }

    boolean isLeased() {
        return engine.clock.getAsLong() - leased < request.policy().lease().toNanos();
    }

    private boolean renewed() {
        try {
            return renew(request.policy().lease());
        } catch (RuntimeException e) {
            engine.failed("renew", request, e);
            try {
                return renew(request.policy().lease());
            } catch (RuntimeException again) {
                throw lost(again);
            }
        }
    }

    private IdempotencyException lost(@Nullable RuntimeException cause) {
        String message = request.operation() + " does not own " + request.key() + " any more: ";
        if (cause != null) {
            return new IdempotencyException(
                    Reason.LEASE_LOST, message + "the store cannot be asked for its lease (" + cause + ")", cause);
        }
        return new IdempotencyException(
                Reason.LEASE_LOST,
                message
                        + (state == State.ENDED
                                ? "the work has ended"
                                : "its lease of " + request.policy().lease() + " was over, and somebody else has it"));
    }

    /**
     * A part of the work with a recovery point behind it: once it has returned, a run that takes over from this one gets
     * what it returned, and does not do it again. Between what the part does and the recovery point lies the same gap as
     * between work and its completion, so the part passes {@link #downstreamKey} on too.
     *
     * <p>Within a transaction there are no recovery points, since all of the work is undone together: the part is done.
     *
     * @param name which part; no two of a run have the same
     * @param type the type of what it returns
     * @param part does it
     * @param <T> the type of what it returns
     * @return what the part returned, in this run or an earlier one
     * @throws Exception what the part throws
     * @throws IdempotencyException with {@link Reason#LEASE_LOST} if the key is not owned any more
     * @throws IllegalStateException if a part of this name was done in this run, or is being done
     */
    public <T extends @Nullable Object> T step(String name, Class<T> type, Callable<T> part) throws Exception {
        effect();
        checkOwned();
        Optional<byte[]> done = enter(name);
        boolean isDone = done.isPresent();
        try {
            T value = isDone ? IdempotentOperation.<T>as(engine.codec.read(done.get(), type)) : part.call();
            if (!isDone && !isTransactional()) {
                add(name, engine.codec.write(value, type));
                if (!renewed()) {
                    throw lost(null);
                }
            }
            isDone = true;
            return value;
        } finally {
            if (!isDone) {
                leave(name);
            }
        }
    }

    private Optional<byte[]> enter(String name) {
        lock.lock();
        try {
            if (!steps.enter(name)) {
                throw new IllegalStateException(request.operation() + " has two steps " + name
                        + "; expected another name for each, or the second would be taken for the first");
            }
            return steps.find(name);
        } finally {
            lock.unlock();
        }
    }

    /** It failed, and may be tried again. */
    private void leave(String name) {
        lock.lock();
        try {
            steps.leave(name);
        } finally {
            lock.unlock();
        }
    }

    private void add(String name, byte[] value) {
        lock.lock();
        try {
            steps.add(name, value);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says that the work has had no effect so far and, should it fail, will not have had one: the record is then released,
     * and the next request does the work. Undone by the next {@link #step} or {@link #effect()}.
     */
    public void noEffect() {
        effectless = true;
    }

    /** Says that from now on the work may have an effect, as is assumed from the beginning. */
    public void effect() {
        effectless = false;
    }

    boolean isEffectless() {
        return effectless;
    }

    Request request() {
        return request;
    }

    /** Completes when nobody is at work here any more, or nobody waits for it. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    boolean isActive() {
        return state == State.ACTIVE;
    }

    boolean isActive(Ticket ticket) {
        return isActive() && this.ticket.equals(ticket);
    }

    /** Which thread is in the midst of the work; null where none is. */
    void workingOn(@Nullable Thread thread) {
        worker = thread;
    }

    boolean isOnThisThread() {
        return worker == Thread.currentThread();
    }

    private boolean isTransactional() {
        return engine.isTransaction(store);
    }

    /** Renews the lease in good time, again and again. */
    void keepLease() {
        renewal = engine.after(Math.max(1, request.policy().lease().toMillis() / 3), this::renewInTime);
        if (!isKept()) {
            stopRenewing(); // it ended in between
        }
    }

    private boolean isKept() {
        return state == State.ACTIVE && !left;
    }

    private void renewInTime() {
        if (!isKept()) {
            return;
        }
        Duration longest = request.policy().longestRun();
        if (engine.clock.getAsLong() - began > longest.toNanos()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    request.operation() + " is at work under " + request.key() + " for more than " + longest
                            + "; its lease is not renewed any more unless it asks whether it owns the key");
            leave();
            return;
        }
        try {
            renew(request.policy().lease());
        } catch (RuntimeException | Error e) {
            engine.failed("renew", request, e);
        }
        if (isKept()) {
            keepLease();
        }
    }

    /** Progress and lease are written under one lock, so that no renewal takes a step back. */
    private boolean renew(Duration lease) {
        lock.lock();
        try {
            if (state != State.ACTIVE) {
                return false;
            }
            long before = engine.clock.getAsLong();
            if (!store.renew(ticket, lease, steps.write(engine.format, request.key()))) {
                lose();
                return false;
            }
            leased = before;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void lose() {
        state = State.LOST;
        LOG.log(
                System.Logger.Level.ERROR,
                request.operation() + " lost " + request.key() + " in epoch " + ticket.epoch()
                        + ": somebody else has it, or had it; its effect may have been had twice, unless it is fenced or"
                        + " passed the downstream key on");
        engine.told(Event.LOST, request);
    }

    /**
     * The work is done, and this is its outcome. Never releases: where the store fails, it is tried again in the background.
     *
     * @throws RuntimeException within a transaction, if the store fails: it must not commit
     */
    Completion complete(Kind kind, byte[] content) {
        lock.lock();
        try {
            return state == State.ACTIVE ? completed(kind, content) : Completion.LOST;
        } finally {
            end();
            lock.unlock();
        }
    }

    private Completion completed(Kind kind, byte[] content) {
        try {
            return told(stored(kind, content));
        } catch (RuntimeException | Error e) {
            engine.failed("complete", request, e);
            if (isTransactional()) {
                throw e;
            }
        }
        try {
            return told(stored(kind, content));
        } catch (RuntimeException | Error e) {
            engine.retry("complete", request, () -> {
                if (!stored(kind, content)) {
                    lose();
                }
            });
            return Completion.PENDING;
        }
    }

    private boolean stored(Kind kind, byte[] content) {
        ByteBuffer outcome = engine.format.write(request.key(), kind, content);
        boolean stored =
                store.complete(ticket, outcome.duplicate(), request.policy().retention());
        if (stored && !isTransactional()) {
            engine.kept(this, outcome);
        }
        return stored;
    }

    private Completion told(boolean stored) {
        if (!stored) {
            lose();
        }
        return stored ? Completion.STORED : Completion.LOST;
    }

    /** The work was not done. What an earlier owner may have done is as unknown as before. */
    void release() {
        if (repeated) {
            giveUp();
            return;
        }
        lock.lock();
        try {
            if (state == State.ACTIVE) {
                if (store.release(ticket)) {
                    engine.told(Event.RELEASED, request);
                } else {
                    lose();
                }
            }
        } catch (RuntimeException | Error e) {
            engine.failed("release", request, e);
            engine.retry("release", request, () -> {
                store.release(ticket);
                engine.told(Event.RELEASED, request);
            });
        } finally {
            end();
            lock.unlock();
        }
    }

    /** Nobody knows how much of the work was done, and nobody is at it any more. */
    void giveUp() {
        lock.lock();
        try {
            if (state == State.ACTIVE) {
                if (store.renew(ticket, Duration.ZERO, steps.write(engine.format, request.key()))) {
                    engine.told(Event.GIVEN_UP, request);
                } else {
                    lose();
                }
            }
        } catch (RuntimeException | Error e) {
            engine.failed("give up", request, e); // its lease will be over by itself
            engine.told(Event.GIVEN_UP, request);
        } finally {
            end();
            lock.unlock();
        }
    }

    /** Nobody waits for the work any more, and it may still be going on: its lease is left to run out. */
    void leave() {
        left = true;
        stop();
    }

    private void end() {
        if (state == State.ACTIVE) {
            state = State.ENDED;
        }
        worker = null;
        stop();
    }

    private void stop() {
        stopRenewing();
        engine.ended(this);
        ended.complete(null);
    }

    private void stopRenewing() {
        Future<?> next = renewal;
        if (next != null) {
            next.cancel(false);
        }
    }
}
