package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What an adapter for an HTTP client must do, on real sockets. An adapter's test extends this class, makes a client whose
 * every call goes through the adapter, and says what its client has no notion of.
 *
 * <p>Each test of a client that is {@link Capability#ASYNC} runs in both ways, blocking and not. The server speaks HTTP/1.1
 * on the loopback address, and misbehaves where a test is about that.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class ClientContract {

    private static final String ID = "X-Correlation-ID";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ExecutorService WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contract-worker");
        thread.setDaemon(true);
        return thread;
    });

    private final RecordingObserver recorder = new RecordingObserver();
    private final Witness witness = new Witness();
    private final ScriptedGuard guards = new ScriptedGuard();
    private final AsyncGuard asyncGuards = new AsyncGuard();
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .source(Source.of("contract", Map.of("crosscut.leak-detection", "true")))
            .observer(recorder)
            .observer(witness)
            .observer(new ThrowingObserver())
            .binding(recorder)
            .guard(guards)
            .guard(asyncGuards)
            .build();
    private final RawServer server = RawServer.start();
    private final Set<Capability> capabilities = EnumSet.allOf(Capability.class);
    private Client client = request -> {
        throw new IllegalStateException("the client has not been made");
    };

    /** Makes the contract; JUnit does. */
    protected ClientContract() {}

    /** What a client may have no notion of. */
    public enum Capability {
        /** A call may return before it is done: {@link Client#sendAsync}. */
        ASYNC,
        /** Cancelling the future of an asynchronous call aborts the call. */
        CANCELLATION,
        /** Interrupting the thread of a blocking call aborts the call. */
        INTERRUPTION,
        /** Redirects are followed within a call. */
        REDIRECTS,
        /** A guard can see the request body. */
        REQUEST_BODY
    }

    /** A client that is ready for calls. */
    public interface Client extends AutoCloseable {

        /**
         * Makes a call, and waits for the whole response.
         *
         * @param request what to send
         * @return the response
         * @throws Exception what the client throws
         */
        Response send(Request request) throws Exception;

        /**
         * Makes a call. Only with {@link Capability#ASYNC}.
         *
         * @param request what to send
         * @return the whole response, to come; completes exceptionally with what the client fails with, and its dependents
         *     run as those of the client's own futures do
         */
        default CompletableFuture<Response> sendAsync(Request request) {
            throw new UnsupportedOperationException("the client has no ASYNC");
        }

        @Override
        default void close() throws Exception {}
    }

    /** What to send. */
    public static final class Request {
        private final String method;
        private final URI uri;
        private final Map<String, List<String>> headers;
        private final byte[] body;
        private final Duration timeout;

        private Request(String method, URI uri, Map<String, List<String>> headers, byte[] body, Duration timeout) {
            this.method = method;
            this.uri = uri;
            this.headers = headers;
            this.body = body;
            this.timeout = timeout;
        }

        /**
         * The method.
         *
         * @return {@code GET} or {@code POST}
         */
        public String method() {
            return method;
        }

        /**
         * Where to send it.
         *
         * @return an absolute URI
         */
        public URI uri() {
            return uri;
        }

        /**
         * The header fields to set beyond those that the client sets by itself.
         *
         * @return the names, of which two may differ in case only, and the values of each in order
         */
        public Map<String, List<String>> headers() {
            return headers;
        }

        /**
         * The body.
         *
         * @return the body of a {@code POST}, possibly empty; an empty array for a {@code GET}, which has none
         */
        public byte[] body() {
            return body;
        }

        /**
         * After which the client gives up waiting for the response.
         *
         * @return the time
         */
        public Duration timeout() {
            return timeout;
        }

        private Request with(String name, String... values) {
            Map<String, List<String>> more = new LinkedHashMap<>(headers);
            more.put(name, List.of(values));
            return new Request(method, uri, more, body, timeout);
        }

        private Request within(Duration limit) {
            return new Request(method, uri, headers, body, limit);
        }
    }

    /** What came back. */
    public static final class Response {
        private final int status;
        private final byte[] body;

        /**
         * A response that arrived.
         *
         * @param status the status code
         * @param body the whole body
         */
        public Response(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        private String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * Makes a client. Where it has {@link Capability#REDIRECTS}, it follows them.
     *
     * @param crosscut what the adapter under test is given
     * @return the client
     * @throws Exception if it cannot be made
     */
    protected abstract Client client(Crosscut crosscut) throws Exception;

    /**
     * What the client has a notion of.
     *
     * @return all, unless overridden
     */
    protected Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    /**
     * Makes the client.
     *
     * @throws Exception if it cannot be made
     */
    @BeforeAll
    public void makeClient() throws Exception {
        capabilities.retainAll(capabilities());
        client = client(crosscut);
    }

    /**
     * Closes what was opened.
     *
     * @throws Exception if it cannot be closed
     */
    @AfterAll
    public void close() throws Exception {
        client.close();
        server.close();
        crosscut.close();
    }

    /** Checks that nothing was left behind. */
    @AfterEach
    public void verifyNothingWasLeftBehind() {
        recorder.verify();
        assertEquals(List.of(), server.takeFaults(), "the server of the contract failed");
        assertEquals(Optional.empty(), Exchange.current());
        assertFalse(
                crosscut.faults().containsKey("dev.crosscut.core.Scope"),
                () -> "scopes were misused, see the log: " + crosscut.faults());
    }

    /** How a call is made. */
    private enum Way {
        BLOCKING,
        ASYNC;

        String path(String path) {
            return path + (this == ASYNC ? "/async" : "/blocking");
        }
    }

    private List<Way> ways() {
        return capabilities.contains(Capability.ASYNC) ? List.of(Way.values()) : List.of(Way.BLOCKING);
    }

    private void need(Capability... needed) {
        for (Capability capability : needed) {
            assumeTrue(capabilities.contains(capability), () -> "the client has no notion of " + capability);
        }
    }

    private Request get(String target) {
        return new Request("GET", server.uri(target), Map.of(), new byte[0], PATIENCE);
    }

    private Request post(String target, byte[] body) {
        return new Request("POST", server.uri(target), Map.of(), body, PATIENCE);
    }

    private Response call(Way way, Request request) throws Exception {
        if (way == Way.BLOCKING) {
            return client.send(request);
        }
        return client.sendAsync(request).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** What a call fails with, bare. */
    private Throwable failure(Way way, Request request) {
        Response response;
        try {
            response = call(way, request);
        } catch (Throwable e) {
            return bare(e);
        }
        throw new AssertionError("expected the call of " + request.uri + " to fail, got " + response.status);
    }

    private static Throwable bare(Throwable carried) {
        Throwable bare = carried;
        while ((bare instanceof ExecutionException || bare instanceof CompletionException) && bare.getCause() != null) {
            bare = bare.getCause();
        }
        return bare;
    }

    /** Work that makes calls. */
    @FunctionalInterface
    private interface Work {
        void run(Exchange caller) throws Exception;
    }

    /** Does the work within an exchange, which must be current at its end too. */
    private void within(Work work) throws Exception {
        crosscut.call("caller", () -> {
            Exchange caller = Exchange.current().orElseThrow();
            work.run(caller);
            assertSame(caller, Exchange.current().orElse(null), "the exchange that is current after the calls");
            return caller;
        });
    }

    private static String id(Exchange exchange) {
        return exchange.get(Key.CORRELATION_ID).orElseThrow();
    }

    /** The one request that arrived for a path. */
    private RawServer.Received received(String path) {
        List<RawServer.Received> all = server.received(path);
        assertEquals(1, all.size(), () -> "requests that arrived for " + path);
        return all.get(0);
    }

    /** The one exchange of a call, which had ended before its caller saw how it came out. */
    private RecordingObserver.Recorded ended(String path) {
        List<RecordingObserver.Recorded> all = recorder.exchanges().stream()
                .filter(r -> r.path().equals(Optional.of(path)))
                .toList();
        assertEquals(1, all.size(), () -> "exchanges of " + path);
        assertTrue(
                all.get(0).outcome().isPresent(), () -> "the caller saw the end of the call before its exchange ended");
        return all.get(0);
    }

    private Outcome outcome(String path) {
        return ended(path).outcome().orElseThrow();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, Object> attributes(URI called) {
        return Map.of(
                "url.scheme", "http",
                "url.full", called.toString(),
                "server.address", "127.0.0.1",
                "server.port", (long) called.getPort(),
                "network.protocol.version", "1.1");
    }

    /** Sets a header, as an observer that propagates a context does, and notes what there is to see of each call. */
    private static final class Witness implements Observer {
        private final Map<String, Seen> calls = new ConcurrentHashMap<>();

        private record Seen(
                Optional<Exchange> parent,
                Optional<String> query,
                List<String> own,
                List<String> correlation,
                OptionalInt status,
                List<String> answer,
                Map<String, Object> attributes) {}

        @Override
        public void begin(Exchange exchange) {
            exchange.path().ifPresent(path -> {
                List<String> own = exchange.requestHeaders("x-OWN");
                exchange.requestHeader("X-Injected", "by an observer");
                calls.put(
                        path,
                        new Seen(
                                exchange.parent(),
                                exchange.query(),
                                own,
                                exchange.requestHeaders(ID),
                                OptionalInt.empty(),
                                List.of(),
                                attributes(exchange)));
            });
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            exchange.path()
                    .ifPresent(path -> calls.computeIfPresent(
                            path,
                            (key, seen) -> new Seen(
                                    seen.parent,
                                    seen.query,
                                    seen.own,
                                    seen.correlation,
                                    exchange.status(),
                                    exchange.responseHeaders("x-ANSWER"),
                                    attributes(exchange))));
        }

        private static Map<String, Object> attributes(Exchange exchange) {
            Map<String, Object> attributes = new TreeMap<>();
            Stream.of("url.scheme", "url.full", "server.address", "server.port", "network.protocol.version")
                    .forEach(name -> exchange.attribute(name).ifPresent(value -> attributes.put(name, value)));
            return attributes;
        }

        Seen seen(String path) {
            return Optional.ofNullable(calls.get(path)).orElseThrow();
        }
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

    /** Decides when it is told to, on paths that ask for it, and notes where it was waited for. */
    private static final class AsyncGuard implements Guard.Async {
        private final Set<String> waitedFor = ConcurrentHashMap.newKeySet();
        private final Map<String, CompletableFuture<Decision>> admissions = new ConcurrentHashMap<>();
        private final Map<String, CompletableFuture<Decision>> settlements = new ConcurrentHashMap<>();
        private final Map<String, CompletableFuture<Outcome>> settling = new ConcurrentHashMap<>();

        CompletableFuture<Decision> admits(String path) {
            return admissions.computeIfAbsent(path, p -> new CompletableFuture<>());
        }

        CompletableFuture<Decision> settles(String path) {
            return settlements.computeIfAbsent(path, p -> new CompletableFuture<>());
        }

        /** Completes when the guard has been told how the call came out. */
        CompletableFuture<Outcome> settling(String path) {
            return settling.computeIfAbsent(path, p -> new CompletableFuture<>());
        }

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            return decision(admissions, exchange);
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            exchange.path().ifPresent(path -> settling(path).complete(outcome));
            return decision(settlements, exchange);
        }

        @Override
        public Decision admit(Exchange exchange) throws Exception {
            exchange.path().ifPresent(waitedFor::add);
            return Guard.Async.super.admit(exchange);
        }

        @Override
        public Decision settle(Exchange exchange, Outcome outcome) throws Exception {
            exchange.path().ifPresent(waitedFor::add);
            return Guard.Async.super.settle(exchange, outcome);
        }

        private static CompletionStage<Decision> decision(
                Map<String, CompletableFuture<Decision>> decisions, Exchange exchange) {
            CompletableFuture<Decision> decision = decisions.get(exchange.path().orElse(""));
            return decision == null ? CompletableFuture.completedFuture(Decision.proceed()) : decision;
        }
    }

    // Plain calls

    @Test
    void a_call_is_one_exchange_inside_that_of_its_caller() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/plain");
            server.at(path, (request, peer) -> peer.respond(201, bytes("héllo")));

            within(caller -> {
                Response response = call(way, get(path + "?token=a%20b+c&x=/y?"));

                assertEquals(201, response.status);
                assertEquals("héllo", response.text());
                RecordingObserver.Recorded recorded = ended(path);
                assertEquals(Exchange.Kind.CLIENT, recorded.exchange().kind());
                assertEquals("http", recorded.exchange().protocol());
                assertEquals("GET", recorded.exchange().operation());
                assertEquals(Outcome.completed(201), recorded.outcome().orElseThrow());
                assertEquals(Optional.of(caller), witness.seen(path).parent());
                assertEquals(
                        Optional.of("token=a%20b+c&x=/y?"), witness.seen(path).query());
                assertEquals(id(caller), id(recorded.exchange()));
            });
            assertEquals(path + "?token=a%20b+c&x=/y?", received(path).target());
        }
    }

    @Test
    void calls_of_the_same_are_exchanges_of_their_own() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/again");
            Request request = get(path);

            call(way, request);
            call(way, request);

            List<RawServer.Received> received = server.received(path);
            assertEquals(2, received.size());
            assertNotEquals(received.get(0).header(ID), received.get(1).header(ID));
            assertEquals(
                    2,
                    recorder.exchanges().stream()
                            .filter(r -> r.path().equals(Optional.of(path)))
                            .count());
        }
    }

    @Test
    void any_status_is_a_completed_call() throws Exception {
        for (Way way : ways()) {
            for (int status : List.of(200, 204, 304, 404, 409, 500, 503)) {
                String path = way.path("/status-" + status);
                byte[] body = status == 204 || status == 304 ? new byte[0] : bytes("body");
                server.at(path, (request, peer) -> peer.respond(status, body));

                assertEquals(status, call(way, get(path)).status);
                assertEquals(Outcome.completed(status), outcome(path));
            }
        }
    }

    @Test
    void the_status_and_the_headers_of_the_response_are_known_at_the_end() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/known");
            server.at(path, (request, peer) -> peer.respond(202, bytes("x"), "X-Answer: one", "X-Answer: two"));

            call(way, get(path));

            assertEquals(OptionalInt.of(202), witness.seen(path).status());
            assertEquals(List.of("one", "two"), witness.seen(path).answer());
            assertEquals(Optional.empty(), witness.seen(path).query());
            assertEquals(attributes(server.uri(path)), witness.seen(path).attributes());
        }
    }

    @Test
    void a_redirect_that_the_client_follows_is_part_of_the_call() throws Exception {
        need(Capability.REDIRECTS);
        for (Way way : ways()) {
            String path = way.path("/redirecting");
            String target = way.path("/redirected");
            server.at(path, (request, peer) -> peer.respond(302, bytes("over there"), "Location: " + target));
            server.at(target, (request, peer) -> peer.respond(200, bytes("arrived")));

            within(caller -> {
                assertEquals("arrived", call(way, get(path)).text());
                assertEquals(Outcome.completed(200), outcome(path));
                assertEquals(List.of(id(caller)), received(path).header(ID));
                assertEquals(List.of(id(caller)), received(target).header(ID));
            });
            assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of(target))));
        }
    }

    // Headers

    @Test
    void the_correlation_id_of_the_caller_is_sent_once() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/correlated");

            within(caller -> {
                call(way, get(path));
                assertEquals(List.of(id(caller)), received(path).header(ID));
            });
            assertEquals(received(path).header(ID), witness.seen(path).correlation());
        }
    }

    @Test
    void a_call_outside_of_any_exchange_gets_an_id_of_its_own() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/uncorrelated");

            call(way, get(path));

            List<String> sent = received(path).header(ID);
            assertEquals(List.of(id(ended(path).exchange())), sent);
            assertTrue(
                    sent.get(0).matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
                    sent.get(0));
            assertEquals(Optional.empty(), witness.seen(path).parent());
            assertEquals(Optional.empty(), Exchange.current());
        }
    }

    @Test
    void a_correlation_id_that_the_user_set_is_replaced() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/replaced");
            List<Request> requests = List.of(
                    get(path).with(ID, "mine"),
                    get(path).with("x-correlation-id", "mine"),
                    get(path).with(ID, "mine", "and mine"),
                    get(path).with(ID, "mine").with("x-CORRELATION-id", "and mine"),
                    get(path).with(ID, "{\"level\":\"ERROR\"} <script>, ${jndi:ldap://127.0.0.1/a}"),
                    get(path).with(ID, "x".repeat(4000)));
            within(caller -> {
                for (Request request : requests) {
                    assertEquals(404, call(way, request).status);
                }
                List<RawServer.Received> received = server.received(path);
                assertEquals(requests.size(), received.size());
                for (RawServer.Received each : received) {
                    assertEquals(List.of(id(caller)), each.header(ID));
                }
            });
        }
    }

    @Test
    void a_header_that_an_observer_sets_is_sent_once_whatever_the_user_set() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/injected");

            call(way, get(path).with("x-injected", "by the user", "twice"));

            assertEquals(List.of("by an observer"), received(path).header("X-Injected"));
        }
    }

    @Test
    void headers_of_the_user_s_own_are_seen_and_arrive_as_they_are() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/own");

            call(way, get(path).with("X-Own", "one", "two").with("X-Other", "a, b"));

            assertEquals(List.of("one", "two"), witness.seen(path).own());
            assertEquals(List.of("one", "two"), received(path).header("X-Own"));
            assertEquals(List.of("a, b"), received(path).header("X-Other"));
        }
    }

    // Bodies

    @Test
    void bodies_pass_both_ways_unchanged() throws Exception {
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        byte[] large = new byte[4 * 1024 * 1024];
        new Random(7).nextBytes(large);
        for (Way way : ways()) {
            String path = way.path("/echo");
            server.at(path, (request, peer) -> peer.respond(200, request.body()));
            for (byte[] body : List.of(new byte[0], bytes("héllo"), everyByte, large)) {
                Response response = call(way, post(path, body));
                assertEquals(200, response.status);
                assertArrayEquals(body, response.body);
            }
            List<RawServer.Received> received = server.received(path);
            assertArrayEquals(large, received.get(received.size() - 1).body());
        }
    }

    @Test
    void a_request_without_a_body_is_sent_without_one() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/bodiless");

            call(way, get(path));

            assertEquals("GET", received(path).method());
            assertEquals(0, received(path).body().length);
            assertEquals(List.of(), received(path).header("Transfer-Encoding"));
        }
    }

    @Test
    void a_response_that_arrives_slowly_arrives_whole() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/slow");
            server.at(path, (request, peer) -> {
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = 0; i < 10; i++) {
                    LockSupport.parkNanos(5_000_000);
                    peer.send("3\r\n" + i + i + i + "\r\n");
                }
                peer.send("0\r\n\r\n");
            });

            assertEquals("000111222333444555666777888999", call(way, get(path)).text());
            assertEquals(Outcome.completed(200), outcome(path));
        }
    }

    // Failures

    @Test
    void a_call_that_fails_is_a_failed_exchange_with_the_exception_that_its_caller_gets() throws Exception {
        Map<String, RawServer.Behaviour> failures = Map.of(
                "/reset", (request, peer) -> peer.reset(),
                "/closed", (request, peer) -> peer.close(),
                "/garbage",
                        (request, peer) -> {
                            peer.send("\u0000\u0001 this is not HTTP\r\n\r\n");
                            peer.close();
                        },
                "/bad-framing",
                        (request, peer) -> {
                            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n");
                            peer.close();
                        },
                "/truncated",
                        (request, peer) -> {
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
                            peer.close();
                        });
        for (Way way : ways()) {
            for (Map.Entry<String, RawServer.Behaviour> each : failures.entrySet()) {
                String path = way.path(each.getKey());
                server.at(path, each.getValue());

                within(caller -> {
                    Throwable failure = failure(way, get(path));

                    Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome(path), path);
                    assertSame(failure, failed.error(), path);
                });
            }
        }
    }

    @Test
    void a_call_to_where_nobody_listens_is_a_failed_exchange() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        for (Way way : ways()) {
            String path = way.path("/nobody");
            URI uri = URI.create("http://127.0.0.1:" + nobody + path);

            Throwable failure = failure(way, new Request("GET", uri, Map.of(), new byte[0], PATIENCE));

            assertSame(
                    failure,
                    assertInstanceOf(Outcome.Failed.class, outcome(path)).error());
        }
    }

    @Test
    void a_call_that_takes_too_long_is_a_failed_exchange() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/stalled");
            CompletableFuture<Void> gone = new CompletableFuture<>();
            server.at(path, (request, peer) -> {
                peer.awaitGone();
                gone.complete(null);
            });

            within(caller -> {
                Throwable failure = failure(way, get(path).within(Duration.ofMillis(200)));

                assertSame(
                        failure,
                        assertInstanceOf(Outcome.Failed.class, outcome(path)).error());
            });
            gone.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void a_call_whose_thread_is_interrupted_is_aborted_and_a_cancelled_exchange() throws Exception {
        need(Capability.INTERRUPTION);
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        server.at("/interrupted", (request, peer) -> {
            arrived.complete(null);
            peer.awaitGone();
            gone.complete(null);
        });
        CompletableFuture<Optional<Exchange>> after = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            failure(Way.BLOCKING, get("/interrupted"));
            after.complete(Exchange.current());
        });
        thread.start();
        arrived.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        thread.interrupt();

        gone.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertEquals(Optional.empty(), after.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(Outcome.Cancelled.class, outcome("/interrupted"));
    }

    @Test
    void a_call_whose_future_is_cancelled_is_aborted_and_a_cancelled_exchange() throws Exception {
        need(Capability.ASYNC, Capability.CANCELLATION);
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        server.at("/cancelled", (request, peer) -> {
            arrived.complete(null);
            peer.awaitGone();
            gone.complete(null);
        });
        CompletableFuture<Response> response = client.sendAsync(get("/cancelled"));
        arrived.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertTrue(response.cancel(true));

        assertTrue(response.isCancelled());
        gone.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        RecordingObserver.Recorded recorded = recorder.only(r -> r.path().equals(Optional.of("/cancelled")));
        assertInstanceOf(Outcome.Cancelled.class, recorded.outcome().orElseThrow());
    }

    @Test
    void a_call_that_is_cancelled_before_its_guards_have_decided_is_never_sent() throws Exception {
        need(Capability.ASYNC, Capability.CANCELLATION);
        CompletableFuture<Decision> decision = asyncGuards.admits("/cancelled-early");
        CompletableFuture<Response> response = client.sendAsync(get("/cancelled-early"));

        assertTrue(response.cancel(true));
        decision.complete(Decision.proceed());

        assertThatCancelled(response);
        RecordingObserver.Recorded recorded = recorder.only(r -> r.path().equals(Optional.of("/cancelled-early")));
        assertInstanceOf(Outcome.Cancelled.class, recorded.outcome().orElseThrow());
        assertNothingArrived("/cancelled-early");
    }

    private static void assertThatCancelled(CompletableFuture<?> future) {
        assertTrue(future.isDone());
        try {
            future.join();
            throw new AssertionError("expected the future to have been cancelled");
        } catch (CancellationException | CompletionException e) {
            assertInstanceOf(CancellationException.class, bare(e));
        }
    }

    /** Calls something else on the way, so that what was sent before has arrived. */
    private void assertNothingArrived(String path) throws Exception {
        client.send(get("/something-else"));
        assertEquals(0, server.received(path).size(), () -> "requests that arrived for " + path);
    }

    @Test
    void an_observer_that_throws_in_every_method_changes_no_call() throws Exception {
        for (Way way : ways()) {
            String failing = way.path("/observer-throws/failing");
            server.at(failing, (request, peer) -> peer.reset());
            for (String each : List.of("/observer-throws", "/observer-end-throws")) {
                String path = way.path(each);
                server.at(path, (request, peer) -> peer.respond(200, bytes("fine")));

                within(caller -> {
                    assertEquals("fine", call(way, get(path)).text());
                    assertEquals(List.of(id(caller)), received(path).header(ID));
                });
                assertEquals(Outcome.completed(200), outcome(path));
            }

            Throwable failure = failure(way, get(failing));
            assertSame(
                    failure,
                    assertInstanceOf(Outcome.Failed.class, outcome(failing)).error());
        }
        assertTrue(crosscut.faults().getOrDefault(ThrowingObserver.class.getName(), 0L) >= 3L * ways().size());
    }

    // Guards

    @Test
    void a_call_that_a_guard_answers_is_refused_and_never_sent() throws Exception {
        Reply reply = new Reply(429, Map.of("Retry-After", List.of("7")), ByteBuffer.wrap(bytes("später")));
        for (Way way : ways()) {
            String path = way.path("/answered");
            guards.at(path, Script.answering(reply));

            within(caller -> {
                RefusedException refused =
                        assertInstanceOf(RefusedException.class, failure(way, post(path, bytes("not sent"))));

                assertEquals(reply, refused.reply());
                assertEquals(
                        reply,
                        assertInstanceOf(Outcome.Answered.class, outcome(path)).reply());
            });
            assertNothingArrived(path);
        }
    }

    @Test
    void a_call_whose_guard_fails_is_refused_and_never_sent() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/guard-fails");
            String later = way.path("/guard-fails-later");
            guards.at(path, new Script(0, 0) {
                @Override
                public Decision admit(Exchange exchange) {
                    throw new IllegalStateException("on purpose");
                }
            });
            asyncGuards.admits(later).completeExceptionally(new IllegalStateException("on purpose"));

            for (String each : List.of(path, later)) {
                RefusedException refused = assertInstanceOf(RefusedException.class, failure(way, get(each)));
                assertEquals(500, refused.reply().status());
                assertInstanceOf(Outcome.Answered.class, outcome(each));
                assertNothingArrived(each);
            }
        }
    }

    @Test
    void a_guard_that_decides_later_on_another_thread_lets_the_call_proceed() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/admitted-later");
            CompletableFuture<Decision> decision = asyncGuards.admits(path);

            within(caller -> {
                WORKERS.execute(() -> decision.complete(Decision.proceed()));
                assertEquals(404, call(way, get(path)).status);
                assertEquals(List.of(id(caller)), received(path).header(ID));
            });
        }
    }

    @Test
    void a_caller_sees_nothing_of_the_response_before_the_guards_have_settled() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/settled");
            Script guard = Script.holding(1000);
            guards.at(path, guard);

            Future<Response> response = WORKERS.submit(() -> call(way, get(path)));
            guard.awaitSettling();
            assertFalse(response.isDone(), "the caller saw the response before the guard had settled");
            guard.settleWith(Decision.proceed());

            assertEquals(404, response.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).status);
            assertEquals(List.of(Outcome.completed(404)), guard.settled);
        }
    }

    @Test
    void a_guard_that_settles_later_keeps_no_thread_and_no_other_call_waiting() throws Exception {
        need(Capability.ASYNC);
        CompletableFuture<Decision> decision = asyncGuards.settles("/settled-later");
        List<CompletableFuture<Response>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(client.sendAsync(get("/settled-later")));
        }
        asyncGuards.settling("/settled-later").get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        for (Way way : ways()) {
            assertEquals(404, call(way, get(way.path("/meanwhile"))).status);
        }
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        decision.complete(Decision.proceed());

        for (CompletableFuture<Response> each : waiting) {
            assertEquals(404, each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).status);
        }
        assertFalse(asyncGuards.waitedFor.contains("/settled-later"), "a thread waited for the guard");
    }

    @Test
    void a_guard_is_told_of_a_call_that_failed() throws Exception {
        for (Way way : ways()) {
            String path = way.path("/settled-failed");
            server.at(path, (request, peer) -> peer.reset());
            Script guard = Script.holding(1000).settleWith(Decision.proceed());
            guards.at(path, guard);

            Throwable failure = failure(way, get(path));

            assertEquals(1, guard.settled.size());
            assertSame(
                    failure,
                    assertInstanceOf(Outcome.Failed.class, guard.settled.get(0)).error());
        }
    }

    @Test
    void a_guard_that_answers_when_it_settles_withholds_the_response() throws Exception {
        Reply reply = Reply.problem(503, "urn:test:unavailable", "Not stored").reply();
        for (Way way : ways()) {
            String path = way.path("/withheld");
            String failing = way.path("/withheld-failing");
            guards.at(path, Script.holding(1000).settleWith(Decision.answer(reply)));
            guards.at(failing, Script.holding(1000).settleFailing(new IOException("disk full")));

            RefusedException refused = assertInstanceOf(RefusedException.class, failure(way, get(path)));
            assertEquals(reply, refused.reply());
            assertInstanceOf(Outcome.Answered.class, outcome(path));
            refused = assertInstanceOf(RefusedException.class, failure(way, get(failing)));
            assertEquals(500, refused.reply().status());
            assertInstanceOf(Outcome.Answered.class, outcome(failing));
            assertEquals(
                    1, server.received(path).size() * server.received(failing).size());
        }
    }

    @Test
    void a_guard_sees_the_request_body_and_so_does_the_server() throws Exception {
        need(Capability.REQUEST_BODY);
        for (Way way : ways()) {
            for (String body : List.of("", "the body")) {
                String path = way.path("/buffered-" + body.length());
                Script guard = Script.buffering(8);
                guards.at(path, guard);

                assertEquals(404, call(way, post(path, bytes(body))).status);

                assertEquals(Optional.of(body), guard.requestBody.get());
                assertArrayEquals(bytes(body), received(path).body());
            }
        }
    }

    @Test
    void a_request_body_over_the_bound_of_a_guard_is_refused_and_never_sent() throws Exception {
        need(Capability.REQUEST_BODY);
        for (Way way : ways()) {
            String path = way.path("/too-large");
            Script guard = Script.buffering(8);
            guards.at(path, guard);

            RefusedException refused =
                    assertInstanceOf(RefusedException.class, failure(way, post(path, bytes("123456789"))));

            assertEquals(413, refused.reply().status());
            assertFalse(guard.requestBody.isDone(), "the guard was asked without the body that it needs");
            assertNothingArrived(path);
        }
    }

    // Context

    @Test
    void what_follows_an_asynchronous_call_runs_within_the_exchange_of_its_caller() throws Exception {
        need(Capability.ASYNC);
        Map<String, RawServer.Behaviour> behaviours = Map.of(
                "/followed", (request, peer) -> peer.respond(200, bytes("fine")),
                "/followed-failing", (request, peer) -> peer.reset(),
                "/followed-refused", (request, peer) -> peer.respond(200, bytes("never sent")));
        guards.at("/followed-refused", Script.answering(Reply.of(403)));
        for (Map.Entry<String, RawServer.Behaviour> each : behaviours.entrySet()) {
            String path = each.getKey();
            CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
            server.at(path, (request, peer) -> {
                mayAnswer.join();
                each.getValue().serve(request, peer);
            });
            List<CompletableFuture<Optional<Exchange>>> seen = new ArrayList<>();
            CompletableFuture<Exchange> calling = new CompletableFuture<>();
            within(caller -> {
                calling.complete(caller);
                CompletableFuture<Response> response = client.sendAsync(get(path));
                seen.add(response.handle((value, failure) -> Exchange.current()));
                seen.add(response.handleAsync((value, failure) -> Exchange.current()));
                seen.add(response.thenApply(value -> value).handle((value, failure) -> Exchange.current()));
            });
            mayAnswer.complete(null);

            for (CompletableFuture<Optional<Exchange>> current : seen) {
                assertSame(
                        calling.join(),
                        current.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).orElse(null),
                        path);
            }
        }
    }

    @Test
    void what_follows_a_call_outside_of_any_exchange_runs_outside_of_any() throws Exception {
        need(Capability.ASYNC);
        CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
        server.at("/followed-outside", (request, peer) -> {
            mayAnswer.join();
            peer.respond(200, bytes("fine"));
        });
        CompletableFuture<Optional<Exchange>> current =
                client.sendAsync(get("/followed-outside")).thenApply(response -> Exchange.current());
        mayAnswer.complete(null);

        assertEquals(Optional.empty(), current.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void parallel_calls_never_mix() throws Exception {
        server.at("/parallel", (request, peer) -> peer.respond(200, bytes(String.join("|", request.header(ID)))));
        List<Future<Integer>> callers = new ArrayList<>();
        for (int c = 0; c < 8; c++) {
            callers.add(WORKERS.submit(() -> {
                for (int i = 0; i < 50; i++) {
                    for (Way way : ways()) {
                        within(caller -> {
                            assertEquals(id(caller), call(way, get("/parallel")).text());
                            assertEquals(Optional.of(id(caller)), Correlation.current());
                        });
                    }
                }
                return 50 * ways().size();
            }));
        }
        int calls = 0;
        for (Future<Integer> each : callers) {
            calls += each.get();
        }
        assertEquals(calls, server.received("/parallel").size());
    }

    // All together

    @Test
    void thousands_of_mixed_calls_leave_nothing_on_any_thread() throws Exception {
        server.at("/mixed-fine", (request, peer) -> peer.respond(200, bytes("fine")));
        server.at("/observer-throws/mixed", (request, peer) -> peer.respond(500, bytes("sorry")));
        server.at("/mixed-reset", (request, peer) -> peer.reset());
        server.at("/mixed-settled", (request, peer) -> peer.respond(201, bytes("stored")));
        guards.at("/mixed-answered", Script.answering(Reply.of(403)));
        guards.at("/mixed-settled", Script.holding(10).settleWith(Decision.proceed()));
        List<String> paths =
                List.of("/mixed-fine", "/observer-throws/mixed", "/mixed-reset", "/mixed-settled", "/mixed-answered");
        List<Future<Integer>> callers = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            int first = c;
            callers.add(WORKERS.submit(() -> {
                int returned = 0;
                for (int i = 0; i < 250; i++) {
                    for (Way way : ways()) {
                        Request request = get(paths.get((i + first) % paths.size()));
                        try {
                            returned += call(way, request).status > 0 ? 1 : 0;
                        } catch (IOException | ExecutionException | RefusedException expected) {
                            assertNull(Exchange.current().orElse(null));
                        }
                    }
                }
                assertEquals(Optional.empty(), Exchange.current());
                return returned;
            }));
        }
        int returned = 0;
        for (Future<Integer> each : callers) {
            returned += each.get();
        }

        assertEquals(600 * ways().size(), returned);
        recorder.verify();
        assertEquals(
                1000L * ways().size(),
                recorder.exchanges().stream()
                        .filter(r -> paths.contains(r.path().orElse("")))
                        .count());
    }
}
