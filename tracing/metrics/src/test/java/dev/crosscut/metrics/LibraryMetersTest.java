package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Settings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** The meters of the library itself, from whatever plugins count. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LibraryMetersTest {

    private final AtomicLong dropped = new AtomicLong(7);
    private final AtomicLong waiting = new AtomicLong(3);

    /** Counts something, measures something. */
    private final class Counting implements Plugin {
        @Override
        public String name() {
            return "counting";
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {
            builder.counter("crosscut.counting.dropped", LibraryMetersTest.this::dropped);
            builder.gauge("crosscut.counting.queue", waiting::get);
        }
    }

    private long dropped() {
        if (dropped.get() == 0) {
            throw new IllegalStateException("cannot say");
        }
        return dropped.get();
    }

    private static final class Failing implements Observer {
        @Override
        public void end(Exchange exchange, Outcome outcome) {
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void what_plugins_count_and_measure_is_in_the_registry_as_it_is_now() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Crosscut crosscut =
                Metered.builder(registry).plugin(new Counting()).build()) {
            assertThat(crosscut.gauges()).containsKey("crosscut.counting.queue");
            dropped.set(8);
            waiting.set(0);

            assertThat(registry.get("crosscut.counting.dropped")
                            .functionCounter()
                            .count())
                    .isEqualTo(8);
            assertThat(registry.get("crosscut.counting.queue").gauge().value()).isZero();
            assertThat(registry.get("crosscut.metrics.lost").functionCounter().count())
                    .isZero();
        }
    }

    @Test
    void a_count_that_cannot_be_had_or_is_negative_does_not_break_a_scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (Crosscut crosscut =
                Metered.builder(registry).plugin(new Counting()).build()) {
            assertThat(crosscut.counters()).isNotEmpty();
            String counter = "crosscut_counting_dropped_total";
            assertThat(Scrape.parse(registry.scrape()).sum(counter)).isEqualTo(7);
            dropped.set(0);
            assertThat(Scrape.parse(registry.scrape()).sum(counter)).isEqualTo(7);
            dropped.set(-1);
            assertThat(Scrape.parse(registry.scrape()).sum(counter)).isZero();
        }
    }

    @Test
    void counts_by_level_are_one_meter_with_the_level_as_its_key_for_prometheus_would_cut_a_name_that_ends_in_info() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Plugin levels = new Plugin() {
            @Override
            public String name() {
                return "levels";
            }

            @Override
            public void install(Crosscut.Builder builder, Settings settings) {
                builder.counter("crosscut.levels.dropped.error", () -> 1);
                builder.counter("crosscut.levels.dropped.info", () -> 2);
                builder.counter("crosscut.levels.error", () -> 3);
            }
        };
        try (Crosscut crosscut = Metered.builder(registry).plugin(levels).build()) {
            assertThat(crosscut.counters()).containsKey("crosscut.levels.dropped.info");

            Scrape scrape = Scrape.parse(registry.scrape());
            assertThat(scrape.named("crosscut_levels_dropped_total"))
                    .extracting(Scrape.Sample::labels, Scrape.Sample::value)
                    .containsExactlyInAnyOrder(
                            tuple(Map.of("level", "error"), 1.0), tuple(Map.of("level", "info"), 2.0));
            assertThat(scrape.sum("crosscut_levels_error_total")).isEqualTo(3);
        }
    }

    @Test
    void the_faults_of_a_participant_are_counted_from_the_scrape_after_its_first() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Logger.getLogger("dev.crosscut").setLevel(Level.OFF);
        try (Crosscut crosscut =
                Metered.builder(registry).observer(new Failing()).build()) {
            Scrape.parse(registry.scrape());
            for (int i = 0; i < 3; i++) {
                crosscut.begin(TestExchange.request("GET", "/a")).end(Outcome.completed(200));
            }
            Scrape.parse(registry.scrape());

            assertThat(Scrape.parse(registry.scrape()).named("crosscut_faults_total"))
                    .singleElement()
                    .satisfies(faults -> {
                        assertThat(faults.value()).isEqualTo(3);
                        assertThat(faults.labels()).containsEntry("participant", Failing.class.getName());
                    });
        } finally {
            Logger.getLogger("dev.crosscut").setLevel(null);
        }
    }

    @Test
    void when_it_is_closed_a_registry_that_lives_on_has_what_was_measured_and_nothing_that_asks_it() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Gauge theirs = Gauge.builder("theirs", () -> 1).register(registry);
        try (Crosscut crosscut =
                Metered.builder(registry).plugin(new Counting()).build()) {
            crosscut.begin(TestExchange.request("GET", "/a")).end(Outcome.completed(200));
            assertThat(registry.getMeters()).hasSizeGreaterThan(10);
        }

        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .filteredOn(name -> !name.endsWith(".histogram")) // the buckets of the timer
                .containsExactlyInAnyOrder("theirs", "http.server.request.duration");
        assertThat(registry.getMeters()).contains(theirs);
    }

    @Test
    void a_meter_of_that_name_that_somebody_else_has_registered_stays_theirs() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Meter theirs = Gauge.builder("crosscut.counting.queue", () -> 42).register(registry);
        try (Crosscut crosscut =
                Metered.builder(registry).plugin(new Counting()).build()) {
            assertThat(crosscut.gauges()).containsKey("crosscut.counting.queue");
            assertThat(registry.get("crosscut.counting.queue").gauge().value()).isEqualTo(42);
        }
        assertThat(registry.getMeters()).containsExactly(theirs);
    }

    @Test
    void each_key_has_a_gauge_of_what_was_too_much_from_the_start() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Metered metered = new Metered(registry)) {
            assertThat(metered.crosscut().gauges()).isEmpty();
            assertThat(registry.get("crosscut.metrics.overflow").gauges())
                    .extracting(gauge -> gauge.getId().getTag("key"))
                    .contains("http.route", "error.type", "crosscut.tenant.tier", "server.address", "*")
                    .doesNotContain("messaging.system");
        }
    }

    @Test
    void a_second_crosscut_in_the_same_registry_measures_on() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        for (int i = 0; i < 2; i++) {
            try (Metered metered = new Metered(registry)) {
                metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
                assertThat(registry.get("crosscut.metrics.series").gauge().value())
                        .isEqualTo(1);
            }
        }

        assertThat(registry.get("http.server.request.duration").timer().count()).isEqualTo(2);
    }
}
