package dev.crosscut.idempotency.jdbc;

/** PostgreSQL. */
class PostgresTest extends DialectTests {

    @Override
    Postgres database() {
        return Postgres.shared();
    }

    @Override
    int hotKeys() {
        return 200;
    }
}
