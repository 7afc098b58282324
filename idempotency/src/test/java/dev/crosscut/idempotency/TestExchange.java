package dev.crosscut.idempotency;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An exchange whose request a test writes, and whose response its handler does. */
final class TestExchange extends Exchange {

    static final String HEADER = "Idempotency-Key";

    private final String protocol;
    private final String operation;
    private final Optional<String> path;
    private final Map<String, List<String>> requestHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, List<String>> responseHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final List<Exchange> messages = new ArrayList<>();
    private Optional<String> query = Optional.empty();
    private byte[] body = {};
    private boolean broken;

    private TestExchange(Kind kind, String protocol, String operation, Optional<String> path) {
        super(kind);
        this.protocol = protocol;
        this.operation = operation;
        this.path = path;
    }

    static TestExchange request(String method, String path) {
        return new TestExchange(Kind.SERVER, "http", method, Optional.of(path));
    }

    /** A payment under a key, the same each time. */
    static TestExchange payment(String key) {
        return request("POST", "/payments")
                .key(key)
                .sending("Content-Type", "application/json")
                .carrying("{\"amount\":500}");
    }

    static TestExchange message(String topic) {
        return new TestExchange(Kind.CONSUMER, "kafka", topic, Optional.empty());
    }

    static TestExchange other(Kind kind, String protocol) {
        return new TestExchange(kind, protocol, "POST", Optional.of("/payments"));
    }

    TestExchange key(String key) {
        return sending(HEADER, "\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }

    TestExchange sending(String header, String... values) {
        requestHeaders.put(header, List.of(values));
        return this;
    }

    TestExchange asking(String query) {
        this.query = Optional.of(query);
        return this;
    }

    TestExchange carrying(String content) {
        return carrying(content.getBytes(StandardCharsets.UTF_8));
    }

    TestExchange carrying(byte[] content) {
        body = content;
        return this;
    }

    TestExchange having(String attribute, Object value) {
        attributes.put(attribute, value);
        return this;
    }

    TestExchange with(Exchange message) {
        messages.add(message);
        return this;
    }

    <T> TestExchange knowing(Key<T> key, T value) {
        put(key, value);
        return this;
    }

    /** What became of the key; empty where nobody looked at it. */
    String state() {
        return getOrDefault(Key.IDEMPOTENCY, "");
    }

    /** The hashed key, as log lines have it. */
    Optional<String> recordKey() {
        List<String> found = new ArrayList<>();
        forEach((key, value) -> {
            if (key.name().equals("idempotency_record") && key.isLoggable()) {
                found.add(value.toString());
            }
        });
        return found.stream().findFirst();
    }

    /** What the client gets, with what others have said before. */
    Response answered(Reply reply) {
        Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(responseHeaders);
        all.putAll(reply.headers());
        byte[] bytes = new byte[reply.body().remaining()];
        reply.body().get(bytes);
        return new Response(reply.status(), all, bytes, false);
    }

    void responding(Map<String, List<String>> headers) {
        responseHeaders.putAll(headers);
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
    public Optional<String> query() {
        return query;
    }

    @Override
    public Optional<Object> attribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    @Override
    public List<Exchange> messages() {
        return List.copyOf(messages);
    }

    @Override
    public List<String> requestHeaders(String name) {
        return requestHeaders.getOrDefault(name, List.of());
    }

    /** As that of an adapter that cannot say what its response has. */
    TestExchange broken() {
        broken = true;
        return this;
    }

    @Override
    public List<String> responseHeaders(String name) {
        if (broken) {
            throw new IllegalStateException("the response is gone");
        }
        return responseHeaders.getOrDefault(name, List.of());
    }

    @Override
    public void responseHeader(String name, String value) {
        responseHeaders.put(name, List.of(value));
    }

    @Override
    protected Optional<ByteBuffer> readRequest(int limit) {
        return body.length > limit ? Optional.empty() : Optional.of(ByteBuffer.wrap(body));
    }
}
