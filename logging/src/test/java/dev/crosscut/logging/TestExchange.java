package dev.crosscut.logging;

import dev.crosscut.core.Exchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An exchange of any kind and protocol, as an adapter would make it. */
final class TestExchange extends Exchange {

    private final String protocol;
    private final String operation;
    private final Optional<String> path;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, List<String>> responseHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private Optional<String> query = Optional.empty();

    TestExchange(Kind kind, String protocol, String operation, Optional<String> path) {
        super(kind);
        this.protocol = protocol;
        this.operation = operation;
        this.path = path;
    }

    static TestExchange http(String method, String path) {
        return new TestExchange(Kind.SERVER, "http", method, Optional.of(path));
    }

    TestExchange correlationId(String id) {
        return header("X-Correlation-ID", id);
    }

    /** Of the request. */
    TestExchange header(String name, String value) {
        headers.put(name, List.of(value));
        return this;
    }

    /** Of the response. */
    TestExchange answerHeader(String name, String value) {
        responseHeaders.put(name, List.of(value));
        return this;
    }

    static TestExchange local(String operation) {
        return new TestExchange(Kind.LOCAL, "local", operation, Optional.empty());
    }

    TestExchange query(String sent) {
        query = Optional.of(sent);
        return this;
    }

    @Override
    public Optional<String> query() {
        return query;
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
    public Optional<String> path() {
        return path;
    }

    @Override
    public List<String> requestHeaders(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public List<String> responseHeaders(String name) {
        return responseHeaders.getOrDefault(name, List.of());
    }
}
