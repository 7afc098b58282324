package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.metrics.MetricsPlugin;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tracing.TracingPlugin;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients get is the same, whatever fails of all that observes: in any place, in several, and at any time. */
@Timeout(120)
class FaultyObservationTest {

    private static final List<String> PATHS =
            List.of("/tasks/ok", "/tasks/created", "/tasks/missing", "/tasks/broken", "/tasks/later", "/tasks/calls");

    /** Where something throws. */
    enum Place {
        SAMPLER,
        ID_GENERATOR,
        PROCESSOR_START,
        PROCESSOR_END,
        SPAN_EXPORTER,
        LOG_EXPORTER,
        REGISTRY_NEW_TIMER,
        REGISTRY_RECORD,
        REGISTRY_FILTER,
        OBSERVER_BEGIN,
        OBSERVER_END
    }

    /** Throws in some places, as often as its dice have it. */
    private static final class Faults {

        private final Set<Place> places;
        private final Throwable fault;
        private final int oneOf;
        private final Random random;
        private final Map<Place, Integer> thrown = new ConcurrentHashMap<>();

        Faults(Set<Place> places, Throwable fault, int oneOf, long seed) {
            this.places = places;
            this.fault = fault;
            this.oneOf = oneOf;
            this.random = new Random(seed);
        }

        void reached(Place place) {
            if (places.contains(place) && random.nextInt(oneOf) == 0) {
                thrown.merge(place, 1, Integer::sum);
                throw Faults.<RuntimeException>sneaky(fault);
            }
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // what declares no exception throws one
        private static <E extends Throwable> E sneaky(Throwable fault) throws E {
            throw (E) fault;
        }

        /** A stand-in that may throw before each method of these names. */
        <T> T in(Class<T> type, T behind, Map<String, Place> methods) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        Place place = methods.get(method.getName());
                        if (place != null) {
                            reached(place);
                        }
                        try {
                            return method.invoke(behind, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }
    }

    private static final class Registry extends SimpleMeterRegistry {

        private final transient Faults faults;

        Registry(Faults faults) {
            this.faults = faults;
            config().meterFilter(new MeterFilter() {
                @Override
                public MeterFilterReply accept(Meter.Id id) {
                    faults.reached(Place.REGISTRY_FILTER);
                    return MeterFilterReply.NEUTRAL;
                }
            });
        }

        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
            faults.reached(Place.REGISTRY_NEW_TIMER);
            return faults.in(Timer.class, super.newTimer(id, config, pauses), Map.of("record", Place.REGISTRY_RECORD));
        }
    }

    private record Observing(Faults faults) implements Observer {

        @Override
        public Phase phase() {
            return Phase.TRACING;
        }

        @Override
        public void begin(Exchange exchange) {
            faults.reached(Place.OBSERVER_BEGIN);
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            faults.reached(Place.OBSERVER_END);
        }
    }

    private record Processing(Faults faults) implements SpanProcessor {

        @Override
        public void onStart(Context parent, ReadWriteSpan span) {
            faults.reached(Place.PROCESSOR_START);
        }

        @Override
        public boolean isStartRequired() {
            return true;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            faults.reached(Place.PROCESSOR_END);
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }
    }

    private static OpenTelemetrySdk sdk(Faults faults) {
        Sampler sampler = faults.in(Sampler.class, Sampler.alwaysOn(), Map.of("shouldSample", Place.SAMPLER));
        IdGenerator ids = faults.in(
                IdGenerator.class,
                IdGenerator.random(),
                Map.of("generateSpanId", Place.ID_GENERATOR, "generateTraceId", Place.ID_GENERATOR));
        SpanExporter spans =
                faults.in(SpanExporter.class, InMemorySpanExporter.create(), Map.of("export", Place.SPAN_EXPORTER));
        LogRecordExporter logs = faults.in(
                LogRecordExporter.class, InMemoryLogRecordExporter.create(), Map.of("export", Place.LOG_EXPORTER));
        return OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .setIdGenerator(ids)
                        .addSpanProcessor(new Processing(faults))
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setLoggerProvider(SdkLoggerProvider.builder()
                        .addLogRecordProcessor(SimpleLogRecordProcessor.create(logs))
                        .build())
                .build();
    }

    /** Answers in each way that there is. */
    private final class Work extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            switch (request.getPathInfo()) {
                case "/ok" -> response.getWriter().print("fine");
                case "/created" -> {
                    response.setStatus(201);
                    response.setHeader("Location", "/tasks/17");
                }
                case "/missing" -> response.sendError(404);
                case "/broken" -> throw new IllegalStateException("on purpose");
                case "/later" -> {
                    AsyncContext async = request.startAsync();
                    async.start(() -> {
                        ((HttpServletResponse) async.getResponse()).setStatus(202);
                        async.complete();
                    });
                }
                default -> {
                    try {
                        response.getWriter()
                                .print("called: " + send(inside, "/tasks/ok").body());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        }
    }

