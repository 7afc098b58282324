package dev.crosscut.idempotency;

import dev.crosscut.core.Exchange;
import java.util.List;
import java.util.Optional;

/** A request that nobody sends, to find out what is asked of those like it. */
final class AskedRequest extends Exchange {

    private final String method;
    private final String path;
    private final String field;

    AskedRequest(String method, String path) {
        this(method, path, "");
    }

    /** With the same text in each header field. */
    AskedRequest(String method, String path, String field) {
        super(Kind.SERVER);
        this.method = method;
        this.path = path;
        this.field = field;
    }

    @Override
    public String protocol() {
        return "http";
    }

    @Override
    public String operation() {
        return method;
    }

    @Override
    public Optional<String> path() {
        return Optional.of(path);
    }

    @Override
    public List<String> requestHeaders(String name) {
        return List.of(field);
    }
}
