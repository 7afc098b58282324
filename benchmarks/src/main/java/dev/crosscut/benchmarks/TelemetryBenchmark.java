package dev.crosscut.benchmarks;

import brave.Tracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.http.HttpServerHandler;
import brave.http.HttpServerRequest;
import brave.http.HttpServerResponse;
import brave.http.HttpTracing;
import brave.propagation.TraceContext;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.metrics.MetricsPlugin;
import dev.crosscut.tracing.TracingPlugin;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.instrumentation.api.instrumenter.Instrumenter;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerMetrics;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRoute;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerRouteSource;
import io.opentelemetry.instrumentation.api.semconv.http.HttpSpanNameExtractor;
import io.opentelemetry.instrumentation.api.semconv.http.HttpSpanStatusExtractor;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.semconv.ClientAttributes;
import io.opentelemetry.semconv.HttpAttributes;
import io.opentelemetry.semconv.NetworkAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.UrlAttributes;
import io.opentelemetry.semconv.UserAgentAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request of a caller that has begun a trace, from its headers to the end of its span and the recording of its duration,
 * around a handler that does nothing but say which route it has taken.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class TelemetryBenchmark {

    /** In seconds; those of the semantic conventions. */
    private static final double[] BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

    /** A service, by one library, that serves one request again and again. */
    @State(Scope.Thread)
    public abstract static class Service {

        final boolean isSampled;
        final Received request;

        Service(boolean isSampled, Received request) {
            this.isSampled = isSampled;
            this.request = request;
        }

        abstract void serve();

        /** What the first request has left behind. */
        abstract Evidence evidence();

        /** Nothing is measured of what does not do the whole work: see {@link Evidence#require}. */
        @Setup
        public void start() {
            serve();
            evidence().require(isSampled);
        }
    }

    /**
     * What a request leaves behind.
     *
     * @param name of the span; empty where there was none
     * @param attributes of the span
     * @param traceId of the span
     * @param isCallersChild whether the span's parent is the caller's span, or is shared with it
     * @param durations how many were recorded under the name that all give it, with the route of the request
     */
    record Evidence(String name, Map<String, ?> attributes, String traceId, boolean isCallersChild, long durations) {

        static Evidence of(LastSpan spans, long durations) {
            ReadableSpan last = spans.last;
            if (last == null) {
                return new Evidence("", Map.of(), "", false, durations);
            }
            SpanData span = last.toSpanData();
            Map<String, Object> attributes = new TreeMap<>();
            span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value));
            return new Evidence(
                    span.getName(),
                    attributes,
                    span.getTraceId(),
                    span.getParentSpanId().equals(Received.CALLERS_SPAN_ID),
                    durations);
        }

        /** A span by the conventions where it is sampled, as child of the caller's; and the duration, unless nobody records it. */
        void require(boolean isSampled) {
            Map<String, String> expected = texts(isSampled ? Received.ATTRIBUTES : Map.of());
            boolean isWhole = texts(attributes).entrySet().containsAll(expected.entrySet())
                    && name.isEmpty() != isSampled
                    && traceId.equals(isSampled ? Received.TRACE_ID : "")
                    && isCallersChild == isSampled
                    && durations == 1;
            if (!isWhole) {
                throw new IllegalStateException(this + "; expected 1 duration, and "
                        + (isSampled ? "a child of the caller's span with " + Received.ATTRIBUTES : "no span"));
            }
        }

        /** Some have numbers as text. */
        private static Map<String, String> texts(Map<String, ?> values) {
            Map<String, String> texts = new TreeMap<>();
            values.forEach((key, value) -> texts.put(key, String.valueOf(value)));
            return texts;
        }
    }

    /** Keeps the last span, and sends none anywhere. */
    static final class LastSpan implements SpanProcessor {

        @Nullable
        ReadableSpan last;

        @Override
        public void onStart(Context parent, ReadWriteSpan span) {}

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            last = span;
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }
    }

    private static SdkTracerProvider tracerProvider(LastSpan spans) {
        return SdkTracerProvider.builder().addSpanProcessor(spans).build();
    }

    private static MeterRegistry registry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    private static long durations(MeterRegistry registry) {
        Timer timer = registry.find(Received.METER)
                .tag("http.route", "/orders/{id}")
                .tag("http.response.status_code", "200")
                .timer();
        return timer == null ? 0 : timer.count();
    }

    /** Crosscut, with what it is given. */
    public abstract static class Ours extends Service {

        private final Crosscut crosscut;

        Ours(boolean isSampled, Crosscut.Builder builder) {
            this(isSampled, Received.traced(isSampled), builder);
        }

        Ours(boolean isSampled, Received request, Crosscut.Builder builder) {
            super(isSampled, request);
            this.crosscut = builder.build();
        }

        @Override
        void serve() {
            serveOne();
        }

        final Exchange serveOne() {
            Exchange exchange = new ReceivedExchange(request);
            Call call = crosscut.begin(exchange);
            if (call.answer().isPresent()) {
                throw new IllegalStateException("a guard answered: " + call.answer());
            }
            try (var scope = call.attach()) {
                exchange.put(Key.ROUTE, request.route);
                Handler.handle();
            }
            call.end(Outcome.completed(request.status));
            return exchange;
        }
    }

    /** Crosscut with spans and durations. */
    public abstract static class Traced extends Ours {

        private final LastSpan spans;
        private final MeterRegistry registry;

        Traced(boolean isSampled) {
            this(isSampled, new LastSpan(), registry());
        }

        private Traced(boolean isSampled, LastSpan spans, MeterRegistry registry) {
            super(
                    isSampled,
                    Pipelines.bare()
                            .plugin(new TracingPlugin(OpenTelemetrySdk.builder()
                                    .setTracerProvider(tracerProvider(spans))
                                    .build()))
                            .plugin(new MetricsPlugin(registry)));
            this.spans = spans;
            this.registry = registry;
        }

        @Override
        Evidence evidence() {
            return Evidence.of(spans, durations(registry));
        }
    }

    /** Where the caller samples. */
    public static class Sampled extends Traced {

        public Sampled() {
            super(true);
        }
    }

    /** Where the caller does not. */
    public static class Unsampled extends Traced {

        public Unsampled() {
            super(false);
        }
    }

    /** Crosscut with spans and durations, where there is no SDK to make spans. */
    public static class WithoutSdk extends Ours {

        private final MeterRegistry registry;

        public WithoutSdk() {
            this(registry());
        }

        private WithoutSdk(MeterRegistry registry) {
            super(
                    false,
                    Received.traced(true),
                    Pipelines.bare()
                            .plugin(new TracingPlugin(OpenTelemetry.noop()))
                            .plugin(new MetricsPlugin(registry)));
            this.registry = registry;
        }

        @Override
        Evidence evidence() {
            Exchange exchange = serveOne();
            if (!exchange.get(Key.TRACE_ID).equals(Optional.of(Received.TRACE_ID))) {
                throw new IllegalStateException("the trace did not go on: " + exchange.get(Key.TRACE_ID));
            }
            return new Evidence("", Map.of(), "", false, durations(registry) - 1);
        }
    }

    /** Crosscut with durations alone. */
    public static class Metered extends Ours {

        private final MeterRegistry registry;

        public Metered() {
            this(registry());
        }

        private Metered(MeterRegistry registry) {
            super(false, Pipelines.bare().plugin(new MetricsPlugin(registry)));
            this.registry = registry;
        }

        @Override
        Evidence evidence() {
            return new Evidence("", Map.of(), "", false, durations(registry));
        }
    }

    /** Crosscut with nothing. */
    public static class Bare extends Ours {

        public Bare() {
            this(Pipelines.bare());
        }

        Bare(Crosscut.Builder builder) {
            super(false, builder);
        }

        @Override
        Evidence evidence() {
            return new Evidence("", Map.of(), "", false, 1);
        }
    }

    /** Crosscut with an observer that does nothing: what it costs that there is one. */
    public static class Watched extends Bare {

        public Watched() {
            super(Pipelines.bare().observer(new Idle()));
        }
    }

    private static final class Idle implements Observer {

        @Override
        public Phase phase() {
            return Phase.METRICS;
        }
    }

    /** OpenTelemetry's instrumentation API. */
    public abstract static class Instrumented extends Service {

        private final LastSpan spans = new LastSpan();
        private final InMemoryMetricReader reader = InMemoryMetricReader.create();
        private final Instrumenter<Received, Received> instrumenter;

        Instrumented(boolean isSampled) {
            super(isSampled, Received.traced(isSampled));
            instrumenter = instrumenter(OpenTelemetrySdk.builder()
                    .setTracerProvider(tracerProvider(spans))
                    .setMeterProvider(SdkMeterProvider.builder()
                            .registerMetricReader(reader)
                            .build())
                    .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                    .build());
        }

        /** Without an SDK. */
        Instrumented(Received request) {
            super(false, request);
            instrumenter = instrumenter(
                    OpenTelemetry.propagating(ContextPropagators.create(W3CTraceContextPropagator.getInstance())));
        }

        private static Instrumenter<Received, Received> instrumenter(OpenTelemetry openTelemetry) {
            ReceivedGetter getter = new ReceivedGetter();
            return Instrumenter.<Received, Received>builder(
                            openTelemetry, "benchmark", HttpSpanNameExtractor.create(getter))
                    .setSpanStatusExtractor(HttpSpanStatusExtractor.create(getter))
                    .addAttributesExtractor(HttpServerAttributesExtractor.create(getter))
                    .addContextCustomizer(HttpServerRoute.create(getter))
                    .addOperationMetrics(HttpServerMetrics.get())
                    .buildServerInstrumenter(getter);
        }

        @Override
        void serve() {
            Context context = started();
            try (var scope = context.makeCurrent()) {
                HttpServerRoute.update(context, HttpServerRouteSource.CONTROLLER, request.route);
                Handler.handle();
            }
            instrumenter.end(context, request, request, null);
        }

        final Context started() {
            Context parent = Context.current();
            if (!instrumenter.shouldStart(parent, request)) {
                throw new IllegalStateException("the Instrumenter suppressed the span");
            }
            return instrumenter.start(parent, request);
        }

        @Override
        Evidence evidence() {
            long durations = reader.collectAllMetrics().stream()
                    .filter(metric -> metric.getName().equals(Received.METER))
                    .flatMap(metric -> metric.getHistogramData().getPoints().stream())
                    .filter(point -> point.getAttributes().asMap().containsValue(request.route))
                    .mapToLong(HistogramPointData::getCount)
                    .sum();
            return Evidence.of(spans, durations);
        }
    }

    /** Where the caller samples. */
    public static class SampledInstrumenter extends Instrumented {

        public SampledInstrumenter() {
            super(true);
        }
    }

    /** Where the caller does not. */
    public static class UnsampledInstrumenter extends Instrumented {

        public UnsampledInstrumenter() {
            super(false);
        }
    }

    /** Where there is no SDK, and so no duration either. */
    public static class InstrumenterWithoutSdk extends Instrumented {

        public InstrumenterWithoutSdk() {
            super(Received.traced(true));
        }

        @Override
        Evidence evidence() {
            String trace = Span.fromContext(started()).getSpanContext().getTraceId();
            if (!trace.equals(Received.TRACE_ID)) {
                throw new IllegalStateException("the trace did not go on: " + trace);
            }
            return new Evidence("", Map.of(), "", false, 1);
        }
    }

    /** OpenTelemetry's SDK alone, called by hand. */
    public abstract static class ByHand extends Service {

        private final LastSpan spans = new LastSpan();
        private final Tracer tracer = tracerProvider(spans).get("benchmark");
        private final TextMapPropagator propagator = W3CTraceContextPropagator.getInstance();
        private final ReceivedGetter getter = new ReceivedGetter();

        ByHand(boolean isSampled) {
            super(isSampled, Received.traced(isSampled));
        }

        @Override
        void serve() {
            Context parent = propagator.extract(Context.root(), request, getter);
            SpanBuilder builder =
                    tracer.spanBuilder(request.method).setParent(parent).setSpanKind(SpanKind.SERVER);
            if (isSampled) {
                builder.setAttribute(HttpAttributes.HTTP_REQUEST_METHOD, request.method)
                        .setAttribute(UrlAttributes.URL_SCHEME, request.scheme)
                        .setAttribute(UrlAttributes.URL_PATH, request.path)
                        .setAttribute(UrlAttributes.URL_QUERY, request.query)
                        .setAttribute(ServerAttributes.SERVER_ADDRESS, request.host)
                        .setAttribute(ServerAttributes.SERVER_PORT, (long) request.port)
                        .setAttribute(ClientAttributes.CLIENT_ADDRESS, request.peer)
                        .setAttribute(NetworkAttributes.NETWORK_PEER_ADDRESS, request.peer)
                        .setAttribute(UserAgentAttributes.USER_AGENT_ORIGINAL, request.userAgent);
            }
            Span span = builder.startSpan();
            try (var scope = parent.with(span).makeCurrent()) {
                Handler.handle();
            }
            if (span.isRecording()) {
                span.updateName(request.method + ' ' + request.route);
                span.setAttribute(HttpAttributes.HTTP_ROUTE, request.route);
                span.setAttribute(HttpAttributes.HTTP_RESPONSE_STATUS_CODE, (long) request.status);
                span.setAttribute(NetworkAttributes.NETWORK_PEER_PORT, (long) request.peerPort);
                span.setAttribute(NetworkAttributes.NETWORK_PROTOCOL_VERSION, request.version);
            }
            span.end();
        }

        @Override
        Evidence evidence() {
            return Evidence.of(spans, 1);
        }
    }

    /** Where the caller samples. */
    public static class SampledByHand extends ByHand {

        public SampledByHand() {
            super(true);
        }
    }

    /** Where the caller does not. */
    public static class UnsampledByHand extends ByHand {

        public UnsampledByHand() {
            super(false);
        }
    }

    /** Micrometer's observations, with its handler for meters and the one for spans over OpenTelemetry. */
    public abstract static class Observed extends Service {

        private final LastSpan spans = new LastSpan();
        private final MeterRegistry registry = registry();
        private final ObservationRegistry observations = ObservationRegistry.create();
        private final HttpConvention convention = new HttpConvention();

        Observed(boolean isSampled) {
            super(isSampled, Received.traced(isSampled));
            registry.config().meterFilter(new Buckets());
            io.opentelemetry.api.trace.Tracer tracer = tracerProvider(spans).get("benchmark");
            observations
                    .observationConfig()
                    .observationHandler(new DefaultMeterObservationHandler(
                            registry, DefaultMeterObservationHandler.IgnoredMeters.LONG_TASK_TIMER))
                    .observationHandler(new PropagatingReceiverTracingObservationHandler<>(
                            new OtelTracer(tracer, new OtelCurrentTraceContext(), event -> {}),
                            new OtelPropagator(
                                    ContextPropagators.create(W3CTraceContextPropagator.getInstance()), tracer)));
        }

        @Override
        void serve() {
            ObservedRequest observed = new ObservedRequest(request);
            Observation observation = Observation.createNotStarted(convention, () -> observed, observations)
                    .start();
            try (var scope = observation.openScope()) {
                observed.route = request.route;
                Handler.handle();
            }
            observed.status = "200";
            observation.stop();
        }

        @Override
        Evidence evidence() {
            return Evidence.of(spans, durations(registry));
        }
    }

    /** Those of the conventions, which the others have by themselves. */
    private static final class Buckets implements MeterFilter {

        private final double[] nanos =
                DoubleStream.of(BUCKETS).map(seconds -> seconds * 1e9).toArray();

        @Override
        public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
            return DistributionStatisticConfig.builder()
                    .serviceLevelObjectives(nanos)
                    .build()
                    .merge(config);
        }
    }

    /** What is observed. */
    private static final class ObservedRequest extends ReceiverContext<Received> {

        private final Received request;
        private String route = "";
        private String status = "";

        ObservedRequest(Received request) {
            super((carrier, key) -> {
                var values = carrier.headers(key);
                return values.isEmpty() ? null : values.get(0);
            });
            this.request = request;
            setCarrier(request);
        }
    }

    /** The conventions of HTTP, as key values: those of low cardinality are what meters have. */
    private static final class HttpConvention implements ObservationConvention<ObservedRequest> {

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ObservedRequest;
        }

        @Override
        public String getName() {
            return Received.METER;
        }

        @Override
        public String getContextualName(ObservedRequest observed) {
            String method = observed.request.method;
            return observed.route.isEmpty() ? method : method + " " + observed.route;
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(ObservedRequest observed) {
            Received request = observed.request;
            return KeyValues.of(
                    "http.request.method", request.method,
                    "url.scheme", request.scheme,
                    "http.response.status_code", observed.status,
                    "http.route", observed.route,
                    "network.protocol.version", request.version);
        }

        @Override
        public KeyValues getHighCardinalityKeyValues(ObservedRequest observed) {
            Received request = observed.request;
            return KeyValues.of(
                    "url.path", request.path,
                    "url.query", request.query,
                    "server.address", request.host,
                    "server.port", Integer.toString(request.port),
                    "client.address", request.peer,
                    "network.peer.address", request.peer,
                    "network.peer.port", Integer.toString(request.peerPort),
                    "user_agent.original", request.userAgent);
        }
    }

    /** Where the caller samples. */
    public static class SampledObservation extends Observed {

        public SampledObservation() {
            super(true);
        }
    }

    /** Where the caller does not. */
    public static class UnsampledObservation extends Observed {

        public UnsampledObservation() {
            super(false);
        }
    }

    /** Brave, which has no meters: spans alone. */
    public abstract static class Braves extends Service {

        private final LastBraveSpan spans = new LastBraveSpan();
        private final Tracing tracing =
                Tracing.newBuilder().addSpanHandler(spans).build();
        private final HttpServerHandler<HttpServerRequest, HttpServerResponse> handler;

        Braves(boolean isSampled) {
            super(
                    isSampled,
                    new Received("b3", Received.TRACE_ID + "-" + Received.CALLERS_SPAN_ID + (isSampled ? "-1" : "-0")));
            handler = HttpServerHandler.create(HttpTracing.newBuilder(tracing)
                    .serverRequestParser((wrapped, context, span) -> {
                        Received received = ((BraveRequest) wrapped).request;
                        span.name(received.method);
                        span.tag("http.request.method", received.method);
                        span.tag("url.scheme", received.scheme);
                        span.tag("url.path", received.path);
                        span.tag("url.query", received.query);
                        span.tag("server.address", received.host);
                        span.tag("server.port", Integer.toString(received.port));
                        span.tag("client.address", received.peer);
                        span.tag("network.peer.address", received.peer);
                        span.tag("user_agent.original", received.userAgent);
                    })
                    .serverResponseParser((answer, context, span) -> {
                        Received received = ((BraveResponse) answer).answer;
                        span.name(received.method + " " + answer.route());
                        span.tag("http.route", received.route);
                        span.tag("network.peer.port", Integer.toString(received.peerPort));
                        span.tag("network.protocol.version", received.version);
                        span.tag("http.response.status_code", Integer.toString(answer.statusCode()));
                    })
                    .build());
        }

        @Override
        void serve() {
            BraveRequest wrapped = new BraveRequest(request);
            brave.Span span = handler.handleReceive(wrapped);
            try (var scope = tracing.currentTraceContext().newScope(span.context())) {
                Handler.handle();
            }
            handler.handleSend(new BraveResponse(wrapped, request), span);
        }

        @Override
        Evidence evidence() {
            MutableSpan last = spans.last;
            return last == null
                    ? new Evidence("", Map.of(), "", false, 1)
                    : new Evidence(
                            String.valueOf(last.name()),
                            last.tags(),
                            last.traceId(),
                            last.id().equals(Received.CALLERS_SPAN_ID) && last.shared(),
                            1);
        }

        @TearDown
        public void stop() {
            tracing.close();
        }
    }

    /** Keeps the last span, and sends none anywhere. */
    private static final class LastBraveSpan extends SpanHandler {

        @Nullable
        MutableSpan last;

        @Override
        public boolean end(TraceContext context, MutableSpan span, Cause cause) {
            last = span;
            return true;
        }
    }

    private static final class BraveRequest extends HttpServerRequest {

        private final Received request;

        BraveRequest(Received request) {
            this.request = request;
        }

        @Override
        public Object unwrap() {
            return request;
        }

        @Override
        public String method() {
            return request.method;
        }

        @Override
        public String path() {
            return request.path;
        }

        @Override
        public String url() {
            return request.scheme + "://" + request.host + request.path;
        }

        @Override
        public @Nullable String header(String name) {
            var values = request.headers(name);
            return values.isEmpty() ? null : values.get(0);
        }

        @Override
        public boolean parseClientIpAndPort(brave.Span span) {
            return span.remoteIpAndPort(request.peer, request.peerPort);
        }
    }

    private static final class BraveResponse extends HttpServerResponse {

        private final BraveRequest request;
        private final Received answer;

        BraveResponse(BraveRequest request, Received answer) {
            this.request = request;
            this.answer = answer;
        }

        @Override
        public Object unwrap() {
            return answer;
        }

        @Override
        public HttpServerRequest request() {
            return request;
        }

        @Override
        public String route() {
            return answer.route;
        }

        @Override
        public int statusCode() {
            return answer.status;
        }
    }

    /** Where the caller samples. */
    public static class SampledBrave extends Braves {

        public SampledBrave() {
            super(true);
        }
    }

    /** Where the caller does not. */
    public static class UnsampledBrave extends Braves {

        public UnsampledBrave() {
            super(false);
        }
    }

    @Benchmark
    public void sampled(Sampled ours) {
        ours.serve();
    }

    @Benchmark
    public void sampledInstrumenter(SampledInstrumenter peer) {
        peer.serve();
    }

    @Benchmark
    public void sampledObservation(SampledObservation peer) {
        peer.serve();
    }

    @Benchmark
    public void sampledBrave(SampledBrave peer) {
        peer.serve();
    }

    @Benchmark
    public void sampledByHand(SampledByHand peer) {
        peer.serve();
    }

    @Benchmark
    public void unsampled(Unsampled ours) {
        ours.serve();
    }

    @Benchmark
    public void unsampledInstrumenter(UnsampledInstrumenter peer) {
        peer.serve();
    }

    @Benchmark
    public void unsampledObservation(UnsampledObservation peer) {
        peer.serve();
    }

    @Benchmark
    public void unsampledBrave(UnsampledBrave peer) {
        peer.serve();
    }

    @Benchmark
    public void unsampledByHand(UnsampledByHand peer) {
        peer.serve();
    }

    @Benchmark
    public void withoutSdk(WithoutSdk ours) {
        ours.serve();
    }

    @Benchmark
    public void instrumenterWithoutSdk(InstrumenterWithoutSdk peer) {
        peer.serve();
    }

    @Benchmark
    public void bare(Bare ours) {
        ours.serve();
    }

    @Benchmark
    public void watched(Watched ours) {
        ours.serve();
    }

    @Benchmark
    public void metered(Metered ours) {
        ours.serve();
    }
}
