package dev.crosscut.idempotency;

import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Work that is to be done once, with all that says which work it is. Immutable: each method returns another, so what is common
 * to all calls can be said once. Safe for use by any number of threads.
 */
public final class IdempotentOperation {

    /**
     * The work.
     *
     * @param <T> the type of what it returns
     * @param <E> the type of what it throws
     */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object, E extends Exception> {

        /**
         * Does it.
         *
         * @param run what the work owns
         * @return what is replayed from now on
         * @throws E what the caller gets
         */
        T run(IdempotentRun run) throws E;
    }

    private final Engine engine;
    private final String name;
    private final List<String> scope;
    private final String key;
    private final Fingerprint fingerprint;
    private final Policy policy;
    private final Optional<IdempotencyStore> transaction;

    IdempotentOperation(
            Engine engine,
            String name,
            List<String> scope,
            String key,
            Fingerprint fingerprint,
            Policy policy,
            Optional<IdempotencyStore> transaction) {
        this.engine = engine;
        this.name = name;
        this.scope = scope;
        this.key = key;
        this.fingerprint = fingerprint;
        this.policy = policy;
        this.transaction = transaction;
    }

    static IdempotentOperation named(Engine engine, String name, Policy policy) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an operation needs a name; expected text such as charge");
        }
        return new IdempotentOperation(engine, name, List.of(), "", Fingerprint.NONE, policy, Optional.empty());
    }

    private IdempotentOperation with(Policy changed) {
        return new IdempotentOperation(engine, name, scope, key, fingerprint, changed, transaction);
    }

    /**
     * Whose key it is: keys of one scope are none of another.
     *
     * @param parts such as tenant and caller; their order counts
     * @return the same work in this scope
     */
    public IdempotentOperation scope(String... parts) {
        return new IdempotentOperation(engine, name, List.of(parts), key, fingerprint, policy, transaction);
    }

    /**
     * The key of this call.
     *
     * @param key what the client sends for each of its attempts; of any length
     * @return the same work under this key
     * @throws IllegalArgumentException if it is empty: all calls without a key would be one
     */
    public IdempotentOperation key(String key) {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("the idempotency key of " + name
                    + " is empty; expected the text that the client chose for this one piece of work");
        }
        return new IdempotentOperation(engine, name, scope, key, fingerprint, policy, transaction);
    }

    /**
     * What must be the same for each use of the key. Copied now.
     *
     * @param content the request, or those parts of it that count
     * @return the same work for this request
     */
    public IdempotentOperation fingerprint(byte[] content) {
        return fingerprint(Fingerprint.of(content));
    }

    IdempotentOperation fingerprint(Fingerprint fingerprint) {
        return new IdempotentOperation(engine, name, scope, key, fingerprint, policy, transaction);
    }

    /**
     * As {@link Idempotency.Builder#lease}, for this work.
     *
     * @param lease the lease
     * @return the same work with this lease
     */
    public IdempotentOperation lease(Duration lease) {
        return with(policy.lease(lease));
    }

    /**
     * As {@link Idempotency.Builder#retention}, for this work.
     *
     * @param retention the retention; the lease where it is shorter
     * @return the same work with this retention
     */
    public IdempotentOperation retention(Duration retention) {
        return with(policy.retention(retention));
    }

    /**
     * As {@link Idempotency.Builder#onAbandoned}, for this work.
     *
     * @param onAbandoned what becomes of abandoned work
     * @return the same work with this policy
     */
    public IdempotentOperation onAbandoned(OnAbandoned onAbandoned) {
        return with(policy.onAbandoned(onAbandoned));
    }

    /**
     * Waits while another owner is at work.
     *
     * @param longest how long; not at all unless set
     * @return the same work, waiting
     */
    public IdempotentOperation waiting(Duration longest) {
        return with(policy.waiting(longest));
    }

    /**
     * Says which failures leave nothing done, so that the next call does the work. After any other failure it is not known
     * what was done, and {@link OnAbandoned} says what becomes of the key.
     *
     * @param failures true for such a failure, of what the work throws
     * @return the same work, released after these failures
     */
    public IdempotentOperation releaseOn(Predicate<? super Throwable> failures) {
        return with(policy.releaseOn(failures));
    }

    /**
     * Claims and completes within a transaction of the caller's, on whose connection the work is done too: they are committed
     * or rolled back together, so the work has exactly one effect. Whoever uses the key meanwhile waits for the end of this
     * transaction. The caller rolls back if {@link #once} throws.
     *
     * @param connection not in auto-commit mode, to the database that the store is in
     * @return the same work within the transaction; only for {@link #once}, on this connection's thread
     * @throws IllegalStateException if the store is in no database
     * @throws IllegalArgumentException if the connection commits by itself
     */
    public IdempotentOperation inTransaction(Connection connection) {
        return new IdempotentOperation(
                engine,
                name,
                scope,
                key,
                fingerprint,
                policy,
                Optional.of(Idempotency.within(engine.store, connection)));
    }

    /**
     * Does the work, unless it is done already: then returns what it returned. On this thread.
     *
     * @param type the type of what the work returns
     * @param work the work
     * @param <T> the type of what the work returns
     * @param <E> the type of what the work throws
     * @return what the work returned, here or the first time
     * @throws E what the work throws
     * @throws IdempotencyException if the work was not done, or its outcome cannot be given; its reason says why
     * @throws IllegalStateException if no key was given
     */
    public <T extends @Nullable Object, E extends Exception> T once(Class<T> type, Work<T, E> work) throws E {
        Request request = request();
        Admission admission =
                transaction.isPresent() ? engine.admitWithin(transaction.get(), request) : engine.admitWaiting(request);
        return admission instanceof Admission.Owned owned
                ? run(owned.run(), type, work)
                : replayed(request, admission, type);
    }

    private <T extends @Nullable Object, E extends Exception> T run(IdempotentRun run, Class<T> type, Work<T, E> work)
            throws E {
        T value;
        run.begin();
        try {
            run.workingOn(Thread.currentThread());
            value = work.run(run);
        } catch (Throwable e) {
            failed(run, e);
            throw e;
        }
        completed(run, type, value);
        return value;
    }

    private void failed(IdempotentRun run, Throwable failure) {
        if (transaction.isEmpty()) {
            if (run.isEffectless() || isReleased(failure)) {
                run.release();
            } else {
                run.giveUp();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // nothing can be suppressed by itself
    private boolean isReleased(Throwable failure) {
        try {
            return policy.released().test(failure);
        } catch (RuntimeException | Error e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
            return false;
        }
    }

    private void completed(IdempotentRun run, Type type, @Nullable Object value) {
        Kind kind = Kind.VALUE;
        byte[] content;
        try {
            content = engine.codec.write(value, type);
            if (content.length > policy.maxOutcome()) {
                kind = Kind.TOMBSTONE;
                content = text("what it returned has " + content.length + " bytes, and at most " + policy.maxOutcome()
                        + " are kept (crosscut.idempotency.max-outcome)");
            }
        } catch (RuntimeException | Error e) {
            kind = Kind.TOMBSTONE;
            content = text(
                    "what it returned could not be written (" + e.getClass().getName() + ")");
        }
        if (run.complete(kind, content) == IdempotentRun.Completion.LOST) {
            throw new IdempotencyException(
                    Reason.LEASE_LOST,
                    name + " was done, but somebody else owns " + run.request().key()
                            + " by now and may have done it too");
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * As {@link #once}, for work that goes on when its method has returned. Neither the store nor other owners are waited for
     * on this thread.
     *
     * @param type the type of what the work comes to
     * @param work the work
     * @param <T> the type of what the work comes to
     * @return what the work came to, here or the first time; fails as {@link #once} throws. Cancelling it changes nothing
     * @throws IllegalStateException if no key was given, or within a transaction
     */
    public <T extends @Nullable Object> CompletionStage<T> onceAsync(
            Class<T> type, Function<? super IdempotentRun, ? extends CompletionStage<T>> work) {
        if (transaction.isPresent()) {
            throw new IllegalStateException("a transaction is of one thread; expected once(), or no inTransaction()");
        }
        Request request = request();
        return engine.admitAsync(request)
                .thenCompose(admission -> admission instanceof Admission.Owned owned
                        ? begunAsync(owned.run()).thenCompose(run -> runAsync(run, type, work))
                        : CompletableFuture.completedFuture(replayed(request, admission, type)))
                .copy(); // so that what the caller does to it changes nothing
    }

    private CompletableFuture<IdempotentRun> begunAsync(IdempotentRun run) {
        return run.isLeased()
                ? CompletableFuture.completedFuture(run)
                : engine.async(() -> {
                    run.begin();
                    return run;
                });
    }

    private <T extends @Nullable Object> CompletableFuture<T> runAsync(
            IdempotentRun run, Class<T> type, Function<? super IdempotentRun, ? extends CompletionStage<T>> work) {
        CompletionStage<T> stage;
        try {
            run.workingOn(Thread.currentThread());
            stage = Objects.requireNonNull(work.apply(run), () -> name + ": the work returned null; expected a stage");
        } catch (Throwable e) {
            stage = CompletableFuture.failedFuture(e);
        } finally {
            run.workingOn(null);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        var unused = stage.whenComplete((value, failure) -> {
            var unusedEnding = engine.async(() -> {
                        if (failure != null) {
                            failed(run, unwrapped(failure));
                        } else {
                            completed(run, type, value);
                        }
                        return true;
                    })
                    .whenComplete((ended, late) -> {
                        if (failure != null || late != null) {
                            result.completeExceptionally(unwrapped(failure != null ? failure : late));
                        } else {
                            result.complete(value);
                        }
                    });
        });
        return result;
    }

    private static Throwable unwrapped(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    private Request request() {
        if (key.isEmpty()) {
            throw new IllegalStateException(name + " has no key; expected key(...) before the work");
        }
        return new Request(name, RecordKey.of(name, scope, key), fingerprint, policy);
    }

    /** What the caller gets where the work is not done here. */
    private <T extends @Nullable Object> T replayed(Request request, Admission admission, Class<T> type) {
        if (admission instanceof Admission.Replay replay) {
            return IdempotentOperation.<T>as(value(request, replay.outcome(), type));
        }
        String what = name + " was not done under " + request.key() + ": ";
        if (admission instanceof Admission.InFlight owner) {
            throw new IdempotencyException(
                    Reason.IN_FLIGHT,
                    what + "another owner is at work, with " + owner.remaining() + " of its lease left; expected to be"
                            + " tried again later",
                    owner.remaining());
        }
        if (admission instanceof Admission.Mismatch) {
            throw new IdempotencyException(
                    Reason.MISMATCH,
                    what + "the key was used with another fingerprint; expected a key for each request");
        }
        throw new IdempotencyException(
                Reason.OUTCOME_UNKNOWN,
                what + "an earlier owner did not say how it came out; expected somebody to find out, and then to expire"
                        + " the record");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // a codec returns what it is asked for
    static <T extends @Nullable Object> T as(@Nullable Object value) {
        return (T) value;
    }

    private @Nullable Object value(Request request, ByteBuffer outcome, Type type) {
        String why;
        try {
            Content content = engine.format.read(request.key(), outcome);
            if (content.kind == Kind.VALUE) {
                return engine.codec.read(content.bytes, type);
            }
            why = content.kind == Kind.TOMBSTONE
                    ? new String(content.bytes, StandardCharsets.UTF_8)
                    : "a " + content.kind + " was kept";
        } catch (RuntimeException e) {
            engine.told(Event.NOT_REPLAYABLE, request);
            throw new IdempotencyException(
                    Reason.NOT_REPLAYABLE, notReplayable(request) + "it cannot be read as " + type.getTypeName(), e);
        }
        engine.told(Event.NOT_REPLAYABLE, request);
        throw new IdempotencyException(Reason.NOT_REPLAYABLE, notReplayable(request) + why);
    }

    private String notReplayable(Request request) {
        return name + " is done under " + request.key() + ", but cannot be replayed: ";
    }
}
