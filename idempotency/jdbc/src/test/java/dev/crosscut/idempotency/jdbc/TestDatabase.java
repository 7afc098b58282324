package dev.crosscut.idempotency.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A database to test with. */
interface TestDatabase extends AutoCloseable {

    /** A pool. */
    DataSource dataSource();

    /** Bounds how long a transaction waits for a lock. */
    void lockTimeout(Connection connection, int millis) throws SQLException;

    @Override
    default void close() throws Exception {}

    /** Executes each of them, in auto-commit mode. */
    default void execute(String... statements) throws SQLException {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The number that a query has for an answer. */
    default long number(String query) throws SQLException {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
