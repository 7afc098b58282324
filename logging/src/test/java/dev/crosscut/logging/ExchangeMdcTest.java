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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

/** What of an exchange is in the MDC of an event, for patterns and for the appenders of others. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExchangeMdcTest {

    private static final String LOGGER = "test.exchange";
    private static final Key<Integer> ITEMS = Key.of("items", Integer.class).loggable();

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

    private static Exchange current() {
        return Exchange.current().orElseThrow();
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
                                "[none] [] [yes] before", "[" + id() + "] [eve\\r\\n[forged] line] [yes] within");
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

            assertThat(JsonLines.parse(lines))
                    .extracting(line -> line.path("correlation_id").asString("none"))
                    .containsExactly(id(), "none");
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
}
