package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.metrics.SloRules.Service;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The rules for Prometheus, against what a registry tells Prometheus. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloRulesTest {

    private static final String HOSTILE = "/a\"} or vector(1) or x{y=\"\\é'#: {id}";

    private static final String[] SETTINGS = {
        "crosscut.metrics.tiers", "gold, silver",
        "crosscut.metrics.slo.availability.objective", "99.9",
        "crosscut.metrics.slo.pay-fast.objective", "99",
        "crosscut.metrics.slo.pay-fast.route", "POST /payments",
        "crosscut.metrics.slo.pay-fast.tier", "gold",
        "crosscut.metrics.slo.pay-fast.latency", "250ms",
        "crosscut.metrics.slo.pay-fast.window", "28d",
        "crosscut.metrics.slo.each.objective", "95",
        "crosscut.metrics.slo.each.route", "*",
        "crosscut.metrics.slo.each.tier", "*",
        "crosscut.metrics.slo.hostile.objective", "99",
        "crosscut.metrics.slo.hostile.route", HOSTILE,
        "crosscut.metrics.slo.hostile.latency", "5s",
    };

    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{([^}]*)}");
    private static final Pattern CONDITION = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)(=|!=|=~)(\"\\d+\")");
    private static final Pattern BY = Pattern.compile("(?:by|without|ignoring) \\(([^)]*)\\)");

    private final List<Map<String, Object>> rules =
            Slo.rules(Slo.files(SETTINGS).get("payments.rules.yml"));

    /** Each text in an expression, and the expression with the places of these in their place. */
    private static String withoutTexts(String expression, List<String> texts) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c != '"') {
                out.append(c);
                continue;
            }
            StringBuilder text = new StringBuilder();
            for (i++; expression.charAt(i) != '"'; i++) {
                if (expression.charAt(i) == '\\') {
                    i++;
                }
                text.append(expression.charAt(i));
            }
            out.append('"').append(texts.size()).append('"');
            texts.add(text.toString());
        }
        return out.toString();
    }

    private static Scrape scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Metered metered = new Metered(registry, "crosscut.metrics.tiers", "gold, silver")) {
            for (String route : List.of("/payments", HOSTILE)) {
                metered.end(TestExchange.request("POST", route).with(Key.TENANT_TIER, "gold"), Outcome.completed(201));
                metered.end(TestExchange.request("POST", route).with(Key.TENANT_TIER, "gold"), Outcome.completed(500));
            }
            return Scrape.parse(registry.scrape());
        }
    }

    @Test
    void every_series_and_label_that_a_rule_names_is_in_a_scrape_or_is_recorded_by_another_rule() {
        Map<String, List<Map<String, String>>> there = new HashMap<>();
        scrape().samples()
                .forEach(sample -> there.computeIfAbsent(sample.name(), name -> new ArrayList<>())
                        .add(sample.labels()));
        Set<String> scraped = Set.copyOf(there.keySet());
        for (Map<String, Object> rule : rules) {
            if (rule.containsKey("record")) {
                Map<String, String> labels = new HashMap<>();
                Slo.map(rule.get("labels")).forEach((label, value) -> labels.put(label, String.valueOf(value)));
                there.computeIfAbsent((String) rule.get("record"), name -> new ArrayList<>())
                        .add(labels);
            }
        }
        Set<String> named = new HashSet<>();
        for (Map<String, Object> rule : rules) {
            List<String> texts = new ArrayList<>();
            Matcher series = SERIES.matcher(withoutTexts((String) rule.get("expr"), texts));
            while (series.find()) {
                String name = series.group(1);
                named.add(name);
                Map<String, String> wanted = new HashMap<>();
                Matcher condition = CONDITION.matcher(series.group(2));
                while (condition.find()) {
                    String value = texts.get(Integer.parseInt(condition.group(3).replace("\"", "")));
                    wanted.put(condition.group(1), condition.group(2).equals("!=") ? "!" + value : value);
                }
                assertThat(there).containsKey(name);
                if (scraped.contains(name)) {
                    assertThat(wanted.remove("job")).isEqualTo("payments-job"); // which Prometheus adds
                }
                assertThat(there.get(name))
                        .as("%s of %s", wanted, name)
                        .anyMatch(labels -> wanted.entrySet().stream()
                                .allMatch(entry -> matches(unescaped(labels.get(entry.getKey())), entry.getValue())));
            }
        }
        assertThat(named)
                .contains(
                        "http_server_request_duration_seconds_count",
                        "http_server_request_duration_seconds_bucket",
                        "slo:sli_error:ratio_rate3d",
                        "slo:sli_error:ratio_rate30d",
                        "slo:sli_error:ratio_rate4w");
    }

    private static String unescaped(String label) {
        return label == null ? null : label.replace("\\\"", "\"").replace("\\\\", "\\");
    }

    private static boolean matches(String label, String wanted) {
        return label != null && (wanted.startsWith("!") ? !label.equals(wanted.substring(1)) : label.equals(wanted));
    }

    @Test
    void what_they_sum_by_is_a_label_of_the_scrape() {
        Set<String> labels = scrape().named(SloQueries.COUNT).get(0).labels().keySet();
        Set<String> by = new HashSet<>();
        for (Map<String, Object> rule : rules) {
            Matcher matcher = BY.matcher((String) rule.get("expr"));
            while (matcher.find()) {
                by.addAll(List.of(matcher.group(1).split(", ")));
            }
        }
        assertThat(by.remove("sloth_window")).isTrue();
        assertThat(by).containsExactlyInAnyOrder("http_request_method", "http_route", "crosscut_tenant_tier");
        assertThat(labels).containsAll(by);
    }

    @Test
    void the_names_and_labels_are_those_of_the_registry_for_prometheus() {
        Scrape scrape = scrape();
        List<String> labels =
                Objective.METER.keys().stream().map(SloQueries::label).toList();

        assertThat(scrape.named(SloQueries.COUNT))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.labels().keySet()).containsExactlyInAnyOrderElementsOf(labels));
        assertThat(scrape.types()).containsEntry(SloQueries.METER, "histogram");
        assertThat(scrape.named(SloQueries.BUCKET).stream()
                        .map(sample -> sample.labels().get("le"))
                        .distinct()
                        .toList())
                .containsAll(Conventions.BUCKETS.stream().map(String::valueOf).toList());
    }

    @Test
    void each_edge_of_a_latency_is_written_as_the_registry_writes_it() {
        Scrape scrape = scrape();
        for (double seconds : Conventions.BUCKETS) {
            String expression = Slo.expression(
                    Slo.rules(Slo.files(
                                    "crosscut.metrics.slo.x.objective",
                                    "99",
                                    "crosscut.metrics.slo.x.latency",
                                    Math.round(seconds * 1000) + "ms")
                            .get("payments.rules.yml")),
                    "slo:sli_error:ratio_rate5m");
            Matcher edge = Pattern.compile("le=\"([^\"]*)\"").matcher(expression);
            assertThat(edge.find()).isTrue();
            assertThat(scrape.named(SloQueries.BUCKET))
                    .anyMatch(sample -> sample.labels().get("le").equals(edge.group(1)));
        }
    }

    @Test
    void each_objective_has_the_series_labels_and_groups_of_sloth() {
        String yaml =
                Slo.files("crosscut.metrics.slo.availability.objective", "99.9").get("payments.rules.yml");

        assertThat(Slo.list(Slo.documents(yaml).get(0).get("groups")).stream()
                        .map(group -> group.get("name"))
                        .toList())
                .isEqualTo(List.of(
                        "sloth-slo-sli-recordings-payments-availability",
                        "sloth-slo-meta-recordings-payments-availability",
                        "sloth-slo-alerts-payments-availability"));
        assertThat(Slo.rules(yaml).stream()
                        .filter(rule -> rule.containsKey("record"))
                        .map(rule -> rule.get("record"))
                        .toList())
                .isEqualTo(List.of(
                        "slo:sli_error:ratio_rate5m",
                        "slo:sli_error:ratio_rate30m",
                        "slo:sli_error:ratio_rate1h",
                        "slo:sli_error:ratio_rate2h",
                        "slo:sli_error:ratio_rate6h",
                        "slo:sli_error:ratio_rate1d",
                        "slo:sli_error:ratio_rate3d",
                        "slo:sli_error:ratio_rate30d",
                        "slo:objective:ratio",
                        "slo:error_budget:ratio",
                        "slo:time_period:days",
                        "slo:current_burn_rate:ratio",
                        "slo:period_burn_rate:ratio",
                        "slo:period_error_budget_remaining:ratio",
                        "sloth_slo_info"));
        assertThat(Slo.rules(yaml).get(0).get("labels"))
                .isEqualTo(Map.of(
                        "sloth_id", "payments-availability",
                        "sloth_service", "payments",
                        "sloth_slo", "availability",
                        "sloth_window", "5m"));
        assertThat(Slo.rules(yaml).get(14).get("labels"))
                .isEqualTo(Map.of(
                        "sloth_id", "payments-availability",
                        "sloth_service", "payments",
                        "sloth_slo", "availability",
                        "sloth_mode", "crosscut",
                        "sloth_objective", "99.9",
                        "sloth_spec", "prometheus/v1",
                        "sloth_version", "1.2.3"));
    }

    @Test
    void the_ratios_are_exact_decimals() {
        List<Map<String, Object>> of =
                Slo.rules(Slo.files("crosscut.metrics.slo.x.objective", "99.9").get("payments.rules.yml"));

        assertThat(Slo.expression(of, "slo:objective:ratio")).isEqualTo("vector(0.999)");
        assertThat(Slo.expression(of, "slo:error_budget:ratio")).isEqualTo("vector(0.001)");
        assertThat(Slo.expression(of, "slo:time_period:days")).isEqualTo("vector(30)");
    }

    @Test
    void a_page_and_a_ticket_look_at_two_pairs_of_windows_each() {
        List<Map<String, Object>> alerts =
                Slo.rules(Slo.files("crosscut.metrics.slo.x.objective", "99.9").get("payments.rules.yml")).stream()
                        .filter(rule -> rule.containsKey("alert"))
                        .toList();

        assertThat(alerts).hasSize(2);
        assertThat(burns(alerts.get(0))).containsExactly("5m 14.4", "1h 14.4", "30m 6", "6h 6");
        assertThat(burns(alerts.get(1))).containsExactly("2h 3", "1d 3", "6h 1", "3d 1");
        assertThat(Slo.at(alerts.get(0), "labels", "sloth_severity")).isEqualTo("page");
        assertThat(Slo.at(alerts.get(1), "labels", "sloth_severity")).isEqualTo("ticket");
    }

    private static List<String> burns(Map<String, Object> alert) {
        Matcher matcher = Pattern.compile("ratio_rate(\\w+)\\{[^}]*} > ([0-9.]+) \\* 0\\.001\\n")
                .matcher(alert.get("expr") + "\n");
        List<String> burns = new ArrayList<>();
        while (matcher.find()) {
            burns.add(matcher.group(1) + " " + matcher.group(2));
        }
        return burns;
    }

    @Test
    void a_hostile_route_or_job_stays_one_text() {
        String yaml = Slo.files(
                        new Service("payments", "j\"} or vector(1) #", "1"),
                        "crosscut.metrics.slo.hostile.objective",
                        "99",
                        "crosscut.metrics.slo.hostile.route",
                        HOSTILE)
                .get("payments.rules.yml");
        List<String> texts = new ArrayList<>();

        String expression = withoutTexts(Slo.expression(Slo.rules(yaml), "slo:sli_error:ratio_rate5m"), texts);

        assertThat(texts).contains(HOSTILE, "j\"} or vector(1) #", "");
        assertThat(expression).doesNotContain("vector");
        assertThat(yaml).isASCII();
    }
}
