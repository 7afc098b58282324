package dev.crosscut.idempotency.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;

/** What tests of stores say again and again. */
final class Given {

    static final Fingerprint PRINT = Fingerprint.of(new byte[] {1});
    static final Fingerprint OTHER = Fingerprint.of(new byte[] {2});
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final Duration DAY = Duration.ofDays(1);

    private static final AtomicLong OWNERS = new AtomicLong(Long.MIN_VALUE);
    private static final AtomicLong KEYS = new AtomicLong();

    private Given() {}

    static long owner() {
        return OWNERS.getAndIncrement();
    }

    static RecordKey key() {
        return key("key-" + KEYS.incrementAndGet());
    }

    static RecordKey key(String name) {
        return RecordKey.of("test", List.of(), name);
    }

    static ClaimTerms terms() {
        return terms(owner(), MINUTE, DAY);
    }

    static ClaimTerms terms(long owner, Duration lease, Duration retention) {
        return new ClaimTerms(owner, lease, retention, Optional.empty());
    }

    static ClaimTerms inPlaceOf(Ticket abandoned) {
        return new ClaimTerms(owner(), MINUTE, DAY, Optional.of(abandoned));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    static Ticket claimed(IdempotencyStore store, RecordKey key) {
        return granted(store.claim(key, PRINT, terms()));
    }

    /** A record whose lease is over. */
    static Ticket abandoned(IdempotencyStore store, RecordKey key, String progress) {
        Ticket ticket = claimed(store, key);
        assertThat(store.renew(ticket, Duration.ZERO, bytes(progress))).isTrue();
        return ticket;
    }

    static Ticket done(IdempotencyStore store, RecordKey key, String outcome) {
        Ticket ticket = claimed(store, key);
        assertThat(store.complete(ticket, bytes(outcome), DAY)).isTrue();
        return ticket;
    }

    static void assertDone(Claim claim, String outcome) {
        assertThat(claim)
                .asInstanceOf(InstanceOfAssertFactories.type(Claim.Done.class))
                .extracting(done -> text(done.outcome()))
                .isEqualTo(outcome);
    }
}
