package dev.crosscut.idempotency.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server. */
final class Postgres implements TestDatabase {

    private final Path folder;
    private final EmbeddedPostgres.Builder builder;
    private EmbeddedPostgres server;
    private final HikariDataSource pool = new HikariDataSource();

    private Postgres() {
        try {
            folder = Files.createTempDirectory("postgres").resolve("data");
            builder = EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setServerConfig("synchronous_commit", "on"); // it is off unless that is said
            server = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        pool.setDataSource(driver());
        pool.setMaximumPoolSize(40);
        pool.setMinimumIdle(1);
    }

    /** The one of all tests, which ends with them. */
    static Postgres shared() {
        return Shared.POSTGRES;
    }

    private static final class Shared {
        static final Postgres POSTGRES = new Postgres();
    }

    void restart() throws IOException {
        int port = server.getPort();
        server.close();
        server = builder.setPort(port).start();
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    /** Ends it at once, so that it has to recover from its log, and starts it again. */
    void crash() throws Exception {
        String process = Files.readAllLines(folder.resolve("postmaster.pid")).get(0);
        ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(process)).orElseThrow();
        new ProcessBuilder("kill", "-QUIT", process).start().waitFor();
        postmaster.onExit().get(20, TimeUnit.SECONDS);
        restart();
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
}
