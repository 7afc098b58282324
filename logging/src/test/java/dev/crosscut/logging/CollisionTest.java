package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

/** Fields that would have the same name, or one the name of an object that others are in. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CollisionTest {

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "ecs, process-thread-name, ecs.version",
        "ecs, log-level, ecs.version",
        "logstash, thread-name, @version",
        "gelf, log-logger, host",
        "gelf, process-thread-name, version"
    })
    void a_field_that_is_renamed_to_one_of_the_schema_itself_is_another_field(String schema, String field, String to) {
        Map<String, String> settings =
                Map.of("crosscut.logging.schema", schema, "crosscut.logging.rename." + field, to);
        try (CapturedLog captured = CapturedLog.of("test.collision", settings)) {
            captured.logger().info("hello");

            assertThat(captured.onlyLine().size()).isGreaterThan(5); // and no name comes twice
        }
    }

    @Test
    void in_ecs_no_value_has_the_name_of_an_object_and_no_object_that_of_a_value() {
        try (CapturedLog captured = CapturedLog.of("test.collision")) {
            MDC.put("user", "bob");
            MDC.put("message.id", "m-1");
            captured.logger()
                    .atInfo()
                    .addKeyValue("error", "none")
                    .addKeyValue("log.level.name", "info")
                    .addKeyValue("order.id", 7)
                    .log("hello");

            JsonNode line = captured.onlyLine();
            assertThat(line.propertyNames())
                    .contains("user_2", "message_id", "error_2", "log.level_name", "order.id")
                    .noneMatch(name -> line.propertyNames().stream().anyMatch(other -> other.startsWith(name + ".")));
        }
    }

    @Test
    void in_ecs_an_object_keeps_its_name_and_values_of_the_exchange_take_no_fields() {
        try (CapturedLog captured = CapturedLog.of("test.collision");
                Crosscut crosscut = Crosscuts.with()) {
            crosscut.run("job", () -> {
                Exchange.current().orElseThrow().put(Key.CALLER, "ann");
                captured.logger()
                        .atInfo()
                        .addKeyValue("user", Map.of("name", "bob"))
                        .addKeyValue("user.id.type", "x")
                        .log("hello");
            });

            JsonNode line = captured.onlyLine();
            assertThat(line.path("user").path("name").asString("")).isEqualTo("bob");
            assertThat(line.path("user.id").asString("")).isEqualTo("ann");
            assertThat(line.path("user.id_type").asString("")).isEqualTo("x");
        }
    }

    @Test
    void other_schemas_leave_such_names_alone() {
        try (CapturedLog captured = CapturedLog.of("test.collision", Map.of("crosscut.logging.schema", "otel"))) {
            captured.logger().atInfo().addKeyValue("user", "bob").log("hello");

            assertThat(captured.onlyLine().path("user").asString("")).isEqualTo("bob");
        }
    }

    @Test
    void a_free_name_is_found_among_many_without_trying_all_of_them() {
        Set<String> taken = IntStream.rangeClosed(2, 100_000)
                .mapToObj(i -> "a_" + i)
                .collect(Collectors.toCollection(HashSet::new));
        taken.add("a");
        AtomicInteger asked = new AtomicInteger();

        String free = Names.free("a", name -> {
            asked.incrementAndGet();
            return taken.contains(name);
        });

        assertThat(free).isEqualTo("a_100001");
        assertThat(asked.get()).isLessThan(50);
    }

    @Test
    void many_names_that_are_the_same_once_they_are_masked_are_all_there() {
        Map<String, Object> addresses = new HashMap<>();
        IntStream.range(0, 100).forEach(i -> addresses.put("a" + i + "@example.com", i));

        JsonNode masked = Masking.DEFAULT.tree("", JsonLines.STRICT.valueToTree(addresses));

        assertThat(masked.size()).isEqualTo(100);
        assertThat(masked.propertyNames()).contains("***@example.com", "***@example.com_100");
    }
}
