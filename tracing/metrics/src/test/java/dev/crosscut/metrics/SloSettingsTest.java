package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.SettingsException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which objectives can be set; any other keeps the service from starting. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloSettingsTest {

    private static void start(String... settings) {
        Metered.builder(new SimpleMeterRegistry(), settings).build().close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "objective | 0                | over 0 and under 100",
                "objective | 100              | over 0 and under 100",
                "objective | 99.9%            | over 0 and under 100",
                "objective | -1               | over 0 and under 100",
                "objective | 99.1234567       | over 0 and under 100",
                "latency   | 250              | a duration",
                "route     | payments         | a path that begins with /",
                "route     | POST payments    | a path that begins with /",
                "route     | POST /a/{{.x}}   | a path that begins with /",
                "window    | 6d               | whole days, 7d to 90d",
                "window    | 91d              | whole days, 7d to 90d",
                "window    | 169h             | whole days, 7d to 90d",
            })
    void a_value_that_is_none_is_refused_with_its_key_and_what_was_expected(String key, String value, String expected) {
        assertThatThrownBy(() -> start("crosscut.metrics.slo.pay." + key, value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.metrics.slo.pay." + key + " (builder) is '" + value + "'")
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\nb", "/a\u0085", "/a\u2028b", "/a\u202eb", "/a\ud800", "/a\u0007"})
    void a_route_with_what_cannot_be_seen_is_refused(String route) {
        assertThatThrownBy(() -> start("crosscut.metrics.slo.pay.route", route))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.metrics.slo.pay.route");
    }

    @ParameterizedTest
    @CsvSource({
        "1ms,    5ms,     the nearest edge",
        "300ms,  250ms or 500ms, the nearest edges",
        "2s,     1s or 2500ms,   the nearest edges",
        "11s,    10s,     the nearest edge"
    })
    void a_latency_off_the_buckets_is_refused_with_the_nearest_edges(String latency, String nearest, String named) {
        assertThatThrownBy(() ->
                        start("crosscut.metrics.slo.pay.objective", "99", "crosscut.metrics.slo.pay.latency", latency))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.metrics.slo.pay.latency (builder) is '" + latency + "'")
                .hasMessageContaining("http.server.request.duration")
                .hasMessageContaining("expected " + nearest + ", " + named);
    }

    @Test
    void each_edge_of_the_buckets_is_taken() {
        for (double seconds : Conventions.BUCKETS) {
            long millis = Math.round(seconds * 1000);
            assertThat(Slo.objectives(
                            "crosscut.metrics.slo.pay.objective",
                            "99",
                            "crosscut.metrics.slo.pay.latency",
                            millis + "ms"))
                    .singleElement()
                    .satisfies(objective -> assertThat(objective.latency()).contains(Duration.ofMillis(millis)));
        }
    }

    @Test
    void the_reference_names_each_edge() {
        assertThat(Conventions.BUCKETS)
                .allSatisfy(seconds -> assertThat(SloSettings.LATENCY.description())
                        .contains(SloSettings.text(Duration.ofMillis(Math.round(seconds * 1000)))));
    }

    @Test
    void a_tier_that_is_not_declared_and_a_method_that_is_not_known_are_refused_together_with_all_else() {
        assertThatThrownBy(() -> start(
                        "crosscut.metrics.tiers", "gold, silver",
                        "crosscut.metrics.slo.a.objective", "99",
                        "crosscut.metrics.slo.a.tier", "bronze",
                        "crosscut.metrics.slo.a.route", "PSOT /payments",
                        "crosscut.metrics.slo.b.latency", "250ms",
                        "crosscut.metrics.slo.C_.objective", "99"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.metrics.slo.a.tier (builder) is 'bronze'")
                .hasMessageContaining("one of [gold, silver], which is what crosscut.metrics.tiers says")
                .hasMessageContaining("the method PSOT is not known")
                .hasMessageContaining("crosscut.metrics.slo.b.objective is missing")
                .hasMessageContaining("'C_' cannot be the name of an objective");
    }

    @Test
    void an_objective_is_for_all_requests_over_30_days_unless_it_says_otherwise() {
        assertThat(Slo.objectives("crosscut.metrics.slo.up.objective", "99.90"))
                .singleElement()
                .satisfies(objective -> {
                    assertThat(objective.keys()).isEmpty();
                    assertThat(objective.latency()).isEmpty();
                    assertThat(objective.days()).isEqualTo(30);
                    assertThat(objective.budget().toPlainString()).isEqualTo("0.001");
                    assertThat(objective.sentence())
                            .isEqualTo("99.9 % of the requests are answered without an error, over 30 days");
                });
    }

    @Test
    void a_route_and_a_tier_select_and_a_star_gives_each_its_own_budget() {
        List<Objective> objectives = Slo.objectives(
                "crosscut.metrics.tiers", "gold",
                "crosscut.metrics.slo.a.objective", "99",
                "crosscut.metrics.slo.a.route", "POST /payments/*",
                "crosscut.metrics.slo.a.tier", "gold",
                "crosscut.metrics.slo.a.latency", "250ms",
                "crosscut.metrics.slo.a.window", "28d",
                "crosscut.metrics.slo.b.objective", "99",
                "crosscut.metrics.slo.b.route", "*",
                "crosscut.metrics.slo.b.tier", "*",
                "crosscut.metrics.slo.c.objective", "99",
                "crosscut.metrics.slo.c.route", "GET *");

        assertThat(objectives.get(0).selected())
                .isEqualTo(Map.of(
                        Conventions.HTTP_REQUEST_METHOD, "POST",
                        Conventions.HTTP_ROUTE, "/payments/*",
                        Conventions.TENANT_TIER, "gold"));
        assertThat(objectives.get(0).sentence())
                .isEqualTo(
                        "99 % of the requests to POST /payments/* of the tier gold are answered without an error within"
                                + " 250ms, over 28 days");
        assertThat(objectives.get(1).selected()).isEmpty();
        assertThat(objectives.get(1).keys())
                .containsExactly(Conventions.HTTP_REQUEST_METHOD, Conventions.HTTP_ROUTE, Conventions.TENANT_TIER);
        assertThat(objectives.get(2).selected()).isEqualTo(Map.of(Conventions.HTTP_REQUEST_METHOD, "GET"));
        assertThat(objectives.get(2).each()).containsExactly(Conventions.HTTP_ROUTE);
    }

    @Test
    void what_an_objective_can_name_is_a_key_of_the_meter() {
        assertThat(Objective.METER.keys())
                .contains(
                        Conventions.HTTP_REQUEST_METHOD,
                        Conventions.HTTP_ROUTE,
                        Conventions.TENANT_TIER,
                        Conventions.ERROR_TYPE,
                        Conventions.HTTP_RESPONSE_STATUS_CODE);
    }
}
