package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.MINUTE;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.abandoned;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.done;
import static dev.crosscut.idempotency.jdbc.Given.granted;
import static dev.crosscut.idempotency.jdbc.Given.inPlaceOf;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.zaxxer.hikari.HikariDataSource;
import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** What calls cost on the wire and in the log of PostgreSQL, and what becomes of them when it, or the wire, fails. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PostgresFaultTest {

    private final Postgres postgres = Postgres.shared();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Wire wire;
    private JdbcStore store;

    @BeforeEach
    void open() throws Exception {
        postgres.execute("DROP TABLE IF EXISTS crosscut_idempotency, crosscut_idempotency_schema");
        wire = new Wire(postgres.port());
        store = store(pool(wired()), Duration.ofSeconds(5));
    }

    @AfterEach
    void close() throws Exception {
        thread.shutdownNow();
        wire.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private PGSimpleDataSource wired() {
        PGSimpleDataSource source = postgres.driver();
        source.setPortNumbers(new int[] {wire.port()});
        return source;
    }

    private HikariDataSource pool(DataSource source) {
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(source);
        pool.setMaximumPoolSize(1);
        pool.setConnectionTimeout(1000);
        opened.add(pool);
        return pool;
    }

    private static JdbcStore store(DataSource source, Duration timeout) {
        return JdbcStore.builder(source)
                .schema(JdbcStore.Schema.CREATE)
                .purgeInterval(Duration.ZERO)
                .timeout(timeout)
                .build();
    }

    // Cost

    @Test
    void a_new_call_is_two_round_trips_and_a_replay_is_one() {
        for (int i = 0; i < 12; i++) { // unprepared, and prepared by the driver
            RecordKey key = key();
            wire.turns();
            Ticket ticket = claimed(store, key);
            assertThat(wire.turns()).as("claim").isEqualTo(1);
            assertThat(store.claim(key, PRINT, terms())).isInstanceOf(Claim.Running.class);
            assertThat(wire.turns()).as("duplicate").isEqualTo(1);
            assertThat(store.renew(ticket, Duration.ZERO, bytes("p"))).isTrue();
            assertThat(wire.turns()).as("renewal").isEqualTo(1);
            Ticket taken = granted(store.claim(key, PRINT, inPlaceOf(ticket)));
            assertThat(wire.turns()).as("take-over").isEqualTo(2);
            assertThat(store.release(taken)).isTrue();
            assertThat(wire.turns()).as("release").isEqualTo(1);
            Ticket again = claimed(store, key);
            assertThat(wire.turns()).as("claim of what was released").isEqualTo(2);
            assertThat(store.complete(again, bytes("x"), DAY)).isTrue();
            assertThat(wire.turns()).as("completion").isEqualTo(1);
            assertDone(store.claim(key, PRINT, terms()), "x");
            assertThat(wire.turns()).as("replay").isEqualTo(1);
        }
    }

    @Test
    void within_a_transaction_a_new_call_is_two_statements_and_no_commit_of_its_own() throws SQLException {
        try (Connection connection = pool(wired()).getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 12; i++) {
                IdempotencyStore here = store.within(connection);
                wire.turns();
                Ticket ticket = claimed(here, key());
                assertThat(here.complete(ticket, bytes("x"), DAY)).isTrue();
                assertThat(wire.turns()).isEqualTo(2);
                connection.commit();
                assertThat(wire.turns()).isEqualTo(1);
            }
        }
    }

    @Test
    void a_replay_writes_nothing_to_the_log_of_the_database() throws SQLException {
        Connection connection = postgres.driver().getConnection();
        opened.add(connection);
        JdbcStore ours = store(Source.always(connection), Duration.ofSeconds(5));
        List<RecordKey> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RecordKey key = key();
            done(ours, key, "outcome " + i);
            assertDone(ours.claim(key, PRINT, terms()), "outcome " + i); // whoever reads first notes what is committed
            keys.add(key);
        }
        long before = wal(connection);
        for (int round = 0; round < 60; round++) {
            for (int i = 0; i < keys.size(); i++) {
                assertDone(ours.claim(keys.get(i), PRINT, terms()), "outcome " + i);
            }
        }
        long replays = wal(connection) - before;
        claimed(ours, key());

        assertThat(wal(connection) - before - replays)
                .as("a claim is logged, and counted")
                .isPositive();
        assertThat(replays).as("bytes of log for 3000 replays").isZero();
    }

    private static long wal(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_stat_force_next_flush()");
            statement.execute("SELECT 1");
            try (ResultSet rows =
                    statement.executeQuery("SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())")) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    @Test
    void a_purge_finds_what_is_over_by_the_index() throws SQLException {
        Sql sql = Sql.of(Dialect.POSTGRESQL, "crosscut_idempotency", Dialect.POSTGRESQL.now, " FOR UPDATE SKIP LOCKED");
        StringBuilder plan = new StringBuilder();
        try (Connection connection = postgres.driver().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            statement.execute("SET enable_hashjoin = off");
            statement.execute("SET enable_mergejoin = off");
            try (ResultSet rows = statement.executeQuery(
                    "EXPLAIN " + Objects.requireNonNull(sql.purge()).replace("?", "100"))) {
                while (rows.next()) {
                    plan.append(rows.getString(1)).append('\n');
                }
            }
        }
        assertThat(plan.toString())
                .contains("Index Cond: (expires_at <=")
                .contains("Index Cond: (k =")
                .doesNotContain("Filter:");
    }

    // Faults

    @Test
    void a_claim_whose_reply_was_lost_is_granted_to_the_same_owner_again() {
        RecordKey key = key();
        ClaimTerms terms = terms();
        wire.loseRepliesFrom(1);
        assertThatThrownBy(() -> store.claim(key, PRINT, terms)).isInstanceOf(JdbcStoreException.class);
        wire.heal();
        assertThat(store.claim(key, PRINT, terms())).as("it was carried out").isInstanceOf(Claim.Running.class);

        assertThat(granted(store.claim(key, PRINT, terms))).isEqualTo(new Ticket(key, terms.owner(), 1));
    }

    @Test
    void a_completion_whose_reply_was_lost_is_true_the_second_time() {
        RecordKey key = key();
        Ticket ticket = claimed(store, key);
        wire.loseRepliesFrom(1);
        assertThatThrownBy(() -> store.complete(ticket, bytes("x"), DAY))
                .isInstanceOf(JdbcStoreException.class)
                .hasMessageContaining("the completion of record " + key)
                .hasMessageContaining("not known whether it was carried out");
        wire.heal();

        assertThat(store.complete(ticket, bytes("y"), DAY)).isTrue();
        assertDone(store.claim(key, PRINT, terms()), "x");
    }

    @Test
    void a_take_over_whose_reply_was_lost_is_granted_once() {
        RecordKey key = key();
        Ticket old = abandoned(store, key, "p");
        ClaimTerms terms = inPlaceOf(old);
        wire.loseRepliesFrom(2);
        assertThatThrownBy(() -> store.claim(key, PRINT, terms)).isInstanceOf(JdbcStoreException.class);
        wire.heal();

        assertThat(store.claim(key, PRINT, inPlaceOf(old)))
                .as("it was carried out")
                .isInstanceOf(Claim.Running.class);
        assertThat(store.claim(key, PRINT, terms))
                .isEqualTo(new Claim.Granted(new Ticket(key, terms.owner(), 2), bytes("p")));
    }

    @Test
    void a_claim_whose_connection_is_killed_is_granted_to_the_same_owner_again() throws Exception {
        RecordKey key = key();
        ClaimTerms terms = terms();
        try (Connection other = postgres.driver().getConnection()) {
            other.setAutoCommit(false);
            claimed(store.within(other), key);
            killed(() -> store.claim(key, PRINT, terms));
            other.rollback();
        }
        assertThat(store.find(key)).as("the claim was not carried out").isEmpty();
        assertThat(granted(store.claim(key, PRINT, terms))).isEqualTo(new Ticket(key, terms.owner(), 1));
    }

    @Test
    void a_completion_whose_connection_is_killed_is_carried_out_the_second_time() throws Exception {
        RecordKey key = key();
        Ticket ticket = claimed(store, key);
        try (Connection other = postgres.driver().getConnection();
                PreparedStatement lock =
                        other.prepareStatement("SELECT k FROM crosscut_idempotency WHERE k = ? FOR UPDATE")) {
            other.setAutoCommit(false);
            lock.setBytes(1, key.bytes());
            lock.execute();
            killed(() -> store.complete(ticket, bytes("x"), DAY));
            other.rollback();
        }
        assertThat(store.claim(key, PRINT, terms())).isInstanceOf(Claim.Running.class);
        assertThat(store.complete(ticket, bytes("x"), DAY)).isTrue();
        assertDone(store.claim(key, PRINT, terms()), "x");
    }

    /** Lets a call wait for a lock, and kills the backend that does. */
    private void killed(Callable<?> call) throws Exception {
        Future<?> waiting = thread.submit(call);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (postgres.number(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                == 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        JdbcStoreException.class,
                        thrown -> assertThat(thrown.sqlState()).isIn("57P01", "08006"));
    }

    @Test
    void records_outlive_a_restart_of_the_server_and_their_owners_go_on() throws Exception {
        RecordKey done = key();
        RecordKey running = key();
        done(store, done, "x");
        Ticket ticket = claimed(store, running);
        wire.close();
        postgres.restart();
        wire = new Wire(postgres.port());
        JdbcStore after = store(pool(wired()), Duration.ofSeconds(5));

        assertThat(after.claim(running, PRINT, terms())).isInstanceOf(Claim.Running.class);
        assertThat(after.renew(ticket, MINUTE, bytes("p"))).isTrue();
        assertThat(after.complete(ticket, bytes("y"), DAY)).isTrue();
        assertDone(after.claim(running, PRINT, terms()), "y");
        assertDone(after.claim(done, PRINT, terms()), "x");
    }

    @Test
    void a_database_that_hangs_fails_the_call_within_the_time_out() throws Exception {
        JdbcStore impatient = store(pool(wired()), Duration.ofSeconds(1));
        RecordKey key = key();
        wire.hang();
        failsSoon(() -> impatient.claim(key, PRINT, terms()));
        failsSoon(() -> impatient.complete(new Ticket(key, 1, 1), bytes("x"), DAY));
    }

    @Test
    void a_database_that_is_gone_fails_the_call_within_the_time_out() throws Exception {
        JdbcStore impatient = store(pool(wired()), Duration.ofSeconds(1));
        wire.close();
        failsSoon(() -> impatient.claim(key(), PRINT, terms()));
    }

    private static void failsSoon(ThrowingCallable call) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(JdbcStoreException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void a_claim_that_waits_for_a_transaction_fails_within_the_time_out_and_may_be_carried_out_later()
            throws Exception {
        JdbcStore impatient = store(pool(wired()), Duration.ofSeconds(1));
        RecordKey key = key();
        ClaimTerms terms = terms();
        try (Connection other = postgres.driver().getConnection()) {
            other.setAutoCommit(false);
            claimed(store.within(other), key);
            failsSoon(() -> impatient.claim(key, PRINT, terms));
            other.rollback();
        }
        assertThat(granted(impatient.claim(key, PRINT, terms))).isEqualTo(new Ticket(key, terms.owner(), 1));
    }

    // The clock

    @Test
    void the_clock_of_this_process_plays_no_part() throws SQLException {
        // A server whose clock is eleven days ahead, and then a minute further.
        postgres.execute(
                "DROP SCHEMA IF EXISTS elsewhen CASCADE",
                "CREATE SCHEMA elsewhen",
                "CREATE FUNCTION elsewhen.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
                        + " AS 'SELECT pg_catalog.clock_timestamp() + interval ''11 days'''");
        DataSource ahead = postgres.with("search_path=elsewhen,public,pg_catalog");
        JdbcStore theirs = store(ahead, Duration.ofSeconds(5));
        RecordKey key = RecordKey.of("clock", List.of(), "of the server");
        Ticket ticket = claimed(theirs, key);

        long lease = postgres.number("SELECT max(lease_until) FROM elsewhen.crosscut_idempotency");
        assertThat(lease - System.currentTimeMillis())
                .isGreaterThan(Duration.ofDays(10).toMillis());
        assertThat(theirs.claim(key, PRINT, terms()))
                .asInstanceOf(type(Claim.Running.class))
                .satisfies(running -> assertThat(running.remaining()).isBetween(MINUTE.minusSeconds(30), MINUTE));
        postgres.execute(
                "CREATE OR REPLACE FUNCTION elsewhen.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
                        + " AS 'SELECT pg_catalog.clock_timestamp() + interval ''11 days 61 seconds'''");

        assertThat(theirs.claim(key, PRINT, terms())).isEqualTo(new Claim.Abandoned(PRINT, ticket));
        assertThat(theirs.complete(ticket, bytes("late"), DAY)).isTrue();
        assertThat(theirs.find(key)).isPresent();
    }

    // Transactions and sessions of PostgreSQL

    @Test
    void a_transaction_that_was_aborted_already_is_told_so() throws SQLException {
        try (Connection connection = postgres.driver().getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("SELECT 1/0")).isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> store.within(connection).claim(key(), PRINT, terms()))
                    .isInstanceOfSatisfying(
                            JdbcStoreException.class,
                            thrown -> assertThat(thrown.sqlState()).isEqualTo("25P02"));
        }
    }

    @Test
    void a_duplicate_in_a_transaction_does_not_abort_it() throws SQLException {
        RecordKey key = key();
        done(store, key, "x");
        try (Connection connection = postgres.driver().getConnection()) {
            connection.setAutoCommit(false);
            assertDone(store.within(connection).claim(key, PRINT, terms()), "x");
            Ticket other = claimed(store.within(connection), key());
            connection.commit();
            assertThat(store.find(other.key())).isPresent();
        }
    }

    @Test
    void a_pool_for_reading_is_written_through_and_is_for_reading_afterwards() throws SQLException {
        PGSimpleDataSource source = postgres.driver();
        source.setProperty(PGProperty.READ_ONLY_MODE, "always");
        try (Connection connection = source.getConnection()) {
            store.close();
            JdbcStore ours = store(Source.always(connection), Duration.ofSeconds(5));
            connection.setReadOnly(true);
            RecordKey key = key();

            assertThat(ours.complete(claimed(ours, key), bytes("x"), DAY)).isTrue();
            assertThat(connection.isReadOnly()).isTrue();
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("DELETE FROM crosscut_idempotency"))
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    void a_server_for_reading_refuses_claims() {
        JdbcStore[] ours = new JdbcStore[1];
        assertThatThrownBy(
                        () -> ours[0] = store(postgres.with("default_transaction_read_only=on"), Duration.ofSeconds(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[25006]");
    }
}
