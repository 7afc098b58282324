package dev.crosscut.idempotency.jdbc;

/** Tables of PostgreSQL. */
class PostgresSchemaTest extends SchemaTests {

    @Override
    TestDatabase database() {
        return Postgres.shared();
    }

    @Override
    String bytes32() {
        return "BYTEA";
    }

    @Override
    String bytes16() {
        return "BIT(128)";
    }

    @Override
    String text32() {
        return "CHAR(32)";
    }

    @Override
    String blob() {
        return "BYTEA";
    }
}
