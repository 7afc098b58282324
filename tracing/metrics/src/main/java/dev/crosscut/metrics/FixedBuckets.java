package dev.crosscut.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives each timer of one of our names the buckets of that name, whoever registers it: where one of two timers of a name
 * has buckets and the other has none, Prometheus can be told of neither.
 */
final class FixedBuckets implements MeterFilter {

    private final Map<String, double[]> nanos = Conventions.TIMERS.stream()
            .collect(Collectors.toUnmodifiableMap(Convention::name, Convention::bucketNanos));

    @Override
    public @Nullable DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
        double[] fixed = id.getType() == Meter.Type.TIMER ? nanos.get(id.getName()) : null;
        if (fixed == null) {
            return config;
        }
        return DistributionStatisticConfig.builder()
                .serviceLevelObjectives(fixed)
                .percentilesHistogram(false)
                .percentiles()
                .build()
                .merge(config);
    }
}
