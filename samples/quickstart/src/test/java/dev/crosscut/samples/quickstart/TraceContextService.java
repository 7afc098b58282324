package dev.crosscut.samples.quickstart;

import dev.crosscut.core.Crosscut;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tracing.TracingPlugin;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The service that the validation suite of W3C Trace Context talks to: told by JSON whom to call and what to tell them, it
 * does so, and says nothing of tracing itself.
 */
final class TraceContextService implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Crosscut crosscut;
    private final WebServer server;

    /** With spans that an SDK makes, or without. */
    TraceContextService(int port, OpenTelemetry openTelemetry) throws IOException {
        crosscut = Crosscut.builder()
                .plugin(new TracingPlugin(openTelemetry))
                .property("crosscut.logging.enabled", "false")
                .build();
        HttpClient http = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);
        server = WebServer.start(port, new CrosscutFilter(crosscut), new Calling(http), "/test");
    }

    /**
     * Runs until it is killed.
     *
     * @param arguments the port, and {@code sdk} for one
     * @throws IOException if it cannot listen there
     */
    public static void main(String[] arguments) throws IOException {
        boolean hasSdk = arguments.length > 1 && arguments[1].equals("sdk");
        TraceContextService service =
                new TraceContextService(Integer.parseInt(arguments[0]), hasSdk ? sdk() : OpenTelemetry.noop());
        System.err.println("ready at " + service.uri());
    }

    /** One that records half of all traces that begin here, and exports none. */
    static OpenTelemetrySdk sdk() {
        return OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(0.5)))
                        .addSpanProcessor(SimpleSpanProcessor.create(SpanExporter.composite()))
                        .build())
                .build();
    }

    URI uri() {
        return server.uri().resolve("/test");
    }

    @Override
    public void close() {
        server.stop();
        crosscut.close();
    }

    private static final class Calling extends HttpServlet {

        private static final long serialVersionUID = 1;

        private final transient HttpClient http;

        Calling(HttpClient http) {
            this.http = http;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            for (JsonNode call : JSON.readTree(request.getInputStream())) {
                HttpRequest next = HttpRequest.newBuilder(
                                URI.create(call.get("url").asString()))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(call.get("arguments").toString()))
                        .build();
                try {
                    http.send(next, BodyHandlers.discarding());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while calling " + next.uri());
                }
            }
            response.setStatus(200);
        }
    }
}
