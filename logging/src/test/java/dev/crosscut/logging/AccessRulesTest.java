package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.SettingsException;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Which exchanges get an access line, and what of a request is shown on it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessRulesTest {

    private final CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);

    @AfterEach
    void release() {
        captured.close();
    }

    private JsonNode lineOf(Exchange exchange, Function<Call, Outcome> work, String... settings) {
        try (Crosscut crosscut = Crosscuts.with(settings)) {
            Call call = crosscut.begin(exchange);
            call.end(work.apply(call));
            assertThat(crosscut.faults()).isEmpty();
        }
        return captured.onlyLine();
    }

    private static void get(Crosscut crosscut, String path, Outcome outcome) {
        crosscut.begin(TestExchange.http("GET", path)).end(outcome);
    }

    @Test
    void an_excluded_route_gets_a_line_only_where_something_went_wrong() {
        try (Crosscut crosscut = Crosscuts.with("access-exclude", "GET /health/**, /metrics")) {
            get(crosscut, "/health", Outcome.completed(200));
            get(crosscut, "/health/live", Outcome.completed(404));
            get(crosscut, "/metrics", Outcome.completed(200));
            assertThat(captured.text()).isEmpty();

            get(crosscut, "/health", Outcome.completed(503));
            get(crosscut, "/health", Outcome.cancelled("gone"));
            get(crosscut, "/health", Outcome.failed(new IllegalStateException()));
            get(crosscut, "/payments", Outcome.completed(200));
        }

        assertThat(captured.lines()).hasSize(4);
    }

    @Test
    void a_step_of_an_excluded_name_has_its_line_where_it_failed_or_was_cancelled_though_at_DEBUG() {
        try (Crosscut crosscut = Crosscuts.with("access-exclude", "step")) {
            crosscut.run("job", () -> {
                for (Outcome outcome : List.of(
                        Outcome.completed(), Outcome.failed(new IllegalStateException()), Outcome.cancelled("gone"))) {
                    crosscut.begin(TestExchange.local("step")).end(outcome);
                }
            });
        }

        assertThat(captured.lines())
                .filteredOn(line -> line.path("operation").asString("").equals("step"))
                .hasSize(2)
                .allMatch(line -> line.path("log.level").asString("").equals("DEBUG"))
                .extracting(line -> line.path("outcome").asString(""))
                .containsExactly("failed", "cancelled");
    }

    @Test
    void what_is_slow_is_never_left_out() {
        try (Crosscut crosscut =
                Crosscuts.with("access-exclude", "/**", "access-sample", "/**=0", "access-slow", "0s")) {
            get(crosscut, "/health", Outcome.completed(200));
        }

        assertThat(captured.onlyLine().has("sample_rate")).isFalse();
    }

    @Test
    void a_sample_is_of_the_size_that_was_asked_for_and_says_so() {
        try (Crosscut crosscut = Crosscuts.with("access-sample", "GET /products/**=0.25, /**=1")) {
            for (int i = 0; i < 2_000; i++) {
                get(crosscut, "/products/" + i, Outcome.completed(200));
            }
            assertThat(captured.lines())
                    .hasSizeBetween(400, 600)
                    .allMatch(line -> line.get("sample_rate").asDouble() == 0.25);
            int before = captured.lines().size();

            get(crosscut, "/payments", Outcome.completed(200));
            get(crosscut, "/products/1", Outcome.completed(500));

            assertThat(captured.lines().subList(before, before + 2)).noneMatch(line -> line.has("sample_rate"));
        }
    }

    @Test
    void the_first_sample_that_fits_counts() {
        try (Crosscut crosscut = Crosscuts.with("access-sample", "/a/**=0, /**=1, /b=0")) {
            get(crosscut, "/a/b", Outcome.completed(200));
            get(crosscut, "/b", Outcome.completed(200));
        }

        assertThat(captured.onlyLine().path("url.path").asString()).isEqualTo("/b");
    }

    @ParameterizedTest
    @CsvSource({
        "access-exclude, GET health",
        "access-sample, /x",
        "access-sample, /x=2",
        "access-sample, /x=-0.1",
        "access-sample, /x=NaN",
        "access-sample, /x=some",
        "access-sample, x y z=0.1",
        "access-slow, soon"
    })
    void a_rule_that_cannot_be_read_is_refused(String key, String value) {
        assertThatThrownBy(() -> Crosscuts.with(key, value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging." + key + " (builder) is '" + value + "'; expected ");
    }

    @ParameterizedTest
    @CsvSource({
        "a=1&b=2, a=***&b=2",
        "b=2, b=2",
        "b=, b=",
        "a=, a=",
        "tokenalone, ***",
        "tokenalone&b=2, ***&b=2",
        "a=1=2&&b=3&, a=***&&b=3&",
        "=x, =***",
        "'', ''",
        "b=1&b=2&B=3, b=1&b=2&B=***",
        "a%3D1, ***",
        "b%3d=1, b%3d=***"
    })
    void values_of_the_query_are_hidden_but_those_that_are_named(String query, String expected) {
        assertThat(Query.redacted(query, Set.of("b"))).isEqualTo(expected);

        JsonNode line = lineOf(
                TestExchange.http("GET", "/x").query(query),
                call -> Outcome.completed(200),
                "query-parameters",
                "b, page");
        assertThat(line.path("url.query").asString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5_000_000})
    void the_line_says_how_long_the_bodies_were(int length) {
        JsonNode line = lineOf(TestExchange.http("POST", "/x"), call -> {
            BodyCopy request = call.exchange().requestCopy().orElseThrow();
            request.add(new byte[length], 0, length);
            call.exchange().responseCopy().orElseThrow().add(new byte[7], 0, 7);
            assertThat(request.bytes().remaining()).isZero();
            return Outcome.completed(200);
        });

        assertThat(line.path("http.request.body.bytes").asInt(-1)).isEqualTo(length);
        assertThat(line.path("http.response.body.bytes").asInt(-1)).isEqualTo(7);
    }

    @Test
    void work_without_bodies_has_no_lengths() {
        JsonNode line = lineOf(TestExchange.local("job"), call -> Outcome.completed());

        assertThat(line.has("http.request.body.bytes")).isFalse();
        assertThat(line.has("url.query")).isFalse();
    }

    @Test
    void the_state_that_concerns_leave_on_the_exchange_is_on_the_line() {
        JsonNode line = lineOf(TestExchange.http("POST", "/payments"), call -> {
            call.exchange().put(Key.TENANT_TIER, "gold");
            call.exchange().put(Key.DECISION, "deny");
            call.exchange().put(Key.IDEMPOTENCY, "replayed");
            return Outcome.completed(200);
        });

        assertThat(line.path("tenant_tier").asString()).isEqualTo("gold");
        assertThat(line.path("decision").asString()).isEqualTo("deny");
        assertThat(line.path("idempotency").asString()).isEqualTo("replayed");
    }
}
