package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.LEASE;
import static dev.crosscut.idempotency.redis.Keys.NOTHING;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.name;
import static dev.crosscut.idempotency.redis.Keys.over;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of a record in each of its states, on one server. */
class RedisStoreTest {

    private static RedisServer server;
    private static RedisStore store;

    private final RecordKey key = key();

    @BeforeAll
    static void start() {
        server = new RedisServer();
        store = server.store().open();
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    private static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    private Ticket claim(long owner) {
        return granted(store.claim(key, REQUEST, terms(owner)));
    }

    /** A record that is running, and whose lease is over. */
    private Ticket abandoned(long owner, ByteBuffer progress) {
        Ticket ticket = claim(owner);
        assertThat(store.renew(ticket, Duration.ZERO, progress)).isTrue();
        return ticket;
    }

    @Test
    void a_key_that_is_not_there_is_granted_with_epoch_1_and_no_progress() {
        assertThat(store.claim(key, REQUEST, terms(7))).isEqualTo(new Claim.Granted(new Ticket(key, 7, 1), NOTHING));
    }

    @Test
    void the_same_owner_is_granted_once_more_and_nothing_changes() {
        Ticket ticket = claim(7);
        store.renew(ticket, LEASE, bytes("half"));
        String before = server.ask(redis -> redis.get(name(key)));

        assertThat(store.claim(key, Fingerprint.NONE, terms(7, Duration.ofDays(1))))
                .isEqualTo(new Claim.Granted(ticket, bytes("half")));
        assertThat(server.text(redis -> redis.get(name(key)))).isEqualTo(before);
    }

    @Test
    void an_owner_whose_lease_is_over_is_still_granted_its_own_record() {
        Ticket ticket = abandoned(7, NOTHING);

        assertThat(granted(store.claim(key, REQUEST, terms(7)))).isEqualTo(ticket);
    }

    @Test
    void another_owner_finds_it_running_with_what_is_left_of_the_lease() {
        claim(7);

        assertThat(store.claim(key, Fingerprint.NONE, terms(8)))
                .asInstanceOf(type(Claim.Running.class))
                .satisfies(running -> {
                    assertThat(running.fingerprint()).isEqualTo(REQUEST);
                    assertThat(running.remaining()).isBetween(LEASE.minusSeconds(10), LEASE);
                });
    }

    @Test
    void a_lease_that_is_over_leaves_the_record_and_the_ticket_to_take_it_over_with() {
        Ticket ticket = abandoned(7, NOTHING);

        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Abandoned(REQUEST, ticket));
        assertThat(store.claim(key, REQUEST, terms(9))).isEqualTo(new Claim.Abandoned(REQUEST, ticket));
    }

