package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What docs/idempotency-jdbc.md shows. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GuideTest {

    private final H2 h2 = H2.inMemory();
    private final DataSource pool = h2.dataSource();

    @BeforeEach
    void create() throws SQLException {
        JdbcStore.builder(pool).schema(JdbcStore.Schema.CREATE).build().close();
        h2.execute("CREATE TABLE payment (id BIGINT AUTO_INCREMENT PRIMARY KEY)", "CREATE SCHEMA payments");
    }

    @AfterEach
    void close() throws SQLException {
        h2.close();
    }

    @Test
    void a_store_on_a_pool() {
        JdbcStore store = JdbcStore.of(pool);
        assertThat(store.count().get(RecordInfo.State.RUNNING)).isZero();
        store.close();
    }

    @Test
    void a_store_with_a_table_of_its_own() {
        JdbcStore store = JdbcStore.builder(pool)
                .table("payments.idempotency")
                .schema(JdbcStore.Schema.CREATE)
                .purgeInterval(Duration.ofMinutes(5))
                .timeout(Duration.ofSeconds(2))
                .build();
        assertThat(store.count().get(RecordInfo.State.RUNNING)).isZero();
        store.close();
    }

    @Test
    void a_payment_in_the_transaction_of_its_key() throws SQLException {
        try (JdbcStore store = JdbcStore.of(pool)) {
            RecordKey key = Given.key();
            for (int i = 0; i < 3; i++) {
                pay(store, key, "pay".getBytes(StandardCharsets.UTF_8), Given.terms(), bytes("receipt"));
            }
            assertThat(h2.number("SELECT COUNT(*) FROM payment")).isEqualTo(1);
        }
    }

    private void pay(JdbcStore store, RecordKey key, byte[] request, ClaimTerms terms, ByteBuffer receipt)
            throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            IdempotencyStore here = store.within(connection);
            if (here.claim(key, Fingerprint.of(request), terms) instanceof Claim.Granted mine) {
                pay(connection);
                here.complete(mine.ticket(), receipt, Duration.ofDays(1));
            }
            connection.commit();
        }
    }

    private static void pay(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO payment DEFAULT VALUES");
        }
    }
}
