package dev.crosscut.idempotency;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * How work is done once. Immutable.
 *
 * @param lease how long an owner has
 * @param retention how long the outcome is kept
 * @param onAbandoned what becomes of abandoned work
 * @param waiting how long another owner is waited for
 * @param maxOutcome the largest outcome that is kept, in bytes
 * @param released which failures leave nothing done
 */
record Policy(
        Duration lease,
        Duration retention,
        OnAbandoned onAbandoned,
        Duration waiting,
        int maxOutcome,
        Predicate<? super Throwable> released) {

    private static final Duration LONGEST_LEASE = Duration.ofDays(1);
    private static final Duration LONGEST_RETENTION = Duration.ofDays(3650);
    private static final Duration SHORTEST = Duration.ofMillis(100);

    static final String EXPECTED_LEASE = "100ms to 1d";
    static final String EXPECTED_RETENTION = "100ms to 3650d";

    static final Policy DEFAULT = new Policy(
            Duration.ofSeconds(30), Duration.ofHours(24), OnAbandoned.REFUSE, Duration.ZERO, 1 << 20, failure -> false);

    static boolean isLease(Duration lease) {
        return lease.compareTo(SHORTEST) >= 0 && lease.compareTo(LONGEST_LEASE) <= 0;
    }

    static boolean isRetention(Duration retention) {
        return retention.compareTo(SHORTEST) >= 0 && retention.compareTo(LONGEST_RETENTION) <= 0;
    }

    Policy lease(Duration lease) {
        if (!isLease(lease)) {
            throw new IllegalArgumentException("the lease is " + lease + "; expected " + EXPECTED_LEASE);
        }
        return new Policy(lease, retention, onAbandoned, waiting, maxOutcome, released);
    }

    Policy retention(Duration retention) {
        if (!isRetention(retention)) {
            throw new IllegalArgumentException("the retention is " + retention + "; expected " + EXPECTED_RETENTION);
        }
        return new Policy(lease, retention, onAbandoned, waiting, maxOutcome, released);
    }

    Policy onAbandoned(OnAbandoned onAbandoned) {
        return new Policy(lease, retention, Objects.requireNonNull(onAbandoned), waiting, maxOutcome, released);
    }

    Policy waiting(Duration waiting) {
        return new Policy(lease, retention, onAbandoned, waiting, maxOutcome, released);
    }

    Policy maxOutcome(int maxOutcome) {
        if (maxOutcome < 0) {
            throw new IllegalArgumentException("the largest outcome is " + maxOutcome + "; expected 0 or more bytes");
        }
        return new Policy(lease, retention, onAbandoned, waiting, maxOutcome, released);
    }

    Policy releaseOn(Predicate<? super Throwable> released) {
        return new Policy(lease, retention, onAbandoned, waiting, maxOutcome, Objects.requireNonNull(released));
    }

    /** For how long a lease is renewed by itself: work that never ends is not to keep its key for ever. */
    Duration longestRun() {
        return retention.compareTo(LONGEST_LEASE) < 0 ? LONGEST_LEASE : retention;
    }

    /** A retention shorter than the lease would end while the work is going on. */
    ClaimTerms terms(long owner, java.util.Optional<Ticket> abandoned) {
        return new ClaimTerms(owner, lease, retention.compareTo(lease) < 0 ? lease : retention, abandoned);
    }
}
