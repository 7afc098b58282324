package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What the parts of {@link AdapterContract} share: the server, its scripted handlers and guards, and the recorder. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class AdapterFixture {

    static final String ID = "X-Correlation-ID";
    static final ExecutorService WORKERS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contract-worker");
        thread.setDaemon(true);
        return thread;
    });

    final RecordingObserver recorder = recorder();
    final ScriptedGuard guards = new ScriptedGuard();
    final Map<String, AdapterContract.Handler> handlers = new ConcurrentHashMap<>();
    final Set<AdapterContract.Capability> capabilities = EnumSet.allOf(AdapterContract.Capability.class);
    Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .source(Source.of("none", Map.of()))
            .build();
    AdapterContract.Running server = new NotRunning();

    static final class NotRunning implements AdapterContract.Running {
        @Override
        public int port() {
            throw new IllegalStateException("the server has not been started");
        }

        @Override
        public void close() {}
    }

    RecordingObserver recorder() {
        return new RecordingObserver();
    }

    /**
     * Starts a server on the loopback address, on any free port.
     *
     * @param crosscut what the adapter under test is given
     * @param handler what the server does with each request, whatever its path
     * @return the server
     * @throws Exception if it cannot be started
     */
    protected abstract AdapterContract.Running start(Crosscut crosscut, AdapterContract.Handler handler)
            throws Exception;

    /**
     * What the framework has a notion of.
     *
     * @return all, unless overridden
     */
    protected Set<AdapterContract.Capability> capabilities() {
        return EnumSet.allOf(AdapterContract.Capability.class);
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
                .source(Source.of("contract", Map.of("crosscut.leak-detection", "true")))
                .observer(recorder)
                .observer(new ThrowingObserver())
                .observer(new CopyingObserver())
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
        assertAll(
                recorder::verify,
                () -> assertFalse(
                        crosscut.faults().containsKey("dev.crosscut.core.Scope"),
                        () -> "scopes were misused, see the log: " + crosscut.faults()));
    }

    void dispatch(AdapterContract.Request request) throws Exception {
        AdapterContract.Handler handler = handlers.get(request.path());
        if (handler != null) {
            handler.handle(request);
        } else if (!request.path().equals("/error")) {
            notFound(request);
        }
    }

    static void notFound(AdapterContract.Request request) throws IOException {
        request.status(404);
        request.write(bytes("nothing at " + request.path()));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    RawClient.Response get(String path, String... headers) throws IOException {
        return RawClient.exchange(server.port(), "GET", path, "", headers);
    }

    RawClient.Response post(String path, String body, String... headers) throws IOException {
        return RawClient.exchange(server.port(), "POST", path, body, headers);
    }

    RecordingObserver.Recorded recorded(String path) {
        return recorder.only(r -> r.path().orElse("").equals(path));
    }

    static int status(RecordingObserver.Recorded recorded) {
        return recorded.outcome().orElseThrow().status().orElseThrow();
    }

    void need(AdapterContract.Capability capability) {
        assumeTrue(capabilities.contains(capability), () -> "the framework has no notion of " + capability);
    }

    /** Throws from every method, on paths that ask for it. */
    static final class ThrowingObserver implements Observer {
        static boolean asked(Exchange exchange) {
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

    /** Wants copies, on paths that ask for it, and remembers them as they were at the end. */
    static final class CopyingObserver implements Observer.OfBodies {
        static final int BOUND = 16;
        static final Key<Copies> COPIES = Key.of("copies", Copies.class);
        static final Key<String> RESPONSE_TYPE = Key.of("response_type", String.class);

        /** How long each body is, and how it begins, such as {@code 20 0123456789012345}. */
        record Copies(Optional<String> request, Optional<String> response) {}

        private static int bound(Exchange exchange) {
            String path = exchange.path().orElse("");
            return path.startsWith("/copied") ? BOUND : path.startsWith("/counted") ? 0 : -1;
        }

        @Override
        public int requestCopy(Exchange exchange) {
            return bound(exchange);
        }

        @Override
        public int responseCopy(Exchange exchange) {
            return bound(exchange);
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            exchange.put(RESPONSE_TYPE, String.join(", ", exchange.responseHeaders("content-type")));
            exchange.put(
                    COPIES,
                    new Copies(
                            exchange.requestCopy().map(CopyingObserver::text),
                            exchange.responseCopy().map(CopyingObserver::text)));
        }

        private static String text(BodyCopy copy) {
            String beginning = StandardCharsets.UTF_8.decode(copy.bytes()).toString();
            return copy.size() + " " + beginning;
        }
    }

    /** Decides on another thread, on paths that ask for it. */
    static final class AsyncGuard implements Guard.Async {
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

    static final class StackLessError extends Error {
        static final long serialVersionUID = 1L;

        StackLessError() {
            super("on purpose", null, false, false);
        }
    }

    static void write(AdapterContract.Request request, String text) {
        try {
            request.write(bytes(text));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
