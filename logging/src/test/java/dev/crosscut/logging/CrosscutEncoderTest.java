package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static net.logstash.logback.argument.StructuredArguments.fields;
import static net.logstash.logback.argument.StructuredArguments.kv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.crosscut.core.Secret;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CrosscutEncoderTest {

    private final CapturedLog captured = CapturedLog.of("test.encoder");

    record Payment(String id, BigDecimal amount) {}

    enum Colour {
        RED
    }

    @AfterEach
    void release() {
        captured.close();
        MDC.clear();
    }

    private JsonNode line() {
        return captured.onlyLine();
    }

    private static List<String> names(JsonNode line) {
        return List.copyOf(line.propertyNames());
    }

    @Test
    void a_line_has_the_fields_of_the_elastic_common_schema_and_no_more() {
        captured.logger().warn("hello {}", "world");

        assertThat(names(line()))
                .containsExactly(
                        "@timestamp", "log.level", "message", "log.logger", "process.thread.name", "ecs.version");
        assertThat(line().get("log.level").asString()).isEqualTo("WARN");
        assertThat(line().get("message").asString()).isEqualTo("hello world");
        assertThat(line().get("log.logger").asString()).isEqualTo("test.encoder");
        assertThat(line().get("process.thread.name").asString())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void the_time_is_that_of_the_event_in_utc_with_six_digits() {
        Instant before = Instant.now();
        captured.logger().info("now");

        String time = line().get("@timestamp").asString();
        assertThat(time).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
        assertThat(Instant.parse(time)).isBetween(before.minusMillis(1), Instant.now());
    }

    @Test
    void times_have_one_width_and_sort_as_text() {
        Timestamps timestamps = new Timestamps();

        assertThat(List.of(
                                Instant.EPOCH,
                                Instant.parse("2026-11-23T10:15:30Z"),
                                Instant.parse("2026-11-23T10:15:30.000042999Z"),
                                Instant.parse("2026-11-23T10:15:30.999999999Z"),
                                Instant.parse("2026-11-23T10:15:31.1Z"))
                        .stream()
                        .map(instant -> {
                            LineBuffer line = new LineBuffer();
                            timestamps.append(instant, line);
                            return line.toString();
                        })
                        .toList())
                .containsExactly(
                        "1970-01-01T00:00:00.000000Z",
                        "2026-11-23T10:15:30.000000Z",
                        "2026-11-23T10:15:30.000042Z",
                        "2026-11-23T10:15:30.999999Z",
                        "2026-11-23T10:15:31.100000Z");
    }

    @Test
    void key_values_keep_their_types() {
        captured.logger()
                .atInfo()
                .addKeyValue("text", "é \"x\"")
                .addKeyValue("whole", 42)
                .addKeyValue("long", Long.MAX_VALUE)
                .addKeyValue("flag", true)
                .addKeyValue("amount", new BigDecimal("12345678901234567890.10"))
                .addKeyValue("huge", new BigInteger("123456789012345678901234567890"))
                .addKeyValue("ratio", 0.5)
                .addKeyValue("nothing", (Object) null)
                .addKeyValue("colour", Colour.RED)
                .addKeyValue("took", Duration.ofMillis(1500))
                .addKeyValue("at", Instant.EPOCH)
                .addKeyValue("payment", new Payment("p-1", new BigDecimal("98765432109876543210.50")))
                .addKeyValue("map", Map.of("k", List.of(1, 2)))
                .log("typed");

        assertThat(captured.text())
                .contains("\"text\":\"é \\\"x\\\"\"")
                .contains("\"whole\":42,")
                .contains("\"long\":9223372036854775807,")
                .contains("\"flag\":true,")
                .contains("\"amount\":12345678901234567890.10,")
                .contains("\"huge\":123456789012345678901234567890,")
                .contains("\"ratio\":0.5,")
                .contains("\"nothing\":null,")
                .contains("\"colour\":\"RED\",")
                .contains("\"took\":\"PT1.5S\",")
                .contains("\"at\":\"1970-01-01T00:00:00Z\",")
                .contains("\"payment\":{\"id\":\"p-1\",\"amount\":98765432109876543210.50}")
                .contains("\"map\":{\"k\":[1,2]}");
        assertThat(line().get("message").asString()).isEqualTo("typed");
    }

    @Test
    void structured_arguments_are_fields_and_others_only_part_of_the_message() {
        captured.logger().info("paid {} {} {}", kv("order_id", 7), "plain", fields(new Payment("p-1", BigDecimal.ONE)));

        assertThat(line().get("message").asString()).startsWith("paid order_id=7 plain");
        assertThat(line().get("order_id").asInt()).isEqualTo(7);
        assertThat(line().get("id").asString()).isEqualTo("p-1");
        assertThat(line().get("amount").asInt()).isEqualTo(1);
    }

    @Test
    void markers_are_tags_and_those_of_logstash_fields() {
        captured.logger()
                .atInfo()
                .addMarker(MarkerFactory.getMarker("AUDIT"))
                .addMarker(Markers.append("order_id", 7).and(MarkerFactory.getMarker("BILLING")))
                .log("marked");

        assertThat(line().get("tags").toString()).isEqualTo("[\"AUDIT\",\"BILLING\"]");
        assertThat(line().get("order_id").asInt()).isEqualTo(7);
    }

    @Test
    void the_mdc_is_on_the_line_as_text() {
        MDC.put("session", "s-1");
        captured.logger().info("with mdc");

        assertThat(line().get("session").asString()).isEqualTo("s-1");
    }

    @Test
    void an_exception_is_four_fields() {
        captured.logger().error("failed", new IllegalStateException("no\nway", new RuntimeException("cause")));

        assertThat(line().get("error.type").asString()).isEqualTo("java.lang.IllegalStateException");
        assertThat(line().get("error.message").asString()).isEqualTo("no\nway");
        assertThat(line().get("error.stack_trace").asString())
                .startsWith("java.lang.RuntimeException: cause\n\tat "
                        + getClass().getName() + ".an_exception_is_four_fields(CrosscutEncoderTest.java:")
                .contains("common frames\nWrapped by: java.lang.IllegalStateException: no\nway\n\tat ");
        assertThat(line().get("error.stack_hash").asString()).matches("[0-9a-f]{16}");
    }

    @Test
    void an_exception_without_a_message_has_none() {
        captured.logger().error("failed", new IllegalStateException());

        assertThat(names(line())).contains("error.type", "error.stack_trace").doesNotContain("error.message");
    }

    @Test
    void a_message_that_is_null_is_empty() {
        captured.logger().info(null);
        captured.logger().atInfo().addKeyValue("k", "v").log();

        assertThat(captured.lines())
                .extracting(line -> line.get("message").asString())
                .containsExactly("", "");
    }

    @Test
    void a_name_of_ours_cannot_be_taken_by_a_key_value() {
        captured.logger()
                .atInfo()
                .addKeyValue("message", "forged")
                .addKeyValue("@timestamp", "forged")
                .addKeyValue("log.level", "forged")
                .addKeyValue("ecs.version", "forged")
                .log("the message");

        assertThat(line().get("message").asString()).isEqualTo("the message");
        assertThat(line().get("log.level").asString()).isEqualTo("INFO");
        assertThat(line().get("ecs.version").asString()).isEqualTo("8.11");
        assertThat(names(line())).contains("message_2", "@timestamp_2", "log.level_2", "ecs.version_2");
    }

    @Test
    void nothing_that_a_line_itself_carries_is_lost_to_another_of_the_same_name() {
        captured.logger()
                .atInfo()
                .addKeyValue("id", 1)
                .addKeyValue("id", 2)
                .addKeyValue("id_2", "taken")
                .addMarker(Markers.append("id", 4))
                .addArgument(kv("id", 3))
                .log("ids {}");

        assertThat(line().get("id").asInt()).isEqualTo(1);
        assertThat(line().get("id_2").asInt()).isEqualTo(2);
        assertThat(line().get("id_2_2").asString()).isEqualTo("taken");
        assertThat(line().get("id_3").asInt()).isEqualTo(3);
        assertThat(line().get("id_4").asInt()).isEqualTo(4);
    }

    @Test
    void an_mdc_entry_is_hidden_by_a_key_value_and_never_replaces_a_field_of_ours() {
        MDC.put("order_id", "outer");
        MDC.put("message", "forged");
        MDC.put("error.type", "mine");
        captured.logger().atInfo().addKeyValue("order_id", "inner").log("scoped");

        assertThat(line().get("order_id").asString()).isEqualTo("inner");
        assertThat(line().get("message").asString()).isEqualTo("scoped");
        assertThat(line().get("error.type").asString())
                .as("free on a line without an exception")
                .isEqualTo("mine");
    }

    @Test
    void the_fields_of_an_exception_cannot_be_taken_on_its_line() {
        MDC.put("error.type", "from mdc");
        captured.logger()
                .atError()
                .addKeyValue("error.message", "mine")
                .setCause(new IllegalStateException("real"))
                .log("failed");

        assertThat(line().get("error.type").asString()).isEqualTo("java.lang.IllegalStateException");
        assertThat(line().get("error.message").asString()).isEqualTo("real");
        assertThat(line().get("error.message_2").asString()).isEqualTo("mine");
    }

    @Test
    void a_secret_is_never_shown() {
        Secret secret = Secret.of("hunter2");
        captured.logger()
                .atInfo()
                .addKeyValue("direct", secret)
                .addKeyValue("nested", Map.of("password", secret, "list", List.of(secret)))
                .addArgument(secret)
                .addArgument(kv("argued", secret))
                .log("login {} {}");

        assertThat(captured.text()).doesNotContain("hunter2");
        assertThat(line().get("direct").asString()).isEqualTo("***");
        assertThat(line().get("nested").get("password").asString()).isEqualTo("***");
        assertThat(line().get("argued").asString()).isEqualTo("***");
    }

    @Test
    void a_service_that_has_a_name_is_named_on_the_line_and_its_field_is_free_where_it_has_none() {
        LoggerContext context = new LoggerContext();
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(context);
        encoder.start();
        LoggingEvent event = new LoggingEvent("fqcn", context.getLogger("x"), Level.INFO, "named", null, null);
        event.addKeyValuePair(new KeyValuePair("service.name", "mine"));

        assertThat(lineOf(encoder, event).get("service.name").asString()).isEqualTo("mine");
        ExchangeMdc.of(context).format(CapturedLog.format(Map.of("crosscut.logging.service-name", "payments \"eu\"")));
        assertThat(lineOf(encoder, event).get("service.name").asString()).isEqualTo("payments \"eu\"");
        assertThat(lineOf(encoder, event).get("service.name_2").asString()).isEqualTo("mine");
    }

    private static JsonNode lineOf(CrosscutEncoder encoder, ILoggingEvent event) {
        List<JsonNode> lines = JsonLines.parse(new String(encoder.encode(event), UTF_8));
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    @Test
    void every_line_ends_in_one_line_feed() {
        captured.logger().info("one");
        captured.logger().info("two");

        assertThat(captured.text().split("\n", -1)).hasSize(3);
        assertThat(captured.text()).doesNotContain("\r");
    }

    @Test
    void an_encoder_without_a_context_says_what_it_wants() {
        CrosscutEncoder encoder = new CrosscutEncoder();

        assertThatThrownBy(encoder::start).hasMessageContaining("setContext");
        assertThatThrownBy(() -> encoder.encode(null)).hasMessageContaining("not been started");
    }

    @Test
    void an_encoder_can_be_stopped_and_started_again() {
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        encoder.start();
        encoder.start();
        encoder.stop();
        encoder.start();

        assertThat(lineOf(encoder, new LoggingEvent("fqcn", captured.logger(), Level.INFO, "again", null, null))
                        .get("message")
                        .asString())
                .isEqualTo("again");
        assertThat(encoder.headerBytes()).isEmpty();
        assertThat(encoder.footerBytes()).isEmpty();
    }
}
