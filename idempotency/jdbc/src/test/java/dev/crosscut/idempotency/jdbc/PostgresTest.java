package dev.crosscut.idempotency.jdbc;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** PostgreSQL. */
class PostgresTest extends DialectTests {

    private static Postgres postgres;

    @BeforeAll
    static void start() {
        postgres = new Postgres();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    Postgres database() {
        return postgres;
    }

    @Override
    int hotKeys() {
        return 300;
    }
}
