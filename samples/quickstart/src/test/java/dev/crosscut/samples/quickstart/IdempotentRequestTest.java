package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyPlugin;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import dev.crosscut.servlet.CrosscutFilter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of a real container get for their keys, and how often its handler runs. */
@Timeout(60)
class IdempotentRequestTest {

    private static final String KEY = "Idempotency-Key";

    private interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response, int run) throws IOException;
    }

    private static final class Handling extends HttpServlet {

        private static final long serialVersionUID = 1L;

        private final transient Handler handler;
        private final AtomicInteger runs = new AtomicInteger();

        Handling(Handler handler) {
            this.handler = handler;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            handler.handle(request, response, runs.incrementAndGet());
        }
    }

    /** Counts claims, and keeps completions waiting while it is told to. */
    private static final class Watched implements IdempotencyStore {

        private final IdempotencyStore store = IdempotencyStore.embedded(64 << 20);
        private final AtomicInteger claims = new AtomicInteger();
        private final Semaphore completions = new Semaphore(1000);

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            claims.incrementAndGet();
            return store.claim(key, fingerprint, terms);
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            completions.acquireUninterruptibly();
            return store.complete(ticket, outcome, retention);
        }

        @Override
        public boolean release(Ticket ticket) {
            return store.release(ticket);
        }

        @Override
        public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
            return store.renew(ticket, lease, progress);
        }
    }

    private final Watched store = new Watched();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Crosscut crosscut = Crosscut.builder()
            .plugin(new IdempotencyPlugin(store))
            .property("crosscut.logging.enabled", "false")
            .property("crosscut.idempotency.max-request", "1KB")
            .property("crosscut.idempotency.max-outcome", "64KB")
            .build();
    private WebServer server;
    private Handling servlet;

    @AfterEach
    void stop() {
        server.stop();
        workers.shutdownNow();
        crosscut.close();
    }

    private URI serve(Handler handler) throws IOException {
        servlet = new Handling(handler);
        server = WebServer.start(0, new CrosscutFilter(crosscut), Map.of("/orders", servlet));
        return server.uri().resolve("/orders");
    }

    private int runs() {
        return servlet.runs.get();
    }

    private static HttpRequest request(URI uri, String key, String body) {
        return HttpRequest.newBuilder(uri)
                .header(KEY, '"' + key + '"')
                .timeout(Duration.ofSeconds(30))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<byte[]> send(URI uri, String key, String body) throws Exception {
        return client.send(request(uri, key, body), BodyHandlers.ofByteArray());
    }

    private static boolean isReplay(HttpResponse<?> response) {
        return response.headers().firstValue("Idempotent-Replayed").orElse("").equals("true");
    }

    @Test
    void aReplayHasTheStatusTheListedHeadersAndTheVeryBytes() throws Exception {
        byte[] bytes = new byte[60_000];
        Arrays.fill(bytes, (byte) 0xf0);
        URI orders = serve((request, response, run) -> {
            response.setStatus(202);
            response.setContentType("application/octet-stream");
            response.setHeader("Location", "/orders/" + run);
            response.setHeader("Set-Cookie", "session=" + run);
            response.getOutputStream().write(bytes);
        });

        HttpResponse<byte[]> first = send(orders, "a", "x");
        HttpResponse<byte[]> second = send(orders, "a", "x");

        assertThat(first.headers().firstValue("Set-Cookie")).contains("session=1");
        assertThat(isReplay(first)).isFalse();
        assertThat(isReplay(second)).isTrue();
        assertThat(second.statusCode()).isEqualTo(202);
        assertThat(second.body()).isEqualTo(bytes);
        assertThat(second.headers().firstValue("Location")).contains("/orders/1");
        assertThat(second.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(second.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(second.headers().firstValue("X-Correlation-ID"))
                .isPresent()
                .isNotEqualTo(first.headers().firstValue("X-Correlation-ID"));
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void ofManyAtOnceOneRunsAndTheOthersAreToldToComeAgain() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        URI orders = serve((request, response, run) -> {
            await(held);
            response.getWriter().print("run " + run);
        });
        List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(client.sendAsync(request(orders, "a", "x"), BodyHandlers.ofByteArray()));
        }
        while (all.stream().filter(CompletableFuture::isDone).count() < 15) {
            Thread.sleep(5);
        }
        held.countDown();

        List<Integer> statuses =
                all.stream().map(each -> each.join().statusCode()).sorted().toList();
        assertThat(statuses).hasSize(16).startsWith(200).containsOnlyOnce(200).endsWith(409);
        assertThat(send(orders, "a", "x").body()).asString().isEqualTo("run 1");
        assertThat(runs()).isEqualTo(1);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody went on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void nothingOfAResponseIsSentBeforeItIsStored() throws Exception {
        URI orders = serve((request, response, run) -> {
            response.getWriter().print("run " + run);
            response.flushBuffer();
        });
        store.completions.drainPermits();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), orders.getPort())) {
            socket.getOutputStream().write(raw("x"));
            socket.setSoTimeout(500);
            InputStream in = socket.getInputStream();
            assertThat(timesOut(in)).isTrue();

            store.completions.release();

            socket.setSoTimeout(30_000);
            assertThat((char) in.read()).isEqualTo('H');
        }
        store.completions.release(100);
    }

    private static boolean timesOut(InputStream in) throws IOException {
        try {
            return in.read() == -2;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    private static byte[] raw(String body) {
        return ("POST /orders HTTP/1.1\r\nHost: localhost\r\n" + KEY + ": \"raw\"\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatGoesAwayChangesNothing(boolean isAsynchronous) throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        URI orders = serve((request, response, run) -> {
            running.countDown();
            if (isAsynchronous) {
                AsyncContext context = request.startAsync();
                workers.execute(() -> answer(context, gone, run));
            } else {
                await(gone);
                response.getWriter().print("run " + run);
            }
        });
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), orders.getPort())) {
            socket.getOutputStream().write(raw("x"));
            await(running);
            socket.setSoLinger(true, 0);
        }
        gone.countDown();

        HttpResponse<byte[]> retried = send(orders, "raw", "x");
        while (retried.statusCode() == 409) {
            Thread.sleep(20);
            retried = send(orders, "raw", "x");
        }

        assertThat(retried.body()).asString().isEqualTo("run 1");
        assertThat(isReplay(retried)).isTrue();
        assertThat(runs()).isEqualTo(1);
    }

    private static void answer(AsyncContext context, CountDownLatch when, int run) {
        try {
            await(when);
            context.getResponse().getWriter().print("run " + run);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            context.complete();
        }
    }

    @Test
    void anAsynchronousResponseIsReplayedWhole() throws Exception {
        CountDownLatch now = new CountDownLatch(0);
        URI orders = serve((request, response, run) -> {
            AsyncContext context = request.startAsync();
            workers.execute(() -> answer(context, now, run));
        });

        assertThat(send(orders, "a", "x").body()).asString().isEqualTo("run 1");
        assertThat(send(orders, "a", "x").body()).asString().isEqualTo("run 1");
        assertThat(runs()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"large", "events"})
    void whatIsTooLargeOrAStreamIsSentOnceAndNeverDoneAgain(String kind) throws Exception {
        URI orders = serve((request, response, run) -> {
            if (kind.equals("events")) {
                response.setContentType("text/event-stream");
                response.getWriter().print("data: " + run + "\n\n");
                response.flushBuffer();
            } else {
                response.getOutputStream().write(new byte[100_000]);
            }
        });

        HttpResponse<byte[]> first = send(orders, "a", "x");
        HttpResponse<byte[]> second = send(orders, "a", "x");

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).asString().contains("idempotency-not-replayable");
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void aBodyOverTheBoundIsRefusedBeforeAnythingIsClaimed() throws Exception {
        URI orders = serve((request, response, run) -> response.getWriter().print("run " + run));

        HttpResponse<byte[]> refused = send(orders, "a", "x".repeat(2000));

        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(store.claims).hasValue(0);
        assertThat(runs()).isZero();
        assertThat(send(orders, "a", "x").statusCode()).isEqualTo(200);
    }

    @Test
    void theHandlerStillReadsTheBody() throws Exception {
        URI orders = serve((request, response, run) ->
                response.getOutputStream().write(request.getInputStream().readAllBytes()));

        assertThat(send(orders, "a", "as it was").body()).asString().isEqualTo("as it was");
        assertThat(send(orders, "a", "as it was").body()).asString().isEqualTo("as it was");
        assertThat(send(orders, "a", "another").statusCode()).isEqualTo(422);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void aHandlerThatFailedIsNotRunAgain() throws Exception {
        URI orders = serve((request, response, run) -> {
            if (request.getHeader("X-Error") == null) {
                throw new IllegalStateException("half way");
            }
        });

        assertThat(send(orders, "a", "x").statusCode()).isEqualTo(500);
        HttpResponse<byte[]> second = send(orders, "a", "x");

        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).asString().contains("idempotency-outcome-unknown");
        assertThat(runs()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "", "\"a", "a\"b\"", "\"a\", \"b\""})
    void aMalformedKeyIsRefused(String field) throws Exception {
        URI orders = serve((request, response, run) -> response.getWriter().print("run " + run));

        HttpResponse<byte[]> refused = client.send(
                HttpRequest.newBuilder(orders)
                        .header(KEY, field)
                        .POST(BodyPublishers.ofString("x"))
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(runs()).isZero();
    }
}
