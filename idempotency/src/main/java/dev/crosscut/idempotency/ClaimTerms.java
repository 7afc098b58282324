package dev.crosscut.idempotency;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Who claims a record, and for how long. Immutable.
 *
 * @param owner a number that no other claim uses, in any process
 * @param lease how long the record belongs to its owner unless it is renewed, at least a millisecond
 * @param retention how long the record is kept at least, no shorter than the lease
 * @param abandoned the ticket of the owner to take the record over from, empty where none is
 */
public record ClaimTerms(long owner, Duration lease, Duration retention, Optional<Ticket> abandoned) {

    /**
     * Checks the durations.
     *
     * @param owner a number that no other claim uses
     * @param lease the lease
     * @param retention the retention
     * @param abandoned the ticket to take over from
     * @throws IllegalArgumentException if the lease is under a millisecond, or the retention is shorter than the lease
     */
    public ClaimTerms {
        if (lease.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("the lease is " + lease + "; expected at least a millisecond");
        }
        if (retention.compareTo(lease) < 0) {
            throw new IllegalArgumentException(
                    "the retention is " + retention + "; expected no less than the lease, " + lease);
        }
        Objects.requireNonNull(abandoned, "abandoned");
    }
}
