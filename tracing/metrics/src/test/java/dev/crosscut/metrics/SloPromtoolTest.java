package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rules, evaluated by promtool for series that a registry has told Prometheus of. Left out where there is no promtool on
 * the PATH; it comes with Prometheus.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SloPromtoolTest {

    private static final String[] SETTINGS = {
        "crosscut.metrics.tiers", "gold, silver",
        "crosscut.metrics.slo.pay.objective", "99.9",
        "crosscut.metrics.slo.pay.route", "POST /payments",
        "crosscut.metrics.slo.pay.tier", "gold",
        "crosscut.metrics.slo.each.objective", "99.9",
        "crosscut.metrics.slo.each.route", "*",
        "crosscut.metrics.slo.each.tier", "*",
        "crosscut.metrics.slo.fast.objective", "90",
        "crosscut.metrics.slo.fast.latency", "250ms",
        "crosscut.metrics.slo.fast.window", "28d",
    };
    private static final String RULES = "payments.rules.yml";
    private static final String PAY =
            "http_request_method=\"POST\", http_route=\"/payments\", crosscut_tenant_tier=\"gold\"";

    @TempDir
    Path folder;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Metered metered = new Metered(registry, "crosscut.metrics.tiers", "gold, silver");

    @BeforeEach
    void findPromtool() throws IOException {
        assumeTrue(
                promtool().isPresent(),
                "promtool, which comes with Prometheus, is not on the PATH: the rules are not evaluated here");
        Files.writeString(folder.resolve(RULES), Slo.files(SETTINGS).get(RULES));
    }

    private static Optional<Path> promtool() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private String promtool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(promtool().orElseThrow().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private void requests(int number, String method, String route, String tier, int status) {
        for (int i = 0; i < number; i++) {
            metered.end(TestExchange.request(method, route).with(Key.TENANT_TIER, tier), Outcome.completed(status));
        }
    }

    /** What the scrape has of the meter, each series growing by that in each minute of a span; before that it is not there. */
    private List<Object> grows(int after, int minutes, int rest) {
        List<Object> series = new ArrayList<>();
        Scrape scrape = Scrape.parse(registry.scrape());
        for (String name : List.of(SloQueries.COUNT, SloQueries.BUCKET)) {
            for (Scrape.Sample sample : scrape.named(name)) {
                String labels = sample.labels().entrySet().stream()
                        .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
                        .collect(Collectors.joining(", ", "{job=\"payments-job\", ", "}"));
                long each = (long) sample.value();
                Map<String, Object> values = new LinkedHashMap<>();
                values.put("series", name + labels);
                values.put(
                        "values",
                        (after == 0 ? "" : "_x" + after + " ") + "0+" + each + "x" + minutes
                                + (rest == 0 ? "" : " " + each * minutes + "+0x" + rest));
                series.add(values);
            }
        }
        return series;
    }

    private static Map<String, Object> alerts(String at, String... samples) {
        return query(
                at,
                "sum by (sloth_slo, severity, http_request_method, http_route, crosscut_tenant_tier)"
                        + " (ALERTS{alertstate=\"firing\"})",
                Arrays.stream(samples).map(sample -> sample + " 1").toArray(String[]::new));
    }

    /** What a query is to answer; a sample is its labels, a space and its value. */
    private static Map<String, Object> query(String at, String expression, String... samples) {
        List<Object> expected = new ArrayList<>();
        for (String sample : samples) {
            int space = sample.lastIndexOf(' ');
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("labels", sample.substring(0, space));
            one.put("value", Double.valueOf(sample.substring(space + 1)));
            expected.add(one);
        }
        Map<String, Object> query = new LinkedHashMap<>();
        query.put("expr", expression);
        query.put("eval_time", at);
        query.put("exp_samples", expected);
        return query;
    }

    private static String alert(String slo, String severity, String labels) {
        return "{sloth_slo=\"" + slo + "\", severity=\"" + severity + "\"" + (labels.isEmpty() ? "" : ", " + labels)
                + "}";
    }

    private void evaluate(List<Object> series, List<Object> alerts, Object... queries) throws Exception {
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("interval", "1m");
        test.put("input_series", series);
        test.put("alert_rule_test", alerts);
        test.put("promql_expr_test", List.of(queries));
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("rule_files", List.of(RULES));
        file.put("evaluation_interval", "1m");
        file.put("tests", List.of(test));
        Files.writeString(folder.resolve("test.yml"), StructuredText.yaml(file));
        assertThat(promtool("test", "rules", "test.yml")).contains("SUCCESS");
    }

    @Test
    void the_rules_are_accepted_also_of_hostile_names() throws Exception {
        assertThat(promtool("check", "rules", RULES))
                .contains("SUCCESS: 51 rules found")
                .doesNotContain("FAILED");

        Files.writeString(
                folder.resolve("hostile.yml"),
                Slo.files(
                                new SloRules.Service("a.b_c-d", "j\"} or vector(1) #\\", "1"),
                                "crosscut.metrics.slo.x.objective",
                                "99.999999",
                                "crosscut.metrics.slo.x.route",
                                "/a\"} or vector(1) or x{y=\"\\é'#: {id}",
                                "crosscut.metrics.slo.x.latency",
                                "10s")
                        .get("a.b_c-d.rules.yml"));
        assertThat(promtool("check", "rules", "hostile.yml")).contains("SUCCESS: 17 rules found");
    }

    @ParameterizedTest(name = "{0} of 10000: {1}")
    @CsvSource({"200, page ticket", "70, page ticket", "35, ticket", "20, ticket", "10, none", "0, none"})
    void an_alert_fires_for_the_route_and_tier_whose_budget_burns_too_fast_and_for_no_other(int bad, String severities)
            throws Exception {
        requests(10_000 - bad, "POST", "/payments", "gold", 201);
        requests(bad, "POST", "/payments", "gold", 503);
        requests(1000, "POST", "/payments", "silver", 400);
        requests(1000, "GET", "/health", "gold", 200);

        String[] expected = Arrays.stream(severities.split(" "))
                .filter(severity -> !severity.equals("none"))
                .flatMap(severity -> IntStream.range(0, 2).mapToObj(i -> alert(i == 0 ? "pay" : "each", severity, PAY)))
                .toArray(String[]::new);
        evaluate(
                grows(0, 60, 0),
                List.of(),
                alerts("1h", expected),
                query(
                        "1h",
                        "round(slo:current_burn_rate:ratio{sloth_slo=\"pay\"}, 0.01)",
                        "{sloth_id=\"payments-pay\", sloth_service=\"payments\", sloth_slo=\"pay\","
                                + " sloth_window=\"5m\", " + PAY + "} " + bad / 10.0),
                query(
                        "1h",
                        "round(slo:period_error_budget_remaining:ratio{sloth_slo=\"pay\"}, 0.01)",
                        "{sloth_id=\"payments-pay\", sloth_service=\"payments\", sloth_slo=\"pay\","
                                + " sloth_window=\"30d\", " + PAY + "} " + (1 - bad / 10.0)));
    }

    @Test
    void two_percent_of_errors_for_an_hour_after_hours_without_page_and_cease_when_the_errors_do() throws Exception {
        requests(1000, "POST", "/payments", "gold", 201);
        List<Object> series = new ArrayList<>(grows(0, 540, 0));
        registry.clear();
        try (Metered errors = new Metered(registry, "crosscut.metrics.tiers", "gold, silver")) {
            for (int i = 0; i < 20; i++) {
                errors.end(
                        TestExchange.request("POST", "/payments").with(Key.TENANT_TIER, "gold"),
                        Outcome.completed(500));
            }
            series.addAll(grows(360, 60, 60));
        }
        String[] ticket = {alert("each", "ticket", PAY), alert("pay", "ticket", PAY)};
        String[] both = {alert("each", "page", PAY), ticket[0], alert("pay", "page", PAY), ticket[1]};

        evaluate(
                series,
                List.of(),
                alerts("6h"),
                alerts("6h30m", ticket),
                alerts("7h1m", both),
                alerts("7h15m", ticket));
    }

    @Test
    void an_alert_says_what_is_bad_and_what_was_promised() throws Exception {
        requests(980, "POST", "/payments", "gold", 201);
        requests(20, "POST", "/payments", "gold", 503);
        List<Object> expected = new ArrayList<>();
        Map<String, String> summaries = new LinkedHashMap<>();
        summaries.put("each", "to each route of each tier are");
        summaries.put("pay", "to POST /payments of the tier gold are");
        for (String severity : List.of("page", "ticket")) {
            summaries.forEach((slo, which) -> {
                Map<String, Object> labels = new LinkedHashMap<>();
                labels.put("severity", severity);
                labels.put("sloth_severity", severity);
                labels.put("sloth_id", "payments-" + slo);
                labels.put("sloth_service", "payments");
                labels.put("sloth_slo", slo);
                labels.put("http_request_method", "POST");
                labels.put("http_route", "/payments");
                labels.put("crosscut_tenant_tier", "gold");
                Map<String, Object> annotations = new LinkedHashMap<>();
                annotations.put("title", "(" + severity + ") payments " + slo + ": the error budget burns too fast");
                annotations.put(
                        "summary",
                        "2% of the requests are bad (http.request.method POST, http.route /payments,"
                                + " crosscut.tenant.tier gold); the objective: 99.9 % of the requests " + which
                                + " answered without an error, over 30 days.");
                Map<String, Object> alert = new LinkedHashMap<>();
                alert.put("exp_labels", labels);
                alert.put("exp_annotations", annotations);
                expected.add(alert);
            });
        }
        Map<String, Object> alerts = new LinkedHashMap<>();
        alerts.put("eval_time", "1h");
        alerts.put("alertname", SloRules.ALERT);
        alerts.put("exp_alerts", expected);

        evaluate(grows(0, 60, 0), List.of(alerts));
    }

    @Test
    void a_request_over_the_latency_is_bad_and_so_is_one_that_fails_fast() throws Exception {
        requests(890, "GET", "/health", "gold", 200);
        requests(60, "GET", "/health", "gold", 500);
        Timer timer = registry.get("http.server.request.duration")
                .tags("http.response.status_code", "200")
                .timer();
        for (int i = 0; i < 50; i++) {
            timer.record(Duration.ofMillis(251));
        }

        evaluate(
                grows(0, 60, 0),
                List.of(),
                query("1h", "round(slo:sli_error:ratio_rate1h{sloth_slo=\"fast\"}, 0.0001)", fast("1h") + " 0.11"),
                query("1h", "round(slo:period_burn_rate:ratio{sloth_slo=\"fast\"}, 0.01)", fast("4w") + " 1.1"));
    }

    private static String fast(String window) {
        return "{sloth_id=\"payments-fast\", sloth_service=\"payments\", sloth_slo=\"fast\", sloth_window=\"" + window
                + "\"}";
    }

    @Test
    void where_no_request_came_nothing_is_recorded_and_where_none_was_good_all_are_bad() throws Exception {
        requests(10, "POST", "/payments", "gold", 500);

        evaluate(
                grows(0, 60, 120),
                List.of(),
                query("59m", "max(slo:sli_error:ratio_rate5m{sloth_slo=\"pay\"})", "{} 1"),
                query("59m", "max(slo:sli_error:ratio_rate5m{sloth_slo=\"fast\"})", "{} 1"),
                query("2h", "slo:sli_error:ratio_rate5m"),
                query("2h", "max(slo:sli_error:ratio_rate2h{sloth_slo=\"pay\"})", "{} 1"));
    }
}
