package dev.crosscut.idempotency;

import java.time.Duration;

/**
 * A record, for people. Immutable.
 *
 * @param key its key
 * @param state its state
 * @param epoch how often it has been granted
 * @param fingerprint what it was claimed with
 * @param lease how much of the lease is left; zero where it is over and where the record is not running
 * @param retention how much of the retention is left
 * @param bytes the size of its outcome or progress
 */
public record RecordInfo(
        RecordKey key, State state, int epoch, Fingerprint fingerprint, Duration lease, Duration retention, int bytes) {

    /** What a record can be. */
    public enum State {
        /** Its owner is at work. */
        RUNNING,
        /** Its lease is over and nobody said what became of the work. */
        ABANDONED,
        /** Its outcome is there. */
        DONE,
        /** Its work was not done; the next claim is granted. */
        RELEASED
    }
}
