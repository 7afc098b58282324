package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.metrics.PromQl.Condition;
import dev.crosscut.metrics.PromQl.Selector;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Every expression in every file that is generated, read by the grammar of Prometheus' language. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloExpressionsTest {

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
        "crosscut.metrics.slo.each.latency", "1s",
        "crosscut.metrics.slo.hostile.objective", "99",
        "crosscut.metrics.slo.hostile.route", "/a\"} or vector(1) or x{y=\"\\é'#: {id}",
    };

    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), ([a-z_]+)\\)");

    private final Map<String, String> files = Slo.files(SETTINGS);
    private final List<Map<String, Object>> rules = Slo.rules(files.get("payments.rules.yml"));

    /** Each expression by where it is. */
    private final Map<String, PromQl> expressions = new LinkedHashMap<>();

    /** The labels that each series has which a registry tells of or a rule records. */
    private final Map<String, Set<String>> series = new HashMap<>();

    SloExpressionsTest() {
        for (Map<String, Object> rule : rules) {
            add("rule", rule.get("expr"));
        }
        for (String days : List.of("28d", "30d")) {
            Map<String, Object> sloth =
                    Slo.documents(files.get("payments.sloth-" + days + ".yml")).get(0);
            for (Map<String, Object> slo : Slo.list(sloth.get("slos"))) {
                add("sloth", Slo.at(slo, "sli", "events", "error_query"));
                add("sloth", Slo.at(slo, "sli", "events", "total_query"));
            }
        }
        for (Map<String, Object> document : Slo.documents(files.get("payments.openslo.yml"))) {
            if ("SLO".equals(document.get("kind"))) {
                for (String part : List.of("good", "total")) {
                    add(
                            "openslo",
                            Slo.at(
                                    document,
                                    "spec",
                                    "indicator",
                                    "spec",
                                    "ratioMetric",
                                    part,
                                    "metricSource",
                                    "spec",
                                    "query"));
                }
            }
        }
        Map<String, Object> dashboard =
                Slo.map(JsonMapper.shared().readValue(files.get("payments.dashboard.json"), Object.class));
        for (Map<String, Object> panel : Slo.list(dashboard.get("panels"))) {
            if (panel.get("targets") != null) {
                Slo.list(panel.get("targets")).forEach(target -> add("dashboard", target.get("expr")));
            }
        }
        for (Map<String, Object> variable : Slo.list(Slo.at(dashboard, "templating", "list"))) {
            if ("query".equals(variable.get("type"))) {
                Matcher query = LABEL_VALUES.matcher((String) Slo.at(variable, "query", "query"));
                assertThat(query.matches()).as("%s", variable).isTrue();
                add("variable", "sum by (" + query.group(2) + ") (" + query.group(1) + ")");
            }
        }
        know();
    }

    private void add(String where, Object expression) {
        String text = ((String) expression).replace("{{.window}}", "5m").replace("[$__rate_interval]", "[5m]");
        expressions.put(where + " " + expressions.size() + ": " + text, PromQl.parse(text));
    }

    private void know() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Metered metered = new Metered(registry, "crosscut.metrics.tiers", "gold, silver")) {
            metered.end(TestExchange.request("POST", "/a").with(Key.TENANT_TIER, "gold"), Outcome.completed(500));
            Scrape.parse(registry.scrape())
                    .samples()
                    .forEach(sample -> know(sample.name(), sample.labels().keySet()));
        }
        series.values().forEach(labels -> labels.add("job")); // which Prometheus adds
        for (Map<String, Object> rule : rules) {
            if (rule.get("record") instanceof String name) {
                know(name, Slo.map(rule.get("labels")).keySet());
                know(name, PromQl.parse((String) rule.get("expr")).labels());
            }
        }
    }

    private void know(String name, Set<String> labels) {
        series.computeIfAbsent(name, each -> new TreeSet<>()).addAll(labels);
    }

    @Test
    void each_is_an_expression_that_gives_a_vector() {
        assertThat(expressions).hasSizeGreaterThan(100);
        for (String where : List.of("rule", "sloth", "openslo", "dashboard", "variable")) {
            assertThat(expressions.keySet()).anyMatch(expression -> expression.startsWith(where));
        }
        expressions.forEach(
                (where, expression) -> assertThat(expression.type()).as(where).isEqualTo(PromQl.Type.VECTOR));
    }

    @Test
    void each_asks_for_series_and_labels_that_a_registry_tells_of_or_a_rule_records() {
        expressions.forEach((where, expression) -> {
            Set<String> of = new TreeSet<>();
            for (Selector selector : expression.selectors()) {
                assertThat(series).as(where).containsKey(selector.name());
                of.addAll(series.get(selector.name()));
                assertThat(selector.conditions().stream().map(Condition::label))
                        .as("conditions on %s in %s", selector.name(), where)
                        .doesNotHaveDuplicates()
                        .isSubsetOf(series.get(selector.name()));
            }
            assertThat(of).as(where).containsAll(expression.labels());
        });
    }

    @Test
    void each_looks_at_one_job_or_one_objective() {
        expressions.forEach((where, expression) -> {
            if (!where.startsWith("variable") || !expression.labels().contains("job")) { // that which lists the jobs
                for (Selector selector : expression.selectors()) {
                    String label = selector.name().startsWith("slo:") ? "sloth_id" : "job";
                    assertThat(selector.conditions())
                            .as("%s in %s", selector.name(), where)
                            .anyMatch(condition -> condition.label().equals(label)
                                    && condition.operator().equals("="));
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sum(rate(x[5m])",
                "sum(rate(x[5m])))",
                "sum(x[5m])",
                "rate(x)",
                "rate(sum(x))",
                "sum by http_route (x)",
                "sum by (http.route) (x)",
                "x{a=\"b\" c=\"d\"}",
                "x{a=b}",
                "x{a==\"b\"}",
                "x{a=~\"(\"}",
                "x{a=\"b}",
                "x >",
                "x y",
                "1 or 2",
                "x and 1",
                "1 > 2",
                "x / \"a\"",
                "x[5]",
                "x[5m",
                "unknown(x)",
                "histogram_quantile(x, 0.99)",
                "http.server.request.duration",
                "x # y"
            })
    void what_prometheus_would_not_take_is_refused_here_too(String expression) {
        assertThatThrownBy(() -> PromQl.parse(expression)).isInstanceOf(AssertionError.class);
    }
}
