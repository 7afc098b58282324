package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose lines are whose, where exchanges nest, outlive each other and change threads. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DebugChildrenTest {

    @TempDir
    Path folder;

    private KeptLog log;
    private Logger logger;
    private Crosscut crosscut;

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.children");
        logger = log.logger();
        crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property("crosscut.logging.debug-buffer", "64KB")
                .build();
    }

    @AfterEach
    void close() {
        try {
            assertThat(KeptLog.memory().used()).isZero();
        } finally {
            crosscut.close();
            log.close();
        }
    }

    private Call request() {
        return crosscut.begin(TestExchange.http("GET", "/x"));
    }

    private Call client() {
        return crosscut.begin(new TestExchange(Exchange.Kind.CLIENT, "http", "POST", Optional.of("/y")));
    }

    private void debug(Call call, String message) {
        try (Scope scope = call.attach()) {
            logger.debug(message);
        }
    }

    private Call clientOf(Call parent) {
        try (Scope scope = parent.attach()) {
            return client();
        }
    }

    @Test
    void a_request_that_fails_has_the_lines_of_all_that_it_did() {
        Call request = request();
        try (Scope scope = request.attach()) {
            logger.debug("request");
            crosscut.run("step", () -> {
                logger.debug("step");
                Call client = client();
                debug(client, "client");
                client.end(Outcome.completed(503));
            });
        }
        request.end(Outcome.completed(500));

        assertThat(log.messages()).containsExactly("request", "step", "client");
        assertThat(log.lines())
                .as("access lines of steps are at DEBUG, and kept as well")
                .anyMatch(line -> line.path("message").asString("").startsWith("step completed"));
    }

    @Test
    void a_step_that_fails_in_a_request_that_ends_well_shows_nothing() {
        Call request = request();
        try (Scope scope = request.attach()) {
            logger.debug("request");
            assertThatThrownBy(() -> crosscut.run("step", () -> {
                        logger.debug("step");
                        throw new IllegalStateException("boom");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            logger.debug("in place of the step");
        }
        request.end(Outcome.completed(200));

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void a_request_that_fails_does_not_wait_for_the_lines_of_what_it_left_open() {
        Call request = request();
        debug(request, "request");
        Call client = clientOf(request);
        debug(client, "client waits");
        request.end(Outcome.completed(504));
        assertThat(log.messages()).containsExactly("request", "client waits");

        debug(client, "client goes on");
        client.end(Outcome.failed(new IllegalStateException("timed out")));
        assertThat(log.messages()).containsExactly("request", "client waits", "client goes on");
    }

    @Test
    void work_that_outlives_a_request_that_ended_well_keeps_its_own_lines_and_no_others() {
        Call request = request();
        debug(request, "request");
        Call job = clientOf(request);
        Call jobs = clientOf(job);
        Call done = clientOf(job);
        debug(job, "job before");
        debug(jobs, "job's before");
        debug(done, "job's, done before");
        done.end(Outcome.completed(200));
        request.end(Outcome.completed(200));
        debug(job, "job after");
        debug(jobs, "job's after");
        jobs.end(Outcome.completed(200));
        assertThat(log.messages()).isEmpty();
        job.end(Outcome.failed(new IllegalStateException("boom")));

        assertThat(log.messages())
                .containsExactly("job before", "job's before", "job's, done before", "job after", "job's after");
    }

    @Test
    void work_that_outlives_its_request_and_ends_well_shows_nothing() {
        Call request = request();
        Call job = clientOf(request);
        debug(job, "job before");
        request.end(Outcome.completed(200));
        debug(job, "job after");
        job.end(Outcome.completed(200));
        debug(job, "job has ended");

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void a_child_of_one_that_has_ended_still_belongs_to_the_request() {
        Call request = request();
        Call client = clientOf(request);
        Call inner = clientOf(client);
        client.end(Outcome.completed(200));
        debug(inner, "inner");
        inner.end(Outcome.completed(200));
        debug(client, "its scope is still open");
        request.end(Outcome.completed(500));

        assertThat(log.messages()).containsExactly("inner", "its scope is still open");
    }

    @Test
    void work_that_schedules_its_own_successor_makes_no_chain() throws Exception {
        Call last = request();
        List<DebugTrail> trails = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Call next = clientOf(last);
            trails.add(next.exchange().get(DebugTrail.KEY).orElseThrow());
            last.end(Outcome.completed(200));
            last = next;
        }
        debug(last, "last");
        last.end(Outcome.completed(200));

        var parent = DebugTrail.class.getDeclaredField("parent");
        parent.setAccessible(true);
        int length = 0;
        for (Object trail = trails.get(99); trail != null; trail = parent.get(trail)) {
            length++;
        }
        assertThat(length).isLessThanOrEqualTo(2);
    }

    @Test
    void a_handler_on_several_threads_has_all_its_lines() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Call request = request();
            List<Future<?>> parts = new ArrayList<>();
            try (Scope scope = request.attach()) {
                for (int i = 0; i < 40; i++) {
                    int n = i;
                    parts.add(CompletableFuture.runAsync(
                            Propagation.wrap((Runnable) () -> logger.debug("part {}", n)), pool));
                }
            }
            CompletableFuture.runAsync(() -> logger.debug("not handed over"), pool)
                    .get();
            for (Future<?> part : parts) {
                part.get();
            }
            pool.submit(() -> request.end(Outcome.completed(500))).get();
        } finally {
            pool.shutdownNow();
        }

        assertThat(log.messages()).hasSize(40).allMatch(message -> message.startsWith("part "));
        assertThat(log.lines().subList(0, 40).stream()
                        .map(line -> line.path("@timestamp").asString(""))
                        .toList())
                .isSorted();
    }
}
