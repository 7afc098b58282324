package dev.crosscut.benchmarks;

import dev.crosscut.core.Exchange;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an adapter makes of a request that was received. */
final class ReceivedExchange extends Exchange {

    /** Of which there are few, so that an adapter can have them ready. */
    private static final Optional<Object> HTTPS = Optional.of("https");

    private static final Optional<Object> HTTP_1_1 = Optional.of("1.1");

    private final Received request;

    ReceivedExchange(Received request) {
        super(Kind.SERVER);
        this.request = request;
    }

    @Override
    public String protocol() {
        return "http";
    }

    @Override
    public String operation() {
        return request.method;
    }

    @Override
    public Optional<String> path() {
        return Optional.of(request.path);
    }

    @Override
    public Optional<String> query() {
        return Optional.of(request.query);
    }

    @Override
    public List<String> requestHeaders(String name) {
        return request.headers(name);
    }

    @Override
    public Optional<Object> attribute(String name) {
        return switch (name) {
            case "url.scheme" -> HTTPS;
            case "network.protocol.version" -> HTTP_1_1;
            default -> Optional.ofNullable(value(name));
        };
    }

    private @Nullable Object value(String name) {
        return switch (name) {
            case "server.address" -> request.host;
            case "server.port" -> (long) request.port;
            case "client.address", "network.peer.address" -> request.peer;
            case "client.port", "network.peer.port" -> (long) request.peerPort;
            default -> null;
        };
    }
}
