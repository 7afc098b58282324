/**
 * Measurements of every exchange, on Micrometer: durations by route, status and tenant tier, within bounds that lose no
 * count, and the meters of the library itself. A jar on the class path is enough: it measures into Micrometer's global
 * registry, or into the one that {@code new MetricsPlugin(registry)} is given. What ties measurements to traces is there
 * where the registry of Prometheus, or that of OTLP, is.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-transitive-automatic") // Micrometer states the name in its manifest
module dev.crosscut.metrics {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive micrometer.core;

    // Not transitive, though two types show them: everybody would need both. Who uses such a type has what it is for.
    requires static io.prometheus.metrics.tracer.common;
    requires static micrometer.registry.otlp;

    exports dev.crosscut.metrics;

    provides dev.crosscut.core.Plugin with
            dev.crosscut.metrics.MetricsPlugin;
}
