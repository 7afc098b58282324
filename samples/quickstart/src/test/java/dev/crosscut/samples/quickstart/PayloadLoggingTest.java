package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.servlet.CrosscutFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bodies on the access line, with a filter, a container and a client that are real. */
@Timeout(60)
class PayloadLoggingTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final CountDownLatch seen = new CountDownLatch(1);
    private final AtomicBoolean wasSeenInTime = new AtomicBoolean();
    private final AtomicBoolean hasEnded = new AtomicBoolean();

    @TempDir
    Path folder;

    private Path log;
    private Crosscut crosscut;
    private WebServer server;

    private final class Login extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            response.setContentType("application/json");
            response.getWriter().print("{\"token\":\"t-0815\",\"read\":" + body.length() + "}");
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("text/plain");
            response.getOutputStream().print("first, ");
            response.flushBuffer();
            try {
                wasSeenInTime.set(seen.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            response.getOutputStream().print("card 4111111111111111");
            hasEnded.set(true);
        }
    }

    @BeforeEach
    void start() throws IOException {
        log = folder.resolve("app.log");
        crosscut = Crosscut.builder()
                .property("crosscut.logging.file", log.toString())
                .property("crosscut.logging.payload", "POST /login, GET /stream")
                .build();
        server = WebServer.start(0, new CrosscutFilter(crosscut), new Login(), "/login", "/stream", "/other");
    }

    /** Settings of logging stay when a Crosscut is closed, so that the next one takes them back. */
    @AfterEach
    void stop() {
        server.stop();
        crosscut.close();
        Crosscut.builder().build().close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.uri().resolve(path)).timeout(Duration.ofSeconds(30));
    }

    /** The access line of the one request that there was, which is written when the container is done with it. */
    private JsonNode accessLine() throws IOException {
        server.stop();
        crosscut.close();
        List<String> lines = Files.readAllLines(log).stream()
                .filter(line -> line.contains("\"crosscut.access\""))
                .toList();
        assertThat(lines).hasSize(1);
        return JSON.readTree(lines.get(0));
    }

    private HttpResponse<String> login(String path) throws Exception {
        return http.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{ \"user\": \"ann\", \"pin\": [1, 2] }"))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void theBodiesOfARouteThatIsNamedAreOnItsLineMasked() throws Exception {
        assertThat(login("/login").body()).isEqualTo("{\"token\":\"t-0815\",\"read\":32}");

        JsonNode line = accessLine();
        assertThat(line.path("http.request.body.content").asString("")).isEqualTo("{\"user\":\"ann\",\"pin\":\"***\"}");
        assertThat(line.path("http.request.body.bytes").asInt(-1)).isEqualTo(32);
        assertThat(line.path("http.response.body.content").asString("")).isEqualTo("{\"token\":\"***\",\"read\":32}");
        assertThat(line.path("http.response.body.bytes").asInt(-1)).isEqualTo(28);
        assertThat(Files.readString(log)).doesNotContain("t-0815");
    }

    @Test
    void thoseOfAnotherRouteAreNot() throws Exception {
        assertThat(login("/other").statusCode()).isEqualTo(200);

        JsonNode line = accessLine();
        assertThat(line.has("http.request.body.content")).isFalse();
        assertThat(line.has("http.response.body.content")).isFalse();
        assertThat(line.path("http.response.body.bytes").asInt(-1)).isEqualTo(28);
    }

    @Test
    void aResponseThatStreamsIsNotHeldBack() throws Exception {
        HttpResponse<InputStream> response = http.send(request("/stream").build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).isEqualTo('f');
            assertThat(hasEnded).as("the handler is still at work").isFalse();
            seen.countDown();
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("irst, card 4111111111111111");
        }

        assertThat(wasSeenInTime).isTrue();
        assertThat(accessLine().path("http.response.body.content").asString("")).isEqualTo("first, card ***1111");
    }
}
