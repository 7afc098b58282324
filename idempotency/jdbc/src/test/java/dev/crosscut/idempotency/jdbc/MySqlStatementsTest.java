package dev.crosscut.idempotency.jdbc;

import java.io.IOException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The statements for MySQL and its driver, with a MariaDB server, which takes them too. */
@Tag("databases")
class MySqlStatementsTest extends DialectTests {

    private static MariaDb mariaDb;

    @BeforeAll
    static void start() {
        mariaDb = new MariaDb("mysql");
    }

    @AfterAll
    static void stop() {
        mariaDb.close();
    }

    @Override
    MariaDb database() {
        return mariaDb;
    }

    @Override
    JdbcStore.Builder builder(DataSource dataSource) {
        return super.builder(dataSource).dialect(Dialect.MYSQL);
    }

    @Override
    Dialect dialect() {
        return Dialect.MYSQL;
    }

    @Override
    int hotKeys() {
        return 200;
    }

    @Test
    void a_new_call_is_two_round_trips_and_a_replay_is_two() throws IOException {
        MariaDbTest.roundTrips("mysql", "", Dialect.MYSQL, 1, 2);
    }
}
