package dev.crosscut.idempotency.jdbc;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tables of H2. */
class H2SchemaTest extends SchemaTests {

    private static H2 h2;

    @BeforeAll
    static void start() {
        h2 = H2.inMemory();
    }

    @AfterAll
    static void stop() throws SQLException {
        h2.close();
    }

    @Override
    TestDatabase database() {
        return h2;
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
        return "VARCHAR(32)";
    }

    @Override
    String blob() {
        return "BLOB";
    }
}
