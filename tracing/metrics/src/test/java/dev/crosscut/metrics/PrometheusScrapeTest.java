package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What Prometheus is told, by the registry that tells it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PrometheusScrapeTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SERVER = "http_server_request_duration_seconds";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @Test
    void each_line_is_one_of_the_format_and_each_histogram_adds_up() {
        try (Metered metered = new Metered(registry, "crosscut.metrics.tiers", "gold")) {
            for (int i = 0; i < 20; i++) {
                metered.end(
                        TestExchange.request("GET", "/payments/{\"i\\d\"}\n" + i % 3)
                                .with(Key.TENANT_TIER, "gold"),
                        Outcome.completed(i % 2 == 0 ? 200 : 503));
                metered.end(TestExchange.call("POST", "ledger"), Outcome.failed(new IllegalStateException()));
                metered.crosscut().run("job", () -> {});
            }

            Scrape scrape = Scrape.parse(registry.scrape());

            assertThat(scrape.types())
                    .containsEntry(SERVER, "histogram")
                    .containsEntry("http_client_request_duration_seconds", "histogram")
                    .containsEntry("crosscut_local_duration_seconds", "histogram")
                    .containsEntry("crosscut_metrics_overflow", "gauge")
                    .containsEntry("crosscut_metrics_lost_total", "counter");
            assertThat(scrape.sum(SERVER + "_count")).isEqualTo(20);
            for (String histogram :
                    List.of(SERVER, "http_client_request_duration_seconds", "crosscut_local_duration_seconds")) {
                Map<Map<String, String>, TreeMap<Double, Double>> buckets = scrape.buckets(histogram);
                assertThat(buckets).as(histogram).isNotEmpty();
                buckets.forEach((labels, counts) -> {
                    List<Double> bounds = new ArrayList<>(Conventions.BUCKETS);
                    bounds.add(Double.POSITIVE_INFINITY);
                    assertThat(counts.keySet())
                            .as("%s of %s", histogram, labels)
                            .containsExactlyElementsOf(bounds);
                    assertThat(new ArrayList<>(counts.values()))
                            .as("cumulative")
                            .isSorted();
                    assertThat(scrape.named(histogram + "_count"))
                            .filteredOn(count -> count.labels().equals(labels))
                            .singleElement()
                            .satisfies(
                                    count -> assertThat(count.value()).isEqualTo(counts.get(Double.POSITIVE_INFINITY)));
                });
            }
        }
    }

    @Test
    void a_timer_of_the_same_name_without_buckets_breaks_nothing() {
        try (Metered metered = new Metered(registry)) {
            metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
            theirs(registry).record(Duration.ofMillis(30));

            Scrape scrape = Scrape.parse(registry.scrape());

            assertThat(scrape.sum(SERVER + "_count")).isEqualTo(2);
            assertThat(scrape.buckets(SERVER))
                    .hasSize(2)
                    .allSatisfy((labels, counts) -> assertThat(counts).hasSize(Conventions.BUCKETS.size() + 1));
        }
    }

    private static Timer theirs(MeterRegistry in) {
        return Timer.builder("http.server.request.duration")
                .tags("uri", "/theirs")
                .publishPercentiles(0.5)
                .register(in);
    }

    @Test
    void without_fixed_buckets_it_breaks_the_whole_scrape() {
        theirs(registry).record(Duration.ofMillis(3));
        Timer.builder("http.server.request.duration")
                .tags("uri", "/other")
                .serviceLevelObjectives(Duration.ofMillis(5))
                .register(registry);

        assertThatThrownBy(registry::scrape).isInstanceOf(ClassCastException.class);
    }

    @Test
    void a_timer_of_the_same_name_from_before_breaks_nothing_either_and_ours_is_counted_as_lost() {
        try (Warnings warnings = new Warnings()) {
            theirs(registry).record(Duration.ofMillis(30));
            try (Metered metered = new Metered(registry)) {
                metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
                metered.end(TestExchange.request("GET", "/b"), Outcome.completed(200));
                metered.end(TestExchange.call("GET", "ledger"), Outcome.completed(200));

                Scrape scrape = Scrape.parse(registry.scrape());

                assertThat(scrape.sum(SERVER + "_count")).isEqualTo(1);
                assertThat(scrape.sum("http_client_request_duration_seconds_count"))
                        .isEqualTo(1);
                assertThat(scrape.sum("crosscut_metrics_lost_total")).isEqualTo(2);
                assertThat(warnings.texts())
                        .singleElement()
                        .asString()
                        .contains(
                                "http.server.request.duration", "from before", "expected Crosscut to be built before");
            }
        }
    }

    @Test
    void the_buckets_are_fixed_in_each_part_of_a_composite_also_in_one_that_comes_later() {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        PrometheusMeterRegistry late = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        composite.add(registry);
        try (Metered metered = new Metered(composite)) {
            metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
            theirs(registry).record(Duration.ofMillis(30));
            composite.add(late);
            metered.end(TestExchange.request("GET", "/b"), Outcome.completed(200));
            theirs(late).record(Duration.ofMillis(30));

            assertThat(Scrape.parse(registry.scrape()).sum(SERVER + "_count")).isEqualTo(3);
            assertThat(Scrape.parse(late.scrape()).sum(SERVER + "_count")).isEqualTo(2);
        }
    }

    @Test
    void a_scrape_while_requests_are_measured_adds_up_too() throws Exception {
        try (Metered metered = new Metered(registry)) {
            Thread busy = new Thread(() -> {
                for (int i = 0; i < 50_000; i++) {
                    metered.end(TestExchange.request("GET", "/" + i % 20), Outcome.completed(200));
                }
            });
            busy.start();
            while (busy.isAlive()) {
                Scrape.parse(registry.scrape())
                        .buckets(SERVER)
                        .forEach((labels, counts) ->
                                assertThat(new ArrayList<>(counts.values())).isSorted());
            }
            busy.join();

            assertThat(Scrape.parse(registry.scrape()).sum(SERVER + "_count")).isEqualTo(50_000);
        }
    }

    @Test
    void a_bucket_has_the_trace_of_an_exchange_that_it_counted() {
        PrometheusMeterRegistry tracing = new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, new ExchangeSpanContext());
        try (Metered metered = new Metered(tracing)) {
            metered.end(traced(TestExchange.request("GET", "/kept"), TRACE, true), Outcome.completed(200));
            metered.end(traced(TestExchange.request("GET", "/dropped"), OTHER_TRACE, false), Outcome.completed(200));

            String text = tracing.scrape("application/openmetrics-text; version=1.0.0; charset=utf-8");

            assertThat(text.lines())
                    .filteredOn(line -> line.contains(" # {"))
                    .isNotEmpty()
                    .allMatch(line -> line.contains("http_route=\"/kept\""))
                    .anyMatch(line -> line.matches(SERVER + "_bucket\\{.*} [0-9.]+ # "
                            + "\\{span_id=\"00f067aa0ba902b7\",trace_id=\"" + TRACE + "\"} .*"));
            assertThat(text).doesNotContain(OTHER_TRACE).endsWith("# EOF\n");
        }
    }

    private static TestExchange traced(TestExchange exchange, String trace, boolean sampled) {
        return exchange.with(Key.TRACE_ID, trace)
                .with(Key.SPAN_ID, "00f067aa0ba902b7")
                .with(Key.SAMPLED, sampled);
    }
}
