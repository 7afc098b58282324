package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What kept lines take of memory, and whose they are, when many exchanges are open at once. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DebugLoadTest {

    private static final int EXCHANGES = 1_000;
    private static final int THREADS = 8;
    private static final long TOTAL = 1024 * 1024;

    @TempDir
    Path folder;

    private KeptLog log;
    private Logger logger;

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.load");
        logger = log.logger();
    }

    @AfterEach
    void close() {
        log.close();
    }

    private static Crosscut with(String buffer) {
        return Crosscuts.with(
                "debug-buffer", buffer,
                "debug-buffer-total", "1MB",
                "debug-buffer-rate", "1GB",
                "when-full", "block");
    }

    @Test
    void a_thousand_parallel_exchanges_stay_within_the_bound_and_never_show_a_foreign_line() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (Crosscut crosscut = with("16KB")) {
            load(crosscut, pool);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void the_same_on_virtual_threads() throws Exception {
        ExecutorService virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try (Crosscut crosscut = with("16KB")) {
            load(crosscut, virtual);
        } finally {
            virtual.shutdownNow();
        }
    }

    private void load(Crosscut crosscut, ExecutorService pool) throws Exception {
        DebugMemory memory = KeptLog.memory();
        AtomicBoolean isDone = new AtomicBoolean();
        AtomicLong most = new AtomicLong();
        Thread watcher = new Thread(() -> {
            while (!isDone.get()) {
                most.accumulateAndGet(memory.used(), Math::max);
                Thread.onSpinWait();
            }
        });
        watcher.start();

        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < EXCHANGES; i++) {
            calls.add(crosscut.begin(TestExchange.http("GET", "/x").correlationId("id-" + i)));
        }
        List<Future<?>> work = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < EXCHANGES; i++) {
                String id = "id-" + i;
                Call call = calls.get(i);
                try (Scope scope = call.attach()) {
                    work.add(pool.submit(Propagation.wrap((Runnable) () -> {
                        logger.debug(
                                "of {} {}",
                                id,
                                "x".repeat(ThreadLocalRandom.current().nextInt(200)));
                        if (ThreadLocalRandom.current().nextInt(10) == 0) {
                            crosscut.run("step", () -> logger.debug("of {}", id));
                        }
                    })));
                }
            }
        }
        for (Future<?> each : work) {
            each.get();
        }
        most.accumulateAndGet(memory.used(), Math::max);
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < EXCHANGES; i++) {
            Call call = calls.get(i);
            Outcome outcome = Outcome.completed(i % 2 == 0 ? 500 : 200);
            ends.add(pool.submit(() -> call.end(outcome)));
        }
        for (Future<?> each : ends) {
            each.get();
        }
        isDone.set(true);
        watcher.join();

        assertThat(most.get()).isBetween(TOTAL / 2, TOTAL);
        assertThat(memory.used()).isZero();
        assertThat(memory.giveUpOldest()).as("anything listed").isFalse();
        assertThat(memory.givenUp().count()).isPositive();
        int shown = 0;
        for (JsonNode line : log.lines()) {
            String message = line.path("message").asString("");
            String id = line.path("correlation_id").asString("");
            if (message.startsWith("of ")) {
                assertThat(message).startsWith("of " + id);
                assertThat(Integer.parseInt(id.substring(3)) % 2)
                        .as("one that ended well: " + id)
                        .isZero();
                shown++;
            }
        }
        assertThat(shown).isPositive();
        assertThat(log.seen()).noneMatch(event -> event.getLoggerName().equals("kept.load"));
    }

    @Test
    void the_lines_of_who_has_kept_some_for_longest_are_given_up_and_that_is_said() {
        try (Crosscut crosscut = with("256KB")) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Call call = crosscut.begin(TestExchange.http("GET", "/x").correlationId("id-" + i));
                calls.add(call);
                try (Scope scope = call.attach()) {
                    for (int n = 0; n < 400; n++) {
                        logger.debug("of id-{} {}", i, n);
                    }
                }
            }
            DebugMemory memory = KeptLog.memory();
            assertThat(memory.used()).isLessThanOrEqualTo(TOTAL);
            assertThat(memory.givenUp().count()).isPositive();
            calls.forEach(call -> call.end(Outcome.completed(500)));
            assertThat(memory.used()).isZero();
        }

        List<String> messages = log.messages();
        assertThat(messages)
                .anyMatch(message -> message.equals(
                        "debug lines of this exchange missing: 400 (400 beyond crosscut.logging.debug-buffer-total)"))
                .anyMatch(message -> message.matches(
                        "debug lines given up: those of \\d+ exchanges, for those of later ones, beyond the 1048576 bytes of"
                                + " crosscut.logging.debug-buffer-total"));
        assertThat(messages.stream().filter(message -> message.startsWith("of id-7")))
                .hasSize(400);
        assertThat(messages.stream().filter(message -> message.startsWith("of id-0")))
                .isEmpty();
    }

    @Test
    void exchanges_that_nobody_ends_are_no_leak() throws Exception {
        try (Crosscut crosscut = with("64KB")) {
            List<WeakReference<Exchange>> dropped = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                Call call = crosscut.begin(new TestExchange(Exchange.Kind.SERVER, "http", "GET", Optional.of("/x")));
                try (Scope scope = call.attach()) {
                    logger.debug("dropped {}", i);
                }
                dropped.add(new WeakReference<>(call.exchange()));
            }
            for (int i = 0; i < 50 && dropped.stream().anyMatch(each -> each.get() != null); i++) {
                System.gc();
                Thread.sleep(20);
            }
            DebugMemory memory = KeptLog.memory();
            assertThat(dropped).as("held by what was kept").allMatch(each -> each.get() == null);
            assertThat(memory.used()).isBetween(TOTAL / 2, TOTAL);

            Call last = crosscut.begin(TestExchange.http("GET", "/x"));
            try (Scope scope = last.attach()) {
                for (int n = 0; n < 100; n++) {
                    logger.debug("of the last {}", n);
                }
            }
            last.end(Outcome.completed(500));
            assertThat(log.messages().stream().filter(message -> message.startsWith("of the last")))
                    .as("they make room for others")
                    .hasSize(100);
            while (memory.giveUpOldest()) {
                assertThat(memory.used()).isNotNegative();
            }
            assertThat(memory.used()).isZero();
        }
    }

    @Test
    void no_line_is_lost_or_shown_twice_where_an_end_meets_a_line_and_a_parent_its_child() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try (Crosscut crosscut = with("64KB")) {
            for (int i = 0; i < 2_000; i++) {
                Call request = crosscut.begin(TestExchange.http("GET", "/x"));
                Call child;
                try (Scope scope = request.attach()) {
                    child = crosscut.begin(new TestExchange(Exchange.Kind.CLIENT, "http", "GET", Optional.of("/y")));
                }
                String message = "race " + i;
                Future<?> line = pool.submit(() -> {
                    try (Scope scope = child.attach()) {
                        logger.debug(message);
                    }
                });
                Future<?> end = pool.submit(() -> request.end(Outcome.completed(i(message) % 2 == 0 ? 500 : 200)));
                line.get();
                end.get();
                child.end(Outcome.failed(new IllegalStateException("boom")));
            }
            assertThat(KeptLog.memory().used()).isZero();
        } finally {
            pool.shutdownNow();
        }

        assertThat(log.messages()).hasSize(2_000).doesNotHaveDuplicates();
    }

    @Test
    void nothing_stays_behind_where_an_end_meets_the_first_line() throws Exception {
        DebugMemory memory = new DebugMemory(64 * 1024, TOTAL);
        AtomicReference<DebugTrail> next = new AtomicReference<>(DebugTrail.NONE);
        AtomicInteger kept = new AtomicInteger();
        int rounds = 20_000;
        Thread logging = new Thread(() -> {
            DebugTrail last = DebugTrail.NONE;
            for (int i = 0; i < rounds; i++) {
                DebugTrail trail = next.get();
                while (trail == last) {
                    LockSupport.parkNanos(1);
                    trail = next.get();
                }
                trail.keep(new KeptLine(new byte[100], 1, Instant.EPOCH, trail, List.of()));
                last = trail;
                kept.set(i + 1);
            }
        });
        logging.start();
        for (int i = 0; i < rounds; i++) {
            DebugTrail trail = new DebugTrail(memory, Integer.MAX_VALUE, null);
            next.set(trail);
            for (int spin = ThreadLocalRandom.current().nextInt(200); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            trail.end();
            while (kept.get() <= i) {
                LockSupport.parkNanos(1);
            }
        }
        logging.join();

        assertThat(memory.used()).isZero();
    }

    private static int i(String message) {
        return Integer.parseInt(message.substring("race ".length()));
    }
}
