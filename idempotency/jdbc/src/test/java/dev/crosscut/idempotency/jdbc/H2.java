package dev.crosscut.idempotency.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;

/** An H2 database within this process. */
final class H2 implements TestDatabase {

    private final JdbcConnectionPool pool;

    private H2(String url) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        pool = JdbcConnectionPool.create(source);
        pool.setMaxConnections(64);
    }

    static H2 inMemory() {
        return new H2("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    }

    static H2 inFile(java.nio.file.Path folder) {
        return new H2("jdbc:h2:" + folder.resolve("records"));
    }

    @Override
    public DataSource dataSource() {
        return pool;
    }

    @Override
    public void lockTimeout(Connection connection, int millis) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCK_TIMEOUT " + millis);
        }
    }

    @Override
    public void close() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        } finally {
            pool.dispose();
        }
    }
}
