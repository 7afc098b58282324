package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.tck.IdempotencyStoreContract;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract of stores, on H2 in a file. */
class H2ContractTest extends IdempotencyStoreContract {

    private TestDatabase database;

    @TempDir
    private static Path folder;

    @AfterAll
    void closeDatabase() throws Exception {
        database.close();
    }

    @Override
    protected IdempotencyStore open() throws SQLException {
        database = H2.inFile(folder);
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
