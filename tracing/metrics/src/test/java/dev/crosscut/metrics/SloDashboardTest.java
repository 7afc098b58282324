package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard for Grafana, read by a parser of JSON. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloDashboardTest {

    private static final String[] SETTINGS = {
        "crosscut.metrics.slo.availability.objective", "99.9",
        "crosscut.metrics.slo.each.objective", "99",
        "crosscut.metrics.slo.each.route", "*",
        "crosscut.metrics.slo.each.window", "28d",
        "crosscut.metrics.slo.hostile.objective", "99",
        "crosscut.metrics.slo.hostile.route", "/a\"b\\c ${d}",
    };

    private final Map<String, String> files = Slo.files(SETTINGS);
    private final Map<String, Object> dashboard =
            Slo.map(JsonMapper.shared().readValue(files.get("payments.dashboard.json"), Object.class));

    private List<Map<String, Object>> panels() {
        return Slo.list(dashboard.get("panels")).stream()
                .filter(panel -> !"row".equals(panel.get("type")))
                .toList();
    }

    private List<String> expressions() {
        return panels().stream()
                .flatMap(panel -> Slo.list(panel.get("targets")).stream())
                .map(target -> (String) target.get("expr"))
                .toList();
    }

    @Test
    void each_objective_has_its_budget_and_its_burn_rates() {
        List<Map<String, Object>> rules = Slo.rules(files.get("payments.rules.yml"));
        Set<Object> recorded = new HashSet<>();
        rules.forEach(rule -> recorded.add(rule.getOrDefault("record", "")));
        for (String objective : List.of("availability", "each", "hostile")) {
            List<String> of = expressions().stream()
                    .filter(expression -> expression.contains("sloth_slo=\"" + objective + "\""))
                    .toList();
            assertThat(of.stream()
                            .map(expression -> expression.replaceAll("\\{.*", ""))
                            .toList())
                    .containsExactly(
                            "slo:period_error_budget_remaining:ratio",
                            "slo:current_burn_rate:ratio",
                            "slo:period_burn_rate:ratio")
                    .allSatisfy(name -> assertThat(recorded).contains(name));
        }
    }

    @Test
    void rate_errors_and_duration_are_told_by_route_status_and_tier() {
        for (String label : List.of("http_route", "http_response_status_code", "crosscut_tenant_tier")) {
            assertThat(expressions())
                    .anyMatch(each -> each.startsWith("sum by (" + label + ") (rate(") && !each.contains("error_type"))
                    .anyMatch(each -> each.startsWith("sum by (" + label + ") (rate(")
                            && each.contains("error_type!=\"\"")
                            && each.contains(" / "))
                    .anyMatch(each -> each.startsWith("histogram_quantile(0.99, sum by (le, " + label + ")"));
        }
    }

    @Test
    void exemplars_are_on_for_all_that_is_asked_of_the_meter() {
        for (Map<String, Object> panel : panels()) {
            for (Map<String, Object> target : Slo.list(panel.get("targets"))) {
                assertThat(target.get("exemplar"))
                        .as("%s", target.get("expr"))
                        .isEqualTo(((String) target.get("expr")).contains("http_server_request_duration_seconds"));
            }
        }
    }

    @Test
    void every_variable_that_is_used_is_there() {
        List<Object> names = Slo.list(Slo.at(dashboard, "templating", "list")).stream()
                .map(variable -> variable.get("name"))
                .toList();

        assertThat(names).isEqualTo(List.of("datasource", "job", "route", "status", "tier"));
        assertThat(Slo.at(dashboard, "templating", "list", 1, "current", "value"))
                .isEqualTo("payments-job");
        assertThat(expressions())
                .allSatisfy(expression -> assertThat(
                                expression.replaceAll("\\$(job|route|status|tier|__rate_interval)\\b", ""))
                        .doesNotContain("$"));
    }

    @Test
    void no_two_panels_have_the_same_id_or_place() {
        List<Map<String, Object>> all = Slo.list(dashboard.get("panels"));

        assertThat(all.stream().map(panel -> panel.get("id"))).doesNotHaveDuplicates();
        List<int[]> taken = new ArrayList<>();
        for (Map<String, Object> panel : all) {
            int x = (int) Slo.at(panel, "gridPos", "x");
            int y = (int) Slo.at(panel, "gridPos", "y");
            int right = x + (int) Slo.at(panel, "gridPos", "w");
            int bottom = y + (int) Slo.at(panel, "gridPos", "h");
            assertThat(right).isLessThanOrEqualTo(24);
            assertThat(taken)
                    .as("%s", panel.get("title"))
                    .noneMatch(other -> x < other[2] && other[0] < right && y < other[3] && other[1] < bottom);
            taken.add(new int[] {x, y, right, bottom});
        }
    }

    @Test
    void it_is_the_same_each_time_and_says_what_made_it() {
        assertThat(Slo.files(SETTINGS)).isEqualTo(files);
        assertThat((String) dashboard.get("description")).startsWith("Generated by crosscut-slo");
        assertThat((String) dashboard.get("uid")).hasSizeLessThanOrEqualTo(40);
    }
}
