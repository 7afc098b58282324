package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.crosscut.core.Crosscut;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;

/** Lines as they are, byte by byte, in each schema. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SchemaTest {

    private final LoggerContext context = new LoggerContext();
    private final LogbackMDCAdapter mdc = new LogbackMDCAdapter();
    private final CrosscutEncoder encoder = new CrosscutEncoder();

    @BeforeEach
    void prepare() {
        context.setMDCAdapter(mdc);
        encoder.setContext(context);
        encoder.start();
    }

    private void format(Map<String, String> settings) {
        ExchangeMdc.of(context).format(CapturedLog.format(settings));
    }

    private LoggingEvent event(Level level, String message, Object... arguments) {
        LoggingEvent event =
                new LoggingEvent("fqcn", context.getLogger("com.acme.Payments"), level, message, null, arguments);
        event.setThreadName("worker-1");
        event.setInstant(Instant.parse("2026-11-24T10:15:30.123456789Z"));
        return event;
    }

    private String line(LoggingEvent event) {
        return new String(encoder.encode(event), UTF_8);
    }

    private JsonNode json(LoggingEvent event) {
        return JsonLines.parse(line(event)).get(0);
    }

    @ParameterizedTest
    @EnumSource(Schema.class)
    void the_lines_of_a_schema_are_those_of_its_golden_file(Schema schema) throws IOException {
        String lines = SampleLines.ofApplication(schema);

        JsonLines.parse(lines);
        assertThat(lines).isEqualTo(golden(schema, ""));
    }

    @ParameterizedTest
    @EnumSource(Schema.class)
    void the_access_lines_of_a_schema_are_those_of_its_golden_file(Schema schema) throws Exception {
        String lines = SampleLines.ofAccess(schema);

        JsonLines.parse(lines);
        assertThat(lines).isEqualTo(golden(schema, "-access"));
    }

    private static String golden(Schema schema, String kind) throws IOException {
        String file = "golden/" + schema.name().toLowerCase(Locale.ROOT) + kind + ".jsonl";
        try (InputStream in = SchemaTest.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TRACE, 1, 7, 5000",
        "DEBUG, 5, 7, 10000",
        "INFO, 9, 6, 20000",
        "WARN, 13, 4, 30000",
        "ERROR, 17, 3, 40000"
    })
    void a_level_has_the_number_that_its_schema_has_for_it(String level, int otel, int syslog, int logstash) {
        LoggingEvent event = event(Level.toLevel(level), "x");

        format(Map.of("crosscut.logging.schema", "otel"));
        assertThat(json(event).get("severity_text").asString()).isEqualTo(level);
        assertThat(json(event).get("severity_number").asInt()).isEqualTo(otel);
        format(Map.of("crosscut.logging.schema", "gelf"));
        assertThat(json(event).get("level").asInt()).isEqualTo(syslog);
        assertThat(json(event).get("_level_name").asString()).isEqualTo(level);
        format(Map.of("crosscut.logging.schema", "logstash"));
        assertThat(json(event).get("level").asString()).isEqualTo(level);
        assertThat(json(event).get("level_value").asInt()).isEqualTo(logstash);
    }

    @Test
    void gelf_has_no_field_of_the_name_id_no_empty_message_and_only_names_that_it_allows() {
        format(Map.of("crosscut.logging.schema", "gelf"));
        LoggingEvent event = event(Level.INFO, " ");
        event.setKeyValuePairs(List.of(
                new KeyValuePair("id", 1),
                new KeyValuePair("order id", 2),
                new KeyValuePair("n\u00e4me", 3),
                new KeyValuePair("flag", true),
                new KeyValuePair("list", List.of(1, 2))));

        assertThat(json(event).get("short_message").asString()).isEqualTo("-");
        assertThat(json(event).has("_id")).isFalse();
        assertThat(json(event).get("__id").asInt()).isEqualTo(1);
        assertThat(json(event).get("_order_id").asInt()).isEqualTo(2);
        assertThat(json(event).get("_n_me").asInt()).isEqualTo(3);
        assertThat(json(event).get("_flag").asString()).isEqualTo("true");
        assertThat(json(event).get("_list").asString()).isEqualTo("[1,2]");
    }

    @Test
    void a_field_is_renamed_whoever_adds_it() {
        format(Map.of(
                "crosscut.logging.rename.log-level", "level",
                "crosscut.logging.rename.timestamp", "time",
                "crosscut.logging.rename.correlation-id", "requestId",
                "crosscut.logging.rename.order-id", "order.id",
                "crosscut.logging.rename.session", "user.session",
                "crosscut.logging.rename.data-center", "cloud.region",
                "crosscut.logging.fields.data-center", "eu"));
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            crosscut.run("job", () -> {
                mdc.put("session", "s-1");
                LoggingEvent event = event(Level.INFO, "x");
                event.setKeyValuePairs(List.of(new KeyValuePair("order_id", 7), new KeyValuePair("level", "mine")));
                JsonNode line = json(event);

                assertThat(List.copyOf(line.propertyNames()))
                        .containsExactly(
                                "time",
                                "level",
                                "message",
                                "requestId",
                                "log.logger",
                                "process.thread.name",
                                "ecs.version",
                                "cloud.region",
                                "order.id",
                                "level_2",
                                "user.session");
            });
        }
    }

    @Test
    void fields_that_are_renamed_to_the_same_name_are_still_two() {
        Map<String, String> renames = new HashMap<>();
        renames.put("crosscut.logging.rename.log-level", "message");
        renames.put("crosscut.logging.rename.log-logger", "message");
        format(renames);

        assertThat(json(event(Level.INFO, "x")).size()).isEqualTo(6);
    }

    @Test
    void a_level_of_no_name_that_is_known_is_written_as_it_is() {
        assertThat(json(event(Level.OFF, "x")).get("log.level").asString()).isEqualTo("OFF");
    }
}
