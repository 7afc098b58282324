/** W3C Trace Context and spans, on the API of OpenTelemetry. A jar on the class path is enough. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-transitive-automatic") // OpenTelemetry has no descriptors, but states the names
module dev.crosscut.tracing {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive io.opentelemetry.api;
    requires transitive io.opentelemetry.context;

    exports dev.crosscut.tracing;

    provides dev.crosscut.core.Plugin with
            dev.crosscut.tracing.TracingPlugin;
}
