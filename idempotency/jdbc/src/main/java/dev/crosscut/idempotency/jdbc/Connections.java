package dev.crosscut.idempotency.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * Connections of the store's own: one for each call, in auto-commit mode, and given back as it came.
 *
 * <p><b>Round trips.</b> Whether a connection commits by itself, its driver knows without asking. The isolation level is left
 * as it is, since nothing rests on it. That a connection is for reading alone is found out when a statement is refused.
 *
 * <p><b>Time-outs.</b> The driver gives up a server that does not answer, and the connection with it; it is then not known
 * whether the statement was carried out. To have the statement cancelled instead is tried only where that needs no second
 * connection: PostgreSQL's driver would wait ten seconds for a server that does not answer that one either.
 */
final class Connections {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency");
    private static final int ATTEMPTS = 6;

    /** What a call does, which may be done more than once. */
    interface Work<T> {
        T in(Session session) throws SQLException;
    }

    /** What is put right on a connection after a call. */
    interface Restore {
        void run() throws SQLException;
    }

    private final DataSource dataSource;
    private final long timeoutNanos;
    private final int seconds;

    Connections(DataSource dataSource, Duration timeout) {
        this.dataSource = dataSource;
        this.timeoutNanos = timeout.toNanos();
        this.seconds = (int) Math.max(1, timeout.toSeconds() - 1);
    }

    /** Does work on a connection; where it lost against another transaction, a few times. */
    <T> T call(Dialect dialect, Work<T> work) throws SQLException {
        long deadline = System.nanoTime() + timeoutNanos;
        for (int attempt = 1; ; attempt++) {
            try {
                return once(dialect, deadline, work);
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !dialect.isTransient(e) || deadline - System.nanoTime() <= 0) {
                    throw e;
                }
            }
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(1, 10 * attempt)));
        }
    }

    private <T> T once(Dialect dialect, long deadline, Work<T> work) throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            int before = limit(connection, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
            try {
                return committed(connection, work, before < 0 || dialect.limitsStatements() ? seconds : 0);
            } finally {
                if (before >= 0) {
                    quietly(() -> connection.setNetworkTimeout(Runnable::run, before));
                }
            }
        } finally {
            quietly(connection::close);
        }
    }

    /** Bounds how long the driver waits for the server; what the bound was, or -1 where the driver has none. */
    private static int limit(Connection connection, long millis) throws SQLException {
        try {
            int before = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, (int) Math.max(1, millis));
            return before;
        } catch (SQLFeatureNotSupportedException e) {
            return -1;
        }
    }

    private <T> T committed(Connection connection, Work<T> work, int limit) throws SQLException {
        if (connection.getAutoCommit()) {
            return writable(work, new Session(connection, limit, false));
        }
        connection.setAutoCommit(true);
        try {
            return writable(work, new Session(connection, limit, false));
        } finally {
            quietly(() -> connection.setAutoCommit(false));
        }
    }

    private <T> T writable(Work<T> work, Session session) throws SQLException {
        Connection connection = session.connection();
        try {
            return work.in(session);
        } catch (SQLException e) {
            if (!Dialect.isReadOnly(e) || !connection.isReadOnly()) {
                throw e;
            }
        }
        connection.setReadOnly(false);
        try {
            return work.in(session);
        } finally {
            quietly(() -> connection.setReadOnly(true));
        }
    }

    /** What was carried out stays so; a connection that cannot be put right is the pool's to drop. */
    static void quietly(Restore restore) {
        try {
            restore.run();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "a connection could not be given back as it came", e);
        }
    }
}
