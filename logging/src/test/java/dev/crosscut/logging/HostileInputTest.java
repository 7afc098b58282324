package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.logstash.logback.argument.StructuredArguments;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

/** Whatever an event carries, it makes exactly one line of strict JSON, with its message and its correlation id. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("UnnecessaryStringBuilder") // text that is no String
class HostileInputTest {

    private static final Key<String> NOTE = Key.of("note", String.class).loggable();
    private static final Key<Object> ANYTHING = Key.of("anything", Object.class).loggable();

    private final Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build();
    private final CapturedLog captured = CapturedLog.of("test.hostile", Map.of("crosscut.logging.max-line", "1MB"));
    private final PrintStream stderr = System.err;

    /** SLF4J prints there whatever an argument throws when it is asked for its text. */
    @BeforeEach
    void silence() {
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    }

    @AfterEach
    void release() {
        System.setErr(stderr);
        captured.close();
        crosscut.close();
        MDC.clear();
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.logging.HostileValues#all")
    void a_value_costs_no_line_wherever_it_comes_from(Object value) {
        crosscut.run("hostile", () -> {
            Exchange exchange = Exchange.current().orElseThrow();
            captured.logger().atInfo().addKeyValue("value", value).log("as a key-value");
            captured.logger().info("as an argument {}", value);
            captured.logger().info("as a structured argument {}", StructuredArguments.value("value", value));
            captured.logger().info(Markers.append("value", value), "as a marker");
            captured.logger().info(Markers.appendFields(value), "as fields of a marker");
            exchange.put(ANYTHING, value);
            captured.logger().info("on the exchange");
            captured.logger().info("after it");

            List<JsonNode> lines = captured.lines();
            assertThat(lines).hasSize(7).allSatisfy(line -> {
                assertThat(line.get("correlation_id").asString())
                        .isEqualTo(exchange.get(Key.CORRELATION_ID).orElseThrow());
                assertThat(line.has("log.encoding_fault")).isFalse();
            });
            assertThat(lines.get(0).has("value")).isTrue();
            assertThat(lines.get(0).has("forged")).isFalse();
            assertThat(lines.get(5).has("forged")).isFalse();
            assertThat(lines.get(5).has("anything")).isTrue();
            assertThat(lines.get(6).get("message").asString()).isEqualTo("after it");
        });
    }

    @Test
    void a_value_that_has_no_json_is_its_text_and_one_without_text_the_name_of_its_class() {
        captured.logger()
                .atInfo()
                .addKeyValue("getter", new HostileValues.ThrowingGetter())
                .addKeyValue("all", new HostileValues.ThrowsEverywhere())
                .addKeyValue("nan", Double.NaN)
                .log("replaced");

        JsonNode line = captured.onlyLine();
        assertThat(line.get("getter").asString()).isEqualTo("the text of it");
        assertThat(line.get("all").asString())
                .isEqualTo("<" + HostileValues.ThrowsEverywhere.class.getName()
                        + ": java.lang.UnsupportedOperationException>");
        assertThat(line.get("nan").asString()).isEqualTo("NaN");
    }

    @Test
    void raw_json_that_is_none_keeps_its_text_and_raw_json_that_is_some_is_read_as_strictly_as_any() {
        captured.logger().info("{}", StructuredArguments.raw("raw", "{\"a\": 1,\n\"b\": [true]}"));
        captured.logger().info("{}", StructuredArguments.raw("raw", "1}\n{\"forged\":true"));
        captured.logger().info(Markers.appendRaw("raw", "1,\"message\":\"forged\""), "the message");

        List<JsonNode> lines = captured.lines();
        assertThat(lines.get(0).get("raw").toString()).isEqualTo("{\"a\":1,\"b\":[true]}");
        assertThat(lines.get(1).get("unwritable").asString()).contains("forged");
        assertThat(lines.get(2).get("message").asString()).isEqualTo("the message");
        assertThat(lines.get(2).get("message_2").asString()).isEqualTo("forged");
    }

    static Stream<String> texts() {
        return Stream.of(
                "",
                "\r\n{\"@timestamp\":\"forged\",\"message\":\"forged\"}\r\n",
                "\",\"forged\":\"",
                "\\",
                "\\\"",
                "\u0000\u0001\u001f\u007f\u0085\u009b[31m",
                "\u2028\u2029\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff\u061c",
                "\ud800",
                "\udc00\ud800",
                "a\ud83d\ude00b\ud83d",
                "\uffff\ufffe",
                "grüße 你好 \ud83d\ude00",
                "'; DROP TABLE payments; --",
                "${jndi:ldap://127.0.0.1/a}",
                "x".repeat(200) + "\ud800\n",
                "\n".repeat(40),
                "\u202e".repeat(40));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void text_is_read_back_as_it_was_written_wherever_it_comes_from(String text) {
        String expected = Texts.wellFormed(Masking.DEFAULT.text(text));
        crosscut.run("hostile", () -> {
            Exchange.current().orElseThrow().put(NOTE, text);
            MDC.put("mdc", text);
            Thread worker = new Thread(dev.crosscut.core.Propagation.wrap(() -> captured.logger()
                    .atInfo()
                    .addKeyValue("kv", text)
                    .addKeyValue("k" + text, "name")
                    .addKeyValue("builder", new StringBuilder(text))
                    .addKeyValue("map", Map.of("inner", text))
                    .setCause(new IllegalStateException(text))
                    .log("m{}", text)));
            worker.setName("t" + text);
            Map<String, String> mdc = MDC.getCopyOfContextMap();
            worker.start();
            join(worker);
            assertThat(mdc).containsEntry("mdc", text);
            captured.logger().info("here");
        });

        JsonNode line = captured.lines().get(0);
        assertThat(line.get("message").asString()).isEqualTo("m" + expected);
        assertThat(line.get("kv").asString()).isEqualTo(expected);
        assertThat(line.get("k" + expected).asString()).isEqualTo("name");
        assertThat(line.get("builder").asString()).isEqualTo(expected);
        assertThat(line.get("map").get("inner").asString()).isEqualTo(expected);
        assertThat(line.get("error.message").asString()).isEqualTo(expected);
        assertThat(line.get("note").asString()).isEqualTo(expected);
        assertThat(line.get("process.thread.name").asString()).isEqualTo("t" + expected);
        assertThat(captured.lines().get(1).get("mdc").asString()).isEqualTo(expected);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void random_text_makes_the_line_that_jackson_would_make_of_it_once_halves_of_characters_are_replaced() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            String text = randomText(random);
            captured.logger().atInfo().addKeyValue("k" + text, text).log(text);
        }

        List<JsonNode> lines = captured.lines();
        assertThat(lines).as("seed " + seed).hasSize(3_000);
        Random again = new Random(seed);
        for (JsonNode line : lines) {
            String text = randomText(again);
            String expected = Texts.wellFormed(Masking.DEFAULT.text(text));
            assertThat(line.get("message").asString()).as("seed " + seed).isEqualTo(expected);
            assertThat(line.get("k" + Texts.wellFormed(text)).asString())
                    .as("seed " + seed)
                    .isEqualTo(expected);
        }
    }

    private static String randomText(Random random) {
        int length = random.nextInt(60);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char)
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> random.nextInt(0x80);
                        case 2 -> Character.MIN_SURROGATE + random.nextInt(0x800);
                        default -> random.nextInt(0x10000);
                    });
        }
        return text.toString();
    }

    @Test
    void exceptions_in_circles_and_without_end_make_one_line() {
        IllegalStateException one = new IllegalStateException("one");
        IllegalStateException two = new IllegalStateException("two", one);
        one.initCause(two);
        one.addSuppressed(two);
        captured.logger().error("circle", one);
        Throwable chain = new IllegalStateException("root");
        for (int i = 0; i < 300; i++) {
            chain = new IllegalStateException("wrapped " + i, chain);
        }
        captured.logger().error("chain", chain);

        assertThat(captured.lines())
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(line.get("error.type").asString()).isEqualTo("java.lang.IllegalStateException"));
    }

    @Test
    void an_event_that_is_itself_broken_makes_a_line_that_says_so() {
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        encoder.start();
        for (String broken :
                List.of("getThreadName", "getFormattedMessage", "getMDCPropertyMap", "getLevel", "all", "error")) {
            ILoggingEvent event = (ILoggingEvent) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {ILoggingEvent.class}, (proxy, method, arguments) -> {
                        if (broken.equals("error") && method.getName().equals("getThreadName")) {
                            throw new NoClassDefFoundError("broken");
                        }
                        if (broken.equals("all") || method.getName().equals(broken)) {
                            throw new IllegalStateException("broken\n" + method.getName());
                        }
                        return switch (method.getName()) {
                            case "getLevel" -> Level.INFO;
                            case "getFormattedMessage" -> "the\nmessage";
                            case "getInstant" -> java.time.Instant.EPOCH;
                            case "getLoggerName" -> "logger";
                            case "getMDCPropertyMap" -> Map.of("correlation_id", "id-1");
                            default -> null;
                        };
                    });

            JsonNode line = JsonLines.parse(new String(encoder.encode(event), StandardCharsets.UTF_8))
                    .get(0);

            assertThat(line.get("log.encoding_fault").asString()).contains("broken");
            ILoggingEvent whole = new LoggingEvent("fqcn", captured.logger(), Level.INFO, "after", null, null);
            assertThat(JsonLines.parse(new String(encoder.encode(whole), StandardCharsets.UTF_8)))
                    .singleElement()
                    .satisfies(
                            after -> assertThat(after.has("log.encoding_fault")).isFalse());
            if (broken.equals("getThreadName")) {
                assertThat(line.get("message").asString()).isEqualTo("the\nmessage");
                assertThat(line.get("correlation_id").asString()).isEqualTo("id-1");
            }
        }
    }

    private void logUntilTheStackOverflows(int depth) {
        captured.logger().atInfo().addKeyValue("depth", depth).log("deeper");
        if (depth < Integer.MAX_VALUE) {
            logUntilTheStackOverflows(depth + 1);
        }
    }

    @Test
    void a_stack_that_overflows_while_a_line_is_written_spoils_no_line_after_it() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            int kilobytes = 200 + i;
            Thread thread = new Thread(
                    null,
                    () -> {
                        try {
                            logUntilTheStackOverflows(0);
                        } catch (StackOverflowError expected) {
                            captured.logger()
                                    .atInfo()
                                    .addKeyValue("i", kilobytes)
                                    .log("after");
                            captured.logger()
                                    .atInfo()
                                    .addKeyValue("i", kilobytes)
                                    .log("after");
                        }
                    },
                    "deep",
                    kilobytes * 1024L);
            thread.start();
            thread.join();
        }

        List<JsonNode> after = captured.lines().stream()
                .filter(line -> line.get("message").asString().equals("after"))
                .toList();
        assertThat(after)
                .hasSize(100)
                .allSatisfy(
                        line -> assertThat(line.has("i")).as(line.toString()).isTrue());
    }

    @Test
    void a_value_that_overflows_the_stack_spoils_no_line_after_it() {
        for (int i = 0; i < 20; i++) {
            captured.logger()
                    .atInfo()
                    .addKeyValue("endless", new HostileValues.Endless())
                    .log("endless");
            captured.logger().info("after");
        }

        assertThat(captured.lines()).hasSize(40);
    }
}
