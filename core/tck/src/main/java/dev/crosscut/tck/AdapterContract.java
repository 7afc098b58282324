package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What an adapter for an HTTP server framework must do, on real sockets. An adapter's test extends this class, starts a
 * server whose every request goes through the adapter to the given handler, and says what its framework has no notion of.
 *
 * <p>The server listens on the loopback address, has more than one thread, and is started once for all tests.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class AdapterContract {

    private static final String ID = "X-Correlation-ID";
    private static final ExecutorService WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contract-worker");
        thread.setDaemon(true);
        return thread;
    });

    private final RecordingObserver recorder = new RecordingObserver();
    private final ScriptedGuard guards = new ScriptedGuard();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Set<Capability> capabilities = EnumSet.allOf(Capability.class);
    private Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build();
    private Running server = new NotRunning();

    /** Makes the contract; JUnit does. */
    protected AdapterContract() {}

    /** What a framework may have no notion of. */
    public enum Capability {
        /** A handler may return and complete the response later. */
        ASYNC,
        /** An asynchronous response that is not completed in time is given up by the framework. */
        ASYNC_TIMEOUT,
        /** A request may be dispatched to another handler. */
        FORWARD,
        /** Another handler may add to the response. */
        INCLUDE,
        /** A handler that throws is followed by one for the error, at {@code /error}. */
        ERROR_DISPATCH,
        /** A response that fails midway is cut off, so that the client can tell. */
        CUT,
        /** Requests are taken from a connection before the former is answered. */
        PIPELINING
    }

    /** A server that listens. */
    public interface Running extends AutoCloseable {

        /**
         * Where it listens.
         *
         * @return a port of the loopback address
         */
        int port();

        @Override
        void close() throws Exception;
    }

    /** What the server does with a request. Each call of a {@link Request}'s methods is passed to the framework. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Handles a request. Unless it called {@link Request#async}, the response is complete when it returns.
         *
         * @param request the request, and its response
         * @throws Exception passed on to the framework, as an exception of a handler
         */
        void handle(Request request) throws Exception;
    }

    /** A request, and the response to it, in the terms of the framework under test. */
    public interface Request {

        /**
         * The path, which changes with a dispatch.
         *
         * @return the path
         */
        String path();

        /**
         * Reads the whole request body, as a handler does.
         *
         * @return the body
         * @throws IOException if it cannot be read
         */
        byte[] body() throws IOException;

        /**
         * Sets the status.
         *
         * @param status the status code
         */
        void status(int status);

        /**
         * Sets a response header.
         *
         * @param name the name
         * @param value the value
         */
        void header(String name, String value);

        /**
         * Writes to the response.
         *
         * @param bytes what to write
         * @throws IOException if it cannot be written
         */
        void write(byte[] bytes) throws IOException;

        /**
         * Sends what was written so far.
         *
         * @throws IOException if it cannot be sent
         */
        void flush() throws IOException;

        /**
         * Redirects the client.
         *
         * @param location where to
         * @throws IOException if it cannot be sent
         */
        default void redirect(String location) throws IOException {
            status(302);
            header("Location", location);
        }

        /**
         * The response is completed later. Only with {@link Capability#ASYNC}.
         *
         * @param timeout after which the framework gives up, with {@link Capability#ASYNC_TIMEOUT}
         * @return completes the response, from any thread
         */
        default Runnable async(Duration timeout) {
            throw new UnsupportedOperationException("the framework has no ASYNC");
        }

        /**
         * Dispatches to another path. Only with {@link Capability#FORWARD}.
         *
         * @param path where to
         * @throws Exception what the handler there throws
         */
        default void forward(String path) throws Exception {
            throw new UnsupportedOperationException("the framework has no FORWARD");
        }

        /**
         * Lets another path add to the response. Only with {@link Capability#INCLUDE}.
         *
         * @param path which
         * @throws Exception what the handler there throws
         */
        default void include(String path) throws Exception {
            throw new UnsupportedOperationException("the framework has no INCLUDE");
        }
    }

    private static final class NotRunning implements Running {
        @Override
        public int port() {
            throw new IllegalStateException("the server has not been started");
        }

        @Override
        public void close() {}
    }

    /**
     * Starts a server on the loopback address, on any free port.
     *
     * @param crosscut what the adapter under test is given
     * @param handler what the server does with each request, whatever its path
     * @return the server
     * @throws Exception if it cannot be started
     */
    protected abstract Running start(Crosscut crosscut, Handler handler) throws Exception;

    /**
     * What the framework has a notion of.
     *
     * @return all, unless overridden
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    /**
     * Starts the server.
     *
     * @throws Exception if it cannot be started
     */
    @BeforeAll
    public void startServer() throws Exception {
        capabilities.retainAll(capabilities());
        crosscut.close();
        crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .source(dev.crosscut.core.Source.of("contract", Map.of("crosscut.leak-detection", "true")))
                .observer(recorder)
                .observer(new ThrowingObserver())
                .binding(recorder)
                .guard(guards)
                .guard(new AsyncGuard())
                .build();
        server = start(crosscut, this::dispatch);
    }

    /**
     * Stops the server.
     *
     * @throws Exception if it cannot be stopped
     */
    @AfterAll
    public void stopServer() throws Exception {
        server.close();
        crosscut.close();
    }

    /** Checks that nothing was left behind. */
    @AfterEach
    public void verifyNothingWasLeftBehind() {
        recorder.verify();
        assertFalse(
                crosscut.faults().containsKey("dev.crosscut.core.Scope"),
                () -> "scopes were misused, see the log: " + crosscut.faults());
    }

    private void dispatch(Request request) throws Exception {
        Handler handler = handlers.get(request.path());
        if (handler != null) {
            handler.handle(request);
        } else if (!request.path().equals("/error")) {
            notFound(request);
        }
    }

    private static void notFound(Request request) throws IOException {
        request.status(404);
        request.write(bytes("nothing at " + request.path()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private RawClient.Response get(String path, String... headers) throws IOException {
        return RawClient.exchange(server.port(), "GET", path, "", headers);
    }

    private RawClient.Response post(String path, String body, String... headers) throws IOException {
        return RawClient.exchange(server.port(), "POST", path, body, headers);
    }

    private RecordingObserver.Recorded recorded(String path) {
        return recorder.only(r -> r.path().orElse("").equals(path));
    }

    private static int status(RecordingObserver.Recorded recorded) {
        return recorded.outcome().orElseThrow().status().orElseThrow();
    }

    private void need(Capability capability) {
        assumeTrue(capabilities.contains(capability), () -> "the framework has no notion of " + capability);
    }

    /** Throws from every method, on paths that ask for it. */
    private static final class ThrowingObserver implements Observer {
        private static boolean asked(Exchange exchange) {
            return exchange.path().orElse("").startsWith("/observer-throws");
        }

        @Override
        public void begin(Exchange exchange) {
            if (asked(exchange)) {
                throw new IllegalStateException("begin");
            }
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            if (asked(exchange) || exchange.path().orElse("").startsWith("/observer-end-throws")) {
                throw new AssertionError("end");
            }
        }
    }

    /** Decides on another thread, on paths that ask for it. */
    private static final class AsyncGuard implements Guard.Async {
        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            String path = exchange.path().orElse("");
            if (path.startsWith("/async-guard-fails")) {
                return CompletableFuture.failedFuture(new IllegalStateException("no"));
            }
            return path.startsWith("/async-guard")
                    ? CompletableFuture.supplyAsync(Decision::proceed, WORKERS)
                    : CompletableFuture.completedFuture(Decision.proceed());
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            return admitAsync(exchange);
        }
    }

    // Plain requests

    @Test
    void a_request_is_one_exchange_that_is_current_in_its_handler() throws Exception {
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/plain", request -> {
            current.complete(Exchange.current());
            request.status(201);
            request.header("X-Handler", "yes");
            request.write(bytes("héllo"));
        });

        RawClient.Response response = get("/plain");

        assertEquals(201, response.status());
        assertEquals("héllo", response.text());
        assertEquals(List.of("yes"), response.header("X-Handler"));
        RecordingObserver.Recorded recorded = recorded("/plain");
        assertSame(recorded.exchange(), current.get().orElseThrow());
        assertEquals(Exchange.Kind.SERVER, recorded.exchange().kind());
        assertEquals("http", recorded.exchange().protocol());
        assertEquals("GET", recorded.exchange().operation());
        assertEquals(Outcome.completed(201), recorded.outcome().orElseThrow());
    }

    @Test
    void a_query_is_not_part_of_the_path() throws Exception {
        get("/query?token=secret&x=/y");

        assertEquals(404, status(recorded("/query")));
    }

    @Test
    void every_value_of_a_request_header_is_seen_in_order() throws Exception {
        CompletableFuture<List<String>> seen = new CompletableFuture<>();
        handlers.put(
                "/many-values",
                request -> seen.complete(Exchange.current().orElseThrow().requestHeaders("x-MANY")));

        get("/many-values", "X-Many: one", "X-Other: no", "X-Many: two");

        assertEquals(List.of("one", "two"), seen.get());
        recorded("/many-values");
    }

    @Test
    void a_missing_header_has_no_values() throws Exception {
        CompletableFuture<List<String>> seen = new CompletableFuture<>();
        handlers.put(
                "/no-values",
                request -> seen.complete(Exchange.current().orElseThrow().requestHeaders("X-Missing")));

        get("/no-values");

        assertEquals(List.of(), seen.get());
    }

    @Test
    void a_head_request_gets_headers_and_no_body() throws Exception {
        handlers.put("/head", request -> {
            request.header("X-Handler", "yes");
            request.write(bytes("not sent"));
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("HEAD", "/head", new byte[0]));
            RawClient.Response response = client.read("HEAD");
            assertEquals(200, response.status());
            assertEquals(List.of("yes"), response.header("X-Handler"));
            assertFalse(response.header(ID).isEmpty());
            assertTrue(client.isSilent(100));
        }
        assertEquals("HEAD", recorded("/head").exchange().operation());
    }

    @Test
    void an_options_request_is_an_exchange_like_any_other() throws Exception {
        handlers.put("/options", request -> {
            request.status(204);
            request.header("Allow", "GET");
        });

        RawClient.Response response = RawClient.exchange(server.port(), "OPTIONS", "/options", "");

        assertEquals(204, response.status());
        assertEquals("OPTIONS", recorded("/options").exchange().operation());
    }

    @Test
    void a_redirect_is_a_response_like_any_other() throws Exception {
        handlers.put("/redirect", request -> request.redirect("/elsewhere"));

        RawClient.Response response = get("/redirect");

        assertEquals(302, response.status());
        assertTrue(response.header("Location").get(0).endsWith("/elsewhere"));
        assertFalse(response.header(ID).isEmpty());
        assertEquals(302, status(recorded("/redirect")));
    }

    @Test
    void a_chunked_request_body_reaches_the_handler() throws Exception {
        handlers.put("/chunked", request -> request.write(request.body()));

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/chunked", "hello", " world"));
            assertEquals("hello world", client.read("POST").text());
        }
        recorded("/chunked");
    }

    @Test
    void a_large_body_passes_both_ways_unchanged() throws Exception {
        handlers.put("/large", request -> request.write(request.body()));
        String large = "0123456789abcdef".repeat(256 * 1024);

        RawClient.Response response = post("/large", large);

        assertArrayEquals(bytes(large), response.body());
        recorded("/large");
    }

    @Test
    void pipelined_requests_are_answered_in_order_each_as_its_own_exchange() throws Exception {
        need(Capability.PIPELINING);
        handlers.put("/pipeline-1", request -> request.write(bytes("first")));
        handlers.put("/pipeline-2", request -> request.write(bytes("second")));

        try (RawClient client = new RawClient(server.port())) {
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(RawClient.request("GET", "/pipeline-1", new byte[0], ID + ": one"));
            both.writeBytes(RawClient.request("GET", "/pipeline-2", new byte[0], ID + ": two"));
            client.send(both.toByteArray());
            RawClient.Response first = client.read("GET");
            RawClient.Response second = client.read("GET");
            assertEquals("first one", first.text() + " " + first.header(ID).get(0));
            assertEquals("second two", second.text() + " " + second.header(ID).get(0));
        }
        recorded("/pipeline-1");
        recorded("/pipeline-2");
    }

    @Test
    void parallel_requests_never_see_each_other() throws Exception {
        handlers.put("/parallel", request -> {
            String before = Correlation.current().orElse("none");
            LockSupport.parkNanos(100_000);
            request.write(bytes(before + " " + Correlation.current().orElse("none")));
        });
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String id = "parallel-" + i;
            all.add(WORKERS.submit(() -> get("/parallel", ID + ": " + id).text().equals(id + " " + id)));
        }
        for (Future<Boolean> each : all) {
            assertTrue(each.get());
        }
    }

    // Correlation

    @Test
    void a_valid_correlation_id_is_kept_and_echoed() throws Exception {
        handlers.put(
                "/accepted",
                request -> request.write(bytes(Correlation.current().orElse("none"))));

        RawClient.Response response = get("/accepted", "x-correlation-id: order-42/A.b_c:d+e=f");

        assertEquals("order-42/A.b_c:d+e=f", response.text());
        assertEquals(List.of("order-42/A.b_c:d+e=f"), response.header(ID));
        assertEquals(
                "order-42/A.b_c:d+e=f",
                recorded("/accepted").exchange().get(Key.CORRELATION_ID).orElseThrow());
    }

    @Test
    void the_second_header_counts_where_the_first_is_absent() throws Exception {
        assertEquals(
                List.of("from-request-id"),
                get("/second", "X-Request-ID: from-request-id").header(ID));
    }

    @Test
    void a_request_without_a_correlation_id_gets_one_of_its_own() throws Exception {
        String first = get("/generated").header(ID).get(0);
        String second = get("/generated").header(ID).get(0);

        assertTrue(first.matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), first);
        assertNotEquals(first, second);
    }

    @Test
    void a_hostile_correlation_id_is_replaced_and_never_echoed() throws Exception {
        List<String> hostile = List.of(
                "a b",
                "a,b",
                "",
                "x".repeat(129),
                "<script>",
                "a\tb",
                "r\u00e9sum\u00e9",
                "a\"b",
                "{\"level\":\"ERROR\"}",
                "${jndi:ldap://127.0.0.1/a}");
        for (String id : hostile) {
            RawClient.Response response = get("/hostile", ID + ": " + id);
            assertEquals(36, response.header(ID).get(0).length(), () -> "sent " + id + " got " + response.headers());
            assertEquals(1, response.header(ID).size());
        }
    }

    @Test
    void two_different_correlation_ids_are_none() throws Exception {
        assertEquals(
                36,
                get("/two-ids", ID + ": one", ID + ": two").header(ID).get(0).length());
    }

    @Test
    void bytes_that_no_header_may_have_are_refused_or_replaced() throws Exception {
        for (String value : List.of("a\u0000b", "a\u0001b", "a\rb", "a\u007fb", "x".repeat(100_000))) {
            try (RawClient client = new RawClient(server.port())) {
                client.send(RawClient.request("GET", "/hostile-bytes", new byte[0], ID + ": " + value));
                RawClient.Response response = client.read("GET");
                boolean refused = response.status() >= 400 && response.status() != 404;
                boolean replaced = response.header(ID).size() == 1
                        && response.header(ID).get(0).length() == 36;
                assertTrue(refused || replaced, () -> response.status() + " " + response.headers());
                assertTrue(response.headers().stream().noneMatch(h -> h.contains(value)));
            }
        }
    }

    // Failures

    @Test
    void an_exception_before_the_response_fails_the_exchange_and_is_answered_with_500() throws Exception {
        IllegalStateException thrown = new IllegalStateException("boom");
        handlers.put("/throws", request -> {
            throw thrown;
        });

        RawClient.Response response = get("/throws");

        assertEquals(500, response.status());
        Outcome.Failed failed = assertInstanceOf(
                Outcome.Failed.class, recorded("/throws").outcome().orElseThrow());
        assertSame(thrown, failed.error());
        assertEquals(500, failed.status().orElseThrow());
    }

    @Test
    void an_exception_after_the_response_began_fails_the_exchange() throws Exception {
        handlers.put("/throws-late", request -> {
            request.write(bytes("the beginning"));
            request.flush();
            throw new IllegalStateException("late");
        });

        RawClient.Response response = get("/throws-late");

        assertEquals(200, response.status());
        assertEquals("the beginning", response.text());
        assertNotEquals(capabilities.contains(Capability.CUT), response.complete());
        assertInstanceOf(
                Outcome.Failed.class, recorded("/throws-late").outcome().orElseThrow());
    }

    @Test
    void an_error_is_an_exception_like_any_other() throws Exception {
        handlers.put("/throws-error", request -> {
            throw new AssertionError("boom");
        });

        assertEquals(500, get("/throws-error").status());
        assertInstanceOf(
                Outcome.Failed.class, recorded("/throws-error").outcome().orElseThrow());
    }

    @Test
    void an_error_handler_runs_within_the_exchange_that_failed() throws Exception {
        need(Capability.ERROR_DISPATCH);
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        handlers.put("/throws-to-handler", request -> {
            throw new IllegalStateException("boom");
        });
        handlers.put("/error", request -> {
            seen.complete(Correlation.current());
            request.write(bytes("sorry"));
        });
        try {
            RawClient.Response response = get("/throws-to-handler", ID + ": failing");

            assertEquals(500, response.status());
            assertEquals("sorry", response.text());
            assertEquals(Optional.of("failing"), seen.get());
            assertEquals(List.of("failing"), response.header(ID));
            recorded("/throws-to-handler");
            assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/error"))));
        } finally {
            handlers.remove("/error");
        }
    }

    @Test
    void a_client_that_goes_away_ends_the_exchange_once() throws Exception {
        byte[] block = new byte[64 * 1024];
        handlers.put("/goes-away", request -> {
            for (int i = 0; i < 1024; i++) {
                request.write(block);
                request.flush();
            }
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/goes-away", new byte[0]));
            assertEquals(200, client.readHead().status());
            client.abort();
        }

        assertFalse(recorded("/goes-away").outcome().orElseThrow() instanceof Outcome.Answered);
    }

    @Test
    void an_observer_that_throws_in_every_method_changes_no_reply() throws Exception {
        handlers.put("/observer-throws", request -> request.write(bytes("fine")));
        handlers.put("/observer-end-throws", request -> request.write(bytes("fine")));
        handlers.put("/observer-throws/failing", request -> {
            throw new IllegalStateException("boom");
        });

        assertEquals("fine", get("/observer-throws").text());
        assertEquals("fine", get("/observer-end-throws").text());
        assertEquals(500, get("/observer-throws/failing").status());
        recorded("/observer-throws");
        recorded("/observer-end-throws");
        assertTrue(crosscut.faults().getOrDefault(ThrowingObserver.class.getName(), 0L) >= 3);
    }

    // Asynchronous handlers

    @Test
    void an_asynchronous_exchange_ends_when_its_response_is_complete() throws Exception {
        need(Capability.ASYNC);
        CompletableFuture<Void> mayComplete = new CompletableFuture<>();
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/async", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.execute(Propagation.wrap(() -> {
                mayComplete.join();
                current.complete(Exchange.current());
                request.status(202);
                write(request, "later");
                complete.run();
            }));
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/async", new byte[0]));
            assertTrue(client.isSilent(100));
            assertTrue(recorder.exchanges().stream()
                    .filter(r -> r.path().equals(Optional.of("/async")))
                    .allMatch(r -> r.outcome().isEmpty()));
            mayComplete.complete(null);
            RawClient.Response response = client.read("GET");
            assertEquals(202, response.status());
            assertEquals("later", response.text());
            assertFalse(response.header(ID).isEmpty());
        }
        assertSame(recorded("/async").exchange(), current.get().orElseThrow());
        assertEquals(Outcome.completed(202), recorded("/async").outcome().orElseThrow());
    }

    @Test
    void an_asynchronous_exchange_that_completes_before_its_handler_returns_ends_once() throws Exception {
        need(Capability.ASYNC);
        handlers.put("/async-at-once", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.submit(() -> {
                        write(request, "at once");
                        complete.run();
                    })
                    .get();
        });

        for (int i = 0; i < 50; i++) {
            assertEquals("at once", get("/async-at-once").text());
        }
    }

    @Test
    void an_asynchronous_exchange_that_times_out_ends_once() throws Exception {
        need(Capability.ASYNC_TIMEOUT);
        handlers.put("/async-timeout", request -> request.async(Duration.ofMillis(200)));

        RawClient.Response response = get("/async-timeout");

        assertTrue(response.status() >= 500, () -> "status " + response.status());
        assertFalse(recorded("/async-timeout").outcome().orElseThrow() instanceof Outcome.Completed);
    }

    private static void write(Request request, String text) {
        try {
            request.write(bytes(text));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    // Dispatches

    @Test
    void a_forward_stays_within_its_exchange() throws Exception {
        need(Capability.FORWARD);
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/forwarding", request -> request.forward("/forwarded"));
        handlers.put("/forwarded", request -> {
            current.complete(Exchange.current());
            request.write(bytes("forwarded"));
        });

        assertEquals("forwarded", get("/forwarding").text());
        assertSame(recorded("/forwarding").exchange(), current.get().orElseThrow());
        assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/forwarded"))));
    }

    @Test
    void an_include_stays_within_its_exchange() throws Exception {
        need(Capability.INCLUDE);
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/including", request -> {
            request.write(bytes("before "));
            request.include("/included");
            request.write(bytes(" after"));
        });
        handlers.put("/included", request -> {
            current.complete(Exchange.current());
            request.write(bytes("included"));
        });

        assertEquals("before included after", get("/including").text());
        assertSame(recorded("/including").exchange(), current.get().orElseThrow());
    }

    // Guards

    @Test
    void a_guard_that_answers_takes_the_place_of_the_handler() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/answered", request -> ran.incrementAndGet());
        Map<String, List<String>> headers = Map.of(
                "Content-Type", List.of("text/plain;charset=utf-8"),
                "Retry-After", List.of("7"),
                "WWW-Authenticate", List.of("Bearer", "DPoP algs=\"ES256\""));
        Reply reply = new Reply(429, headers, ByteBuffer.wrap(bytes("später")));
        guards.at("/answered", Script.answering(reply));

        RawClient.Response response = post("/answered", "x".repeat(100_000));

        assertEquals(429, response.status());
        assertEquals("später", response.text());
        assertEquals(List.of("7"), response.header("Retry-After"));
        assertEquals(List.of("Bearer", "DPoP algs=\"ES256\""), response.header("WWW-Authenticate"));
        assertEquals(1, response.header(ID).size());
        assertEquals(0, ran.get());
        Outcome.Answered answered = assertInstanceOf(
                Outcome.Answered.class, recorded("/answered").outcome().orElseThrow());
        assertEquals(reply, answered.reply());
    }

    @Test
    void an_answer_to_a_head_request_has_no_body() throws Exception {
        guards.at(
                "/answered-head",
                Script.answering(new Reply(401, Map.of("X-A", List.of("b")), ByteBuffer.wrap(bytes("no")))));

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("HEAD", "/answered-head", new byte[0]));
            assertEquals(401, client.read("HEAD").status());
            assertTrue(client.isSilent(100));
        }
        recorded("/answered-head");
    }

    @Test
    void a_guard_that_fails_refuses() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/guard-fails", request -> ran.incrementAndGet());
        handlers.put("/async-guard-fails", request -> ran.incrementAndGet());
        guards.at("/guard-fails", new Script(0, 0) {
            @Override
            public Decision admit(Exchange exchange) {
                throw new StackLessError();
            }
        });

        for (String path : List.of("/guard-fails", "/async-guard-fails")) {
            RawClient.Response response = get(path);
            assertEquals(500, response.status());
            assertTrue(response.text().contains("\"type\":\"https://crosscut.dev/problems/guard-failed\""));
            assertEquals(List.of("application/problem+json"), response.header("Content-Type"));
            assertEquals(1, response.header(ID).size());
            recorded(path);
        }
        assertEquals(0, ran.get());
    }

    private static final class StackLessError extends Error {
        private static final long serialVersionUID = 1L;

        StackLessError() {
            super("on purpose", null, false, false);
        }
    }

    @Test
    void a_guard_that_decides_on_another_thread_lets_the_request_proceed() throws Exception {
        handlers.put(
                "/async-guard",
                request -> request.write(bytes(Correlation.current().orElse("none"))));

        assertEquals("guarded", get("/async-guard", ID + ": guarded").text());
        recorded("/async-guard");
    }

    // Request bodies that a guard needs

    @Test
    void a_guard_sees_the_request_body_and_so_does_the_handler() throws Exception {
        handlers.put("/buffered", request -> request.write(request.body()));
        Script guard = Script.buffering(1000);
        guards.at("/buffered", guard);

        assertEquals("the body", post("/buffered", "the body").text());
        assertEquals(Optional.of("the body"), guard.requestBody.get());
        recorded("/buffered");
    }

    @Test
    void a_chunked_request_body_of_just_the_bound_is_buffered() throws Exception {
        handlers.put("/buffered-chunked", request -> request.write(request.body()));
        Script guard = Script.buffering(11);
        guards.at("/buffered-chunked", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/buffered-chunked", "hello", " world"));
            assertEquals("hello world", client.read("POST").text());
        }
        assertEquals(Optional.of("hello world"), guard.requestBody.get());
        recorded("/buffered-chunked");
    }

    @Test
    void a_request_without_a_body_is_buffered_as_an_empty_one() throws Exception {
        handlers.put("/buffered-empty", request -> request.write(bytes("[" + text(request.body()) + "]")));
        Script guard = Script.buffering(10);
        guards.at("/buffered-empty", guard);

        assertEquals("[]", get("/buffered-empty").text());
        assertEquals("", guard.requestBody.get().orElse(""));
        recorded("/buffered-empty");
    }

    @Test
    void a_request_body_over_the_bound_is_answered_with_413() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/too-large", request -> ran.incrementAndGet());
        Script guard = Script.buffering(10);
        guards.at("/too-large", guard);

        RawClient.Response declared = post("/too-large", "01234567890");
        assertEquals(413, declared.status());
        assertTrue(declared.text().contains("at most 10 bytes"), declared.text());
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/too-large", "01234567890"));
            assertEquals(413, client.read("POST").status());
        }
        assertEquals(0, ran.get());
        assertFalse(guard.requestBody.isDone(), "the guard was asked without the body that it needs");
    }

    @Test
    void a_request_body_that_ends_too_early_is_refused() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/cut", request -> ran.incrementAndGet());
        guards.at("/cut", Script.buffering(1000));

        try (RawClient client = new RawClient(server.port())) {
            client.send(bytes("POST /cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this"));
            client.abort();
        }

        recorded("/cut");
        assertEquals(0, ran.get());
    }

    @Test
    void a_handler_that_never_reads_the_body_leaves_the_connection_usable() throws Exception {
        handlers.put("/ignores-body", request -> request.write(bytes("ignored")));
        handlers.put("/ignores-buffered-body", request -> request.write(bytes("ignored")));
        guards.at("/ignores-buffered-body", Script.buffering(1000));

        for (String path : List.of("/ignores-body", "/ignores-buffered-body")) {
            try (RawClient client = new RawClient(server.port())) {
                client.send(RawClient.request("POST", path, bytes("GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")));
                assertEquals("ignored", client.read("POST").text());
                client.send(RawClient.request("POST", path, bytes("again")));
                assertEquals("ignored", client.read("POST").text());
            }
        }
        assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/smuggled"))));
    }

    // Responses that a guard holds

    @Test
    void nothing_of_a_held_response_is_sent_before_its_guard_has_settled() throws Exception {
        handlers.put("/held", request -> {
            request.status(201);
            request.header("X-Handler", "yes");
            request.write(bytes("held "));
            request.flush();
            request.write(bytes("back"));
        });
        Script guard = Script.holding(1000);
        guards.at("/held", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held", bytes("x")));
            guard.awaitSettling();
            assertTrue(client.isSilent(200), "bytes were sent before the guard had settled");
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(201, response.status());
            assertEquals("held back", response.text());
            assertEquals(List.of("yes"), response.header("X-Handler"));
        }
        assertEquals(List.of(Outcome.completed(201)), guard.settled);
        assertEquals(Optional.of("held back"), guard.responseBody.get());
        assertEquals(Outcome.completed(201), recorded("/held").outcome().orElseThrow());
    }

    @Test
    void a_held_response_without_a_body_is_held_too() throws Exception {
        handlers.put("/held-empty", request -> request.status(204));
        Script guard = Script.holding(1000);
        guards.at("/held-empty", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("DELETE", "/held-empty", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            assertEquals(204, client.read("DELETE").status());
        }
        assertEquals(Optional.of(""), guard.responseBody.get());
        recorded("/held-empty");
    }

    @Test
    void a_held_redirect_is_held_too() throws Exception {
        handlers.put("/held-redirect", request -> request.redirect("/elsewhere"));
        Script guard = Script.holding(1000);
        guards.at("/held-redirect", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-redirect", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(302, response.status());
            assertTrue(response.header("Location").get(0).endsWith("/elsewhere"));
        }
        assertEquals(List.of(Outcome.completed(302)), guard.settled);
        recorded("/held-redirect");
    }

    @Test
    void a_guard_may_answer_in_place_of_a_held_response() throws Exception {
        handlers.put("/held-replaced", request -> {
            request.status(201);
            request.header("X-Handler", "yes");
            request.write(bytes("never seen"));
        });
        Reply reply = Reply.problem(503, "urn:test:unavailable", "Not stored").reply();
        guards.at("/held-replaced", Script.holding(1000).settleWith(Decision.answer(reply)));

        RawClient.Response response = post("/held-replaced", "x", ID + ": replaced");

        assertEquals(503, response.status());
        assertTrue(response.text().contains("Not stored"));
        assertEquals(List.of(), response.header("X-Handler"));
        assertEquals(List.of("application/problem+json"), response.header("Content-Type"));
        assertEquals(List.of("replaced"), response.header(ID));
        assertInstanceOf(
                Outcome.Answered.class, recorded("/held-replaced").outcome().orElseThrow());
    }

    @Test
    void a_guard_that_fails_to_settle_withholds_a_held_response() throws Exception {
        handlers.put("/held-failing", request -> request.write(bytes("never seen")));
        guards.at("/held-failing", Script.holding(1000).settleFailing(new IOException("disk full")));

        RawClient.Response response = post("/held-failing", "x");

        assertEquals(500, response.status());
        assertFalse(response.text().contains("never seen") || response.text().contains("disk full"));
        recorded("/held-failing");
    }

    @Test
    void a_response_over_its_bound_settles_before_its_first_byte_and_arrives_whole() throws Exception {
        String large = "0123456789".repeat(20_000);
        handlers.put("/held-large", request -> {
            request.write(bytes(large.substring(0, 5)));
            request.write(bytes(large.substring(5)));
        });
        Script guard = Script.holding(1000);
        guards.at("/held-large", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/held-large", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            assertEquals(large, client.read("GET").text());
        }
        assertEquals(Optional.empty(), guard.responseBody.get());
        assertEquals(1, guard.settled.size());
        recorded("/held-large");
    }

    @Test
    void a_stream_of_events_is_not_held_back() throws Exception {
        CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        handlers.put("/held-events", request -> {
            request.header("Content-Type", "text/event-stream");
            request.write(bytes("data: 1\n\n"));
            request.flush();
            mayEnd.get(20, TimeUnit.SECONDS);
            request.write(bytes("data: 2\n\n"));
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-events", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/held-events", new byte[0]));
            assertEquals(200, client.readHead().status());
            assertEquals("data: 1\n\n", text(client.readChunk()));
            mayEnd.complete(null);
            assertEquals("data: 2\n\n", text(client.readChunk()));
        }
        assertEquals(Optional.empty(), guard.responseBody.get());
        recorded("/held-events");
    }

    @Test
    void an_asynchronous_response_is_held_until_it_is_complete_and_its_guard_has_settled() throws Exception {
        need(Capability.ASYNC);
        handlers.put("/held-async", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.execute(() -> {
                request.status(202);
                write(request, "held ");
                write(request, "async");
                complete.run();
            });
        });
        Script guard = Script.holding(1000);
        guards.at("/held-async", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-async", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(200), "bytes were sent before the guard had settled");
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(202, response.status());
            assertEquals("held async", response.text());
        }
        assertEquals(Optional.of("held async"), guard.responseBody.get());
        assertEquals(Outcome.completed(202), recorded("/held-async").outcome().orElseThrow());
    }

    @Test
    void a_handler_that_throws_settles_its_guard_as_failed() throws Exception {
        IllegalStateException thrown = new IllegalStateException("boom");
        handlers.put("/held-throws", request -> {
            request.write(bytes("dropped"));
            throw thrown;
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-throws", guard);

        RawClient.Response response = post("/held-throws", "x");

        assertEquals(500, response.status());
        assertFalse(response.text().contains("dropped"));
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, guard.settled.get(0));
        assertSame(thrown, failed.error());
        recorded("/held-throws");
    }

    @Test
    void a_client_that_goes_away_changes_nothing_for_a_guard() throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        handlers.put("/held-gone", request -> {
            gone.get(20, TimeUnit.SECONDS);
            request.status(201);
            request.write(bytes("done"));
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-gone", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-gone", bytes("x")));
            client.abort();
        }
        gone.complete(null);

        recorded("/held-gone");
        assertEquals(List.of(Outcome.completed(201)), guard.settled);
        assertEquals(Optional.of("done"), guard.responseBody.get());
    }

    // All together

    @Test
    void thousands_of_mixed_requests_leave_nothing_on_any_thread() throws Exception {
        handlers.put("/mixed-fine", request -> request.write(bytes("fine")));
        handlers.put("/mixed-throws", request -> {
            throw new StackLessError();
        });
        handlers.put("/mixed-held", request -> request.write(bytes("held")));
        handlers.put("/mixed-async", request -> {
            if (capabilities.contains(Capability.ASYNC)) {
                Runnable complete = request.async(Duration.ofSeconds(30));
                WORKERS.execute(complete);
            }
        });
        guards.at("/mixed-answered", Script.answering(Reply.of(403)));
        guards.at("/mixed-held", Script.holding(10).settleWith(Decision.proceed()));
        List<String> paths = List.of("/mixed-fine", "/mixed-throws", "/mixed-held", "/mixed-async", "/mixed-answered");
        List<Future<Integer>> clients = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            int client = c;
            clients.add(WORKERS.submit(() -> {
                int answered = 0;
                for (int i = 0; i < 500; i++) {
                    answered += get(paths.get((i + client) % paths.size())).status() > 0 ? 1 : 0;
                }
                return answered;
            }));
        }
        int all = 0;
        for (Future<Integer> client : clients) {
            all += client.get();
        }

        assertEquals(2000, all);
        recorder.verify();
        assertEquals(
                2000,
                recorder.exchanges().stream()
                        .filter(r -> r.path().orElse("").startsWith("/mixed-"))
                        .count());
    }
}
