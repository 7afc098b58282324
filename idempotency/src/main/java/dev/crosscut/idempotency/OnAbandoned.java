package dev.crosscut.idempotency;

/**
 * What becomes of work whose owner did not say how it came out, because it crashed, was cut off, or failed in the midst of it. It
 * may have been done, in part or whole, and no store can know.
 */
public enum OnAbandoned {
    /**
     * Do it again, as at-least-once. For work that does no harm twice, as what passes
     * {@link IdempotentRun#downstreamKey} on to whoever has the effect does, or looks first whether it was done.
     */
    RE_EXECUTE,
    /**
     * Refuse until the retention is over, as at-most-once. A person finds out what was done, and the record can then be
     * expired.
     */
    REFUSE
}
