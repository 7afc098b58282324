package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Propagation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
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
    void a_pattern_finds_the_fields_in_the_mdc_and_a_value_cannot_begin_a_line_there() {
        PatternLayoutEncoder pattern = new PatternLayoutEncoder();
        pattern.setPattern("[%X{correlation_id:-none}] [%X{caller}] [%X{mine}] %msg%n");
        try (CapturedLog captured = CapturedLog.of(LOGGER, pattern)) {
            MDC.put("mine", "yes");
            captured.logger().info("before");
            crosscut.run("job", () -> {
                current().put(Key.CALLER, "eve\r\n[forged] line");
                captured.logger().info("within");
                assertThat(captured.text().lines())
                        .containsExactly(
                                "[none] [] [yes] before",
                                "[" + id() + "] [eve\\u000d\\u000a[forged] line] [yes] within");
            });
        }
    }

    @Test
    void a_pattern_that_prints_all_of_the_mdc_prints_the_fields_too() {
        PatternLayoutEncoder pattern = new PatternLayoutEncoder();
        pattern.setPattern("%X%n");
        try (CapturedLog captured = CapturedLog.of(LOGGER, pattern)) {
            crosscut.run("job", () -> {
                MDC.put("mine", "yes");
                MDC.put("items", "hidden by the exchange");
                current().put(ITEMS, 3);
                captured.logger().info("within");
                assertThat(captured.text().strip()).isEqualTo("correlation_id=" + id() + ", items=3, mine=yes");
            });
        }
    }

    @Test
    void a_pattern_finds_the_correlation_id_under_the_name_that_java_people_give_it_too() {
        PatternLayoutEncoder pattern = new PatternLayoutEncoder();
        pattern.setPattern("%X{correlationId:-none} %X{correlation_id:-none} [%X]%n");
        try (CapturedLog captured = CapturedLog.of(LOGGER, pattern)) {
            captured.logger().info("before");
            crosscut.run("job", () -> {
                captured.logger().info("within");
                assertThat(captured.text().lines())
                        .containsExactly("none none []", id() + " " + id() + " [correlation_id=" + id() + "]");
            });
        }
    }

    @Test
    void an_entry_of_the_user_is_found_before_the_other_name_of_the_id() {
        PatternLayoutEncoder pattern = new PatternLayoutEncoder();
        pattern.setPattern("%X{correlationId}");
        try (CapturedLog captured = CapturedLog.of(LOGGER, pattern)) {
            crosscut.run("job", () -> {
                MDC.put("correlationId", "mine");
                captured.logger().info("within");
            });

            assertThat(captured.text()).isEqualTo("mine");
        }
    }

    /** As OpenTelemetry's appender makes it: a plain map with the ids of the trace in place of the one that was there. */
    private static LoggingEvent traced(Logger logger, String message) {
        Map<String, String> replaced = new HashMap<>(
                ((ch.qos.logback.classic.Logger) logger).getLoggerContext().getMDCAdapter() instanceof ExchangeMdc mdc
                        ? mdc.getPropertyMap()
                        : Map.of());
        replaced.put("trace_id", "0af7651916cd43dd8448eb211c80319c");
        replaced.put("span_id", "b7ad6b7169203331");
        replaced.put("trace_flags", "01");
        LoggingEvent event =
                new LoggingEvent(
                        "fqcn", (ch.qos.logback.classic.Logger) logger, Level.INFO, message, null, new Object[0]) {
                    @Override
                    public Map<String, String> getMDCPropertyMap() {
                        return replaced;
                    }
                };
        event.prepareForDeferredProcessing();
        return event;
    }

    @Test
    void where_another_library_has_replaced_the_map_the_fields_are_still_those_of_the_exchange() {
        CapturedLog captured = CapturedLog.of(LOGGER);
        List<LoggingEvent> events = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        crosscut.run("job", () -> {
            ids.add(id());
            current().put(ITEMS, 3);
            current().put(Key.TENANT, "acme");
            MDC.put("mine", "yes");
            events.add(traced(captured.logger(), "traced"));
            captured.logger().callAppenders(events.get(0));
        });
        captured.logger().callAppenders(events.get(0));
        crosscut.run("other", () -> captured.logger().callAppenders(events.get(0)));
        captured.close();

        assertThat(captured.lines()).hasSize(3).allSatisfy(line -> {
            assertThat(line.get("correlation_id").asString()).isEqualTo(ids.get(0));
            assertThat(line.get("trace.id").asString()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
            assertThat(line.get("span.id").asString()).isEqualTo("b7ad6b7169203331");
            assertThat(line.get("trace_flags").asString()).isEqualTo("01");
            assertThat(line.get("organization.id").asString()).isEqualTo("acme");
            assertThat(line.get("items").asString()).isEqualTo("3");
            assertThat(line.get("mine").asString()).isEqualTo("yes");
            assertThat(line.size()).isEqualTo(5 + 8);
        });
        assertThat(captured.lines().get(0).get("items").isInt()).isTrue();
    }

    @Test
    void where_another_library_has_replaced_the_adapter_the_fields_are_those_of_the_thread_that_logs() {
        LoggerContext context = new LoggerContext();
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(context);
        encoder.start();
        context.setMDCAdapter(new LogbackMDCAdapter());
        crosscut.run("job", () -> {
            LoggingEvent here = new LoggingEvent("fqcn", context.getLogger("x"), Level.INFO, "here", null, null);
            LoggingEvent elsewhere =
                    new LoggingEvent("fqcn", context.getLogger("x"), Level.INFO, "elsewhere", null, null);
            elsewhere.setThreadName("another thread");
            String lines = new String(encoder.encode(here), StandardCharsets.UTF_8)
                    + new String(encoder.encode(elsewhere), StandardCharsets.UTF_8);

            assertThat(ids(JsonLines.parse(lines))).containsExactly(id(), "none");
        });
    }

    @Test
    void the_ids_of_a_trace_have_one_name_whatever_library_has_put_them() {
        try (CapturedLog captured = CapturedLog.of(LOGGER)) {
            MDC.put("traceId", "micrometer");
            MDC.put("trace_id", "opentelemetry");
            MDC.put("spanId", "span");
            captured.logger().info("traced");

            assertThat(captured.onlyLine().get("trace.id").asString()).isEqualTo("opentelemetry");
            assertThat(captured.onlyLine().get("span.id").asString()).isEqualTo("span");
            assertThat(captured.onlyLine().size()).isEqualTo(6 + 2);
        }
    }

    @Test
    void the_context_of_a_line_is_a_map_that_survives_serialisation() throws Exception {
        MDC.put("mine", "yes");
        List<Map<String, String>> contexts = new ArrayList<>();
        crosscut.run("job", () -> {
            current().put(ITEMS, 3);
            contexts.add(ExchangeFields.of(current()).with(MDC.getCopyOfContextMap()));
        });
        Map<String, String> context = contexts.get(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(context);
        }
        Object read;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            read = in.readObject();
        }

        assertThat(read).isExactlyInstanceOf(HashMap.class).isEqualTo(context);
        assertThat(context).hasSize(3).containsEntry("items", "3").containsEntry("mine", "yes");
        assertThat(context.containsKey("items")).isTrue();
        assertThat(context.containsKey("mine")).isTrue();
        assertThat(context.containsKey("absent")).isFalse();
        assertThat(context.get("absent")).isNull();
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
