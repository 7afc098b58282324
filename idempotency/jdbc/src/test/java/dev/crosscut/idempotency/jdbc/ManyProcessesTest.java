package dev.crosscut.idempotency.jdbc;

import static dev.crosscut.idempotency.processes.Processes.AGAIN;
import static dev.crosscut.idempotency.processes.Processes.REFUSE;
import static dev.crosscut.idempotency.processes.Processes.TRANSACTION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.processes.Processes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Several JVMs and one PostgreSQL, all of which are killed while they are at work. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ManyProcessesTest {

    private static Processes processes;

    /** The numbers of the rows that the work of each key has inserted. Nothing in the table keeps a key from having two. */
    private static final Map<String, List<String>> ROWS = new HashMap<>();

    @BeforeAll
    static void work() throws Exception {
        Postgres postgres = Postgres.shared();
        postgres.execute(
                "DROP TABLE IF EXISTS effects, processes, processes_schema",
                "CREATE TABLE effects (number BIGSERIAL PRIMARY KEY, k TEXT NOT NULL)");
        JdbcStore.builder(postgres.dataSource())
                .table("processes")
                .schema(JdbcStore.Schema.CREATE)
                .purgeInterval(Duration.ZERO)
                .build()
                .close();
        processes = new Processes(JdbcWorker.class, List.of(postgres.url()), REFUSE, AGAIN, TRANSACTION)
                .run(postgres::crash);
        read(postgres);
    }

    private static void read(Postgres postgres) throws SQLException {
        try (Connection connection = postgres.driver().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT k, number FROM effects")) {
            while (rows.next()) {
                ROWS.computeIfAbsent(rows.getString(1), unused -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
    }

    @AfterAll
    static void close() throws Exception {
        processes.close();
    }

    @Test
    void workers_were_killed_at_their_worst_moments() {
        processes.assertFaults();
        processes.assertCutOffInTransactions();
    }

    @Test
    void no_key_has_two_effects_where_abandoned_work_is_refused() {
        processes.assertRefused();
    }

    @Test
    void all_runs_of_a_key_have_one_downstream_key_where_abandoned_work_is_done_again() {
        processes.assertRepeated();
    }

    @Test
    void each_key_has_exactly_one_effect_in_the_transaction_of_its_record() {
        assertThat(ROWS.keySet()).containsExactlyInAnyOrderElementsOf(processes.keys(TRANSACTION));
        assertThat(processes.keys(TRANSACTION)).allSatisfy(key -> {
            assertThat(ROWS.get(key)).as(key).hasSize(1);
            assertThat(processes.answers(key))
                    .as(key)
                    .containsOnly(ROWS.get(key).get(0));
        });
    }

    @Test
    void all_clients_of_a_key_get_the_same() {
        processes.assertAnswered(AGAIN);
        processes.assertAnswered(TRANSACTION);
    }
}
