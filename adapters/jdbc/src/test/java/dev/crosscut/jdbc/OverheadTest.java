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

    /** The least bytes that one round of work allocates beyond those of the driver; both take turns, as both get faster. */
    private static long bytes(DataSource driver, DataSource wrapped, String sql, Work work) throws SQLException {
        long least = Long.MAX_VALUE;
        long own = Long.MAX_VALUE;
        try (Connection one = wrapped.getConnection();
                Connection other = driver.getConnection();
                PreparedStatement observed = one.prepareStatement(sql);
                PreparedStatement plain = other.prepareStatement(sql)) {
            for (int i = 0; i < 15; i++) {
                least = Math.min(least, bytes(observed, work));
                own = Math.min(own, bytes(plain, work));
            }
        }
        return least - own;
    }

    private static long bytes(PreparedStatement statement, Work work) throws SQLException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        for (int round = 0; round < ROUNDS; round++) {
            work.run(statement);
        }
        return (threads.getThreadAllocatedBytes(thread) - before) / ROUNDS;
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

            long anUpdate = bytes(h2, wrapped, update, OverheadTest::update);
            long aQuery = bytes(h2, wrapped, query, OverheadTest::read);

            assertThat(anUpdate).as("bytes for a parameter and an update").isLessThanOrEqualTo(400);
            assertThat(aQuery).as("bytes for a query of %d rows", ROWS).isLessThanOrEqualTo(400);
        }
    }
}
