package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.metrics.MetricsPlugin;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tracing.TracingPlugin;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a request ends in a container, it has one span and one recording of its duration, which say the same. */
@Timeout(60)
class RequestSpanTest {

    private static final String ERROR_PAGE = "error page";

    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .build();
    private final Tracer tracer = sdk.getTracer("handler");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Crosscut crosscut = Crosscut.builder()
            .plugin(new TracingPlugin(sdk))
            .plugin(new MetricsPlugin(registry))
            .property("crosscut.logging.enabled", "false")
            .build();
    private WebServer server;

    private interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
    }

    private static final class Handling extends HttpServlet {

        private static final long serialVersionUID = 1L;

        private final transient Handler handler;

        Handling(Handler handler) {
            this.handler = handler;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            handler.handle(request, response);
        }
    }

    /** Answers when it hears of a time-out or an error. */
    private record Listener(Handler onTimeout, Handler onError) implements AsyncListener {

        static final Handler NOTHING = (request, response) -> {};

        private static void tell(Handler handler, AsyncEvent event) throws IOException {
            AsyncContext context = event.getAsyncContext();
            try {
                handler.handle((HttpServletRequest) context.getRequest(), (HttpServletResponse) context.getResponse());
            } catch (ServletException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void onTimeout(AsyncEvent event) throws IOException {
            tell(onTimeout, event);
        }

        @Override
        public void onError(AsyncEvent event) throws IOException {
            tell(onError, event);
        }

        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop();
        }
        workers.shutdownNow();
        crosscut.close();
        sdk.close();
    }

    private URI serve(Handler handler) throws IOException {
        CrosscutFilter ours = new CrosscutFilter(crosscut);
        Filter filter = (request, response, chain) -> ours.doFilter(request, response, (inner, wrapped) -> {
            if (inner.getDispatcherType() == DispatcherType.ERROR) {
                tracer.spanBuilder(ERROR_PAGE).startSpan().end();
            }
            chain.doFilter(inner, wrapped);
        });
        server = WebServer.start(0, filter, new Handling(handler), "/work");
        return server.uri().resolve("/work");
    }

    private int status(Handler handler) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(serve(handler))
                .timeout(Duration.ofSeconds(20))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        return response.statusCode();
    }

    /** The span of the request, once the server is down and nothing can add another. */
    private SpanData onlySpan() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (ofRequest().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        server.stop();
        assertThat(ofRequest()).hasSize(1);
        assertThat(crosscut.faults()).isEmpty();
        return ofRequest().get(0);
    }

    private List<SpanData> ofRequest() {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getKind() == SpanKind.SERVER)
                .toList();
    }

    /** The one span and the one recording have this status, and this type of error; none where that is empty. */
    private void assertEnded(int status, String errorType) throws InterruptedException {
        SpanData span = onlySpan();
        assertThat(span.getName()).isEqualTo("GET /work");
        assertThat(span.getAttributes().get(AttributeKey.longKey("http.response.status_code")))
                .isEqualTo(status);
        assertThat(errorType(span)).isEqualTo(errorType);
        assertThat(span.getStatus().getStatusCode())
                .isEqualTo(errorType.isEmpty() ? StatusCode.UNSET : StatusCode.ERROR);
        assertThat(timers()).singleElement().satisfies(timer -> {
            assertThat(timer.count()).isEqualTo(1);
            assertThat(timer.getId().getTag("http.route")).isEqualTo("/work");
            assertThat(timer.getId().getTag("http.response.status_code")).isEqualTo(Integer.toString(status));
            assertThat(timer.getId().getTag("error.type")).isEqualTo(errorType);
        });
    }

    private static String errorType(SpanData span) {
        String type = span.getAttributes().get(AttributeKey.stringKey("error.type"));
        return type == null ? "" : type;
    }

    private List<Timer> timers() {
        return List.copyOf(registry.find("http.server.request.duration").timers());
    }

    /** The container sent its error page while the span was open, and that page is within the trace of the request. */
    private void assertErrorPageIsWithin() {
        SpanData request = ofRequest().get(0);
        assertThat(spans.getFinishedSpanItems())
                .filteredOn(span -> span.getName().equals(ERROR_PAGE))
                .singleElement()
                .satisfies(page -> {
                    assertThat(page.getParentSpanId()).isEqualTo(request.getSpanId());
                    assertThat(page.getEndEpochNanos()).isLessThanOrEqualTo(request.getEndEpochNanos());
                });
    }

    // Time-outs

    @Test
    void a_time_out_that_nobody_answers_ends_the_span_with_the_error_page() throws Exception {
        assertThat(status((request, response) -> request.startAsync().setTimeout(100)))
                .isEqualTo(500);

        assertEnded(500, "500");
        assertErrorPageIsWithin();
    }

    @ParameterizedTest
    @ValueSource(ints = {503, 202})
    void a_time_out_that_a_listener_answers_ends_as_that_says(int answer) throws Exception {
        Listener answering = new Listener(
                (request, response) -> {
                    response.setStatus(answer);
                    request.getAsyncContext().complete();
                },
                Listener.NOTHING);

        assertThat(status((request, response) -> {
                    AsyncContext context = request.startAsync();
                    context.setTimeout(100);
                    context.addListener(answering);
                }))
                .isEqualTo(answer);

        assertEnded(answer, answer < 500 ? "" : Integer.toString(answer));
    }

    @Test
    void a_time_out_after_the_response_began_is_an_error_whatever_its_status() throws Exception {
        URI uri = serve((request, response) -> {
            request.startAsync().setTimeout(100);
            response.getWriter().print("beginning");
            response.flushBuffer();
        });
        client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .handle((response, broken) -> 0)
                .get(20, TimeUnit.SECONDS);

        assertEnded(200, TimeoutException.class.getName());
    }

    // Errors

    @Test
    void an_exception_that_reaches_the_container_ends_the_span_with_the_status_of_its_error_page() throws Exception {
        assertThat(status((request, response) -> {
                    throw new IllegalStateException("on purpose");
                }))
                .isEqualTo(500);

        assertEnded(500, "500");
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 503})
    void an_error_that_is_sent_is_one_of_the_service_from_500_on(int status) throws Exception {
        assertThat(status((request, response) -> response.sendError(status))).isEqualTo(status);

        assertEnded(status, status < 500 ? "" : Integer.toString(status));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 503})
    void an_error_that_is_sent_later_ends_the_span_after_its_error_page(int status) throws Exception {
        assertThat(status((request, response) -> {
                    AsyncContext context = request.startAsync();
                    workers.execute(() -> {
                        try {
                            ((HttpServletResponse) context.getResponse()).sendError(status);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        context.complete();
                    });
                }))
                .isEqualTo(status);

        assertEnded(status, status < 500 ? "" : Integer.toString(status));
        assertErrorPageIsWithin();
    }

    @Test
    void an_exception_after_a_dispatch_back_is_that_of_the_one_span() throws Exception {
        assertThat(status((request, response) -> {
                    if (request.getDispatcherType() == DispatcherType.ASYNC) {
                        throw new IllegalStateException("on purpose");
                    }
                    request.startAsync().dispatch();
                }))
                .isEqualTo(500);

        assertEnded(500, "500");
    }

    @Test
    void an_exception_that_a_listener_answers_is_an_error_all_the_same() throws Exception {
        Listener answering = new Listener(Listener.NOTHING, (request, response) -> {
            response.setStatus(503);
            request.getAsyncContext().complete();
        });

        assertThat(status((request, response) -> {
                    request.startAsync().addListener(answering);
                    throw new IllegalStateException("on purpose");
                }))
                .isEqualTo(503);

        assertEnded(500, "500"); // the exchange ended when the handler threw, which is before listeners are asked
    }

    // Responses that take long, and clients that do not wait

    @Test
    void while_a_response_is_under_way_nothing_has_ended() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        URI uri = serve((request, response) -> {
            AsyncContext context = request.startAsync();
            response.getOutputStream().write("beginning".getBytes(StandardCharsets.UTF_8));
            response.flushBuffer();
            workers.execute(() -> {
                try {
                    read.await();
                    context.getResponse().getOutputStream().write('.');
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                context.complete();
            });
        });

        HttpResponse<InputStream> response =
                client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(new String(body.readNBytes(9), StandardCharsets.UTF_8)).isEqualTo("beginning");
            assertThat(spans.getFinishedSpanItems()).isEmpty();
            assertThat(timers()).isEmpty();
            read.countDown();
            assertThat(body.readAllBytes()).containsExactly('.');
        }

        assertEnded(200, "");
    }

    /** Sends a request, waits for the head of its response, and is gone. */
    private static void abandon(URI uri) throws IOException {
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write("GET /work HTTP/1.1\r\nHost: service\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(12);
        }
    }

    private static void writeUntilItFails(HttpServletResponse response) throws IOException {
        for (int i = 0; i < 10_000; i++) {
            response.getOutputStream().write(new byte[16 * 1024]);
            response.flushBuffer();
        }
        throw new AssertionError("the client was never missed");
    }

    @Test
    void a_client_that_goes_away_is_an_error_where_the_handler_throws_what_its_write_threw() throws Exception {
        abandon(serve((request, response) -> writeUntilItFails(response)));

        String type = errorType(onlySpan());
        assertThat(IOException.class).isAssignableFrom(Class.forName(type));
        assertEnded(200, type);
    }

    @Test
    void a_client_that_goes_away_from_a_stream_ends_its_span() throws Exception {
        abandon(serve((request, response) -> {
            AsyncContext context = request.startAsync();
            workers.execute(() -> {
                try {
                    writeUntilItFails(response);
                } catch (IOException e) {
                    try {
                        context.complete();
                    } catch (IllegalStateException containerKnows) {
                        // as it may
                    }
                }
            });
        }));

        assertEnded(
                200, errorType(onlySpan())); // an error where the container misses the client before the handler does
    }
}
