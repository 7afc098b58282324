package dev.crosscut.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An exchange of no protocol, whose headers and body a test gives, and whose changes it reads. */
class TestExchange extends Exchange {

    private final String operation;
    private final Map<String, List<String>> requestHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    final Map<String, String> responseHeaders = new LinkedHashMap<>();
    private byte[] body = {};
    private @Nullable Throwable unreadable;
    private int reads;

    TestExchange() {
        this(Kind.SERVER);
    }

    TestExchange(Kind kind) {
        this(kind, "test");
    }

    TestExchange(Kind kind, String operation) {
        super(kind);
        this.operation = operation;
    }

    TestExchange sending(String header, String... values) {
        requestHeaders.put(header, List.of(values));
        return this;
    }

    TestExchange carrying(byte[] content) {
        body = content;
        return this;
    }

    TestExchange unreadable(Throwable fault) {
        unreadable = fault;
        return this;
    }

    /** How often the body was read. */
    int reads() {
        return reads;
    }

    @Override
    public String protocol() {
        return "none";
    }

    @Override
    public String operation() {
        return operation;
    }

    @Override
    public List<String> requestHeaders(String name) {
        return requestHeaders.getOrDefault(name, List.of());
    }

    @Override
    public void requestHeader(String name, String value) {
        requestHeaders.put(name, List.of(value));
    }

    @Override
    public void responseHeader(String name, String value) {
        responseHeaders.put(name, value);
    }

    @Override
    protected Optional<ByteBuffer> readRequest(int limit) throws IOException {
        reads++;
        if (unreadable != null) {
            throw Fault.<IOException>sneaky(unreadable);
        }
        return body.length > limit ? Optional.empty() : Optional.of(ByteBuffer.wrap(body));
    }
}
