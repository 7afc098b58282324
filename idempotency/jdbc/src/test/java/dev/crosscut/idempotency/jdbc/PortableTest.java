package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.MINUTE;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.abandoned;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.granted;
import static dev.crosscut.idempotency.jdbc.Given.inPlaceOf;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hsqldb.jdbc.JDBCPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A database that the store knows nothing of: HSQLDB, and tables as the guide has them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PortableTest {

    private final JDBCPool pool = new JDBCPool(16);
    private final List<JdbcStore> opened = new ArrayList<>();

    @BeforeEach
    void create() throws SQLException {
        pool.setURL("jdbc:hsqldb:mem:portable;hsqldb.tx=mvcc");
        pool.setUser("SA");
        execute("DROP SCHEMA PUBLIC CASCADE");
        execute("""
                CREATE TABLE crosscut_idempotency (
                    k           BINARY(32) NOT NULL PRIMARY KEY,
                    state       SMALLINT   NOT NULL,
                    owner       BIGINT     NOT NULL,
                    epoch       INTEGER    NOT NULL,
                    fp          BINARY(32) NOT NULL,
                    lease_until BIGINT     NOT NULL,
                    expires_at  BIGINT     NOT NULL,
                    data        BLOB
                )
                """);
        execute("CREATE INDEX crosscut_idempotency_expires_at ON crosscut_idempotency (expires_at)");
        execute("CREATE TABLE crosscut_idempotency_schema (version INTEGER NOT NULL, readable_by INTEGER NOT NULL)");
        execute("INSERT INTO crosscut_idempotency_schema (version, readable_by) VALUES (1, 1)");
    }

    @AfterEach
    void close() throws SQLException {
        opened.forEach(JdbcStore::close);
        execute("SHUTDOWN");
        pool.close(0);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private JdbcStore.Builder builder() {
        return JdbcStore.builder(pool).purgeInterval(Duration.ZERO);
    }

    private JdbcStore store() {
        JdbcStore store = JdbcStore.builder(pool).clock("UNIX_MILLIS()").build();
        opened.add(store);
        return store;
    }

    @Test
    void a_clock_has_to_be_named() {
        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "HSQL Database Engine is not known; expected the setting" + " crosscut.idempotency.jdbc.clock");
    }

    @Test
    void a_clock_that_is_none_is_refused() {
        assertThatThrownBy(() -> builder().clock("NO_SUCH()").build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the clock NO_SUCH() cannot be read");
        assertThatThrownBy(() -> builder().clock("UNIX_TIMESTAMP()").build())
                .as("seconds are no milliseconds")
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the clock UNIX_TIMESTAMP() says")
                .hasMessageContaining("expected milliseconds since 1970 in UTC");
    }

    @Test
    void the_records_are_kept_as_elsewhere() throws Exception {
        JdbcStore store = store();
        RecordKey key = key();
        Ticket first = abandoned(store, key, "p");
        assertThat(store.claim(key, PRINT, terms())).isEqualTo(new Claim.Abandoned(PRINT, first));
        Claim taken = store.claim(key, PRINT, inPlaceOf(first));
        assertThat(taken)
                .asInstanceOf(type(Claim.Granted.class))
                .extracting(Claim.Granted::progress)
                .isEqualTo(bytes("p"));
        assertThat(store.complete(first, bytes("late"), DAY)).isFalse();
        assertThat(store.release(granted(taken))).isTrue();
        Ticket third = claimed(store, key);
        assertThat(third.epoch()).isEqualTo(3);
        assertThat(store.complete(third, bytes("x"), DAY)).isTrue();
        assertThat(store.complete(third, bytes("y"), DAY)).isTrue();
        assertDone(store.claim(key, PRINT, terms()), "x");
        assertThat(store.count().get(RecordInfo.State.DONE)).isEqualTo(1);
        assertThat(store.complete(claimed(store, key()), bytes("x"), Duration.ZERO))
                .isTrue();
        Thread.sleep(2);
        assertThat(store.purge(10)).isEqualTo(1);
        assertThat(store.expire(key)).isTrue();
        assertThat(store.find(key)).isEmpty();
    }

    @Test
    void of_many_claims_one_is_granted() throws Exception {
        JdbcStore store = store();
        for (int round = 0; round < 20; round++) {
            RecordKey key = key();
            List<Claim> claims = DialectTests.atOnce(8, i -> () -> store.claim(key, PRINT, terms()));
            assertThat(claims).filteredOn(Claim.Granted.class::isInstance).hasSize(1);
            assertThat(claims)
                    .filteredOn(Claim.Running.class::isInstance)
                    .hasSize(7)
                    .allSatisfy(claim ->
                            assertThat(((Claim.Running) claim).remaining()).isLessThanOrEqualTo(MINUTE));
        }
    }

    @Test
    void there_is_no_store_within_a_transaction() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store().within(connection))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("expected PostgreSQL, MySQL, MariaDB or H2");
            connection.rollback();
        }
    }
}
