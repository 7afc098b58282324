package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A servlet request. Containers use their request and response objects again for other requests, so once this one has
 * ended it lets go of them and says of headers that there are none.
 */
final class ServletExchange extends Exchange {

    private final String method;
    private final String path;
    private @Nullable HttpServletRequest request;
    private @Nullable HttpServletResponse response;
    private final Map<String, String> responseHeaders = new LinkedHashMap<>(2);
    private byte @Nullable [] body;
    private @Nullable HeldResponse held;
    private int lastStatus;

    ServletExchange(HttpServletRequest request, HttpServletResponse response) {
        super(Kind.SERVER);
        this.request = request;
        this.response = response;
        this.method = request.getMethod();
        this.path = request.getRequestURI();
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
    public OptionalInt status() {
        HttpServletResponse open = response;
        return OptionalInt.of(open == null ? lastStatus : open.getStatus());
    }

    @Override
    public List<String> requestHeaders(String name) {
        HttpServletRequest open = request;
        return open == null ? List.of() : Collections.list(open.getHeaders(name));
    }

    @Override
    public List<String> responseHeaders(String name) {
        HttpServletResponse open = response;
        return open == null ? List.of() : List.copyOf(open.getHeaders(name));
    }

    @Override
    public void responseHeader(String name, String value) {
        HttpServletResponse open = response;
        if (open != null) {
            responseHeaders.put(name, value);
            open.setHeader(name, value);
        }
    }

    /** Sets again what a reset, or the container on its way to an error page, has taken off the response. */
    void restoreResponseHeaders(HttpServletResponse to) {
        responseHeaders.forEach(to::setHeader);
    }

    @Override
    protected Optional<ByteBuffer> readRequest(int limit) throws IOException {
        HttpServletRequest open = request;
        if (open == null || open.getContentLengthLong() > limit) {
            return Optional.empty();
        }
        byte[] bytes = open.getInputStream().readNBytes((int) Math.min(limit + 1L, Integer.MAX_VALUE));
        if (bytes.length > limit) {
            return Optional.empty();
        }
        body = bytes;
        return Optional.of(ByteBuffer.wrap(bytes));
    }

    HttpServletRequest request(HttpServletRequest original, Dispatched dispatched) {
        return new ExchangeRequest(original, dispatched, body);
    }

    HttpServletResponse response(HttpServletRequest original, HttpServletResponse response, Call call) {
        int limit = call.heldBytes();
        if (limit == 0) {
            return response;
        }
        HeldResponse holder = new HeldResponse(original, response, this, call, limit);
        held = holder;
        return holder;
    }

    Optional<HeldResponse> held() {
        return Optional.ofNullable(held);
    }

    void letGo() {
        HttpServletResponse open = response;
        if (open != null) {
            lastStatus = open.getStatus();
            response = null;
            request = null;
        }
    }
}
