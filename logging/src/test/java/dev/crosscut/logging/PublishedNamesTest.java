package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Each field of a line against what the schema's owner has published: its name and its type. What nobody has published a
 * name for is named here, so that a name with an error in it is neither.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PublishedNamesTest {

    /** What no schema has; {@code items} and the like are what the application in the samples adds. */
    private static final Set<String> OURS = Set.of(
            "correlation_id",
            "outcome",
            "operation",
            "status_code",
            "answered_by",
            "cancel_reason",
            "sample_rate",
            "decision",
            "idempotency",
            "tenant_tier");

    private static final Set<String> OF_THE_APPLICATION =
            Set.of("team", "items", "flag", "nothing", "message_2", "message", "card", "order_id", "amount", "session");

    /** The fields of ECS 8.11 that concern what is logged here, with their types for Elasticsearch. */
    private static final Map<String, String> ECS = fields("""
            @timestamp                  date
            message                     match_only_text
            tags                        keyword
            labels                      object
            ecs.version                 keyword
            log.level                   keyword
            log.logger                  keyword
            log.origin.file.name        keyword
            log.origin.file.line        long
            log.origin.function         keyword
            process.pid                 long
            process.thread.id           long
            process.thread.name         keyword
            error.code                  keyword
            error.id                    keyword
            error.type                  keyword
            error.message               match_only_text
            error.stack_trace           wildcard
            service.name                keyword
            service.version             keyword
            service.environment         keyword
            service.id                  keyword
            service.node.name           keyword
            host.name                   keyword
            host.hostname               keyword
            trace.id                    keyword
            transaction.id              keyword
            span.id                     keyword
            user.id                     keyword
            user.name                   keyword
            user.roles                  keyword
            organization.id             keyword
            organization.name           keyword
            event.action                keyword
            event.duration              long
            event.outcome               keyword
            event.category              keyword
            event.dataset               keyword
            http.version                keyword
            http.request.id             keyword
            http.request.method         keyword
            http.request.mime_type      keyword
            http.request.bytes          long
            http.request.body.bytes     long
            http.request.body.content   wildcard
            http.response.mime_type     keyword
            http.response.status_code   long
            http.response.bytes         long
            http.response.body.bytes    long
            http.response.body.content  wildcard
            url.path                    wildcard
            url.query                   keyword
            url.scheme                  keyword
            client.address              keyword
            client.ip                   ip
            user_agent.original         keyword
            """);

    /** The data model of logs, as JSON spells its names here, and attributes of the semantic conventions. */
    private static final Map<String, String> OTEL = fields("""
            timestamp                    date
            observed_timestamp           date
            trace_id                     trace
            span_id                      span
            trace_flags                  flags
            severity_text                keyword
            severity_number              severity
            body                         any
            event_name                   keyword
            otel.scope.name              keyword
            thread.name                  keyword
            thread.id                    long
            service.name                 keyword
            service.version              keyword
            service.namespace            keyword
            service.instance.id          keyword
            deployment.environment.name  keyword
            error.type                   keyword
            exception.type               keyword
            exception.message            keyword
            exception.stacktrace         keyword
            user.id                      keyword
            http.route                   keyword
            http.request.method          keyword
            http.request.body.size       long
            http.response.body.size      long
            http.response.status_code    long
            url.path                     keyword
            url.query                    keyword
            url.scheme                   keyword
            """);

    private static Map<String, String> fields(String table) {
        Map<String, String> fields = new HashMap<>();
        table.lines().forEach(line -> {
            String[] cells = line.strip().split(" +", -1);
            fields.put(cells[0], cells[1]);
        });
        return Map.copyOf(fields);
    }

    private static List<JsonNode> lines(Schema schema) throws InterruptedException {
        List<JsonNode> lines = new ArrayList<>(JsonLines.parse(SampleLines.ofApplication(schema)));
        lines.addAll(JsonLines.parse(SampleLines.ofAccess(schema)));
        assertThat(lines).hasSizeGreaterThan(8);
        return lines;
    }

    private static void assertPublished(Map<String, String> published, Set<String> ours, List<JsonNode> lines) {
        Set<String> seen = new TreeSet<>();
        for (JsonNode line : lines) {
            line.properties().forEach(field -> {
                String type = published.get(field.getKey());
                if (type == null) {
                    assertThat(OURS.contains(field.getKey())
                                    || ours.contains(field.getKey())
                                    || OF_THE_APPLICATION.contains(field.getKey()))
                            .as("'%s' is published", field.getKey())
                            .isTrue();
                } else {
                    seen.add(field.getKey());
                    assertType(type, field.getKey(), field.getValue());
                }
            });
        }
        assertThat(seen).as("of those that are published").hasSizeGreaterThan(20);
    }

    private static void assertType(String type, String name, JsonNode value) {
        switch (type) {
            case "long" -> assertThat(value.isIntegralNumber()).as(name).isTrue();
            case "severity" -> assertThat(value.asInt(0)).as(name).isBetween(1, 24);
            case "date" ->
                assertThat(Instant.parse(value.asString()).toString()).as(name).startsWith("2026-11-24T10:15:30");
            case "trace" -> assertThat(value.asString()).as(name).matches("[0-9a-f]{32}");
            case "span" -> assertThat(value.asString()).as(name).matches("[0-9a-f]{16}");
            case "flags" -> assertThat(value.asString()).as(name).matches("[0-9a-f]{2}");
            case "any" -> assertThat(value.isMissingNode()).as(name).isFalse();
            default -> {
                // To Elasticsearch one value and several are the same field.
                for (JsonNode each : value.isArray() ? value : List.of(value)) {
                    assertThat(each.isString()).as(name + " is " + value).isTrue();
                }
            }
        }
    }

    @Test
    void fields_of_ecs_have_the_names_and_types_of_ecs_8_11() throws Exception {
        List<JsonNode> lines = lines(Schema.ECS);

        assertPublished(ECS, Set.of("http.route", "error.stack_hash", "log.truncated", "log.encoding_fault"), lines);
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.propertyNames())
                    .as("those that ecs-logging begins with, in its order")
                    .startsWith("@timestamp", "log.level", "message");
            assertThat(line.get("ecs.version").asString()).isEqualTo("8.11");
        });
        assertThat(lines)
                .filteredOn(line -> line.has("event.outcome"))
                .isNotEmpty()
                .allSatisfy(
                        line -> assertThat(line.get("event.outcome").asString()).isIn("success", "failure", "unknown"));
    }

    @Test
    void fields_of_otel_have_the_names_and_types_of_its_data_model_and_its_conventions() throws Exception {
        List<JsonNode> lines = lines(Schema.OTEL);

        assertPublished(
                OTEL,
                Set.of(
                        "tenant.id",
                        "tags",
                        "exception.stack_hash",
                        "event.duration",
                        "event.outcome",
                        "http.request.body.content",
                        "http.response.body.content"),
                lines);
        assertThat(lines).allSatisfy(line -> {
            String text = line.get("severity_text").asString();
            int first = Map.of("TRACE", 1, "DEBUG", 5, "INFO", 9, "WARN", 13, "ERROR", 17)
                    .get(text);
            assertThat(line.get("severity_number").asInt()).as(text).isBetween(first, first + 3);
        });
    }

    @Test
    void lines_of_gelf_are_what_gelf_1_1_allows() throws Exception {
        assertThat(lines(Schema.GELF)).allSatisfy(line -> {
            assertThat(line.get("version").asString()).isEqualTo("1.1");
            assertThat(line.get("host").asString()).isNotBlank();
            assertThat(line.get("short_message").asString()).isNotBlank();
            assertThat(line.get("timestamp").isNumber()).isTrue();
            assertThat(line.get("timestamp").decimalValue().longValue())
                    .as("seconds since 1970")
                    .isEqualTo(1795515330L);
            assertThat(line.get("level").isIntegralNumber()).isTrue();
            assertThat(line.get("level").asInt()).isBetween(0, 7);
            Set<String> own = Set.of("version", "host", "short_message", "full_message", "timestamp", "level");
            line.properties().forEach(field -> {
                if (!own.contains(field.getKey())) {
                    assertThat(field.getKey()).matches("^_[\\w.\\-]+$").isNotEqualTo("_id");
                }
                assertThat(field.getValue().isString() || field.getValue().isNumber())
                        .as(field.getKey())
                        .isTrue();
            });
        });
    }
}
