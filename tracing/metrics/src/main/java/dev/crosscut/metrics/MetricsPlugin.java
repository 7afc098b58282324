package dev.crosscut.metrics;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Measures every exchange, by the semantic conventions of OpenTelemetry, in a registry of Micrometer. A registry of one's
 * own is given by {@code builder.plugin(new MetricsPlugin(registry))}, which stands in place of what is found on the class
 * path.
 */
public final class MetricsPlugin implements Plugin {

    private final MeterRegistry registry;
    private volatile @Nullable LibraryMeters meters;

    /** Measures in Micrometer's global registry, {@link Metrics#globalRegistry}; {@link java.util.ServiceLoader} does. */
    public MetricsPlugin() {
        this(Metrics.globalRegistry);
    }

    /**
     * Measures in this registry.
     *
     * @param registry the registry; not closed by the plugin
     */
    public MetricsPlugin(MeterRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public List<Setting<?>> settings() {
        return MetricsSettings.all();
    }

    /**
     * Adds what measures, and gives the meters their buckets.
     *
     * @param builder takes the observer
     * @param settings the values
     * @throws IllegalStateException if a bound is set for a key that no meter has, or an objective cannot be measured
     */
    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        Map<String, Dimension> dimensions = MetricsSettings.dimensions(settings, MetricsSettings::environment);
        SloSettings.objectives(settings); // refuses at the start what could not be generated
        SeriesLimit limit = new SeriesLimit(settings.get(MetricsSettings.MAX_SERIES));
        Backend backend = new Backend(registry, System::nanoTime);
        backend.fixBuckets();
        builder.observer(new Measuring(dimensions, limit, backend, settings.get(MetricsSettings.EXPERIMENTAL)));
        builder.counter(Backend.LOST, backend::lostSoFar);
        LibraryMeters library = new LibraryMeters(backend, dimensions.values(), limit);
        builder.closing(library);
        meters = library;
    }

    /**
     * Adds the meters of the library itself.
     *
     * @param crosscut what was built
     */
    @Override
    public void started(Crosscut crosscut) {
        LibraryMeters library = meters;
        if (library != null) {
            library.register(crosscut);
        }
    }
}
