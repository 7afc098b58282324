package dev.crosscut.idempotency.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection while it is used for one call.
 *
 * @param seconds how long a statement may take, 0 for as long as the caller's connection lets it
 * @param inTransaction whether it is the caller's, in a transaction
 */
record Session(Connection connection, int seconds, boolean inTransaction) {

    /** What a query finds, of which there is at most one row. */
    interface Read<T> {
        T of(ResultSet row) throws SQLException;
    }

    @SuppressWarnings("MustBeClosedChecker")
    PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            if (seconds > 0) {
                statement.setQueryTimeout(seconds);
            }
            for (int i = 0; i < values.length; i++) {
                bind(statement, i + 1, values[i]);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    private static void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        if (value instanceof Long number) {
            statement.setLong(index, number);
        } else if (value instanceof Integer number) {
            statement.setInt(index, number);
        } else {
            statement.setBytes(index, (byte[]) value);
        }
    }

    int update(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        }
    }

    <T> @Nullable T query(Read<T> read, String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? read.of(rows) : null;
        }
    }
}
