package dev.crosscut.idempotency.jdbc;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** H2 in memory. */
class H2MemoryTest extends DialectTests {

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
    H2 database() {
        return h2;
    }

    @Override
    int hotKeys() {
        return 40;
    }
}
