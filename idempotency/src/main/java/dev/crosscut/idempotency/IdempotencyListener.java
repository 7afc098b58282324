package dev.crosscut.idempotency;

/** Is told what becomes of keys, for meters, logs and alarms. Called on the thread where it happens, so it must not block. */
@FunctionalInterface
public interface IdempotencyListener {

    /** What can happen. */
    enum Event {
        /** A record was granted, and the work begins. */
        EXECUTED,
        /** So it was, after an owner that did not say how the work came out. */
        RE_EXECUTED,
        /** Earlier work was found done, and its outcome is given unless {@link #NOT_REPLAYABLE} follows. */
        REPLAYED,
        /** Another owner is at work. */
        CONFLICT,
        /** The key was used with another fingerprint. */
        MISMATCH,
        /** Refused, because it is not known how earlier work came out. */
        UNKNOWN,
        /** The work is done, but its outcome was not kept. */
        NOT_REPLAYABLE,
        /** The work was not done, and the record is released: the next claim is granted. */
        RELEASED,
        /** The work failed, and it is not known what it has done, or what an earlier owner has. */
        GIVEN_UP,
        /** An owner found that it is none any more. */
        LOST,
        /** The store failed, however often the call is tried. */
        STORE_FAILED
    }

    /**
     * Something happened. What this throws is logged.
     *
     * @param event what
     * @param operation what is done once
     * @param key the hashed key
     */
    void on(Event event, String operation, RecordKey key);
}
