package dev.crosscut.idempotency.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tables of MariaDB. */
@Tag("databases")
class MariaDbSchemaTest extends SchemaTests {

    private static MariaDb mariaDb;

    @BeforeAll
    static void start() {
        mariaDb = new MariaDb("mariadb");
    }

    @AfterAll
    static void stop() {
        mariaDb.close();
    }

    @Override
    TestDatabase database() {
        return mariaDb;
    }

    @Override
    String bytes32() {
        return "BINARY(32)";
    }

    @Override
    String bytes16() {
        return "BINARY(16)";
    }

    @Override
    String text32() {
        return "VARCHAR(32) COLLATE utf8mb4_general_ci";
    }

    @Override
    String blob() {
        return "LONGBLOB";
    }

    @Test
    void an_outcome_that_would_be_cut_at_64_kibibytes_is_refused() throws SQLException {
        table(bytes32() + " PRIMARY KEY", bytes32(), "BIGINT", "BLOB", "");
        assertRefused().hasMessageContaining("column data of").hasMessageContaining("a mebibyte or more");
    }

    @Test
    void an_owner_without_a_sign_is_refused() throws SQLException {
        table(bytes32() + " PRIMARY KEY", bytes32(), "BIGINT UNSIGNED", "LONGBLOB", "");
        assertRefused().hasMessageContaining("column lease_until of").hasMessageContaining("expected BIGINT, signed");
    }

    @Test
    void an_engine_without_transactions_is_refused() throws SQLException {
        JdbcStore.builder(database().dataSource())
                .schema(JdbcStore.Schema.CREATE)
                .purgeInterval(Duration.ZERO)
                .build();
        database().execute("ALTER TABLE crosscut_idempotency ENGINE = MyISAM");
        assertThatThrownBy(() -> JdbcStore.of(database().dataSource()))
                .hasMessageContaining(
                        "keeps what was rolled back; expected one with transactions, such as ENGINE = InnoDB");
    }
}
