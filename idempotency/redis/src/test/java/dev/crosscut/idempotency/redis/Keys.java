package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What claims are made of in tests. */
final class Keys {

    static final Fingerprint REQUEST = Fingerprint.of(new byte[] {1, 2, 3});
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration DAY = Duration.ofDays(1);
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final AtomicLong NUMBERS = new AtomicLong(System.nanoTime());

    private Keys() {}

    /** A key that no other test has. */
    static RecordKey key() {
        return RecordKey.of("test", List.of(), Long.toString(NUMBERS.incrementAndGet()));
    }

    static ClaimTerms terms(long owner) {
        return terms(owner, LEASE);
    }

    static ClaimTerms terms(long owner, Duration lease) {
        return new ClaimTerms(owner, lease, DAY, Optional.empty());
    }

    static ClaimTerms over(Ticket abandoned, long owner) {
        return new ClaimTerms(owner, LEASE, DAY, Optional.of(abandoned));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The name of a record's key under the default prefix. */
    static String name(RecordKey key) {
        return "crosscut:idempotency:" + key;
    }
}
