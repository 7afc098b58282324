package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.Closeable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** A pool of connections, around a wrapped DataSource or within one. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PoolTest {

    private final Watch watch = new Watch();
    private final JdbcDataSource h2 = new JdbcDataSource();

    PoolTest() {
        h2.setURL("jdbc:h2:mem:pooled");
    }

    @AfterEach
    void close() {
        watch.close();
    }

    private static HikariDataSource pool(DataSource driver) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(driver);
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(300);
        return new HikariDataSource(config);
    }

    private static void query(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT 1 AS one");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(1);
            assertThat(rows.getStatement()).isSameAs(statement);
            assertThat(statement.getConnection()).isSameAs(connection);
        }
    }

    @Test
    void a_pool_is_wrapped_and_closed_with_its_wrapper() throws Exception {
        HikariDataSource pool = pool(h2);
        DataSource dataSource = watch.wrap(pool);
        query(dataSource);
        query(dataSource);

        assertThat(watch.all())
                .hasSize(2)
                .allSatisfy(seen -> assertThat(seen.attributes())
                        .containsEntry("db.system.name", "h2database")
                        .containsEntry("db.namespace", "pooled")
                        .containsEntry("db.query.text", "SELECT ? AS one"));
        assertThat(dataSource.unwrap(HikariDataSource.class)).isSameAs(pool);
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.unwrap(JdbcConnection.class)).isNotNull();
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
            assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLTransientConnectionException.class);
        }
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();

        ((Closeable) dataSource).close();
        assertThat(pool.isClosed()).isTrue();
        assertThat(watch.all()).isEmpty();
    }

    @Test
    void a_pool_is_made_of_a_wrapped_driver() throws Exception {
        try (HikariDataSource pool = pool(watch.wrap(h2))) {
            query(pool);
        }
        assertThat(watch.only().operation()).isEqualTo("SELECT");
    }

    @Test
    void what_is_wrapped_inside_and_outside_of_the_pool_is_one_exchange() throws Exception {
        try (HikariDataSource pool = pool(watch.wrap(h2))) {
            DataSource outside = watch.wrap(pool);
            query(outside);
            watch.only();
            try (Connection connection = outside.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.addBatch("CREATE TABLE a (b INT)");
                statement.addBatch("DROP TABLE a");
                statement.executeBatch();
                assertThat(watch.only().attribute("db.operation.batch.size")).isEqualTo(2L);
                assertThat(statement.executeUpdate("CREATE TABLE a (b INT)")).isZero();
                assertThat(watch.only().operation()).isEqualTo("CREATE TABLE a");
                assertThat(statement.executeBatch()).isEmpty();
                assertThat(watch.only().attribute("db.operation.batch.size")).isEqualTo(0L);
            }
        }
    }
}
