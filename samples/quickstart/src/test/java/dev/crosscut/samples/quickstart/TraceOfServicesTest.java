package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tracing.TracingPlugin;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The spans of services that call each other, blocking and not, with a container and a client that are real. */
@Timeout(60)
class TraceOfServicesTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";

    private final HttpClient outside = HttpClient.newHttpClient();
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private OpenTelemetrySdk sdk;
    private Crosscut crosscut;
    private CrosscutFilter filter;
    private HttpClient http;
    private WebServer ledger;

    @BeforeEach
    void start() throws IOException {
        sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .build();
        crosscut = Crosscut.builder()
                .plugin(new TracingPlugin(sdk))
                .property("crosscut.logging.enabled", "false")
                .build();
        filter = new CrosscutFilter(crosscut);
        http = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);
        ledger = WebServer.start(0, filter, new LedgerServlet(), "/entries");
    }

    @AfterEach
    void stop() {
        ledger.stop();
        crosscut.close();
        sdk.close();
    }

    private HttpResponse<String> send(URI service, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(service.resolve(path))
                .header("traceparent", "00-" + TRACE + "-" + CALLER + "-01")
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString(body))
                .build();
        return outside.send(request, BodyHandlers.ofString());
    }

    /** All spans, once there are so many: a server ends its own a moment after the client has the response. */
    private List<SpanData> spans(int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (spans.getFinishedSpanItems().size() < count && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        List<SpanData> all = spans.getFinishedSpanItems();
        assertThat(all).hasSize(count).allMatch(span -> span.getTraceId().equals(TRACE));
        return all;
    }

    private static SpanData span(List<SpanData> spans, SpanKind kind, String name) {
        return spans.stream()
                .filter(span -> span.getKind() == kind && span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name + " in " + spans));
    }

    @Test
    void aRequestThatCausesAnotherIsOneTraceWhoseLinksAreRight() throws Exception {
        PaymentService service = new PaymentService(new LedgerClient(http, ledger.uri()), Runnable::run);
        WebServer payments = WebServer.start(0, filter, new PaymentsServlet(service), "/payments", "/payments/*");
        try {
            HttpResponse<String> paid =
                    send(payments.uri(), "/payments", "{\"amount\": 12, \"currency\": \"EUR\", \"to\": \"acct-2\"}");
            assertThat(paid.statusCode()).isEqualTo(201);

            List<SpanData> all = spans(3);
            SpanData request = span(all, SpanKind.SERVER, "POST /payments");
            SpanData call = span(all, SpanKind.CLIENT, "POST");
            SpanData entry = span(all, SpanKind.SERVER, "POST /entries");
            assertThat(request.getParentSpanId()).isEqualTo(CALLER);
            assertThat(call.getParentSpanId()).isEqualTo(request.getSpanId());
            assertThat(entry.getParentSpanId()).isEqualTo(call.getSpanId());
            assertThat(entry.getParentSpanContext().isRemote()).isTrue();
        } finally {
            payments.stop();
        }
    }

    /** Answers from another thread, once a call of its own has been answered. */
    private final class Later extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // its end is that of the request
        protected void doPost(HttpServletRequest request, HttpServletResponse response) {
            AsyncContext async = request.startAsync();
            async.setTimeout(20_000);
            HttpRequest call =
                    HttpRequest.newBuilder(ledger.uri().resolve("/health")).build();
            http.sendAsync(call, BodyHandlers.ofString()).whenComplete((answered, failure) -> {
                Span.current().setAttribute("late", Exchange.current().isPresent());
                response.setStatus(failure == null ? 202 : 500);
                async.complete();
            });
        }
    }

    @Test
    void aRequestThatIsAnsweredLaterHasOneSpanThatEndsWithIt() throws Exception {
        WebServer later = WebServer.start(0, filter, new Later(), "/later");
        try {
            assertThat(send(later.uri(), "/later", "").statusCode()).isEqualTo(202);

            List<SpanData> all = spans(3);
            SpanData request = span(all, SpanKind.SERVER, "POST /later");
            SpanData call = span(all, SpanKind.CLIENT, "GET");
            SpanData health = span(all, SpanKind.SERVER, "GET /health");
            assertThat(call.getParentSpanId()).isEqualTo(request.getSpanId());
            assertThat(health.getParentSpanId()).isEqualTo(call.getSpanId());
            assertThat(request.getEndEpochNanos()).isGreaterThanOrEqualTo(call.getEndEpochNanos());
            assertThat(request.getAttributes().asMap().toString()).contains("late=true", "status_code=202");
        } finally {
            later.stop();
        }
    }

    @Test
    void aCallThatIsCancelledHasASpanThatIsNoError() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        WebServer slow = WebServer.start(
                0,
                filter,
                new HttpServlet() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                        called.countDown();
                        try {
                            release.await(20, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                },
                "/slow");
        try {
            CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                    HttpRequest.newBuilder(slow.uri().resolve("/slow"))
                            .header("traceparent", "ignored")
                            .build(),
                    BodyHandlers.ofString());
            assertThat(called.await(20, TimeUnit.SECONDS)).isTrue();
            answer.cancel(true);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (spans.getFinishedSpanItems().isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(5);
            }

            SpanData call = span(spans.getFinishedSpanItems(), SpanKind.CLIENT, "GET");
            assertThat(call.getStatus().getStatusCode().name()).isEqualTo("UNSET");
            assertThat(call.getAttributes().asMap().toString()).doesNotContain("error.type");
        } finally {
            release.countDown();
            slow.stop();
        }
    }
}
