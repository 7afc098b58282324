package dev.crosscut.tck;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/**
 * A framework in the manner of Vert.x, on real sockets: handlers are called back, call {@code next} when they like, and
 * nothing is over when they return.
 */
final class LoopServer implements AdapterContract.Running {

    interface Handler {
        void handle(Context context) throws Exception;
    }

    interface Sending {
        void run() throws IOException;
    }

    /** Where a response goes. A handler may put one of its own in front of the former. */
    interface Sink {
        void write(byte[] bytes) throws IOException;

        void flush() throws IOException;

        void end() throws IOException;

        /** The response has timed out. */
        void expire(TimeoutException timeOut);
    }

    private final HttpServer server;
    private final ExecutorService loops = Executors.newFixedThreadPool(8);
    private final ExecutorService readers = Executors.newCachedThreadPool();

    LoopServer(List<Handler> handlers) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(loops);
        server.createContext("/", http -> new Context(http, handlers).next());
        server.start();
    }

    @Override
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        loops.shutdown();
        readers.shutdown();
    }

    /** One request and its response. */
    final class Context {
        private final HttpExchange http;
        private final List<Handler> handlers;
        private final AtomicBoolean decided = new AtomicBoolean();
        private int next;
        private int status = 200;
        private boolean started;
        private boolean over;
        private Sink sink = new HttpSink();
        private BiConsumer<Integer, Throwable> onEnd = (status, failure) -> {};

        private Context(HttpExchange http, List<Handler> handlers) {
            this.http = http;
            this.handlers = handlers;
        }

        /** Hands the request to the next handler. */
        void next() {
            try {
                handlers.get(next++).handle(this);
            } catch (Throwable e) {
                fail(e);
            }
        }

        /** Runs something later, on a loop of the server. */
        void later(Runnable task) {
            loops.execute(task);
        }

        String method() {
            return http.getRequestMethod();
        }

        String path() {
            return http.getRequestURI().getRawPath();
        }

        Optional<String> query() {
            return Optional.ofNullable(http.getRequestURI().getRawQuery());
        }

        /** What is known of the connection, by the names of the semantic conventions of HTTP. */
        Map<String, Object> attributes() {
            return Map.of(
                    "url.scheme", "http",
                    "server.address", http.getLocalAddress().getHostName(),
                    "server.port", (long) http.getLocalAddress().getPort(),
                    "network.peer.address", http.getRemoteAddress().getAddress().getHostAddress(),
                    "network.protocol.version", http.getProtocol().substring("HTTP/".length()));
        }

        List<String> requestHeaders(String name) {
            return http.getRequestHeaders().getOrDefault(name, List.of());
        }

        /** The body as far as it goes, one byte more than the limit where it is longer. */
        CompletionStage<byte[]> body(int limit) {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return http.getRequestBody().readNBytes(limit + 1);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    readers);
        }

        /** Puts back what was read of the body. */
        void body(byte[] bytes) {
            body(new SequenceInputStream(new ByteArrayInputStream(bytes), http.getRequestBody()));
        }

        /** Gives handlers another stream to read the body from. */
        void body(InputStream instead) {
            http.setStreams(instead, null);
        }

        /** What a handler reads the body from. */
        InputStream body() {
            return http.getRequestBody();
        }

        int status() {
            return status;
        }

        void status(int code) {
            status = code;
        }

        boolean started() {
            return started;
        }

        Map<String, List<String>> responseHeaders() {
            return http.getResponseHeaders();
        }

        void header(String name, List<String> values) {
            http.getResponseHeaders().put(name, values);
        }

        void clearHeaders() {
            http.getResponseHeaders().clear();
        }

        Sink sink() {
            return sink;
        }

        void sink(Sink instead) {
            sink = instead;
        }

        /** Called once, when the response is sent or has failed, with the status that the client gets. */
        void onEnd(BiConsumer<Integer, Throwable> listener) {
            onEnd = onEnd.andThen(listener);
        }

        void write(byte[] bytes) throws IOException {
            sink.write(bytes);
        }

        void flush() throws IOException {
            sink.flush();
        }

        void end() {
            if (decided.compareAndSet(false, true)) {
                guarded(() -> sink.end());
            }
        }

        /** Fails where the handler has not ended the response by then. */
        void timeOut(Duration after) {
            CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS, loops)
                    .execute(() -> {
                        if (decided.compareAndSet(false, true)) {
                            sink.expire(new TimeoutException("the response was not ended within " + after));
                        }
                    });
        }

        /** Sends, or fails where the client is gone. */
        void guarded(Sending sending) {
            try {
                sending.run();
            } catch (IOException e) {
                fail(e);
            }
        }

        /** A handler failed, or the client is gone. */
        void fail(Throwable failure) {
            if (over) {
                return;
            }
            over = true;
            onEnd.accept(started ? status : 500, failure);
            if (!started) {
                try {
                    http.sendResponseHeaders(500, -1);
                } catch (IOException clientGone) {
                    failure.addSuppressed(clientGone);
                }
            }
            http.close();
        }

        private final class HttpSink implements Sink {
            private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

            @Override
            public void write(byte[] bytes) throws IOException {
                if (started) {
                    out().write(bytes);
                } else {
                    waiting.writeBytes(bytes);
                }
            }

            @Override
            public void flush() throws IOException {
                if (!started) {
                    start(0);
                    waiting.writeTo(out());
                }
                out().flush();
            }

            @Override
            public void end() throws IOException {
                if (over) {
                    return;
                }
                if (!started) {
                    boolean bodiless = method().equals("HEAD") || status == 204 || waiting.size() == 0;
                    start(bodiless ? -1 : waiting.size());
                    if (!bodiless) {
                        waiting.writeTo(out());
                    }
                }
                http.close();
                over = true;
                onEnd.accept(status, null);
            }

            @Override
            public void expire(TimeoutException timeOut) {
                fail(timeOut);
            }

            private void start(long length) throws IOException {
                started = true;
                http.sendResponseHeaders(status, length);
            }

            private OutputStream out() {
                return http.getResponseBody();
            }
        }
    }
}
