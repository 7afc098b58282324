package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Values for which there is no room, or no JSON, whatever Jackson makes of that. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("DoNotCallSuggester") // a getter that throws
class OversizedValueTest {

    private static final String LONG = "note ".repeat(20_000);

    record Order(String id, List<Item> items) {}

    record Item(String note) {}

    static final class Throwing {
        public String getNote() {
            throw new IllegalStateException("no note");
        }

        @Override
        public String toString() {
            return "Throwing(private)";
        }
    }

    private final CapturedLog captured = CapturedLog.of("test.oversized");

    @AfterEach
    void release() {
        captured.close();
    }

    static Stream<Object> values() {
        return Stream.of(
                new Order("o-1", List.of(new Item(LONG))),
                Map.of("a", Map.of("b", LONG)),
                List.of(LONG, LONG),
                new Item(LONG));
    }

    @ParameterizedTest
    @MethodSource("values")
    void a_value_that_is_too_large_is_left_out_and_never_its_text(Object value) {
        captured.logger().atInfo().addKeyValue("value", value).log("hello");

        JsonNode line = captured.onlyLine();
        assertThat(line.has("value")).isFalse();
        assertThat(line.path("log.truncated").asBoolean(false)).isTrue();
    }

    @Test
    void the_text_of_a_value_that_has_no_JSON_is_not_shown_where_places_in_values_are_hidden() {
        captured.logger().atInfo().addKeyValue("value", new Throwing()).log("hello");
        assertThat(captured.onlyLine().path("value").asString("")).isEqualTo("Throwing(private)");
        captured.forget();

        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property("crosscut.logging.mask.paths", "value.note")
                .build()) {
            captured.logger().atInfo().addKeyValue("value", new Throwing()).log("hello");
        }
        assertThat(captured.onlyLine().path("value").asString(""))
                .startsWith("<" + Throwing.class.getName() + ": ")
                .doesNotContain("private");
    }
}
