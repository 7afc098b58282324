package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.tck.IdempotencyStoreContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The contract of stores, on PostgreSQL. */
class PostgresContractTest extends IdempotencyStoreContract {

    private final TestDatabase database = Postgres.shared();

    @Override
    protected IdempotencyStore open() throws SQLException {
        database.execute("DROP TABLE IF EXISTS contract", "DROP TABLE IF EXISTS contract_schema");
        return store();
    }

    @Override
    protected IdempotencyStore share(IdempotencyStore first) {
        return store();
    }

    private JdbcStore store() {
        return JdbcStore.builder(database.dataSource())
                .table("contract")
                .schema(JdbcStore.Schema.CREATE)
                .purgeInterval(Duration.ZERO)
                .build();
    }

    @Override
    protected Connection connect() throws SQLException {
        return database.dataSource().getConnection();
    }
}
