package dev.crosscut.idempotency.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.crosscut.idempotency.Idempotency;
import dev.crosscut.idempotency.processes.Processes;
import dev.crosscut.idempotency.processes.Worker;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** A JVM that works under keys whose records are in PostgreSQL. */
final class JdbcWorker {

    private JdbcWorker() {}

    /** Its name, the port of those who give it work, and where PostgreSQL is. */
    public static void main(String[] args) throws Exception {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(args[2]);
            pool.setUsername("postgres");
            pool.setMaximumPoolSize(6);
            pool.setConnectionTimeout(1_000);
            pool.setInitializationFailTimeout(-1);
            pool.setConnectionInitSql("SET lock_timeout = 500; SET statement_timeout = 2000");
            try (JdbcStore store = Worker.patiently(() -> JdbcStore.builder(pool)
                            .table("processes")
                            .timeout(Duration.ofSeconds(2))
                            .build());
                    Idempotency idempotency = Idempotency.builder(store)
                            .lease(Duration.ofSeconds(1))
                            .build()) {
                Worker.run(
                        args[0],
                        Integer.parseInt(args[1]),
                        (key, ledger) -> key.startsWith(Processes.TRANSACTION)
                                ? inTransaction(pool, idempotency, key, ledger)
                                : Worker.foreign(idempotency, key, ledger));
            }
        }
    }

    private static String inTransaction(
            HikariDataSource pool, Idempotency idempotency, String key, Worker.Ledger ledger) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                String number = idempotency
                        .operation("work")
                        .key(key)
                        .fingerprint(key.getBytes(StandardCharsets.UTF_8))
                        .inTransaction(connection)
                        .once(String.class, run -> {
                            String inserted = insert(connection, key);
                            ledger.book(key, inserted);
                            return inserted;
                        });
                connection.commit();
                return number;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private static String insert(Connection connection, String key) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO effects (k) VALUES (?) RETURNING number")) {
            insert.setString(1, key);
            try (ResultSet rows = insert.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }
}
