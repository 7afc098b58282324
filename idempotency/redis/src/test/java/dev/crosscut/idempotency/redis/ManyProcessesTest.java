package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.processes.Processes.AGAIN;
import static dev.crosscut.idempotency.processes.Processes.REFUSE;

import dev.crosscut.idempotency.processes.Processes;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Several JVMs and one Redis, all of which are killed while they are at work; Redis has each write on its disk first. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ManyProcessesTest {

    private static Processes processes;

    @BeforeAll
    static void work() throws Exception {
        try (RedisServer server = new RedisServer("appendonly yes", "appendfsync always")) {
            processes = new Processes(RedisWorker.class, List.of(server.uri()), REFUSE, AGAIN).run(() -> {
                server.kill();
                server.start();
            });
        }
    }

    @AfterAll
    static void close() throws Exception {
        processes.close();
    }

    @Test
    void workers_were_killed_at_their_worst_moments() {
        processes.assertFaults();
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
    void all_clients_of_a_key_get_the_same() {
        processes.assertAnswered(AGAIN);
    }
}
