package dev.crosscut.idempotency;

import java.io.Serial;
import java.time.Duration;

/**
 * Work was not done, or its outcome cannot be given. Its message names the operation and the hashed key, never the key.
 */
public final class IdempotencyException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final Duration retryAfter;

    /** Why. */
    public enum Reason {
        /** Another owner is at work under the key. Nothing was done here; try again after {@link #retryAfter()}. */
        IN_FLIGHT,
        /** The key was used with another fingerprint. Nothing was done here. */
        MISMATCH,
        /** An earlier owner did not say how the work came out, and {@link OnAbandoned#REFUSE} is set. Nothing was done here. */
        OUTCOME_UNKNOWN,
        /** The work is done, but what it returned was not kept or cannot be read. */
        NOT_REPLAYABLE,
        /** Somebody else owns the record by now, or nobody can say who does. The work here may have been done besides. */
        LEASE_LOST,
        /** The store failed before the work began. Nothing was done here. */
        STORE_UNAVAILABLE
    }

    IdempotencyException(Reason reason, String message, Duration retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    IdempotencyException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.retryAfter = Duration.ZERO;
    }

    IdempotencyException(Reason reason, String message) {
        this(reason, message, Duration.ZERO);
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * When it makes sense to try again.
     *
     * @return how long the owner's lease has left where that is why, otherwise zero
     */
    public Duration retryAfter() {
        return retryAfter;
    }
}
