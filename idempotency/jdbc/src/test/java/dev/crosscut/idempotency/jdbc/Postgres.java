package dev.crosscut.idempotency.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server of its own. */
final class Postgres implements TestDatabase {

    private final EmbeddedPostgres.Builder builder;
    private EmbeddedPostgres server;
    private final HikariDataSource pool = new HikariDataSource();

    Postgres() {
        this(EmbeddedPostgres.builder());
    }

    private Postgres(EmbeddedPostgres.Builder builder) {
        this.builder = builder;
        try {
            server = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        pool.setDataSource(driver());
        pool.setMaximumPoolSize(40);
        pool.setMinimumIdle(1);
    }

    /** One that can be restarted. */
    static Postgres in(Path folder) {
        return new Postgres(EmbeddedPostgres.builder().setDataDirectory(folder).setCleanDataDirectory(false));
    }

    void restart() throws IOException {
        int port = server.getPort();
        server.close();
        server = builder.setPort(port).start();
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    int port() {
        return server.getPort();
    }

    @Override
    public DataSource dataSource() {
        return pool;
    }

    /** The driver, without a pool. */
    PGSimpleDataSource driver() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {server.getPort()});
        source.setUser("postgres");
        source.setDatabaseName("postgres");
        return source;
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
    }

    /** The same server, with a setting that each of its sessions begins with. */
    DataSource with(String option) {
        PGSimpleDataSource source = driver();
        source.setOptions("-c " + option);
        return source;
    }

    @Override
    public void lockTimeout(Connection connection, int millis) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = " + millis);
        }
    }

    @Override
    public void close() throws IOException {
        pool.close();
        server.close();
    }
}
