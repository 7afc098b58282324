package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.idempotency.RecordInfo.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Time, memory and copies of the embedded store; what each store does is in {@code IdempotencyStoreContract}. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EmbeddedStoreTest {

    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final Duration TICK = Duration.ofNanos(1);
    private static final RecordKey KEY = key(0);

    /** Near the end of what a ticker says, which is where it begins anew. */
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);

    private final EmbeddedStore store = new EmbeddedStore(1_000_000, nanos::get);

    private static RecordKey key(int number) {
        return RecordKey.of("test", List.of(), "key " + number);
    }

    private static ClaimTerms terms(long owner) {
        return new ClaimTerms(owner, LEASE, RETENTION, Optional.empty());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    private Ticket claim(EmbeddedStore store, int number) {
        return granted(store.claim(key(number), Fingerprint.NONE, terms(number + 1)));
    }

    private static String outcome(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Done.class);
        return text(((Claim.Done) claim).outcome());
    }

    // time

    @Test
    void a_lease_is_over_at_its_very_end_and_not_before() {
        Ticket ticket = claim(store, 0);

        pass(LEASE.minus(TICK));
        assertThat(store.claim(KEY, Fingerprint.NONE, terms(2))).isEqualTo(new Claim.Running(Fingerprint.NONE, TICK));
        pass(TICK);
        assertThat(store.claim(KEY, Fingerprint.NONE, terms(2)))
                .isEqualTo(new Claim.Abandoned(Fingerprint.NONE, ticket));
    }

    @Test
    void an_outcome_is_kept_to_the_very_end_of_its_retention_and_not_longer() {
        Ticket ticket = claim(store, 0);
        pass(Duration.ofSeconds(5));
        assertThat(store.complete(ticket, bytes("done"), Duration.ofDays(1))).isTrue();

        pass(Duration.ofDays(1).minus(TICK));
        assertThat(store.claim(KEY, Fingerprint.NONE, terms(2)))
                .isInstanceOfSatisfying(
                        Claim.Done.class, done -> assertThat(done.remaining()).isEqualTo(TICK));
        pass(TICK);
        assertThat(store.find(KEY)).isEmpty();
        assertThat(store.complete(ticket, bytes("again"), RETENTION)).isFalse();
        assertThat(granted(store.claim(KEY, Fingerprint.NONE, terms(2))).owner())
                .isEqualTo(2);
    }

    @Test
    void reading_prolongs_nothing() {
        store.complete(claim(store, 0), bytes("done"), Duration.ofMinutes(10));

        for (int minute = 1; minute < 10; minute++) {
            pass(Duration.ofMinutes(1));
            assertThat(outcome(store.claim(KEY, Fingerprint.NONE, terms(2)))).isEqualTo("done");
            assertThat(store.find(KEY)).isPresent();
        }
        pass(Duration.ofMinutes(1));
        assertThat(store.find(KEY)).isEmpty();
    }

    @Test
    void a_renewal_prolongs_the_retention_where_the_lease_would_outlast_it_and_never_shortens_it() {
        Ticket ticket = claim(store, 0);

        assertThat(store.renew(ticket, Duration.ofDays(1), bytes(""))).isTrue();
        assertThat(store.find(KEY).orElseThrow().retention()).isEqualTo(Duration.ofDays(1));
        assertThat(store.renew(ticket, Duration.ofSeconds(1), bytes(""))).isTrue();
        assertThat(store.find(KEY).orElseThrow().retention()).isEqualTo(Duration.ofDays(1));
        assertThat(store.find(KEY).orElseThrow().lease()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void durations_that_are_longer_than_any_clock_counts_are_for_ever() {
        Duration ever = Duration.ofMillis(Long.MAX_VALUE);
        Ticket ticket = granted(store.claim(KEY, Fingerprint.NONE, new ClaimTerms(1, ever, ever, Optional.empty())));

        pass(Duration.ofDays(365 * 100));
        assertThat(store.claim(KEY, Fingerprint.NONE, terms(2))).isInstanceOf(Claim.Running.class);
        assertThat(store.complete(ticket, bytes("done"), ever)).isTrue();
        pass(Duration.ofDays(365 * 100));
        assertThat(outcome(store.claim(KEY, Fingerprint.NONE, terms(2)))).isEqualTo("done");
    }

    // memory

    @Test
    void a_store_that_is_full_refuses_new_keys_and_says_what_to_do() {
        EmbeddedStore small = new EmbeddedStore(3 * EmbeddedStore.RECORD + 1, nanos::get);
        for (int number = 0; number < 3; number++) {
            claim(small, number);
        }

        assertThatThrownBy(() -> small.claim(key(3), Fingerprint.NONE, terms(4)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.idempotency.embedded.max-size is " + (3 * EmbeddedStore.RECORD + 1))
                .hasMessageContaining("take " + 3 * EmbeddedStore.RECORD + " bytes")
                .hasMessageContaining("set crosscut.idempotency.embedded.max-size higher");
    }

    @Test
    void what_is_in_a_full_store_goes_on() {
        EmbeddedStore small = new EmbeddedStore(4 * EmbeddedStore.RECORD, nanos::get);
        Ticket completed = claim(small, 0);
        Ticket renewed = claim(small, 1);
        Ticket released = claim(small, 2);
        Ticket abandoned = claim(small, 3);

        String large = "x".repeat(100_000);
        assertThat(small.complete(completed, bytes(large), RETENTION)).isTrue();
        assertThat(outcome(small.claim(key(0), Fingerprint.NONE, terms(9)))).isEqualTo(large);
        assertThat(small.renew(renewed, LEASE, bytes(large))).isTrue();
        assertThat(small.release(released)).isTrue();
        assertThat(granted(small.claim(key(2), Fingerprint.NONE, terms(9))).epoch())
                .isEqualTo(2);
        pass(LEASE);
        assertThat(granted(small.claim(
                                key(3), Fingerprint.NONE, new ClaimTerms(9, LEASE, RETENTION, Optional.of(abandoned))))
                        .epoch())
                .isEqualTo(2);
        assertThat(small.bytes()).isEqualTo(4 * EmbeddedStore.RECORD + 200_000);
        assertThatThrownBy(() -> small.claim(key(4), Fingerprint.NONE, terms(9)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_full_store_drops_nothing_before_its_time_and_takes_new_keys_after() {
        EmbeddedStore small = new EmbeddedStore(100 * EmbeddedStore.RECORD, nanos::get);
        for (int number = 0; number < 100; number++) {
            small.complete(claim(small, number), bytes(""), RETENTION);
        }
        pass(RETENTION.minus(TICK));
        assertThatThrownBy(() -> small.claim(key(100), Fingerprint.NONE, terms(9)))
                .isInstanceOf(IllegalStateException.class);
        for (int number = 0; number < 100; number++) {
            assertThat(outcome(small.claim(key(number), Fingerprint.NONE, terms(9))))
                    .isEmpty();
        }

        pass(Duration.ofSeconds(3)); // the wheel that drops them turns every second or so
        for (int number = 100; number < 200; number++) {
            claim(small, number);
        }
        assertThat(small.bytes()).isEqualTo(100 * EmbeddedStore.RECORD);
    }

    @Test
    void each_record_is_counted_and_no_longer_when_it_is_gone() {
        Ticket ticket = claim(store, 0);
        assertThat(store.bytes()).isEqualTo(EmbeddedStore.RECORD);
        store.renew(ticket, LEASE, bytes("12345"));
        assertThat(store.bytes()).isEqualTo(EmbeddedStore.RECORD + 5);
        store.complete(ticket, bytes("123"), RETENTION);
        store.complete(ticket, bytes("1234567"), RETENTION);
        assertThat(store.bytes()).isEqualTo(EmbeddedStore.RECORD + 3);
        pass(RETENTION);
        Ticket next = claim(store, 0);
        assertThat(store.bytes()).isEqualTo(EmbeddedStore.RECORD);
        store.renew(next, LEASE, bytes("12345"));
        store.release(next);
        assertThat(store.bytes()).isEqualTo(EmbeddedStore.RECORD);
        assertThat(store.expire(KEY)).isTrue();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void what_is_counted_adds_up_whatever_many_threads_do() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        anything(ThreadLocalRandom.current());
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }

        long records =
                store.count().values().stream().mapToLong(Long::longValue).sum();
        assertThat(records).isPositive();
        long sum = 0;
        for (int number = 0; number < 50; number++) {
            sum += store.find(key(number))
                    .map(info -> EmbeddedStore.RECORD + info.bytes())
                    .orElse(0);
        }
        long over = store.bytes() - sum;
        pass(RETENTION.plusSeconds(3));
        store.drop();
        assertThat(over)
                .as("bytes of records that are over and not yet dropped")
                .isNotNegative();
        assertThat(store.bytes()).isZero();
    }

    private void anything(ThreadLocalRandom random) {
        RecordKey key = key(random.nextInt(50));
        if (random.nextInt(100) == 0) {
            pass(Duration.ofMinutes(1));
        }
        Claim claim = store.claim(key, Fingerprint.NONE, terms(random.nextLong()));
        if (claim instanceof Claim.Abandoned abandoned) {
            ClaimTerms takeOver = new ClaimTerms(random.nextLong(), LEASE, RETENTION, Optional.of(abandoned.ticket()));
            claim = store.claim(key, Fingerprint.NONE, takeOver);
        }
        if (claim instanceof Claim.Granted granted) {
            ByteBuffer bytes = ByteBuffer.allocate(random.nextInt(100));
            switch (random.nextInt(4)) {
                case 0 -> store.complete(granted.ticket(), bytes, RETENTION);
                case 1 -> store.renew(granted.ticket(), LEASE, bytes);
                case 2 -> store.release(granted.ticket());
                default -> store.expire(key);
            }
        }
    }

    @Test
    void a_bound_that_no_record_fits_in_is_refused() {
        assertThatThrownBy(() -> IdempotencyStore.embedded(287))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("287 bytes")
                .hasMessageContaining("at least 288");
    }

    // copies

    @Test
    void what_is_kept_does_not_change_with_the_buffers_of_callers() {
        byte[] progress = "progress".getBytes(StandardCharsets.UTF_8);
        byte[] outcome = "..outcome..".getBytes(StandardCharsets.UTF_8);
        ByteBuffer part = ByteBuffer.wrap(outcome, 2, 7);
        Ticket ticket = claim(store, 0);

        store.renew(ticket, LEASE, ByteBuffer.wrap(progress));
        progress[0] = 'P';
        Claim.Granted again = (Claim.Granted) store.claim(KEY, Fingerprint.NONE, terms(1));
        assertThat(again.progress().isReadOnly()).isTrue();
        assertThat(text(again.progress())).isEqualTo("progress");

        store.complete(ticket, part, RETENTION);
        outcome[2] = 'O';
        assertThat(part.remaining()).isEqualTo(7);
        Claim.Done done = (Claim.Done) store.claim(KEY, Fingerprint.NONE, terms(2));
        assertThat(done.outcome().isReadOnly()).isTrue();
        assertThat(text(done.outcome())).isEqualTo("outcome");
        assertThat(outcome(store.claim(KEY, Fingerprint.NONE, terms(2))))
                .as("read once more")
                .isEqualTo("outcome");
    }

    @Test
    void it_waits_for_nothing_and_counts_each_state() {
        assertThat(store.isBlocking()).isFalse();
        store.complete(claim(store, 0), bytes(""), RETENTION);
        store.release(claim(store, 1));
        claim(store, 2);
        pass(LEASE);
        claim(store, 3);

        assertThat(store.count())
                .isEqualTo(Map.of(State.DONE, 1L, State.RELEASED, 1L, State.ABANDONED, 1L, State.RUNNING, 1L));
    }
}
