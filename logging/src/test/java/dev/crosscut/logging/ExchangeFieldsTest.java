package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Propagation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

/** What of an exchange is on its lines. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExchangeFieldsTest {

    private static final String LOGGER = "test.exchange";
    private static final Key<Integer> ITEMS = Key.of("items", Integer.class).loggable();
    private static final Key<String> HIDDEN = Key.of("hidden", String.class);
    private static final Key<String> MESSAGE = Key.of("message", String.class).loggable();

    private final Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build();
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    @AfterEach
    void release() throws InterruptedException {
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        crosscut.close();
        MDC.clear();
    }

    private static String id() {
        return Correlation.current().orElseThrow();
    }

    private static List<String> ids(List<JsonNode> lines) {
        return lines.stream()
                .map(line -> line.path("correlation_id").asString("none"))
                .toList();
    }

    private static Exchange current() {
        return Exchange.current().orElseThrow();
    }

    @Test
    void every_line_of_an_exchange_has_its_correlation_id_and_no_other_line_has_one() {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            captured.logger().info("before");
            crosscut.run("job", () -> {
                captured.logger().info("within");
                assertThat(ids(captured.lines())).containsExactly("none", id());
            });
            captured.logger().info("after");

            assertThat(ids(captured.lines())).hasSize(3).startsWith("none").endsWith("none");
            assertThat(MDC.getCopyOfContextMap())
                    .as("nothing is put into the MDC")
                    .isNullOrEmpty();
        }
    }

    @Test
    void what_is_loggable_is_on_each_line_from_then_on_with_its_type() {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            crosscut.run("job", () -> {
                captured.logger().info("first");
                current().put(ITEMS, 3);
                current().put(HIDDEN, "x");
                current().put(Key.TENANT, "acme");
                captured.logger().info("second");
                current().put(ITEMS, 4);
                captured.logger().info("third");
                captured.logger().info("fourth");
            });

            List<JsonNode> lines = captured.lines();
            assertThat(lines.get(0).has("items")).isFalse();
            assertThat(lines.get(1).get("items").isInt()).isTrue();
            assertThat(lines).extracting(line -> line.path("items").asInt(0)).containsExactly(0, 3, 4, 4);
            assertThat(lines.get(3).get("organization.id").asString()).isEqualTo("acme");
            assertThat(captured.text()).doesNotContain("hidden");
        }
    }

    @Test
    void the_fields_are_the_same_object_until_a_loggable_value_is_put_anew() {
        crosscut.run("job", () -> {
            ExchangeFields first = ExchangeFields.of(current());
            current().put(HIDDEN, "x");
            assertThat(ExchangeFields.of(current())).isSameAs(first);
            current().put(ITEMS, 1);
            assertThat(ExchangeFields.of(current())).isNotSameAs(first);
        });
    }

    @Test
    void a_loggable_key_takes_no_name_of_ours_and_none_of_another_key() {
        Key<String> another = Key.of("tenant", String.class).loggable();
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            crosscut.run("job", () -> {
                current().put(Key.TENANT, "one");
                current().put(another, "two");
                current().put(MESSAGE, "not the message");
                MDC.put("organization.id", "from the mdc");
                MDC.put("correlation_id", "forged");
                captured.logger()
                        .atInfo()
                        .addKeyValue("organization.id", "three")
                        .log("the message");
                assertThat(ids(captured.lines())).containsExactly(id());
            });

            JsonNode line = captured.onlyLine();
            assertThat(line.get("message").asString()).isEqualTo("the message");
            assertThat(line.get("message_2").asString()).isEqualTo("not the message");
            assertThat(line.get("organization.id").asString()).isEqualTo("one");
            assertThat(line.get("organization.id_2").asString()).isEqualTo("two");
            assertThat(line.get("organization.id_3").asString()).isEqualTo("three");
            assertThat(captured.text()).doesNotContain("from the mdc").doesNotContain("forged");
        }
    }

    @Test
    void a_nested_exchange_has_its_own_fields_and_the_outer_gets_its_back() {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            crosscut.run("outer", () -> {
                current().put(ITEMS, 1);
                crosscut.run("inner", () -> captured.logger().info("inner"));
                captured.logger().info("outer");
            });

            assertThat(captured.lines().get(0).has("items")).isFalse();
            assertThat(captured.lines().get(1).get("items").asInt()).isEqualTo(1);
            assertThat(new HashSet<>(ids(captured.lines())))
                    .as("one cause, one id")
                    .hasSize(1);
        }
    }

    @Test
    void wrapped_executors_and_futures_carry_the_fields_and_leave_threads_clean() throws Exception {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            Logger log = captured.logger();
            List<String> expected = new ArrayList<>();
            List<CompletableFuture<?>> running = new ArrayList<>();
            crosscut.run("job", () -> {
                expected.add(id());
                running.add(CompletableFuture.runAsync(() -> log.info("executor"), Propagation.wrap(pool)));
                running.add(Propagation.wrap(CompletableFuture.supplyAsync(() -> 1, pool))
                        .thenApplyAsync(
                                one -> {
                                    log.info("future");
                                    return one;
                                },
                                pool)
                        .thenAccept(one -> log.info("future")));
            });
            for (CompletableFuture<?> each : running) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(ids(captured.lines())).hasSize(3).containsOnly(expected.get(0));
            for (int i = 0; i < 10; i++) {
                pool.submit(() -> log.info("clean")).get(60, TimeUnit.SECONDS);
            }

            assertThat(ids(captured.lines()).subList(3, 13)).containsOnly("none");
        }
    }

    @Test
    void a_task_of_nobody_within_an_exchange_has_no_id() {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            Runnable ofNobody =
                    Propagation.wrap((Runnable) () -> captured.logger().info("of nobody"));
            crosscut.run("job", () -> {
                ofNobody.run();
                captured.logger().info("of the job");
                assertThat(ids(captured.lines())).containsExactly("none", id());
            });
        }
    }

    @Test
    void an_asynchronous_appender_writes_what_was_so_when_the_line_was_logged() {
        CapturedLog captured = CapturedLog.inBackground(LOGGER);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int count = i;
            crosscut.run("job", () -> {
                expected.add(id());
                current().put(ITEMS, count);
                MDC.put("mine", "before " + count);
                captured.logger().info("within");
                current().put(ITEMS, -1);
                MDC.put("mine", "after");
            });
        }
        captured.close();

        List<JsonNode> lines = captured.lines();
        assertThat(ids(lines)).isEqualTo(expected);
        for (int i = 0; i < 100; i++) {
            assertThat(lines.get(i).get("items").asInt()).isEqualTo(i);
            assertThat(lines.get(i).get("mine").asString()).isEqualTo("before " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lines_of_parallel_exchanges_carry_each_its_own_id(boolean async) throws Exception {
        int threads = 8;
        int exchanges = 1_000;
        CapturedLog captured = async ? CapturedLog.inBackground(LOGGER) : CapturedLog.of(LOGGER);
        Logger log = captured.logger();
        Map<String, String> expected = new ConcurrentHashMap<>();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        ExecutorService hops = Propagation.wrap(pool);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all.add(workers.submit(() -> {
                for (int i = 0; i < exchanges; i++) {
                    String name = thread + "-" + i;
                    crosscut.run("job", () -> {
                        expected.put(name, id());
                        log.info(name);
                        all(hops.submit(() -> log.info(name)));
                        log.info(name);
                    });
                    log.info("none");
                }
            }));
        }
        for (Future<?> each : all) {
            each.get(120, TimeUnit.SECONDS);
        }
        workers.shutdown();
        captured.close();

        List<JsonNode> lines = captured.lines();
        assertThat(lines).hasSize(threads * exchanges * 4);
        assertThat(Set.copyOf(expected.values())).hasSize(threads * exchanges);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.path("correlation_id").asString("none"))
                        .isEqualTo(expected.getOrDefault(line.get("message").asString(), "none")));
    }

    private static void all(Future<?> future) {
        try {
            future.get(120, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
