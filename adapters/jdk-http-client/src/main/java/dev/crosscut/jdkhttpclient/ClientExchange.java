package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A request that the JDK's client sends. What is sent is the user's own request until something has to be set on it. */
final class ClientExchange extends Exchange {

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final HttpRequest own;
    private final HttpClient client;
    private HttpRequest.@Nullable Builder copy;
    private volatile @Nullable Head head;

    private record Head(int status, HttpHeaders headers, HttpClient.Version version) {}

    ClientExchange(HttpRequest own, HttpClient client) {
        super(Kind.CLIENT);
        this.own = Objects.requireNonNull(own, "request");
        this.client = client;
    }

    @Override
    public String protocol() {
        return "http";
    }

    @Override
    public String operation() {
        return own.method();
    }

    @Override
    public Optional<String> path() {
        String path = own.uri().getRawPath();
        return Optional.of(path == null || path.isEmpty() ? "/" : path);
    }

    @Override
    public Optional<String> query() {
        return Optional.ofNullable(own.uri().getRawQuery());
    }

    @Override
    public List<String> requestHeaders(String name) {
        return request().headers().allValues(name);
    }

    @Override
    public void requestHeader(String name, String value) {
        copy().setHeader(name, value);
    }

    /** What to send. */
    HttpRequest request() {
        HttpRequest.Builder changed = copy;
        return changed == null ? own : changed.build();
    }

    private HttpRequest.Builder copy() {
        HttpRequest.Builder changed = copy;
        if (changed == null) {
            changed = HttpRequest.newBuilder(own, (name, value) -> true);
            copy = changed;
        }
        return changed;
    }

    @Override
    public OptionalInt status() {
        Head arrived = head;
        return arrived == null ? OptionalInt.empty() : OptionalInt.of(arrived.status);
    }

    @Override
    public List<String> responseHeaders(String name) {
        Head arrived = head;
        return arrived == null ? List.of() : arrived.headers.allValues(name);
    }

    @Override
    public Optional<Object> attribute(String name) {
        return Optional.ofNullable(value(name));
    }

    private @Nullable Object value(String name) {
        URI uri = own.uri();
        return switch (name) {
            case "url.scheme" -> uri.getScheme();
            case "url.full" -> uri.toString();
            case "server.address" -> address(uri);
            case "server.port" -> (long) port(uri);
            case "network.protocol.version" -> version(head);
            default -> null;
        };
    }

    private static @Nullable String address(URI uri) {
        String host = uri.getHost();
        return host != null && host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? HTTPS_PORT : HTTP_PORT;
    }

    private static @Nullable String version(@Nullable Head arrived) {
        if (arrived == null) {
            return null;
        }
        return switch (arrived.version.name()) {
            case "HTTP_1_1" -> "1.1";
            case "HTTP_2" -> "2";
            case "HTTP_3" -> "3"; // since Java 26
            default -> null;
        };
    }

    /** The head of the response has arrived; its body may fail yet. */
    void responded(int status, HttpHeaders headers, HttpClient.Version version) {
        head = new Head(status, headers, version);
    }

    /** The call is over. */
    Outcome responded(HttpResponse<?> response) {
        responded(response.statusCode(), response.headers(), response.version());
        return Outcome.completed(response.statusCode());
    }

    @Override
    protected Optional<ByteBuffer> readRequest(int limit) throws IOException {
        try {
            return read(limit, Runnable::run).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the body of the request was published");
        } catch (ExecutionException e) {
            throw new IOException("the body of the request could not be published", e.getCause());
        }
    }

    /** On the client's own threads, where it would have subscribed to the body. */
    @Override
    protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
        return read(limit, client.executor().orElseGet(new CompletableFuture<Void>()::defaultExecutor));
    }

    private CompletableFuture<Optional<ByteBuffer>> read(int limit, Executor executor) {
        BodyPublisher publisher = own.bodyPublisher().orElseGet(HttpRequest.BodyPublishers::noBody);
        long length = publisher.contentLength();
        if (length == 0 || length > limit) {
            return CompletableFuture.completedFuture(
                    length == 0 ? Optional.of(ByteBuffer.allocate(0)) : Optional.empty());
        }
        RequestBody body = new RequestBody(publisher, limit);
        executor.execute(body::read);
        return body.whole().thenApply(whole -> {
            whole.ifPresent(bytes -> copy().method(own.method(), body.again(bytes)));
            return whole.map(ByteBuffer::wrap);
        });
    }
}
