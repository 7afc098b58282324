package dev.crosscut.idempotency.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** H2 in a file. */
class H2FileTest extends DialectTests {

    private static H2 h2;

    @BeforeAll
    static void start(@TempDir Path folder) {
        h2 = H2.inFile(folder);
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
        return 30;
    }
}