    private record Reply(int status, String body, Map<String, List<String>> headers) {}

    private final HttpClient client = HttpClient.newHttpClient();
    private OpenTelemetrySdk sdk;
    private Crosscut crosscut;
    private HttpClient inside;
    private WebServer server;

    private void start(Faults faults) throws IOException {
        sdk = sdk(faults);
        crosscut = Crosscut.builder()
                .plugin(new TracingPlugin(sdk))
                .plugin(new MetricsPlugin(new Registry(faults)))
                .observer(new Observing(faults))
                .property("crosscut.logging.enabled", "false")
                .build();
        inside = CrosscutHttpClient.wrap(client, crosscut);
        server = WebServer.start(0, new CrosscutFilter(crosscut), new Work(), "/tasks/*");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop();
            crosscut.close();
            sdk.close();
            server = null;
        }
    }

    private HttpResponse<String> send(HttpClient by, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve(path))
                .header("X-Correlation-ID", "corr-1")
                .timeout(Duration.ofSeconds(20))
                .build();
        return by.send(request, BodyHandlers.ofString());
    }

    private List<Reply> replies() throws IOException, InterruptedException {
        List<Reply> replies = new ArrayList<>();
        for (String path : PATHS) {
            HttpResponse<String> response = send(client, path);
            Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
            headers.remove("date");
            replies.add(new Reply(response.statusCode(), response.body(), headers));
        }
        return replies;
    }

    private List<Reply> expected() throws IOException, InterruptedException {
        start(new Faults(EnumSet.noneOf(Place.class), new IllegalStateException(), 1, 0));
        List<Reply> replies = replies();
        stop();
        assertThat(replies.stream().map(Reply::status)).containsExactly(200, 201, 404, 500, 202, 200);
        assertThat(replies.get(5).body()).isEqualTo("called: fine");
        return replies;
    }

    private static List<Throwable> faults() {
        return List.of(
                new IllegalStateException("broken"), new IOException("sneaked out"), new NoClassDefFoundError("gone"));
    }

    @ParameterizedTest
    @EnumSource
    void whatever_throws_each_time_the_replies_are_the_same(Place place) throws Exception {
        List<Reply> expected = expected();
        for (Throwable fault : faults()) {
            Faults faults = new Faults(EnumSet.of(place), fault, 1, 0);
            start(faults);

            assertThat(replies()).as("%s throws %s", place, fault).isEqualTo(expected);

            stop();
            assertThat(faults.thrown).containsOnlyKeys(place);
        }
    }

    @Test
    void whatever_throws_now_and_then_in_whichever_places_the_replies_are_the_same() throws Exception {
        List<Reply> expected = expected();
        Random random = new Random(4711);
        Set<Place> thrown = EnumSet.noneOf(Place.class);
        for (int i = 0; i < 20; i++) {
            Set<Place> places = EnumSet.noneOf(Place.class);
            for (Place place : Place.values()) {
                if (random.nextBoolean()) {
                    places.add(place);
                }
            }
            Faults faults =
                    new Faults(places, faults().get(random.nextInt(3)), 1 + random.nextInt(4), random.nextLong());
            start(faults);

            assertThat(replies()).as("%s, case %d", places, i).isEqualTo(expected);
            assertThat(replies()).as("%s, case %d, again", places, i).isEqualTo(expected);

            stop();
            thrown.addAll(faults.thrown.keySet());
        }
        assertThat(thrown).containsExactlyInAnyOrder(Place.values());
    }

    @Test
    void an_sdk_that_is_shut_down_while_requests_run_changes_no_reply() throws Exception {
        List<Reply> expected = expected();
        for (int i = 0; i < 3; i++) {
            start(new Faults(EnumSet.noneOf(Place.class), new IllegalStateException(), 1, 0));
            OpenTelemetrySdk closing = sdk;
            CountDownLatch begun = new CountDownLatch(1);
            Thread shutdown = new Thread(() -> {
                begun.countDown();
                closing.close();
            });
            replies();
            shutdown.start();
            begun.await();
            for (int j = 0; j < 3; j++) {
                assertThat(replies()).isEqualTo(expected);
            }
            shutdown.join();
            assertThat(replies()).isEqualTo(expected);
            assertThat(crosscut.faults()).isEmpty();
            stop();
        }
    }
}
