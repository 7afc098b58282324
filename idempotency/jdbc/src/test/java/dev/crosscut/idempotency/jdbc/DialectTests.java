package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.MINUTE;
import static dev.crosscut.idempotency.jdbc.Given.OTHER;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.abandoned;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.done;
import static dev.crosscut.idempotency.jdbc.Given.granted;
import static dev.crosscut.idempotency.jdbc.Given.inPlaceOf;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.owner;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static dev.crosscut.idempotency.jdbc.Given.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold with each database, of the statements and of transactions, beside what is expected of any store. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class DialectTests {

    private static final int THREADS = 32;

    JdbcStore store;

    abstract TestDatabase database();

    /** How many keys 32 threads claim. */
    abstract int hotKeys();

    /** Without a purge in the background. */
    JdbcStore.Builder builder(DataSource dataSource) {
        return JdbcStore.builder(dataSource).purgeInterval(Duration.ZERO);
    }

    @BeforeEach
    void open() throws SQLException {
        database()
                .execute(
                        "DROP TABLE IF EXISTS crosscut_idempotency",
                        "DROP TABLE IF EXISTS crosscut_idempotency_schema");
        store = builder(database().dataSource()).schema(JdbcStore.Schema.CREATE).build();
    }

    @AfterEach
    void close() {
        store.close();
    }

    // Statements

    @Test
    void every_byte_of_a_key_and_of_a_fingerprint_counts_whatever_its_value() {
        byte[] zeros = new byte[32];
        List<RecordKey> keys = new ArrayList<>(List.of(RecordKey.ofBytes(zeros)));
        for (int i = 0; i < 32; i++) {
            for (int value : new int[] {0x20, 0x27, 0x41, 0x61, 0x5c, 0x80, 0xff}) {
                byte[] bytes = zeros.clone();
                bytes[i] = (byte) value;
                keys.add(RecordKey.ofBytes(bytes));
            }
        }
        keys.forEach(
                key -> assertThat(claimed(store, key)).extracting(Ticket::epoch).isEqualTo(1));
        assertThat(store.count().get(RecordInfo.State.RUNNING)).isEqualTo(keys.size());
        assertThat(store.claim(keys.get(0), OTHER, terms()))
                .asInstanceOf(type(Claim.Running.class))
                .extracting(Claim.Running::fingerprint)
                .isEqualTo(PRINT);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void an_owner_is_any_number(long number) {
        RecordKey key = key();
        Ticket ticket = granted(store.claim(key, PRINT, terms(number, MINUTE, DAY)));

        assertThat(ticket.owner()).isEqualTo(number);
        assertThat(granted(store.claim(key, PRINT, terms(number, MINUTE, DAY)))).isEqualTo(ticket);
        assertThat(store.complete(ticket, bytes("x"), DAY)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8000, 70_000, 3 << 20})
    void an_outcome_of_any_size_comes_back_as_it_was(int size) {
        byte[] outcome = new byte[size];
        new Random(size).nextBytes(outcome);
        RecordKey key = key();
        ByteBuffer given =
                ByteBuffer.allocate(size + 2).put(1, outcome).position(1).limit(size + 1);

        assertThat(store.complete(claimed(store, key), given, DAY)).isTrue();
        assertThat(given.position()).as("what the caller has is as it was").isEqualTo(1);
        assertThat(store.claim(key, PRINT, terms()))
                .asInstanceOf(type(Claim.Done.class))
                .extracting(Claim.Done::outcome)
                .isEqualTo(ByteBuffer.wrap(outcome));
        assertThat(store.find(key)).get().extracting(RecordInfo::bytes).isEqualTo(size);
    }

    @Test
    void the_longest_durations_do_not_overflow() {
        Duration ever = Duration.ofMillis(Long.MAX_VALUE);
        RecordKey key = key();
        Ticket ticket = granted(store.claim(key, PRINT, terms(owner(), ever, ever)));

        assertThat(store.renew(ticket, ever, bytes(""))).isTrue();
        assertThat(store.complete(ticket, bytes("x"), ever)).isTrue();
        assertThat(store.claim(key, PRINT, terms()))
                .asInstanceOf(type(Claim.Done.class))
                .extracting(Claim.Done::remaining)
                .satisfies(left -> assertThat(left).isGreaterThan(Duration.ofDays(365L * 10_000)));
    }

    @Test
    void a_retention_of_a_millisecond_does_not_lose_the_claim_that_asked_for_it() {
        Duration shortest = Duration.ofMillis(1);
        for (int i = 0; i < 50; i++) {
            assertThat(granted(store.claim(key(), PRINT, terms(owner(), shortest, shortest)))
                            .epoch())
                    .isEqualTo(1);
        }
    }

    @Test
    void the_time_is_that_of_the_database() throws SQLException {
        long before = System.currentTimeMillis();
        claimed(store, key());
        long lease = database().number("SELECT lease_until FROM crosscut_idempotency");
        long expiry = database().number("SELECT expires_at FROM crosscut_idempotency");
        long after = System.currentTimeMillis();

        assertThat(lease - MINUTE.toMillis()).as("one machine, one clock").isBetween(before - 5, after + 5);
        assertThat(expiry - DAY.toMillis()).isBetween(before - 5, after + 5);
    }

    @Test
    void what_a_claim_found_is_compared_again_when_the_record_is_taken() throws Exception {
        Records records = new Records(Sql.of(dialect(), "crosscut_idempotency", dialect().now, ""));
        RecordKey key = key();
        Ticket first = abandoned(store, key, "p");
        try (Connection connection = database().dataSource().getConnection()) {
            Session slow = new Session(connection, 0, false);
            // The owner comes back between the look and the take-over.
            assertThat(store.renew(first, MINUTE, bytes("q"))).isTrue();

            assertThat(records.claim(slow, key, PRINT, inPlaceOf(first))).isInstanceOf(Claim.Running.class);
        }
        assertThat(store.complete(first, bytes("done"), DAY)).isTrue();
    }

    @Test
    void of_many_that_take_an_abandoned_record_over_one_does_and_has_all_the_progress() throws Exception {
        for (int round = 0; round < 20; round++) {
            RecordKey key = key();
            Ticket old = abandoned(store, key, "progress " + round);
            List<Claim> claims = atOnce(8, i -> () -> store.claim(key, PRINT, inPlaceOf(old)));

            String progress = "progress " + round;
            assertThat(claims)
                    .filteredOn(Claim.Granted.class::isInstance)
                    .singleElement()
                    .satisfies(claim -> {
                        assertThat(granted(claim).epoch()).isEqualTo(2);
                        assertThat(text(((Claim.Granted) claim).progress())).isEqualTo(progress);
                    });
            assertThat(claims).filteredOn(Claim.Running.class::isInstance).hasSize(7);
            assertThat(store.complete(old, bytes("late"), DAY)).isFalse();
        }
    }

    // Contention

    @Test
    void of_many_claims_of_each_of_many_keys_one_is_granted() throws Exception {
        int keys = hotKeys();
        ConcurrentMap<RecordKey, List<Ticket>> winners = new ConcurrentHashMap<>();
        List<RecordKey> all = IntStream.range(0, keys).mapToObj(i -> key()).toList();
        List<Integer> others = atOnce(THREADS, thread -> () -> {
            int seen = 0;
            for (RecordKey key : all) {
                ClaimTerms terms = terms();
                Claim claim = store.claim(key, PRINT, terms);
                if (claim instanceof Claim.Granted granted) {
                    assertThat(granted.ticket().owner()).isEqualTo(terms.owner());
                    winners.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>())
                            .add(granted.ticket());
                    if (key.bytes()[0] % 2 == 0) {
                        assertThat(store.complete(granted.ticket(), bytes(key.toString()), DAY))
                                .isTrue();
                    }
                } else {
                    assertThat(((Claim.Found) claim).fingerprint()).isEqualTo(PRINT);
                    if (claim instanceof Claim.Done done) {
                        assertThat(text(done.outcome())).isEqualTo(key.toString());
                    }
                    seen++;
                }
            }
            return seen;
        });

        assertThat(winners)
                .hasSize(keys)
                .allSatisfy((key, tickets) -> assertThat(tickets).hasSize(1));
        assertThat(others.stream().mapToInt(Integer::intValue).sum()).isEqualTo(keys * (THREADS - 1));
    }

    @Test
    void a_key_that_is_claimed_released_and_purged_all_the_time_has_one_owner_at_a_time() throws Exception {
        RecordKey key = key();
        AtomicInteger working = new AtomicInteger();
        List<Integer> grants = atOnce(8, thread -> () -> {
            int granted = 0;
            for (int i = 0; i < 60; i++) {
                if (thread == 0) {
                    store.purge(10);
                    continue;
                }
                if (store.claim(key, PRINT, terms(owner(), MINUTE, MINUTE)) instanceof Claim.Granted mine) {
                    assertThat(working.incrementAndGet()).isEqualTo(1);
                    granted++;
                    working.decrementAndGet();
                    if (i % 2 == 0) {
                        store.expire(key);
                    } else {
                        assertThat(store.release(mine.ticket())).isTrue();
                    }
                }
            }
            return granted;
        });

        assertThat(grants.stream().mapToInt(Integer::intValue).sum()).isPositive();
    }

    // Transactions

    @Test
    void claim_work_and_completion_are_committed_together_or_not_at_all() throws Exception {
        database().execute("DROP TABLE IF EXISTS ledger", "CREATE TABLE ledger (payment INTEGER NOT NULL)");
        RecordKey key = key();
        for (int i = 0; i < 4; i++) {
            boolean fails = i < 2;
            transaction(connection -> {
                IdempotencyStore here = store.within(connection);
                if (here.claim(key, PRINT, terms()) instanceof Claim.Granted mine) {
                    insert(connection, "INSERT INTO ledger VALUES (1)");
                    assertThat(here.complete(mine.ticket(), bytes("paid"), DAY)).isTrue();
                    assertDone(here.claim(key, PRINT, terms()), "paid");
                }
                return !fails;
            });
            assertThat(database().number("SELECT COUNT(*) FROM ledger")).isEqualTo(fails ? 0 : 1);
            assertThat(store.find(key).isPresent()).isEqualTo(!fails);
        }
        assertDone(store.claim(key, PRINT, terms()), "paid");
    }

    @Test
    void duplicates_in_transactions_of_their_own_wait_and_have_one_effect() throws Exception {
        database().execute("DROP TABLE IF EXISTS ledger", "CREATE TABLE ledger (payment INTEGER NOT NULL)");
        int keys = 20;
        List<RecordKey> all = IntStream.range(0, keys).mapToObj(i -> key()).toList();
        List<Integer> replays = atOnce(8, thread -> () -> {
            int replayed = 0;
            for (int i = 0; i < keys; i++) {
                int payment = i;
                while (true) {
                    Claim[] last = new Claim[1];
                    boolean crashes = ThreadLocalRandom.current().nextInt(3) == 0;
                    try {
                        transaction(connection -> {
                            database().lockTimeout(connection, 10_000);
                            IdempotencyStore here = store.within(connection);
                            last[0] = here.claim(all.get(payment), PRINT, terms());
                            if (last[0] instanceof Claim.Granted mine) {
                                insert(connection, "INSERT INTO ledger VALUES (" + payment + ")");
                                here.complete(mine.ticket(), bytes("" + payment), DAY);
                            }
                            return !crashes;
                        });
                    } catch (JdbcStoreException e) {
                        assertThat(e.sqlState()).startsWith("40");
                        continue;
                    }
                    if (last[0] instanceof Claim.Done done) {
                        assertThat(text(done.outcome())).isEqualTo("" + payment);
                        replayed++;
                        break;
                    }
                    assertThat(last[0]).isInstanceOf(Claim.Granted.class);
                }
            }
            return replayed;
        });

        assertThat(replays).containsOnly(keys);
        assertThat(database().number("SELECT COUNT(*) FROM ledger")).isEqualTo(keys);
        assertThat(database().number("SELECT COUNT(DISTINCT payment) FROM ledger"))
                .isEqualTo(keys);
    }

    @Test
    void a_duplicate_that_has_waited_long_enough_is_told_that_the_owner_is_at_work() throws Exception {
        RecordKey key = key();
        try (Connection first = begin();
                Connection second = begin()) {
            database().lockTimeout(second, 100);
            Ticket ticket = claimed(store.within(first), key);

            assertThat(store.within(second).claim(key, OTHER, terms()))
                    .isEqualTo(new Claim.Running(OTHER, Duration.ofSeconds(1)));
            second.rollback();
            assertThat(store.within(first).complete(ticket, bytes("x"), DAY)).isTrue();
            first.commit();
            assertDone(store.within(second).claim(key, PRINT, terms()), "x");
            second.commit();
            database().lockTimeout(second, 2_000);
            second.commit();
        }
    }

    @Test
    void a_transaction_that_fails_leaves_the_key_to_the_one_that_waits_for_it() throws Exception {
        RecordKey key = key();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection first = begin()) {
            claimed(store.within(first), key);
            Future<Claim> waiting = thread.submit(() -> {
                try (Connection second = begin()) {
                    database().lockTimeout(second, 10_000);
                    Claim claim = store.within(second).claim(key, PRINT, terms());
                    second.commit();
                    return claim;
                }
            });
            assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            first.rollback();

            assertThat(granted(waiting.get(10, TimeUnit.SECONDS)).epoch()).isEqualTo(1);
        } finally {
            thread.shutdown();
        }
    }

    @Test
    void what_was_claimed_outside_is_seen_within_and_the_other_way_round() throws Exception {
        RecordKey running = key();
        RecordKey free = key();
        RecordKey left = key();
        Ticket outside = claimed(store, running);
        assertThat(store.release(claimed(store, free))).isTrue();
        Ticket old = abandoned(store, left, "step 1");
        transaction(connection -> {
            IdempotencyStore here = store.within(connection);
            assertThat(here.claim(running, PRINT, terms())).isInstanceOf(Claim.Running.class);
            Ticket again = claimed(here, free);
            assertThat(again.epoch()).isEqualTo(2);
            assertThat(here.claim(left, PRINT, terms())).isEqualTo(new Claim.Abandoned(PRINT, old));
            Claim taken = here.claim(left, PRINT, inPlaceOf(old));
            assertThat(text(((Claim.Granted) taken).progress())).isEqualTo("step 1");
            assertThat(here.renew(granted(taken), MINUTE, bytes("step 2"))).isTrue();
            assertThat(here.release(again)).isTrue();
            assertThat(here.release(again)).isFalse();
            here.close();
            return true;
        });
        assertThat(store.complete(outside, bytes("x"), DAY)).isTrue();
        assertThat(store.complete(old, bytes("late"), DAY)).isFalse();
        assertThat(store.find(left))
                .get()
                .extracting(RecordInfo::epoch, RecordInfo::bytes)
                .containsExactly(2, 6);
    }

    @Test
    void a_connection_that_commits_by_itself_is_no_transaction() throws Exception {
        try (Connection connection = database().dataSource().getConnection()) {
            assertThatThrownBy(() -> store.within(connection))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("setAutoCommit(false)");
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_SERIALIZABLE
            })
    void a_transaction_with_an_older_snapshot_never_runs_what_was_done_meanwhile(int isolation) throws Exception {
        RecordKey key = key();
        try (Connection connection = begin()) {
            connection.setTransactionIsolation(isolation);
            try (Statement statement = connection.createStatement()) {
                statement
                        .executeQuery("SELECT version FROM crosscut_idempotency_schema")
                        .close();
            }
            done(store, key, "meanwhile");
            try {
                assertDone(store.within(connection).claim(key, PRINT, terms()), "meanwhile");
            } catch (JdbcStoreException e) {
                assertThat(isolation).isGreaterThan(Connection.TRANSACTION_READ_COMMITTED);
                assertThat(e.sqlState()).isIn("40001", "HY000");
            }
            connection.rollback();
            assertDone(store.within(connection).claim(key, PRINT, terms()), "meanwhile");
            connection.rollback();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        }
    }

    // Connections

    @Test
    void a_pool_may_hand_out_connections_that_do_not_commit_and_gets_them_back_as_they_were() throws Exception {
        try (Connection one = database().dataSource().getConnection()) {
            one.setAutoCommit(false);
            int isolation = one.getTransactionIsolation();
            int timeout = one.getNetworkTimeout();
            JdbcStore ours = builder(Source.always(one)).build();
            RecordKey key = key();
            Ticket ticket = claimed(ours, key);
            assertThat(store.find(key)).as("committed").isPresent();
            assertThat(ours.complete(ticket, bytes("x"), DAY)).isTrue();
            assertThat(ours.purge(10)).isZero();

            assertDone(store.claim(key, PRINT, terms()), "x");
            assertThat(one.getAutoCommit()).isFalse();
            assertThat(one.getTransactionIsolation()).isEqualTo(isolation);
            assertThat(one.getNetworkTimeout()).isEqualTo(timeout);
            one.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
    void whatever_the_isolation_of_its_connections_one_claim_of_many_is_granted(int isolation) throws Exception {
        Source isolated = () -> {
            Connection connection = database().dataSource().getConnection();
            connection.setTransactionIsolation(isolation);
            return connection;
        };
        JdbcStore ours = builder(isolated).build();
        for (int round = 0; round < 10; round++) {
            RecordKey key = key();
            List<Claim> claims = atOnce(8, i -> () -> ours.claim(key, PRINT, terms()));

            assertThat(claims).filteredOn(Claim.Granted.class::isInstance).hasSize(1);
            assertThat(claims).filteredOn(Claim.Running.class::isInstance).hasSize(7);
        }
    }

    // Purge

    @Test
    void a_purge_drops_what_is_over_and_no_more_than_it_was_told_to() throws Exception {
        RecordKey kept = key();
        RecordKey running = key();
        done(store, kept, "kept");
        claimed(store, running);
        for (int i = 0; i < 25; i++) {
            assertThat(store.complete(claimed(store, key()), bytes("x"), Duration.ZERO))
                    .isTrue();
        }
        Thread.sleep(2);

        assertThat(store.purge(10)).isEqualTo(10);
        assertThat(store.purge(10)).isEqualTo(10);
        assertThat(store.purge(10)).isEqualTo(5);
        assertThat(store.purge(10)).isZero();
        assertDone(store.claim(kept, PRINT, terms()), "kept");
        assertThat(store.claim(running, PRINT, terms())).isInstanceOf(Claim.Running.class);
        assertThat(database().number("SELECT COUNT(*) FROM crosscut_idempotency"))
                .isEqualTo(2);
        assertThatThrownBy(() -> store.purge(0)).hasMessageContaining("is 0; expected 1 or more");
    }

    @Test
    void purges_of_many_processes_drop_each_record_once() throws Exception {
        int records = 200;
        for (int i = 0; i < records; i++) {
            store.complete(claimed(store, key()), bytes("x"), Duration.ZERO);
        }
        Thread.sleep(2);
        List<Integer> dropped = atOnce(4, i -> () -> {
            int sum = 0;
            for (int batch = 0; batch < 50; batch++) {
                sum += store.purge(7);
            }
            return sum;
        });

        assertThat(dropped.stream().mapToInt(Integer::intValue).sum()).isEqualTo(records);
        assertThat(database().number("SELECT COUNT(*) FROM crosscut_idempotency"))
                .isZero();
    }

    @Test
    void a_purge_never_drops_a_record_that_is_being_taken_over() throws Exception {
        List<RecordKey> all = IntStream.range(0, 40).mapToObj(i -> key()).toList();
        for (RecordKey key : all) {
            store.complete(claimed(store, key), bytes("old"), Duration.ZERO);
        }
        Thread.sleep(2);
        List<Integer> granted = atOnce(4, thread -> () -> {
            int mine = 0;
            for (RecordKey key : all) {
                if (thread == 0) {
                    store.purge(3);
                } else if (store.claim(key, PRINT, terms()) instanceof Claim.Granted) {
                    mine++;
                }
            }
            return mine;
        });
        store.purge(100);

        assertThat(granted.stream().mapToInt(Integer::intValue).sum()).isEqualTo(all.size());
        assertThat(store.count().get(RecordInfo.State.RUNNING)).isEqualTo(all.size());
    }

    @Test
    void a_purge_does_not_wait_for_a_record_that_a_transaction_holds() throws Exception {
        RecordKey held = key();
        store.complete(claimed(store, held), bytes("held"), Duration.ZERO);
        Thread.sleep(2);
        for (int i = 0; i < 3; i++) {
            store.complete(claimed(store, key()), bytes("x"), Duration.ZERO);
        }
        Thread.sleep(2);
        transaction(connection -> {
            Ticket ticket = claimed(store.within(connection), held);
            assertThat(store.purge(10)).isEqualTo(3);
            return store.within(connection).complete(ticket, bytes("again"), DAY);
        });
        assertThat(store.purge(10)).isZero();
        assertDone(store.claim(held, PRINT, terms()), "again");
    }

    @Test
    void a_purge_in_the_background_needs_no_one_to_ask_for_it() throws Exception {
        store.complete(claimed(store, key()), bytes("x"), Duration.ZERO);
        JdbcStore purging = builder(database().dataSource())
                .purgeInterval(Duration.ofSeconds(1))
                .build();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (database().number("SELECT COUNT(*) FROM crosscut_idempotency") > 0) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(20);
            }
        } finally {
            purging.close();
        }
    }

    // People

    @Test
    void records_are_found_counted_and_expired() throws Exception {
        RecordKey running = key();
        RecordKey left = key();
        RecordKey done = key();
        RecordKey released = key();
        RecordKey over = key();
        claimed(store, running);
        abandoned(store, left, "p");
        done(store, done, "outcome");
        store.release(claimed(store, released));
        store.complete(claimed(store, over), bytes("x"), Duration.ZERO);
        Thread.sleep(2);

        assertThat(store.count())
                .containsOnly(
                        Map.entry(RecordInfo.State.RUNNING, 1L),
                        Map.entry(RecordInfo.State.ABANDONED, 1L),
                        Map.entry(RecordInfo.State.DONE, 1L),
                        Map.entry(RecordInfo.State.RELEASED, 1L));
        assertThat(store.find(done)).get().satisfies(info -> {
            assertThat(info.key()).isEqualTo(done);
            assertThat(info.state()).isEqualTo(RecordInfo.State.DONE);
            assertThat(info.epoch()).isEqualTo(1);
            assertThat(info.fingerprint()).isEqualTo(PRINT);
            assertThat(info.lease()).isZero();
            assertThat(info.retention()).isBetween(DAY.minusMinutes(1), DAY);
            assertThat(info.bytes()).isEqualTo(7);
        });
        assertThat(store.find(running))
                .get()
                .extracting(RecordInfo::lease)
                .satisfies(lease -> assertThat(lease).isBetween(MINUTE.minusSeconds(30), MINUTE));
        assertThat(store.find(left)).get().extracting(RecordInfo::state).isEqualTo(RecordInfo.State.ABANDONED);
        assertThat(store.find(released)).get().extracting(RecordInfo::state).isEqualTo(RecordInfo.State.RELEASED);
        assertThat(store.find(over)).isEmpty();
        assertThat(store.find(key())).isEmpty();

        assertThat(store.expire(done)).isTrue();
        assertThat(store.expire(done)).isFalse();
        assertThat(store.expire(over)).isFalse();
        assertThat(store.expire(key())).isFalse();
        assertThat(store.find(done)).isEmpty();
        assertThat(claimed(store, done).epoch())
                .as("the fencing number never falls")
                .isEqualTo(2);
    }

    @Test
    void an_owner_whose_record_was_expired_has_lost_it() {
        RecordKey key = key();
        Ticket ticket = claimed(store, key);

        assertThat(store.expire(key)).isTrue();
        assertThat(store.renew(ticket, MINUTE, bytes(""))).isFalse();
        assertThat(store.release(ticket)).isFalse();
        assertThat(store.complete(ticket, bytes("x"), DAY)).isFalse();
        assertThat(claimed(store, key)).isNotEqualTo(ticket);
    }

    Dialect dialect() throws SQLException {
        try (Connection connection = database().dataSource().getConnection()) {
            return Dialect.of(connection);
        }
    }

    Connection begin() throws SQLException {
        Connection connection = database().dataSource().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    interface Business {
        /** Whether to commit. */
        boolean run(Connection connection) throws Exception;
    }

    void transaction(Business business) throws Exception {
        try (Connection connection = begin()) {
            boolean commits = false;
            try {
                commits = business.run(connection);
            } finally {
                if (commits) {
                    connection.commit();
                } else {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        }
    }

    private static void insert(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    interface Numbered<T> {
        Callable<T> of(int number);
    }

    /** Begins on all threads at the same time. */
    static <T> List<T> atOnce(int threads, Numbered<T> work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch ready = new CountDownLatch(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<T> each = work.of(i);
                futures.add(pool.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return each.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
