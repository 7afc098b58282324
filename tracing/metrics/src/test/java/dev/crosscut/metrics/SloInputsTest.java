package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.metrics.SloRules.Service;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The inputs of Sloth and OpenSLO, read by a parser of YAML. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloInputsTest {

    private static final String[] SETTINGS = {
        "crosscut.metrics.slo.availability.objective", "99.9",
        "crosscut.metrics.slo.fast.objective", "90",
        "crosscut.metrics.slo.fast.latency", "2500ms",
        "crosscut.metrics.slo.fast.route", "/a\"b: {c} # d",
        "crosscut.metrics.slo.fast.window", "28d",
        "crosscut.metrics.slo.each.objective", "99",
        "crosscut.metrics.slo.each.route", "*",
    };

    private final Map<String, String> files = Slo.files(new Service("Pay_ments.v2", "pay", "1"), SETTINGS);

    @Test
    void sloth_reads_each_objective_from_the_file_of_its_days() {
        Map<String, Object> file =
                Slo.documents(files.get("Pay_ments.v2.sloth-30d.yml")).get(0);

        assertThat(file).containsEntry("version", "prometheus/v1").containsEntry("service", "Pay_ments.v2");
        assertThat(Slo.list(file.get("slos")).stream()
                        .map(slo -> slo.get("name"))
                        .toList())
                .isEqualTo(List.of("availability", "each"));
        Object slo = Slo.at(file, "slos", 0);
        assertThat(Slo.at(slo, "objective")).isEqualTo(99.9);
        assertThat(Slo.at(slo, "sli", "events", "error_query"))
                .isEqualTo("sum(rate(http_server_request_duration_seconds_count{job=\"pay\", error_type!=\"\"}"
                        + "[{{.window}}])) or 0 * sum(rate(http_server_request_duration_seconds_count{job=\"pay\"}"
                        + "[{{.window}}]))");
        assertThat(Slo.at(slo, "sli", "events", "total_query"))
                .isEqualTo("sum(rate(http_server_request_duration_seconds_count{job=\"pay\"}[{{.window}}])) > 0");
        assertThat(Slo.at(slo, "alerting", "name")).isEqualTo("SloErrorBudgetBurn");
        assertThat(Slo.at(slo, "alerting", "page_alert", "labels", "severity")).isEqualTo("page");
        assertThat(Slo.at(slo, "alerting", "ticket_alert", "labels", "severity"))
                .isEqualTo("ticket");
        assertThat(Slo.at(Slo.documents(files.get("Pay_ments.v2.sloth-28d.yml")).get(0), "slos", 0, "objective"))
                .isEqualTo(90);
    }

    @Test
    void sloth_makes_the_expressions_that_the_rules_have() {
        Map<String, Object> file =
                Slo.documents(files.get("Pay_ments.v2.sloth-28d.yml")).get(0);
        String error = (String) Slo.at(file, "slos", 0, "sli", "events", "error_query");
        String total = (String) Slo.at(file, "slos", 0, "sli", "events", "total_query");

        assertThat(Slo.rules(files.get("Pay_ments.v2.rules.yml")))
                .filteredOn(rule -> "slo:sli_error:ratio_rate6h".equals(rule.get("record"))
                        && "fast".equals(Slo.at(rule, "labels", "sloth_slo")))
                .singleElement()
                .satisfies(rule -> assertThat(((String) rule.get("expr")).replaceAll("\\s+", " "))
                        .isEqualTo("( " + error.replace("{{.window}}", "6h") + " ) / ( "
                                + total.replace("{{.window}}", "6h") + " )"));
    }

    @Test
    void openslo_has_the_service_and_each_objective_with_one_budget() {
        List<Map<String, Object>> documents = Slo.documents(files.get("Pay_ments.v2.openslo.yml"));

        assertThat(documents).allSatisfy(document -> {
            assertThat(document).containsEntry("apiVersion", "openslo/v1");
            assertThat((String) Slo.at(document, "metadata", "name")).matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
        });
        assertThat(documents.stream().map(document -> document.get("kind")).toList())
                .isEqualTo(List.of("Service", "SLO", "SLO"));
        Object slo = documents.get(2).get("spec");
        assertThat(Slo.at(slo, "service")).isEqualTo(Slo.at(documents.get(0), "metadata", "name"));
        assertThat(Slo.at(slo, "budgetingMethod")).isEqualTo("Occurrences");
        assertThat(Slo.at(slo, "timeWindow", 0)).isEqualTo(Map.of("duration", "28d", "isRolling", true));
        assertThat(Slo.at(slo, "objectives", 0, "target")).isEqualTo(0.9);
        Object ratio = Slo.at(slo, "indicator", "spec", "ratioMetric");
        assertThat(Slo.at(ratio, "counter")).isEqualTo(true);
        assertThat(Slo.at(ratio, "good", "metricSource", "type")).isEqualTo("Prometheus");
        assertThat(Slo.at(ratio, "good", "metricSource", "spec", "query"))
                .isEqualTo("sum(http_server_request_duration_seconds_bucket{job=\"pay\","
                        + " http_route=\"/a\\\"b: {c} # d\", error_type=\"\", le=\"2.5\"})");
        assertThat(Slo.at(ratio, "total", "metricSource", "spec", "query"))
                .isEqualTo("sum(http_server_request_duration_seconds_count{job=\"pay\","
                        + " http_route=\"/a\\\"b: {c} # d\"})");
    }

    @Test
    void each_document_is_one_of_openslo_v1() {
        String longest = "l".repeat(40);
        List<Map<String, Object>> documents = Slo.documents(Slo.files(
                        new Service("S" + "s".repeat(19) + ".2", "pay", "1"),
                        "crosscut.metrics.slo." + longest + ".objective",
                        "99.999999",
                        "crosscut.metrics.slo." + longest + ".route",
                        "/" + "r".repeat(255),
                        "crosscut.metrics.slo.fast.objective",
                        "0.1",
                        "crosscut.metrics.slo.fast.latency",
                        "250ms",
                        "crosscut.metrics.slo.fast.window",
                        "7d")
                .get("S" + "s".repeat(19) + ".2.openslo.yml"));

        assertThat(documents)
                .hasSize(3)
                .allSatisfy(document -> assertThat(OpenSloV1.problems(document)).isEmpty());
        assertThat(Slo.documents(files.get("Pay_ments.v2.openslo.yml")))
                .allSatisfy(document -> assertThat(OpenSloV1.problems(document)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "openslo/v1 -> openslo/v1alpha",
                "kind: SLO -> kind: SLI",
                "name: pay-ments-v2-fast -> name: pay.ments-v2-fast",
                "service: -> servise:",
                "ratioMetric -> rationMetric",
                "counter: true -> counter: 'true'",
                "good: -> bad:",
                "metricSource: -> source:",
                "query: -> expr:",
                "28d -> 28 days",
                "isRolling: true -> isRolling: false",
                "budgetingMethod: Occurrences -> budgetingMethod: Occurrence",
                "target: 0.9 -> target: 90",
                "target: 0.9 -> targetPercent: 90",
                "objectives: -> objective:"
            })
    void what_openslo_does_not_have_is_refused_here_too(String change) {
        String[] fromTo = change.split(" -> ", 2);
        String yaml = files.get("Pay_ments.v2.openslo.yml");
        String last = yaml.substring(yaml.lastIndexOf("apiVersion"));
        assertThat(OpenSloV1.problems(Slo.documents(last).get(0))).isEmpty();

        String changed = last.replace(fromTo[0], fromTo[1]);

        assertThat(changed).isNotEqualTo(last);
        assertThat(OpenSloV1.problems(Slo.documents(changed).get(0))).isNotEmpty();
    }
}
