package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A trace over real connections: through a servlet container, this service, and the client that it calls out with. */
class TraceContextServiceTest {

    private static final String TRACE = "12345678901234567890123456789012";
    private static final String SPAN = "1234567890123456";
    private static final String VALID = "00-" + TRACE + "-" + SPAN + "-01";
    private static final Pattern SENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-0([0-3])");

    private final ConcurrentLinkedQueue<Map<String, List<String>>> received = new ConcurrentLinkedQueue<>();
    private HttpServer called;

    @BeforeEach
    void listen() throws IOException {
        called = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        called.createContext("/", exchange -> {
            received.add(Map.copyOf(exchange.getRequestHeaders()));
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        called.start();
    }

    @AfterEach
    void close() {
        called.stop(0);
    }

    /** With an SDK or without, what the caller sends, and which trace and state go on; a new trace where none is named. */
    static Stream<Arguments> cases() {
        List<List<String>> cases = List.of(
                List.of("", "", ""),
                List.of("traceparent: " + VALID, TRACE, ""),
                List.of("TraceParent: " + VALID + "\r\nTRACESTATE: a=1", TRACE, "a=1"),
                List.of(
                        "traceparent: " + VALID + "\r\ntracestate: a=1\r\ntracestate: \r\ntracestate: b@@c=2",
                        TRACE,
                        "a=1,b@@c=2"),
                List.of("traceparent: " + VALID + "\r\ntracestate: a=1,a=2", TRACE, "a=1"),
                List.of("traceparent: " + VALID + "\r\ntracestate: A=1", TRACE, ""),
                List.of("tracestate: a=1", "", ""),
                List.of("traceparent: " + VALID + "\r\ntraceparent: " + VALID + "\r\ntracestate: a=1", "", ""),
                List.of("traceparent: " + VALID + "," + VALID, "", ""),
                List.of("traceparent: " + VALID.toUpperCase(Locale.ROOT).replace('1', 'A'), "", ""),
                List.of("traceparent: cc" + VALID.substring(2) + "-more", TRACE, ""));
        return Stream.of(OpenTelemetry.noop(), TraceContextService.sdk())
                .flatMap(openTelemetry ->
                        cases.stream().map(one -> Arguments.of(openTelemetry, one.get(0), one.get(1), one.get(2))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aTraceGoesOnAsTheSpecificationHasIt(OpenTelemetry openTelemetry, String headers, String trace, String state)
            throws IOException {
        try (TraceContextService service = new TraceContextService(0, openTelemetry)) {
            call(service.uri(), headers);
        }

        assertThat(received).hasSize(2);
        Matcher first = sent(received.poll(), state);
        Matcher second = sent(received.poll(), state);
        assertThat(first.group(1)).isEqualTo(second.group(1)).isNotEqualTo("0".repeat(32));
        assertThat(first.group(2)).isNotEqualTo(second.group(2)).isNotEqualTo(SPAN);
        if (trace.isEmpty()) {
            assertThat(first.group(1)).isNotEqualTo(TRACE);
            assertThat(first.group(3)).matches("[23]"); // random, which level 2 wants said
        } else {
            assertThat(first.group(1)).isEqualTo(trace);
            assertThat(first.group(3)).isEqualTo("1");
        }
    }

    private static Matcher sent(Map<String, List<String>> headers, String state) {
        Matcher parent = SENT.matcher(String.join("|", headers.getOrDefault("Traceparent", List.of())));
        assertThat(parent.matches()).as("%s", headers).isTrue();
        assertThat(String.join("|", headers.getOrDefault("Tracestate", List.of())))
                .isEqualTo(state);
        return parent;
    }

    private void call(URI service, String headers) throws IOException {
        String next = "{\"url\":\"http://127.0.0.1:" + called.getAddress().getPort() + "/\",\"arguments\":[]}";
        byte[] body = ("[" + next + "," + next + "]").getBytes(StandardCharsets.UTF_8);
        String head =
                "POST " + service.getPath() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                        + body.length + "\r\n" + (headers.isEmpty() ? "" : headers + "\r\n") + "\r\n";
        try (Socket socket = new Socket(service.getHost(), service.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200");
        }
    }
}
