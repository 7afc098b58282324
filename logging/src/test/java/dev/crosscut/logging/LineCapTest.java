package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;

/** What becomes of a line that would be too long. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineCapTest {

    private static final int MAX = 4096;
    private static final Key<String> NOTE = Key.of("note", String.class).loggable();
    private static final Key<Object> THING = Key.of("thing", Object.class).loggable();

    private final CapturedLog captured =
            CapturedLog.of("test.cap", Map.of("crosscut.logging.max-line", "4KB", "crosscut.logging.max-stack", "4KB"));

    @AfterEach
    void release() {
        captured.close();
        MDC.clear();
    }

    private JsonNode line() {
        assertThat(captured.text().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(MAX);
        return captured.onlyLine();
    }

    private static Throwable exception(String message, int frames) {
        RuntimeException thrown = new RuntimeException(message);
        StackTraceElement frame = new StackTraceElement("com.acme.payments.Payments", "pay", "Payments.java", 7);
        thrown.setStackTrace(Collections.nCopies(frames, frame).toArray(StackTraceElement[]::new));
        return thrown;
    }

    @Test
    void what_fits_is_whole_and_has_no_mark() {
        captured.logger().atInfo().addKeyValue("text", "x".repeat(2_000)).log("m".repeat(1_500));

        assertThat(line().get("message").asString()).hasSize(1_500);
        assertThat(line().get("text").asString()).hasSize(2_000);
        assertThat(line().has("log.truncated")).isFalse();
    }

    @Test
    void a_line_may_have_as_many_bytes_as_are_set_and_no_more() {
        LoggerContext context = captured.logger().getLoggerContext();
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(context);
        encoder.start();
        for (int length = 3_800; length < 4_200; length++) {
            LoggingEvent event =
                    new LoggingEvent("fqcn", captured.logger(), Level.INFO, "m".repeat(length), null, null);
            byte[] line = encoder.encode(event);
            JsonNode json = JsonLines.parse(new String(line, UTF_8)).get(0);

            assertThat(line).hasSizeLessThanOrEqualTo(MAX);
            if (json.has("log.truncated")) {
                assertThat(line).as("length %s", length).hasSize(MAX);
            } else {
                assertThat(json.get("message").asString()).hasSize(length);
            }
        }
    }

    @Test
    void the_stack_trace_is_shortened_before_anything_else() {
        captured.logger()
                .atError()
                .addKeyValue("text", "x".repeat(1_000))
                .setCause(exception("why", 200))
                .log("m".repeat(1_000));

        assertThat(line().get("error.stack_trace").asString())
                .startsWith("java.lang.RuntimeException: why\n\tat com.acme.payments.Payments.pay(Payments.java:7)\n");
        assertThat(line().get("message").asString()).hasSize(1_000);
        assertThat(line().get("text").asString()).hasSize(1_000);
        assertThat(line().get("error.message").asString()).isEqualTo("why");
        assertThat(line().get("log.truncated").asBoolean()).isTrue();
        assertThat(captured.text().length()).isEqualTo(MAX);
    }

    @Test
    void the_longest_texts_of_users_are_shortened_next_and_small_fields_stay() {
        captured.logger()
                .atError()
                .addKeyValue("before", 1)
                .addKeyValue("long", "x".repeat(100_000))
                .addKeyValue("longer", "y".repeat(1_000_000))
                .addKeyValue("after", "small")
                .setCause(exception("why", 200))
                .log("m".repeat(1_000));

        assertThat(line().get("message").asString()).hasSize(1_000);
        assertThat(line().get("before").asInt()).isEqualTo(1);
        assertThat(line().get("after").asString()).isEqualTo("small");
        assertThat(line().get("long").asString()).matches("x{64,}");
        assertThat(line().get("longer").asString()).matches("y{64,}");
        assertThat(line().get("log.truncated").asBoolean()).isTrue();
    }

    @Test
    void a_value_that_is_no_text_is_whole_or_left_out() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            numbers.add(i);
        }
        captured.logger()
                .atInfo()
                .addKeyValue("fits", List.of(1, 2, 3))
                .addKeyValue("numbers", numbers)
                .addKeyValue("more", numbers)
                .addKeyValue("endless", new long[10_000_000])
                .addKeyValue("huge", BigInteger.ONE.shiftLeft(100_000_000))
                .addKeyValue("after", "small")
                .log("whole or not");

        assertThat(line().get("fits").size()).isEqualTo(3);
        assertThat(line().has("endless")).isFalse();
        assertThat(line().has("huge")).isFalse();
        assertThat(line().path("numbers").size() + line().path("more").size()).isEqualTo(700);
        assertThat(line().get("after").asString()).isEqualTo("small");
        assertThat(line().get("log.truncated").asBoolean()).isTrue();
    }

    @Test
    void the_message_is_shortened_last() {
        captured.logger()
                .atError()
                .addKeyValue("text", "x".repeat(100_000))
                .setCause(exception("why ".repeat(100_000), 200))
                .log("m".repeat(10_000_000));

        assertThat(line().get("message").asString()).hasSizeGreaterThan(3_000);
        assertThat(line().has("text")).isFalse();
        assertThat(line().get("error.type").asString()).isEqualTo("java.lang.RuntimeException");
        assertThat(line().get("error.stack_trace").asString()).isEmpty();
        assertThat(line().get("log.truncated").asBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "\u4f60", "\ud83d\ude00", "\n", "\u202e", "\"", "\\", "a\ud83d\ude00\u0001\\"})
    void a_text_is_cut_between_characters_and_between_escapes(String unit) {
        for (int padding = 0; padding < 12; padding++) {
            try (CapturedLog here = CapturedLog.of("test.cut", Map.of("crosscut.logging.max-line", "4KB"))) {
                String text = "p".repeat(padding) + unit.repeat(5_000);
                here.logger().atInfo().addKeyValue("text", text).log(text);
                here.logger().info(text);

                for (JsonNode line : here.lines()) {
                    assertThat(text).startsWith(line.get("message").asString());
                    assertThat(text).startsWith(line.path("text").asString(""));
                }
                assertThat(here.text().lines())
                        .allSatisfy(line -> assertThat(line.getBytes(UTF_8)).hasSizeBetween(MAX - 20, MAX - 1));
            }
        }
    }

    @Test
    void what_correlates_is_there_whatever_else_there_is() {
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            crosscut.run("job", () -> {
                Exchange exchange = Exchange.current().orElseThrow();
                String id = "i".repeat(1_024);
                exchange.put(THING, new int[10_000]);
                exchange.put(NOTE, "n".repeat(100_000));
                exchange.put(Key.TENANT, "t".repeat(100_000));
                exchange.put(Key.CORRELATION_ID, id);
                exchange.put(Key.EXTERNAL_CORRELATION_ID, "e".repeat(1_000));
                MDC.put("traceId", "0af7651916cd43dd8448eb211c80319c");
                MDC.put("span_id", "b7ad6b7169203331");
                MDC.put("much", "x".repeat(100_000));
                captured.logger()
                        .atError()
                        .addKeyValue("text", "x".repeat(100_000))
                        .setCause(exception("why ".repeat(100_000), 200))
                        .log("m".repeat(100_000));

                assertThat(line().get("correlation_id").asString()).isEqualTo(id);
                assertThat(line().get("trace.id").asString()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
                assertThat(line().get("span.id").asString()).isEqualTo("b7ad6b7169203331");
                assertThat(line().get("external_correlation_id").asString()).matches("e{100,}");
                assertThat(line().get("log.truncated").asBoolean()).isTrue();
            });
        }
    }

    @Test
    void the_fields_of_an_exchange_have_a_quarter_of_a_line() {
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            crosscut.run("job", () -> {
                Exchange.current().orElseThrow().put(NOTE, "n".repeat(100_000));
                Exchange.current().orElseThrow().put(THING, new int[10_000]);
                captured.logger().info("m".repeat(2_000));

                assertThat(line().get("note").asString()).matches("n{600,1024}");
                assertThat(line().has("thing")).isFalse();
                assertThat(line().get("message").asString()).hasSize(2_000);
                assertThat(line().get("log.truncated").asBoolean()).isTrue();
            });
        }
    }

    @Test
    void names_are_bounded_too() {
        Thread thread = new Thread(() -> captured.logger()
                .getLoggerContext()
                .getLogger("test.cap." + "l".repeat(100_000))
                .atError()
                .addKeyValue("k".repeat(100_000), 1)
                .log("named"));
        thread.setName("t".repeat(100_000));
        thread.start();
        join(thread);

        assertThat(line().get("message").asString()).isEqualTo("named");
        assertThat(line().get("process.thread.name").asString()).matches("t{100,512}");
        assertThat(line().get("k".repeat(Names.LONGEST)).asInt()).isEqualTo(1);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_great_many_fields_are_soon_one_line() {
        Map<String, Integer> many = new LinkedHashMap<>();
        List<KeyValuePair> pairs = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.put("field_" + i, i);
            pairs.add(new KeyValuePair("same", i));
        }
        captured.logger().info(Markers.appendEntries(many), "many");
        LoggingEvent event = new LoggingEvent("fqcn", captured.logger(), Level.INFO, "many of a name", null, null);
        event.setKeyValuePairs(pairs);
        captured.logger().callAppenders(event);

        assertThat(captured.lines()).hasSize(2).allSatisfy(line -> {
            assertThat(line.get("log.truncated").asBoolean()).isTrue();
            assertThat(line.size()).isBetween(100, 1_000);
        });
    }

    @Test
    void fields_of_each_line_that_take_too_much_of_it_are_refused() {
        Crosscut.Builder builder = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property("crosscut.logging.max-line", "4KB");
        for (int i = 0; i < 3; i++) {
            builder.property("crosscut.logging.fields.f" + i, "x".repeat(200));
        }

        assertThatThrownBy(builder::build)
                .hasMessageContaining("crosscut.logging.fields.<name>")
                .hasMessageContaining("512 bytes");
    }
}
