package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.metrics.FaultyRegistry.Place;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A registry that throws, refuses or is closed changes nothing for an exchange. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultyRegistryTest {

    private static final int TIMES = 500;

    static Stream<Arguments> faults() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(
                                new IllegalStateException("broken"),
                                new IOException("sneaked out"),
                                new AssertionError("an error"),
                                new NoClassDefFoundError("gone"))
                        .map(fault -> Arguments.of(place, fault)));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void wherever_it_throws_each_exchange_ends_as_it_would_and_the_fault_is_not_thrown_for_each(
            Place place, Throwable fault) {
        FaultyRegistry registry = new FaultyRegistry(place, fault);
        try (Warnings warnings = new Warnings()) {
            try (Crosscut crosscut = Metered.builder(registry).build()) {
                for (int i = 0; i < TIMES; i++) {
                    Call call = crosscut.begin(TestExchange.request("GET", "/a").with(Key.DECISION, "permit"));
                    assertThat(call.answer()).isEmpty();
                    assertThat(call.settle(Outcome.completed(200))).isEmpty();
                    assertThat(call.end(Outcome.completed(200))).isTrue();
                }

                assertThat(crosscut.faults()).as("what core had to contain").isEmpty();
                assertThat(registry.thrown()).as("faults thrown").isLessThan(100);
                registry.mend();
                assertThat(recorded(registry) + crosscut.counters().get("crosscut.metrics.lost"))
                        .as("what is in the registry, and what was counted as lost")
                        .isEqualTo(2L * TIMES);
            }
            assertThat(warnings.texts()).doesNotHaveDuplicates().hasSizeLessThan(50);
        }
    }

    private static long recorded(MeterRegistry registry) {
        return registry.find("http.server.request.duration").timers().stream()
                        .mapToLong(Timer::count)
                        .sum()
                + (long) registry.find("crosscut.decisions").counters().stream()
                        .mapToDouble(counter -> counter.count())
                        .sum();
    }

    @Test
    void a_meter_that_is_denied_is_counted_as_lost_and_said_once_and_the_others_are_recorded() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("http.client"));
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry)) {
            for (int i = 0; i < 10; i++) {
                metered.end(TestExchange.call("GET", "host-" + i), Outcome.completed(200));
                metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
            }

            assertThat(registry.get("http.server.request.duration").timer().count())
                    .isEqualTo(10);
            assertThat(metered.crosscut().counters()).containsEntry("crosscut.metrics.lost", 10L);
            assertThat(warnings.texts())
                    .singleElement()
                    .asString()
                    .contains("http.client.request.duration", "denies it, by a MeterFilter", "crosscut.metrics.lost");
        }
    }

    @Test
    void a_registry_that_is_closed_while_exchanges_run_takes_no_new_series_and_that_is_counted() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry)) {
            metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
            registry.close();
            metered.end(TestExchange.request("GET", "/a"), Outcome.completed(200));
            metered.end(TestExchange.request("GET", "/b"), Outcome.completed(200));

            assertThat(registry.get("http.server.request.duration").timer().count())
                    .isEqualTo(2);
            assertThat(metered.crosscut().counters()).containsEntry("crosscut.metrics.lost", 1L);
            assertThat(metered.crosscut().faults()).isEmpty();
            assertThat(warnings.texts()).singleElement().asString().contains("is closed");
        }
    }

    @ParameterizedTest
    @MethodSource("recoverable")
    void a_registry_that_works_again_is_used_again_within_a_minute(Place place) {
        FaultyRegistry registry = new FaultyRegistry(place, new IllegalStateException("broken"));
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
        Backend backend = new Backend(registry, clock::get);
        Instrument instrument = new Instrument(
                Conventions.LOCAL,
                Map.of(
                        "operation",
                        Dimension.open("operation", 1, "none"),
                        "error.type",
                        Dimension.open("error.type", 1, "none")),
                new SeriesLimit(10),
                backend);
        TestExchange work = new TestExchange(Kind.LOCAL, "local", "job");
        try (Warnings warnings = new Warnings()) {
            instrument.take(work, Outcome.completed(), 1);
            registry.mend();
            instrument.take(work, Outcome.completed(), 1);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
            instrument.take(work, Outcome.completed(), 1);
            instrument.take(work, Outcome.completed(), 1);

            assertThat(registry.get("crosscut.local.duration").timer().count()).isEqualTo(2);
            assertThat(backend.lostSoFar()).isEqualTo(2);
            assertThat(warnings.texts()).hasSize(1);
        }
    }

    static List<Place> recoverable() {
        return List.of(Place.NEW_TIMER, Place.RECORD, Place.FILTER_MAP, Place.FILTER_ACCEPT);
    }

    @ParameterizedTest
    @EnumSource
    void the_registry_of_these_tests_is_reached_in_each_of_its_places(Place place) {
        FaultyRegistry registry = new FaultyRegistry(place, new IllegalStateException("broken"));
        try (Warnings warnings = new Warnings()) {
            try (Metered metered = new Metered(registry)) {
                metered.end(TestExchange.request("GET", "/a").with(Key.DECISION, "permit"), Outcome.completed(200));
            }
            assertThat(registry.thrown()).isPositive();
        }
    }
}
