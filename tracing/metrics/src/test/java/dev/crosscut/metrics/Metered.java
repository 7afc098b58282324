package dev.crosscut.metrics;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Source;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** A Crosscut that measures in a registry, and nothing else. */
final class Metered implements AutoCloseable {

    private final MeterRegistry registry;
    private final Crosscut crosscut;

    Metered(MeterRegistry registry, String... settings) {
        this.registry = registry;
        this.crosscut = builder(registry, settings).build();
    }

    static Crosscut.Builder builder(MeterRegistry registry, String... settings) {
        Crosscut.Builder builder = Crosscut.builder()
                .discoverPlugins(false)
                .source(Source.of("none", Map.of()))
                .plugin(new MetricsPlugin(registry));
        for (int i = 0; i < settings.length; i += 2) {
            builder.property(settings[i], settings[i + 1]);
        }
        return builder;
    }

    Crosscut crosscut() {
        return crosscut;
    }

    void end(Exchange exchange, Outcome outcome) {
        crosscut.begin(exchange).end(outcome);
    }

    /** The one series of a meter. */
    Map<String, String> series(String meter) {
        Collection<Meter> all = registry.find(meter).meters();
        if (all.size() != 1) {
            throw new AssertionError("expected one series of " + meter + ", but there are " + all.size() + ": "
                    + all.stream().map(Meter::getId).toList());
        }
        return tags(all.iterator().next());
    }

    static Map<String, String> tags(Meter meter) {
        Map<String, String> tags = new TreeMap<>();
        for (Tag tag : meter.getId().getTagsAsIterable()) {
            tags.put(tag.getKey(), tag.getValue());
        }
        return tags;
    }

    @Override
    public void close() {
        crosscut.close();
    }
}
