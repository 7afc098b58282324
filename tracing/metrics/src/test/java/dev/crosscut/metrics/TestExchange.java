package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An exchange that says what it is told to; its answers are made before it is asked. */
final class TestExchange extends Exchange {

    private final Map<String, Optional<Object>> attributes = new HashMap<>();
    private final List<Exchange> messages = new ArrayList<>();
    private final String protocol;
    private final String operation;

    TestExchange(Kind kind, String protocol, String operation) {
        super(kind);
        this.protocol = protocol;
        this.operation = operation;
    }

    /** A request of HTTP/1.1 as a server has it. */
    static TestExchange request(String method, String route) {
        TestExchange request = new TestExchange(Kind.SERVER, "http", method)
                .with("url.scheme", "https")
                .with("network.protocol.version", "1.1");
        if (!route.isEmpty()) {
            request.put(Key.ROUTE, route);
        }
        return request;
    }

    /** A request of HTTP/2 as a client sends it. */
    static TestExchange call(String method, String address) {
        return new TestExchange(Kind.CLIENT, "http", method)
                .with("server.address", address)
                .with("server.port", 8443L)
                .with("network.protocol.version", "2");
    }

    TestExchange with(String attribute, Object value) {
        attributes.put(attribute, Optional.of(value));
        return this;
    }

    <T> TestExchange with(Key<T> key, T value) {
        put(key, value);
        return this;
    }

    TestExchange batch(int size) {
        for (int i = 0; i < size; i++) {
            messages.add(new TestExchange(Kind.CONSUMER, protocol, operation));
        }
        return this;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public String operation() {
        return operation;
    }

    @Override
    public Optional<Object> attribute(String name) {
        return attributes.getOrDefault(name, Optional.empty());
    }

    @Override
    public List<Exchange> messages() {
        return messages;
    }
}
