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
import java.util.concurrent.ScheduledFuture;
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
    private volatile @Nullable ScheduledFuture<?> renewal;

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
     * @throws IdempotencyException with {@link Reason#LEASE_LOST} if it is not, or nobody can say
     */
    public void checkOwned() {
        if (state == State.LOST || (!isLeased() && !renewed())) {
            throw lost(null);
        }
    }

    private boolean isLeased() {
        return engine.clock.getAsLong() - leased < request.policy().lease().toNanos();
    }

    private boolean renewed() {
        try {
            return renew(request.policy().lease());
        } catch (RuntimeException e) {
            engine.failed("renew", request, e);
            throw lost(e);
        }
    }

    private IdempotencyException lost(@Nullable RuntimeException cause) {
        String message = request.operation() + " does not own " + request.key() + " any more: its lease of "
                + request.policy().lease() + " was over"
                + (cause == null ? "" : ", and the store cannot be asked (" + cause + ")");
        return cause == null
                ? new IdempotencyException(Reason.LEASE_LOST, message)
                : new IdempotencyException(Reason.LEASE_LOST, message, cause);
    }

    /**
     * A part of the work with a recovery point behind it: once it has returned, a run that takes over from this one gets
     * what it returned, and does not do it again. Between what the part does and the recovery point lies the same gap as
     * between work and its completion, so the part passes {@link #downstreamKey} on too.
     *
     * <p>Within a transaction there are no recovery points, since all of the work is undone together: the part is done.
     *
     * @param name which part; each once in a run
     * @param type the type of what it returns
     * @param part does it
     * @param <T> the type of what it returns
     * @return what the part returned, in this run or an earlier one
     * @throws Exception what the part throws
     * @throws IdempotencyException with {@link Reason#LEASE_LOST} if the key is not owned any more
     */
    public <T extends @Nullable Object> T step(String name, Class<T> type, Callable<T> part) throws Exception {
        effect();
        checkOwned();
        Optional<byte[]> done = done(name);
        if (done.isPresent()) {
            return IdempotentOperation.<T>as(engine.codec.read(done.get(), type));
        }
        T value = part.call();
        if (!isTransactional()) {
            add(name, engine.codec.write(value, type));
            if (!renewed()) {
                throw lost(null);
            }
        }
        return value;
    }

    private Optional<byte[]> done(String name) {
        lock.lock();
        try {
            return steps.find(name);
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

    CompletableFuture<Void> ended() {
        return ended;
    }

    private boolean isTransactional() {
        return store != engine.store;
    }

    /** Renews the lease in good time, again and again, for no longer than an outcome would be kept. */
    void keepLease() {
        long third = Math.max(1, request.policy().lease().toMillis() / 3);
        renewal = engine.after(third, () -> {
            boolean isOver = engine.clock.getAsLong() - began
                    > request.policy().retention().toNanos();
            if (state != State.ACTIVE || isOver) {
                return;
            }
            try {
                renew(request.policy().lease());
            } catch (RuntimeException e) {
                engine.failed("renew", request, e);
            }
            if (state == State.ACTIVE) {
                keepLease();
            }
        });
    }

    /** Progress and lease are written under one lock, so that no renewal takes a step back. */
    private boolean renew(Duration lease) {
        lock.lock();
        try {
            if (state != State.ACTIVE) {
                return state == State.ENDED;
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
                        + " while it was at work: somebody else has it; its effect may have been had twice, unless it is"
                        + " fenced or passed the downstream key on");
        engine.told(Event.LOST, request);
    }

    /**
     * The work is done, and this is its outcome. Never releases: where the store fails, it is tried again in the background.
     *
     * @throws RuntimeException within a transaction, if the store fails: it must not commit
     */
    Completion complete(Kind kind, byte[] content) {
        ByteBuffer outcome = engine.format.write(request.key(), kind, content);
        boolean stored;
        lock.lock();
        try {
            if (state != State.ACTIVE) {
                end(state);
                return Completion.LOST;
            }
            stored = completed(outcome);
            if (stored) {
                end(State.ENDED);
            } else {
                lose();
                end(State.LOST);
            }
        } catch (RuntimeException e) {
            end(State.ENDED);
            if (isTransactional()) {
                throw e;
            }
            engine.retry("complete", request, request.policy().retention(), () -> {
                if (!store.complete(
                        ticket, outcome.duplicate(), request.policy().retention())) {
                    lose();
                }
            });
            return Completion.PENDING;
        } finally {
            lock.unlock();
        }
        if (stored && !isTransactional()) {
            engine.kept(this, outcome);
        }
        return stored ? Completion.STORED : Completion.LOST;
    }

    private boolean completed(ByteBuffer outcome) {
        try {
            return store.complete(ticket, outcome.duplicate(), request.policy().retention());
        } catch (RuntimeException e) {
            engine.failed("complete", request, e);
            if (isTransactional()) {
                throw e;
            }
            return store.complete(ticket, outcome.duplicate(), request.policy().retention());
        }
    }

    /** The work was not done. */
    void release() {
        lock.lock();
        try {
            if (state == State.ACTIVE) {
                end(State.ENDED);
                engine.told(Event.RELEASED, request);
                store.release(ticket);
            }
        } catch (RuntimeException e) {
            engine.failed("release", request, e);
            engine.retry("release", request, request.policy().lease(), () -> store.release(ticket));
        } finally {
            lock.unlock();
        }
    }

    /** Nobody knows how much of the work was done, and nobody is at it any more. */
    void giveUp() {
        lock.lock();
        try {
            if (state == State.ACTIVE) {
                engine.told(Event.GIVEN_UP, request);
                store.renew(ticket, Duration.ZERO, steps.write(engine.format, request.key()));
            }
        } catch (RuntimeException e) {
            engine.failed("give up", request, e); // its lease will be over by itself
        } finally {
            end(state == State.LOST ? State.LOST : State.ENDED);
            lock.unlock();
        }
    }

    /** Nobody waits for the work any more, and it may still be going on: its lease is left to run out. */
    void leave() {
        end(State.ENDED);
    }

    private void end(State last) {
        state = last;
        ScheduledFuture<?> next = renewal;
        if (next != null) {
            next.cancel(false);
        }
        engine.ended(this);
        ended.complete(null);
    }
}
