package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.crosscut.core.Crosscut;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What an execution costs beyond the driver's own, where nobody looks at it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OverheadTest {

    private static final int ROUNDS = 2000;
    private static final int ROWS = 100;

    private interface Work {
        void run(PreparedStatement statement) throws SQLException;
    }

    /** The least bytes that one round of work allocates. */
    private static long bytes(DataSource dataSource, String sql, Work work) throws SQLException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < 12; i++) {
                long before = threads.getThreadAllocatedBytes(thread);
                for (int round = 0; round < ROUNDS; round++) {
                    work.run(statement);
                }
                least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / ROUNDS);
            }
        }
        return least;
    }

    private static void update(PreparedStatement statement) throws SQLException {
        statement.setInt(1, 1);
        statement.executeUpdate();
    }

    private static void read(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                rows.getLong(1);
            }
        }
    }

    @Test
    void it_allocates_little_for_an_execution_and_nothing_for_a_row() throws SQLException {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:overhead");
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build();
                Connection keeper = h2.getConnection()) {
            keeper.createStatement().execute("CREATE TABLE t (a INT)");
            DataSource wrapped = CrosscutDataSource.wrap(h2, crosscut);
            String update = "UPDATE t SET a = ? WHERE FALSE";
            String query = "SELECT * FROM SYSTEM_RANGE(1, " + ROWS + ")";

            long anUpdate = bytes(wrapped, update, OverheadTest::update) - bytes(h2, update, OverheadTest::update);
            long aQuery = bytes(wrapped, query, OverheadTest::read) - bytes(h2, query, OverheadTest::read);

            assertThat(anUpdate).as("bytes for a parameter and an update").isBetween(1L, 400L);
            assertThat(aQuery).as("bytes for a query of %d rows", ROWS).isBetween(1L, 400L);
        }
    }
}
