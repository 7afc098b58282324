package dev.crosscut.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An exchange under way, in the hands of the adapter that began it:
 *
 * <ol>
 *   <li>where {@link #answer()} is present, send it in place of running the handler;
 *   <li>run the handler within {@link #attach()}, on any threads;
 *   <li>where {@link #heldBytes()} is not 0, hold the response up to that bound, {@link #settle(Outcome, ByteBuffer) settle}
 *       before its first byte is sent, and send what that returns in place of it;
 *   <li>{@link #end} once all is sent, has failed, or nobody waits for it.
 * </ol>
 *
 * <p>Safe for use by several threads. It is not {@code AutoCloseable}: whether the work failed is known only after a
 * try block has closed its resources.
 */
public final class Call {

    /*
     * States. OPEN -> SETTLING -> SETTLED -> ENDED, each step by one compare-and-set. An end takes OPEN -> ENDING -> ENDED
     * and settles on the way, or without guards OPEN -> ENDED. One that arrives while another thread settles claims the
     * end, SETTLING -> CLAIMED, leaves its outcome, and moves on to ENDING: the settling thread then ends the call, so
     * observers never hear of the end before the guards have settled. Where that thread is done in between, it moves
     * CLAIMED to ENDED and leaves it to the other. So nobody ever waits.
     *
     * Settlement. Whoever settles while another thread does so, or ends, gets that thread's result, so that nobody sends a
     * response that a guard is still to settle. Only such a latecomer makes a future for it, which the other completes.
     *
     * Outcome. The field holds what a guard answered, once one has, and from CLAIMED on what the call is to end with. An
     * answer is final: nothing that happens to the reply on its way makes the exchange anything but answered.
     */
    static final byte OPEN = 0;
    static final byte SETTLING = 1;
    static final byte CLAIMED = 2;
    static final byte ENDING = 3;
    static final byte SETTLED = 4;
    static final byte ENDED = 5;

    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    private static final Key<CompletableFuture> SETTLEMENT = Key.of("settlement", CompletableFuture.class);

    /** Completed, so that telling nobody changes nothing. */
    private static final CompletableFuture<Optional<Reply>> NOBODY =
            CompletableFuture.completedFuture(Optional.empty());

    private static final VarHandle STATE;
    private static final VarHandle OUTCOME;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Call.class, "state", byte.class);
            OUTCOME = lookup.findVarHandle(Call.class, "outcome", Outcome.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Pipeline pipeline;
    final Exchange exchange;
    private volatile @Nullable Outcome outcome;
    private volatile byte state;
    /** How many guards let the exchange proceed and are still to settle. */
    short admitted;
    /** The observers, one bit each, that must not be told of the end because they did not begin. */
    int failed;

    private final long began;

    Call(Pipeline pipeline, Exchange exchange, long now) {
        this.pipeline = pipeline;
        this.exchange = exchange;
        this.began = now;
    }

    /**
     * The exchange.
     *
     * @return the exchange that {@link Crosscut#begin} was given
     */
    public Exchange exchange() {
        return exchange;
    }

    /**
     * What to send in place of running the handler.
     *
     * @return the reply of the guard that answered, empty where all let the exchange proceed
     */
    public Optional<Reply> answer() {
        return outcome instanceof Outcome.Answered answered ? Optional.of(answered.reply()) : Optional.empty();
    }

    /**
     * Makes the exchange current on this thread, any number of times and on any number of threads.
     *
     * @return closed on the same thread when the code that it covers is done
     */
    public Scope attach() {
        return Current.attach(exchange, pipeline);
    }

    /**
     * How much of the response must be kept from the client until the guards have settled. Known once the guards have let
     * the exchange proceed.
     *
     * @return the bound in bytes; 0 where no guard wants the response held
     */
    public int heldBytes() {
        return exchange.getOrDefault(Exchange.HELD_BYTES, 0);
    }

    /**
     * Tells the guards what the handler did, before the client hears of it, where the response is not held, or not as a
     * whole. Only the first of all calls to this method, its twins and {@link #end} does so; the others have its result. May
     * block as long as the guards do.
     *
     * @param outcome what the handler did
     * @return the reply to send in place of the handler's response, normally empty
     */
    public Optional<Reply> settle(Outcome outcome) {
        return settleHolding(outcome, null);
    }

    /**
     * As {@link #settle(Outcome)}, where the whole response body is held.
     *
     * @param outcome what the handler did
     * @param held the body, from the buffer's position to its limit; not changed by anyone until the call has ended
     * @return the reply to send in place of the handler's response, normally empty
     */
    public Optional<Reply> settle(Outcome outcome, ByteBuffer held) {
        return settleHolding(outcome, held);
    }

    /**
     * As {@link #settle(Outcome)}, without blocking the calling thread.
     *
     * @param outcome what the handler did
     * @return the reply to send in place of the handler's response, normally empty; never completed exceptionally but by a
     *     {@link VirtualMachineError}
     */
    public CompletionStage<Optional<Reply>> settleAsync(Outcome outcome) {
        return settleHoldingAsync(outcome, null);
    }

    /**
     * As {@link #settle(Outcome, ByteBuffer)}, without blocking the calling thread.
     *
     * @param outcome what the handler did
     * @param held the body, from the buffer's position to its limit; not changed by anyone until the call has ended
     * @return the reply to send in place of the handler's response, normally empty; never completed exceptionally but by a
     *     {@link VirtualMachineError}
     */
    public CompletionStage<Optional<Reply>> settleAsync(Outcome outcome, ByteBuffer held) {
        return settleHoldingAsync(outcome, held);
    }

    private Optional<Reply> settleHolding(Outcome outcome, @Nullable ByteBuffer held) {
        if (!settles(held)) {
            return settlement().join();
        }
        Outcome.@Nullable Answered instead = null;
        try {
            instead = pipeline.settle(this, outcome);
        } finally {
            settled(instead);
        }
        return replyOf(instead);
    }

    /** What the adapter gets is a copy: cancelling it must not undo that the call is settled. */
    private CompletionStage<Optional<Reply>> settleHoldingAsync(Outcome outcome, @Nullable ByteBuffer held) {
        if (!settles(held)) {
            return settlement().copy();
        }
        return new AsyncRing(this)
                .settle(outcome)
                .handle((instead, fatal) -> {
                    settled(instead);
                    if (fatal != null) {
                        throw (VirtualMachineError) fatal;
                    }
                    return replyOf(instead);
                })
                .toCompletableFuture()
                .copy();
    }

    /** What another thread's settling comes to. */
    @SuppressWarnings("unchecked") // only such futures are kept under the key
    private CompletableFuture<Optional<Reply>> settlement() {
        CompletableFuture<Optional<Reply>> awaited =
                exchange.putIfAbsent(SETTLEMENT, new CompletableFuture<Optional<Reply>>());
        byte now = state;
        if (now == SETTLED || now == ENDED) {
            awaited.complete(answer());
        }
        return awaited;
    }

    @SuppressWarnings("unchecked") // only such futures are kept under the key
    private void tellLatecomers(Outcome.@Nullable Answered instead) {
        exchange.getOrDefault(SETTLEMENT, NOBODY).complete(replyOf(instead));
    }

    private boolean settles(@Nullable ByteBuffer held) {
        if (!STATE.compareAndSet(this, OPEN, SETTLING)) {
            return false;
        }
        if (held != null) {
            exchange.put(Exchange.RESPONSE_BODY, held.asReadOnlyBuffer());
        }
        return true;
    }

    /**
     * Ends the call: the guards settle where they have not, then each observer is told. The first end wins, whichever
     * thread it comes from; later ones change nothing, so an adapter need not keep count.
     *
     * @param result how it came out; where a guard answered, that remains the outcome
     * @return whether this was the first
     */
    public boolean end(Outcome result) {
        Outcome own = result instanceof Outcome.Answered answered
                ? Outcome.completed(answered.reply().status())
                : result;
        if (admitted > 0 && STATE.compareAndSet(this, OPEN, ENDING)) {
            Outcome.@Nullable Answered late = null;
            try {
                late = pipeline.settle(this, own);
            } finally {
                endedBeforeSettling(own, late);
            }
            return true;
        }
        while (true) {
            switch (state) {
                case OPEN -> {
                    if (STATE.compareAndSet(this, OPEN, ENDED)) {
                        ended(own);
                        return true;
                    }
                }
                case SETTLING -> {
                    if (STATE.compareAndSet(this, SETTLING, CLAIMED)) {
                        OUTCOME.compareAndSet(this, null, own);
                        if (!STATE.compareAndSet(this, CLAIMED, ENDING)) {
                            ended(own);
                        }
                        return true;
                    }
                }
                case SETTLED -> {
                    if (STATE.compareAndSet(this, SETTLED, ENDED)) {
                        ended(own);
                        return true;
                    }
                }
                default -> {
                    return false;
                }
            }
        }
    }

    /**
     * An objection is the outcome where someone waits for it with a response in hand; otherwise it comes too late. Even then
     * whoever settles after all is told of it.
     */
    @SuppressWarnings({"unchecked", "ReferenceEquality"
    }) // only such futures are kept under the key; this one or another's
    private void endedBeforeSettling(Outcome own, Outcome.@Nullable Answered late) {
        if (late != null) {
            CompletableFuture<Optional<Reply>> told = CompletableFuture.completedFuture(replyOf(late));
            if (exchange.putIfAbsent(SETTLEMENT, told) == told) {
                pipeline.tooLate(late, exchange);
            } else {
                outcome = late;
            }
        }
        state = ENDED;
        tellLatecomers(late);
        ended(own);
    }

    private void ended(Outcome own) {
        Outcome last = outcome;
        pipeline.ended(this, last == null ? own : last);
    }

    private void settled(Outcome.@Nullable Answered instead) {
        if (instead != null) {
            outcome = instead;
        }
        boolean endsHere = !STATE.compareAndSet(this, SETTLING, SETTLED) && !STATE.compareAndSet(this, CLAIMED, ENDED);
        if (endsHere) {
            state = ENDED;
        }
        tellLatecomers(instead);
        if (endsHere) {
            ended(Outcome.completed());
        }
    }

    private static Optional<Reply> replyOf(Outcome.@Nullable Answered instead) {
        return instead == null ? Optional.empty() : Optional.of(instead.reply());
    }

    /** A guard answered before the handler ran: those before it have settled, and only the end is left. */
    void answered(Outcome.Answered answer) {
        outcome = answer;
        state = SETTLED;
    }

    /** Nothing can be salvaged; what began is ended and nothing more can be. */
    boolean abort() {
        return (byte) STATE.getAndSet(this, ENDED) != ENDED;
    }

    /** What the call has ended with, or is to end with because a guard answered. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    long elapsedNanos() {
        return pipeline.clock.getAsLong() - began;
    }
}
