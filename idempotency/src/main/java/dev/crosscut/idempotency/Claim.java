package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.time.Duration;

/** What became of a {@linkplain IdempotencyStore#claim claim}. Immutable; a closed set. */
public sealed interface Claim {

    /**
     * The caller owns the record until it completes or releases it, or somebody else takes it over once its lease is over.
     *
     * @param ticket proves it
     * @param progress what an earlier owner has done, as {@link IdempotencyStore#renew} kept it; empty where there was none
     */
    record Granted(Ticket ticket, ByteBuffer progress) implements Claim {}

    /** There is a record that the caller does not own. */
    sealed interface Found extends Claim {

        /**
         * What the record was claimed with.
         *
         * @return the fingerprint of the owner
         */
        Fingerprint fingerprint();
    }

    /**
     * The owner is at work.
     *
     * @param fingerprint what the record was claimed with
     * @param remaining how much of the lease is left
     */
    record Running(Fingerprint fingerprint, Duration remaining) implements Found {}

    /**
     * The lease is over and nobody said what became of the work: its owner has crashed, has been cut off, or is slow.
     *
     * @param fingerprint what the record was claimed with
     * @param ticket the owner's, for {@link ClaimTerms#abandoned()}
     */
    record Abandoned(Fingerprint fingerprint, Ticket ticket) implements Found {}

    /**
     * The work is done.
     *
     * @param fingerprint what the record was claimed with
     * @param outcome what {@link IdempotencyStore#complete} was given
     * @param remaining how much of the retention is left
     */
    record Done(Fingerprint fingerprint, ByteBuffer outcome, Duration remaining) implements Found {}
}