    @Test
    void a_lease_ends_by_the_passage_of_time() throws InterruptedException {
        Ticket ticket = granted(store.claim(key, REQUEST, terms(7, Duration.ofMillis(20))));
        Thread.sleep(40);

        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Abandoned(REQUEST, ticket));
    }

    @Test
    void who_takes_over_gets_the_next_epoch_the_progress_and_its_own_fingerprint() {
        Ticket abandoned = abandoned(7, bytes("half"));
        Fingerprint other = Fingerprint.of(new byte[] {9});

        assertThat(store.claim(key, other, over(abandoned, 8)))
                .isEqualTo(new Claim.Granted(new Ticket(key, 8, 2), bytes("half")));
        assertThat(store.claim(key, REQUEST, terms(9)))
                .asInstanceOf(type(Claim.Running.class))
                .extracting(Claim.Running::fingerprint)
                .isEqualTo(other);
    }

    @Test
    void only_one_takes_over() {
        Ticket abandoned = abandoned(7, NOTHING);
        claimOver(abandoned, 8);

        assertThat(store.claim(key, REQUEST, over(abandoned, 9))).isInstanceOf(Claim.Running.class);
    }

    private Ticket claimOver(Ticket abandoned, long owner) {
        return granted(store.claim(key, REQUEST, over(abandoned, owner)));
    }

    @Test
    void a_ticket_with_another_key_epoch_or_owner_takes_nothing_over() {
        Ticket abandoned = abandoned(7, NOTHING);

        assertThat(store.claim(key, REQUEST, over(new Ticket(key, 7, 2), 8))).isInstanceOf(Claim.Abandoned.class);
        assertThat(store.claim(key, REQUEST, over(new Ticket(key(), 7, 1), 8))).isInstanceOf(Claim.Abandoned.class);
        assertThat(store.claim(key, REQUEST, over(new Ticket(key, 6, 1), 8)))
                .isEqualTo(new Claim.Abandoned(REQUEST, abandoned));
    }

    @Test
    void a_running_record_is_not_taken_over_before_its_lease_is_over() {
        Ticket running = claim(7);

        assertThat(store.claim(key, REQUEST, over(running, 8))).isInstanceOf(Claim.Running.class);
    }

    @Test
    void an_outcome_is_found_with_what_is_left_of_its_retention() {
        Ticket ticket = claim(7);

        assertThat(store.complete(ticket, bytes("paid"), Duration.ofHours(2))).isTrue();
        assertThat(store.claim(key, Fingerprint.NONE, terms(8)))
                .asInstanceOf(type(Claim.Done.class))
                .satisfies(done -> {
                    assertThat(done.fingerprint()).isEqualTo(REQUEST);
                    assertThat(done.outcome()).isEqualTo(bytes("paid"));
                    assertThat(done.remaining()).isBetween(Duration.ofMinutes(119), Duration.ofHours(2));
                });
    }

    @Test
    void to_complete_once_more_says_true_and_changes_nothing() {
        Ticket ticket = claim(7);
        store.complete(ticket, bytes("paid"), DAY);

        assertThat(store.complete(ticket, bytes("other"), Duration.ofMillis(1))).isTrue();
        assertThat(store.claim(key, REQUEST, terms(8)))
                .asInstanceOf(type(Claim.Done.class))
                .satisfies(done -> {
                    assertThat(done.outcome()).isEqualTo(bytes("paid"));
                    assertThat(done.remaining()).isGreaterThan(Duration.ofHours(23));
                });
    }

    @Test
    void an_owner_completes_after_its_lease_as_long_as_nobody_took_over() {
        assertThat(store.complete(abandoned(7, NOTHING), bytes("late"), DAY)).isTrue();
    }

    @Test
    void an_owner_that_was_taken_over_changes_nothing_any_more() {
        Ticket first = abandoned(7, NOTHING);
        Ticket second = claimOver(first, 8);

        assertThat(store.complete(first, bytes("zombie"), DAY)).isFalse();
        assertThat(store.renew(first, LEASE, bytes("zombie"))).isFalse();
        assertThat(store.release(first)).isFalse();
        assertThat(store.complete(second, bytes("paid"), DAY)).isTrue();
        assertThat(store.complete(first, bytes("zombie"), DAY)).isFalse();
        assertThat(store.claim(key, REQUEST, terms(9)))
                .asInstanceOf(type(Claim.Done.class))
                .extracting(Claim.Done::outcome)
                .isEqualTo(bytes("paid"));
    }

    @Test
    void a_ticket_of_the_same_owner_and_an_earlier_epoch_is_not_its_own() {
        Ticket first = claim(7);
        store.release(first);
        Ticket second = claim(7);

        assertThat(second.epoch()).isEqualTo(2);
        assertThat(store.complete(first, bytes("zombie"), DAY)).isFalse();
        assertThat(store.release(first)).isFalse();
        assertThat(store.renew(first, LEASE, NOTHING)).isFalse();
    }

    @Test
    void a_released_record_is_granted_with_the_next_epoch_and_without_progress() {
        Ticket ticket = claim(7);
        store.renew(ticket, LEASE, bytes("half"));

        assertThat(store.release(ticket)).isTrue();
        assertThat(store.release(ticket)).isFalse();
        assertThat(store.complete(ticket, bytes("paid"), DAY)).isFalse();
        assertThat(store.renew(ticket, LEASE, NOTHING)).isFalse();
        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Granted(new Ticket(key, 8, 2), NOTHING));
    }

    @Test
    void a_done_record_is_neither_released_nor_renewed() {
        Ticket ticket = claim(7);
        store.complete(ticket, bytes("paid"), DAY);

        assertThat(store.release(ticket)).isFalse();
        assertThat(store.renew(ticket, LEASE, NOTHING)).isFalse();
        assertThat(store.find(key)).get().extracting(RecordInfo::state).isEqualTo(State.DONE);
    }

    @Test
    void what_is_not_there_is_neither_completed_nor_released_nor_renewed() {
        Ticket nobody = new Ticket(key, 7, 1);

        assertThat(store.complete(nobody, bytes("paid"), DAY)).isFalse();
        assertThat(store.release(nobody)).isFalse();
        assertThat(store.renew(nobody, LEASE, NOTHING)).isFalse();
        assertThat(store.find(key)).isEmpty();
    }

    @Test
    void a_lease_that_is_renewed_beyond_the_retention_extends_it() {
        Ticket ticket = granted(store.claim(
                key, REQUEST, new ClaimTerms(7, Duration.ofSeconds(5), Duration.ofSeconds(60), Optional.empty())));

        store.renew(ticket, Duration.ofSeconds(20), NOTHING);
        assertThat(server.number(redis -> redis.pttl(name(key)))).isBetween(50_000L, 60_000L);
        store.renew(ticket, Duration.ofSeconds(90), NOTHING);
        assertThat(server.number(redis -> redis.pttl(name(key)))).isBetween(80_000L, 90_000L);
    }

    @Test
    void the_key_expires_when_the_retention_is_over_and_not_with_the_lease() throws InterruptedException {
        Ticket ticket = granted(store.claim(
                key, REQUEST, new ClaimTerms(7, Duration.ofMillis(1), Duration.ofMillis(300), Optional.empty())));
        Thread.sleep(10);
        assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Abandoned.class);

        Thread.sleep(320);
        assertThat(server.number(redis -> redis.exists(name(key)))).isZero();
        assertThat(store.complete(ticket, bytes("late"), DAY)).isFalse();
        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Granted(new Ticket(key, 8, 1), NOTHING));
    }

    @Test
    void a_record_that_lost_its_expiry_ends_all_the_same_and_its_epoch_goes_on() throws InterruptedException {
        granted(store.claim(
                key, REQUEST, new ClaimTerms(7, Duration.ofMillis(1), Duration.ofMillis(300), Optional.empty())));
        server.ask(redis -> redis.persist(name(key)));
        Thread.sleep(320);

        assertThat(store.find(key)).isEmpty();
        assertThat(claim(8).epoch()).isEqualTo(2);
    }

    @Test
    void every_byte_and_every_owner_comes_back_as_it_was() {
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        for (long owner : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0d0a_0d0a_0d0a_0d0aL, 256, 1L << 53}) {
            RecordKey each = key();
            Ticket ticket = granted(store.claim(each, REQUEST, terms(owner)));
            assertThat(ticket.owner()).isEqualTo(owner);
            assertThat(store.renew(ticket, Duration.ZERO, ByteBuffer.wrap(all))).isTrue();
            assertThat(store.claim(each, REQUEST, terms(42))).isEqualTo(new Claim.Abandoned(REQUEST, ticket));
            Claim.Granted next = (Claim.Granted) store.claim(each, REQUEST, over(ticket, 42));
            assertThat(next.progress()).isEqualTo(ByteBuffer.wrap(all));
            assertThat(store.complete(next.ticket(), ByteBuffer.wrap(all), DAY)).isTrue();
            assertThat(store.claim(each, REQUEST, terms(43)))
                    .asInstanceOf(type(Claim.Done.class))
                    .extracting(Claim.Done::outcome)
                    .isEqualTo(ByteBuffer.wrap(all));
        }
    }

    @Test
    void an_outcome_of_a_mebibyte_comes_back() {
        byte[] outcome = new byte[1 << 20];
        new Random(1).nextBytes(outcome);

        assertThat(store.complete(claim(7), ByteBuffer.wrap(outcome), DAY)).isTrue();
        assertThat(store.claim(key, REQUEST, terms(8)))
                .asInstanceOf(type(Claim.Done.class))
                .extracting(Claim.Done::outcome)
                .isEqualTo(ByteBuffer.wrap(outcome));
        assertThat(store.find(key)).get().extracting(RecordInfo::bytes).isEqualTo(1 << 20);
    }

    @Test
    void what_the_caller_gave_is_read_and_not_moved() {
        ByteBuffer outcome = bytes("xpaidx").position(1).limit(5);

        store.complete(claim(7), outcome, DAY);

        assertThat(outcome.remaining()).isEqualTo(4);
        assertThat(store.claim(key, REQUEST, terms(8)))
                .asInstanceOf(type(Claim.Done.class))
                .extracting(Claim.Done::outcome)
                .isEqualTo(bytes("paid"));
    }

    @Test
    void durations_beyond_reason_are_a_thousand_years() {
        Duration forever = Duration.ofMillis(Long.MAX_VALUE);
        Ticket ticket = granted(store.claim(key, REQUEST, new ClaimTerms(7, forever, forever, Optional.empty())));

        assertThat(store.claim(key, REQUEST, terms(8)))
                .asInstanceOf(type(Claim.Running.class))
                .satisfies(running ->
                        assertThat(running.remaining()).isBetween(Duration.ofDays(364_999), Duration.ofDays(365_000)));
        assertThat(store.renew(ticket, forever, NOTHING)).isTrue();
        assertThat(store.complete(ticket, NOTHING, forever)).isTrue();
    }

    @Test
    void people_see_each_state_and_what_is_left() {
        assertThat(store.find(key)).isEmpty();
        Ticket ticket = claim(7);
        store.renew(ticket, LEASE, bytes("half"));
        assertThat(store.find(key)).get().satisfies(info -> {
            assertThat(info.key()).isEqualTo(key);
            assertThat(info.state()).isEqualTo(State.RUNNING);
            assertThat(info.epoch()).isEqualTo(1);
            assertThat(info.fingerprint()).isEqualTo(REQUEST);
            assertThat(info.lease()).isBetween(LEASE.minusSeconds(10), LEASE);
            assertThat(info.retention()).isBetween(DAY.minusMinutes(1), DAY);
            assertThat(info.bytes()).isEqualTo(4);
        });

        store.renew(ticket, Duration.ZERO, NOTHING);
        assertThat(store.find(key)).get().satisfies(info -> {
            assertThat(info.state()).isEqualTo(State.ABANDONED);
            assertThat(info.lease()).isZero();
        });
        store.release(ticket);
        assertThat(store.find(key)).get().satisfies(info -> {
            assertThat(info.state()).isEqualTo(State.RELEASED);
            assertThat(info.lease()).isZero();
            assertThat(info.retention()).isBetween(DAY.minusMinutes(1), DAY);
        });
        store.complete(claim(8), bytes("paid"), LEASE);
        assertThat(store.find(key)).get().satisfies(info -> {
            assertThat(info.state()).isEqualTo(State.DONE);
            assertThat(info.epoch()).isEqualTo(2);
            assertThat(info.lease()).isZero();
            assertThat(info.retention()).isBetween(LEASE.minusSeconds(10), LEASE);
        });
    }

    @Test
    void what_is_expired_by_hand_is_granted_anew_and_its_owner_is_told() {
        Ticket ticket = claim(7);

        assertThat(store.expire(key)).isTrue();
        assertThat(store.expire(key)).isFalse();
        assertThat(store.find(key)).isEmpty();
        assertThat(claim(8)).isEqualTo(new Ticket(key, 8, 1));
        assertThat(store.complete(ticket, bytes("zombie"), DAY)).isFalse();
    }

    @Test
    void records_are_counted_by_state_under_their_own_prefix_alone() {
        String prefix = "count[*]?\\^a-z:";
        try (RedisStore own = server.store().prefix(prefix).open()) {
            assertThat(own.count())
                    .isEqualTo(Map.of(State.RUNNING, 0L, State.ABANDONED, 0L, State.DONE, 0L, State.RELEASED, 0L));
            for (int i = 0; i < 1100; i++) {
                Ticket ticket = granted(own.claim(key(), REQUEST, terms(7)));
                switch (i % 11) {
                    case 0 -> own.renew(ticket, Duration.ZERO, NOTHING);
                    case 1, 2 -> own.release(ticket);
                    case 3, 4, 5 -> own.complete(ticket, bytes("paid"), DAY);
                    default -> {}
                }
            }
            server.ask(redis -> {
                redis.set(prefix + "f".repeat(64), "no record");
                redis.lpush(prefix + "e".repeat(64), "no string");
                redis.set(prefix + "longer".repeat(20), "no record");
                redis.set("countb:" + "f".repeat(64), "another prefix");
                return redis.set("countxx\\^m:" + "f".repeat(64), "matches the prefix where that is a pattern");
            });

            assertThat(own.count())
                    .isEqualTo(
                            Map.of(State.RUNNING, 500L, State.ABANDONED, 100L, State.DONE, 300L, State.RELEASED, 200L));
        }
    }

    @Test
    void a_foreign_string_under_a_key_is_told_of_and_left_alone() {
        for (String foreign : List.of(
                "hello",
                "",
                "CX",
                "CX\u0001\u0001",
                "CX\u0001\u0009" + "x".repeat(100),
                "x".repeat(64),
                "CX\u0001\u0001" + "\0".repeat(60))) {
            RecordKey each = key();
            server.ask(redis -> redis.set(name(each), foreign));

            for (Callable<Object> call : calls(each)) {
                assertThatThrownBy(call::call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll(server.address(), name(each), "no record", "Nothing was overwritten");
            }
            assertThat(server.text(redis -> redis.get(name(each)))).isEqualTo(foreign);
        }
    }

    private static List<Callable<Object>> calls(RecordKey each) {
        return List.of(
                () -> store.claim(each, REQUEST, terms(7)),
                () -> store.complete(new Ticket(each, 7, 1), bytes("paid"), DAY),
                () -> store.release(new Ticket(each, 7, 1)),
                () -> store.renew(new Ticket(each, 7, 1), LEASE, NOTHING),
                () -> store.find(each));
    }

    @Test
    void what_is_no_string_under_a_key_is_told_of_and_left_alone() {
        server.ask(redis -> redis.lpush(name(key), "a", "b"));

        for (Callable<Object> call : calls(key)) {
            assertThatThrownBy(call::call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(server.address(), "no string", "(WRONGTYPE)");
        }
        assertThat(server.number(redis -> redis.llen(name(key)))).isEqualTo(2);
    }

    @Test
    void a_record_of_a_later_format_is_told_of_and_left_alone() {
        server.ask(redis -> redis.set(name(key), "CX\u0002" + "x".repeat(100)));

        for (Callable<Object> call : calls(key)) {
            assertThatThrownBy(call::call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("a record of format 2", "expected format 1");
        }
        assertThat(server.number(redis -> redis.strlen(name(key)))).isEqualTo(103);
    }

    @Test
    void what_is_foreign_is_expired_by_hand() {
        server.ask(redis -> redis.set(name(key), "hello"));

        assertThat(store.expire(key)).isTrue();
        assertThat(claim(7).epoch()).isEqualTo(1);
    }

    @Test
    void of_32_threads_that_claim_a_key_one_is_granted_it_and_of_those_that_take_it_over_too() throws Exception {
        int threads = 32;
        List<RecordKey> keys = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            keys.add(key());
        }
        Map<RecordKey, Ticket> winners = new ConcurrentHashMap<>();
        Map<RecordKey, Ticket> successors = new ConcurrentHashMap<>();
        Set<String> twice = ConcurrentHashMap.newKeySet();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            race(pool, threads, thread -> {
                for (RecordKey each : keys) {
                    if (store.claim(each, REQUEST, terms(thread)) instanceof Claim.Granted granted
                            && winners.putIfAbsent(each, granted.ticket()) != null) {
                        twice.add("claim " + each);
                    }
                }
            });
            assertThat(winners.keySet()).isEqualTo(new HashSet<>(keys));
            winners.values().forEach(ticket -> store.renew(ticket, Duration.ZERO, NOTHING));
            race(pool, threads, thread -> {
                for (RecordKey each : keys) {
                    if (store.claim(each, REQUEST, over(winners.get(each), 1000 + thread))
                                    instanceof Claim.Granted granted
                            && successors.putIfAbsent(each, granted.ticket()) != null) {
                        twice.add("take-over " + each);
                    }
                }
            });
        } finally {
            pool.shutdownNow();
        }

        assertThat(twice).isEmpty();
        assertThat(successors.keySet()).isEqualTo(new HashSet<>(keys));
        assertThat(successors.values()).extracting(Ticket::epoch).containsOnly(2);
    }

    private interface Racer {
        void run(int thread);
    }

    private static void race(ExecutorService pool, int threads, Racer racer) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            running.add(pool.submit(() -> racer.run(thread)));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }
}
