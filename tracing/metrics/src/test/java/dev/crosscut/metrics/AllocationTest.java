package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What recording allocates, once its series is there and its code is compiled: nothing. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int TIMES = 100_000;
    private static final int ROUNDS = 20;

    /** The bytes that a hundred thousand runs allocate on this thread, in the round with the fewest. */
    private static long bytes(Runnable step) {
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && fewest > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < TIMES; i++) {
                step.run();
            }
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return fewest;
    }

    private static Measuring measuring(MeterRegistry registry) {
        Map<String, Dimension> dimensions;
        try (Metered metered = new Metered(new SimpleMeterRegistry(), "crosscut.metrics.tiers", "gold")) {
            dimensions = MetricsSettings.dimensions(metered.crosscut().settings(), name -> null);
        }
        return new Measuring(dimensions, new SeriesLimit(10), new Backend(registry, System::nanoTime), List.of());
    }

    @Test
    void recording_an_exchange_from_end_to_end_allocates_nothing() {
        Measuring measuring = measuring(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        try (Metered metered = new Metered(new SimpleMeterRegistry())) {
            Exchange request = TestExchange.request("GET", "/payments/{id}")
                    .with(Key.TENANT_TIER, "gold")
                    .with(Key.IDEMPOTENCY, "executed")
                    .with(Key.DECISION, "permit");
            Exchange call = TestExchange.call("POST", "ledger");
            Exchange query = new TestExchange(Kind.CLIENT, "jdbc", "SELECT")
                    .with("db.system.name", "postgresql")
                    .with("server.port", 5432L);
            List<Exchange> all = List.of(request, call, query);
            all.forEach(metered.crosscut()::begin);
            Outcome created = Outcome.completed(201);

            assertThat(bytes(() -> {
                        for (int i = 0; i < 3; i++) {
                            measuring.end(all.get(i), created);
                        }
                    }))
                    .as("bytes of %d recordings", 3 * TIMES)
                    .isZero();
        }
    }

    @Test
    void finding_the_series_and_recording_in_it_allocates_nothing_also_beyond_the_limits() {
        Backend backend = new Backend(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::nanoTime);
        Dimension operation = Dimension.open("operation", 1, "none");
        Dimension error = Dimension.open("error.type", 2, "none");
        Instrument instrument = new Instrument(
                Conventions.LOCAL, Map.of("operation", operation, "error.type", error), new SeriesLimit(1), backend);
        Exchange first = new TestExchange(Kind.LOCAL, "local", "first");
        Exchange second = new TestExchange(Kind.LOCAL, "local", "second");
        try (Warnings warnings = new Warnings()) {
            assertThat(bytes(() -> {
                        instrument.take(first, Outcome.completed(), 1000);
                        instrument.take(second, Outcome.completed(), 1000);
                    }))
                    .isZero();
            assertThat(warnings.texts()).hasSize(2);
        }
    }

    @Test
    void the_same_through_the_registry_each_time_would_be_seen_here() {
        MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

        assertThat(bytes(() -> registry.timer("theirs", "operation", "first").record(1, TimeUnit.MILLISECONDS)))
                .isGreaterThan(100L * TIMES);
    }
}
