package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.jdbc.Given.DAY;
import static dev.crosscut.idempotency.jdbc.Given.PRINT;
import static dev.crosscut.idempotency.jdbc.Given.assertDone;
import static dev.crosscut.idempotency.jdbc.Given.bytes;
import static dev.crosscut.idempotency.jdbc.Given.claimed;
import static dev.crosscut.idempotency.jdbc.Given.granted;
import static dev.crosscut.idempotency.jdbc.Given.inPlaceOf;
import static dev.crosscut.idempotency.jdbc.Given.key;
import static dev.crosscut.idempotency.jdbc.Given.terms;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MariaDB. */
@Tag("databases")
class MariaDbTest extends DialectTests {

    private static MariaDb mariaDb;

    @BeforeAll
    static void start() {
        mariaDb = new MariaDb("mariadb");
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
    int hotKeys() {
        return 200;
    }

    @Test
    void it_is_what_it_says_it_is() throws SQLException {
        assertThat(dialect()).isEqualTo(Dialect.MARIADB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?useAffectedRows=true"})
    void a_new_call_is_two_round_trips_and_a_replay_is_one(String options) throws IOException {
        roundTrips("mariadb", options, Dialect.MARIADB, 1, 1);
    }

    static void roundTrips(String driver, String options, Dialect dialect, int claim, int replay) throws IOException {
        try (Wire wire = new Wire(MariaDb.port());
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(MariaDb.url(driver, wire.port()) + options);
            pool.setUsername("root");
            pool.setPassword("");
            pool.setMaximumPoolSize(1);
            JdbcStore store = JdbcStore.builder(pool)
                    .dialect(dialect)
                    .purgeInterval(Duration.ZERO)
                    .build();
            for (int i = 0; i < 5; i++) {
                RecordKey key = key();
                wire.turns();
                Ticket old = claimed(store, key);
                assertThat(wire.turns()).as("claim").isEqualTo(claim);
                assertThat(store.renew(old, Duration.ZERO, bytes("p"))).isTrue();
                assertThat(wire.turns()).as("renewal").isEqualTo(1);
                Ticket ticket = granted(store.claim(key, PRINT, inPlaceOf(old)));
                assertThat(wire.turns()).as("take-over").isEqualTo(replay + 2);
                assertThat(store.complete(ticket, bytes("x"), DAY)).isTrue();
                assertThat(wire.turns()).as("completion").isEqualTo(1);
                assertDone(store.claim(key, PRINT, terms()), "x");
                assertThat(wire.turns()).as("replay").isEqualTo(replay);
            }
        }
    }
}
