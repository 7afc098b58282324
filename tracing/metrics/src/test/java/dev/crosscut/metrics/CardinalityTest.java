package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The number of series is bounded, and no count is lost to that. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CardinalityTest {

    private static final String SERVER = "http.server.request.duration";
    private static final String CLIENT = "http.client.request.duration";
    private static final int MILLION = 1_000_000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private static long count(Collection<Timer> timers) {
        return timers.stream().mapToLong(Timer::count).sum();
    }

    private Set<String> valuesOf(String meter, String key) {
        Set<String> values = new TreeSet<>();
        registry.get(meter).timers().forEach(timer -> values.add(timer.getId().getTag(key)));
        return values;
    }

    private double overflow(String key) {
        return registry.get("crosscut.metrics.overflow")
                .tags("key", key)
                .gauge()
                .value();
    }

    @Test
    void a_million_random_routes_leave_memory_flat_and_sums_exact_with_the_other_keys_as_they_are() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry)) {
            Random random = new Random(17);
            int early = MILLION / 100;
            long used = 0;
            for (int i = 0; i < MILLION; i++) {
                metered.end(
                        TestExchange.request("GET", "/" + random.nextLong()),
                        Outcome.completed(i % 4 == 0 ? 500 : 200));
                if (i == early) {
                    used = Memory.used();
                }
            }
            long grown = Memory.used() - used;

            assertThat(grown)
                    .as("bytes more after a million than after a hundredth")
                    .isLessThan(1 << 20);
            assertThat(count(registry.get(SERVER).timers())).isEqualTo(MILLION);
            assertThat(count(registry.get(SERVER)
                            .tags("http.response.status_code", "500", "error.type", "500")
                            .timers()))
                    .isEqualTo(MILLION / 4);
            assertThat(valuesOf(SERVER, "http.route")).hasSize(501).contains("_OTHER");
            assertThat(count(registry.get(SERVER).tags("http.route", "_OTHER").timers()))
                    .isEqualTo(MILLION - 500);
            assertThat(registry.get(SERVER).timers()).hasSizeLessThanOrEqualTo(502);
            assertThat(valuesOf(SERVER, "url.scheme")).containsExactly("https");
            assertThat(overflow("http.route")).isEqualTo(MILLION - 500);
            assertThat(overflow("error.type")).isZero();
            assertThat(warnings.texts())
                    .singleElement()
                    .asString()
                    .contains("more than 500 values of http.route", "crosscut.metrics.max-values.http-route");
        }
    }

    @Test
    void a_million_random_values_in_all_keys_at_once_are_within_the_limit_of_series_and_counted_too() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(
                        registry, "crosscut.metrics.max-series", "1000", "crosscut.metrics.tiers", "gold,silver")) {
            Random random = new Random(18);
            for (int i = 0; i < MILLION / 2; i++) {
                TestExchange request = TestExchange.request("M" + random.nextInt(1000), "/" + random.nextInt(400))
                        .with("url.scheme", "s" + random.nextLong())
                        .with("network.protocol.version", "v" + random.nextLong())
                        .with("network.protocol.name", "n" + random.nextLong())
                        .with(Key.TENANT_TIER, i % 2 == 0 ? "gold" : "t" + random.nextLong());
                metered.end(request, Outcome.completed(random.nextInt()));
                metered.end(
                        TestExchange.call("GET", "a" + random.nextLong()).with("server.port", random.nextLong()),
                        Outcome.completed(random.nextInt(700)));
            }

            assertThat(count(registry.get(SERVER).timers())).isEqualTo(MILLION / 2);
            assertThat(count(registry.get(CLIENT).timers())).isEqualTo(MILLION / 2);
            // of those beyond the limit, two of the server: a method of two that occur, a tier of two; one of the
            // client
            assertThat(registry.get(SERVER).timers().size()
                            + registry.get(CLIENT).timers().size())
                    .isBetween(1000, 1000 + 2 + 1);
            assertThat(registry.get("crosscut.metrics.series").gauge().value()).isEqualTo(1000);
            assertThat(count(registry.get(SERVER)
                            .tags("crosscut.tenant.tier", "gold")
                            .timers()))
                    .as("a declared tier is kept beyond the limit")
                    .isEqualTo(MILLION / 4);
            assertThat(overflow("*")).isPositive();
            assertThat(warnings.texts())
                    .filteredOn(text -> text.contains("crosscut.metrics.max-series"))
                    .singleElement()
                    .asString()
                    .startsWith("There are 1000 series");
        }
    }

    @Test
    void threads_that_bring_ever_new_values_at_once_lose_no_count_and_make_no_series_too_many() throws Exception {
        int threads = 8;
        int each = 40_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry, "crosscut.metrics.max-series", "700")) {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Callable<?> work = () -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        metered.end(TestExchange.request("GET", "/" + i % 600), Outcome.completed(200 + i % 7));
                    }
                    return null;
                };
                all.add(pool.submit(work));
            }
            start.countDown();
            for (Future<?> one : all) {
                one.get();
            }

            assertThat(count(registry.get(SERVER).timers())).isEqualTo((long) threads * each);
            assertThat(registry.get(SERVER).timers()).hasSize(700 + 1);
            assertThat(valuesOf(SERVER, "http.route")).hasSize(501);
            assertThat(warnings.texts()).hasSize(2);
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void what_was_known_before_a_key_was_full_is_known_after() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry, "crosscut.metrics.max-values.http-route", "2")) {
            for (String route : List.of("/a", "/b", "/c", "/a", "/b", "/d")) {
                metered.end(TestExchange.request("GET", route), Outcome.completed(200));
            }

            assertThat(valuesOf(SERVER, "http.route")).containsExactly("/a", "/b", "_OTHER");
            assertThat(registry.get(SERVER).tags("http.route", "/a").timer().count())
                    .isEqualTo(2);
            assertThat(registry.get(SERVER).tags("http.route", "_OTHER").timer().count())
                    .isEqualTo(2);
            assertThat(warnings.texts()).hasSize(1);
        }
    }

    @Test
    void schemes_and_versions_that_everybody_uses_have_their_place_whatever_else_comes_first() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry)) {
            for (int i = 0; i < 100; i++) {
                metered.end(TestExchange.request("GET", "/a").with("url.scheme", "x" + i), Outcome.completed(200));
            }
            metered.end(TestExchange.request("GET", "/b").with("url.scheme", "http"), Outcome.completed(200));

            assertThat(registry.get(SERVER)
                            .tags("http.route", "/b")
                            .timer()
                            .getId()
                            .getTag("url.scheme"))
                    .isEqualTo("http");
            assertThat(warnings.texts()).hasSize(1);
        }
    }

    @Test
    void a_port_is_one_value_as_a_number_and_as_text() {
        try (Metered metered = new Metered(registry)) {
            metered.end(TestExchange.call("GET", "ledger").with("server.port", 443L), Outcome.completed(200));
            metered.end(TestExchange.call("GET", "ledger").with("server.port", "443"), Outcome.completed(200));
            metered.end(TestExchange.call("GET", "ledger").with("server.port", 443), Outcome.completed(200));

            assertThat(registry.get(CLIENT).timer().count()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc00b", "\ud83d"})
    void two_values_that_would_be_written_alike_are_one(String half) {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(prometheus)) {
            metered.end(TestExchange.request("GET", "/" + half), Outcome.completed(200));
            metered.end(TestExchange.request("GET", "/" + half + "\ud801"), Outcome.completed(200));

            assertThat(Scrape.parse(prometheus.scrape()).named("http_server_request_duration_seconds_count"))
                    .singleElement()
                    .satisfies(count -> assertThat(count.labels()).containsEntry("http_route", "_OTHER"));
            assertThat(warnings.texts()).singleElement().asString().contains("half a character");
        }
    }

    @Test
    void a_value_that_is_too_long_to_keep_is_other_and_takes_no_place() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry, "crosscut.metrics.max-values.http-route", "1")) {
            metered.end(TestExchange.request("GET", "/" + "a".repeat(256)), Outcome.completed(200));
            metered.end(TestExchange.request("GET", "/" + "a".repeat(255)), Outcome.completed(200));

            assertThat(valuesOf(SERVER, "http.route")).containsExactly("/" + "a".repeat(255), "_OTHER");
            assertThat(warnings.texts()).singleElement().asString().contains("longer than 256 characters");
        }
    }

    @Test
    void results_and_decisions_go_through_the_same_guard() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry)) {
            for (int i = 0; i < 1000; i++) {
                metered.end(TestExchange.request("GET", "/a").with(Key.DECISION, "d" + i), Outcome.completed(200));
            }

            Collection<Meter> counters = registry.get("crosscut.decisions").meters();
            assertThat(counters).hasSize(17);
            assertThat(registry.get("crosscut.decisions").counters().stream()
                            .mapToDouble(counter -> counter.count())
                            .sum())
                    .isEqualTo(1000);
            assertThat(warnings.texts()).hasSize(1);
        }
    }
}
