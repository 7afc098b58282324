package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be set, and what is refused. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MetricsSettingsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "crosscut.metrics.max-series            | 0         | 1 to 1000000",
                "crosscut.metrics.max-series            | 1000001   | 1 to 1000000",
                "crosscut.metrics.max-series            | many      | a whole number",
                "crosscut.metrics.max-values.http-route | 0         | 1 to 4000",
                "crosscut.metrics.max-values.http-route | 4001      | 1 to 4000",
                "crosscut.metrics.experimental          | http      | one of rpc, messaging",
                "crosscut.metrics.tiers                 | gold,,red | 1 to 64 characters",
                "crosscut.metrics.known-methods         | GET,,PUT  | the name of a method",
            })
    void a_value_that_is_none_is_refused_with_what_was_expected(String key, String value, String expected) {
        assertThatThrownBy(() -> Metered.builder(registry, key, value).build())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(key + " (builder) is '")
                .hasMessageContaining(expected);
    }

    @Test
    void a_bound_for_a_key_that_no_meter_has_is_refused_with_those_that_there_are() {
        assertThatThrownBy(() -> Metered.builder(registry, "crosscut.metrics.max-values.http-path", "10")
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "crosscut.metrics.max-values.http-path is for a key that no meter has; expected one" + " of [")
                .hasMessageContaining("http-route");
    }

    @Test
    void every_key_may_have_the_most_values_that_can_be_set() {
        StringBuilder settings = new StringBuilder();
        try (Metered metered = new Metered(registry, "crosscut.metrics.max-values.http-route", "4000")) {
            for (int i = 0; i < 4100; i++) {
                metered.end(TestExchange.request("GET", "/" + i), Outcome.completed(200));
                metered.end(TestExchange.request("GET", "/" + i), Outcome.completed(200));
            }
            settings.append(metered.crosscut().settings().describe());
        }
        assertThat(settings).contains("4000");
        assertThat(registry.get("http.server.request.duration").timers()).hasSize(4001);
        assertThat(registry.get("http.server.request.duration")
                        .tags("http.route", "/3999")
                        .timer()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("http.server.request.duration")
                        .tags("http.route", "_OTHER")
                        .timer()
                        .count())
                .isEqualTo(200);
    }

    private static List<String> methods(String said, String... settings) {
        try (Metered metered = new Metered(new SimpleMeterRegistry(), settings)) {
            return MetricsSettings.knownMethods(
                    metered.crosscut().settings(),
                    name -> "otel.instrumentation.http.known-methods".equals(name) ? said : null);
        }
    }

    @Test
    void the_known_methods_are_those_that_are_set_or_that_opentelemetry_is_told_or_the_usual_ones() {
        assertThat(methods(null))
                .containsExactly(
                        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");
        assertThat(methods(" GET, PURGE ,")).containsExactly("GET", "PURGE");
        assertThat(methods(" ,")).contains("POST", "TRACE");
        assertThat(methods("GET", "crosscut.metrics.known-methods", "POST, purge"))
                .containsExactly("POST", "purge");
    }

    @Test
    void what_opentelemetry_is_told_is_a_system_property_or_else_a_variable_of_the_environment() {
        String property = "otel.instrumentation.http.known-methods";
        System.setProperty(property, "GET");
        try {
            assertThat(MetricsSettings.environment(property)).isEqualTo("GET");
        } finally {
            System.clearProperty(property);
        }
        assertThat(MetricsSettings.environment("path")).isEqualTo(System.getenv("PATH"));
        assertThat(MetricsSettings.environment(property)).isNull();
    }

    @Test
    void without_more_it_measures_in_the_global_registry() {
        MeterRegistry part = new SimpleMeterRegistry();
        Metrics.addRegistry(part);
        try (Crosscut crosscut =
                Crosscut.builder().source(Source.of("none", Map.of())).build()) {
            crosscut.run("a-job-of-its-own", () -> {});

            assertThat(part.get("crosscut.local.duration")
                            .tags("operation", "a-job-of-its-own")
                            .timer()
                            .count())
                    .isEqualTo(1);
        } finally {
            Metrics.removeRegistry(part);
        }
    }

    @Test
    void it_is_off_where_that_is_said() {
        try (Metered metered = new Metered(registry, "crosscut.metrics.enabled", "false")) {
            metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));

            assertThat(registry.getMeters()).isEmpty();
        }
    }
}
