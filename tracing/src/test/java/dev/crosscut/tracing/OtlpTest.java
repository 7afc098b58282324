package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Spans as a collector gets them, over a real connection (OTLP/HTTP). */
@ExtendWith(StorageFirst.class)
class OtlpTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    private final ConcurrentLinkedQueue<ExportTraceServiceRequest> received = new ConcurrentLinkedQueue<>();
    private HttpServer collector;

    @BeforeEach
    void listen() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", request -> {
            received.add(ExportTraceServiceRequest.parseFrom(request.getRequestBody()));
            request.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            request.sendResponseHeaders(200, -1);
            request.close();
        });
        collector.start();
    }

    @AfterEach
    void close() {
        collector.stop(0);
    }

    private OpenTelemetrySdk sdk() {
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
        return OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                        .setEndpoint(endpoint)
                                        .setTimeout(10, TimeUnit.SECONDS)
                                        .setRetryPolicy(null)
                                        .build())
                                .build())
                        .build())
                .build();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static Map<String, String> attributes(Span span) {
        return span.getAttributesList().stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        attribute -> attribute.getValue().hasIntValue()
                                ? Long.toString(attribute.getValue().getIntValue())
                                : attribute.getValue().getStringValue()));
    }

    @Test
    void aCollectorGetsTheTraceOfTheCallerWithOurSpansBelowIt() {
        try (OpenTelemetrySdk sdk = sdk();
                Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .plugin(new TracingPlugin(sdk))
                        .build()) {
            TestExchange server =
                    new TestExchange(Kind.SERVER).header("traceparent", "00-" + TRACE + "-" + PARENT + "-01");
            server.put(Key.ROUTE, "/payments/{id}");
            Call served = crosscut.begin(server);
            try (Scope scope = served.attach()) {
                crosscut.begin(new TestExchange(Kind.CLIENT)).end(Outcome.completed(503));
            }
            served.end(Outcome.completed(200));
        }

        List<Span> spans = received.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
        Span client = spans.get(0);
        Span server = spans.get(1);
        assertThat(spans).hasSize(2).allMatch(span -> hex(span.getTraceId()).equals(TRACE));
        assertThat(server.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(hex(server.getParentSpanId())).isEqualTo(PARENT);
        assertThat(server.getName()).isEqualTo("GET /payments/{id}");
        assertThat(server.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
        assertThat(attributes(server))
                .containsEntry("http.route", "/payments/{id}")
                .containsEntry("http.response.status_code", "200");
        assertThat(hex(client.getParentSpanId())).isEqualTo(hex(server.getSpanId()));
        assertThat(client.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(client)).containsEntry("error.type", "503");
    }

    @Test
    void aCollectorThatIsGoneCostsNoExchangeAnything() {
        collector.stop(0);
        try (OpenTelemetrySdk sdk = sdk();
                Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .plugin(new TracingPlugin(sdk))
                        .build()) {
            for (int i = 0; i < 1000; i++) {
                Call call = crosscut.begin(new TestExchange(Kind.SERVER));
                assertThat(call.end(Outcome.completed(200))).isTrue();
            }
            assertThat(crosscut.faults()).isEmpty();
        }
    }
}
