package dev.crosscut.tracing;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Continues the trace of a caller, gives each exchange a span, and takes both to what it calls. Where no OpenTelemetry SDK
 * is there, ids are made and handed on all the same. Immutable; safe for use by several threads.
 */
public final class TracingPlugin implements Plugin {

    private final Supplier<OpenTelemetry> openTelemetry;

    /**
     * Makes the plugin, which asks {@link GlobalOpenTelemetry} anew for each exchange, and sets nothing there;
     * {@link java.util.ServiceLoader} does.
     */
    public TracingPlugin() {
        this.openTelemetry = GlobalOpenTelemetry::getOrNoop;
    }

    /**
     * Makes the plugin for an OpenTelemetry of the service's own. Its propagators are not asked: those are settings of
     * Crosscut's.
     *
     * @param openTelemetry what makes the spans
     */
    public TracingPlugin(OpenTelemetry openTelemetry) {
        Objects.requireNonNull(openTelemetry);
        this.openTelemetry = () -> openTelemetry;
    }

    @Override
    public String name() {
        return "tracing";
    }

    @Override
    public List<Setting<?>> settings() {
        return TracingSettings.ALL;
    }

    /**
     * Adds spans, and mirrors the current exchange in OpenTelemetry's {@code Context}.
     *
     * @param builder takes both
     * @param settings the values
     */
    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        TravellingStorage.install();
        builder.observer(new SpanObserver(openTelemetry, settings));
        builder.binding(new ContextBinding());
    }
}
