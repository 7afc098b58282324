package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An exchange with headers and attributes, as an adapter would make it. */
final class TestExchange extends Exchange {

    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, List<String>> responseHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Object> attributes = new HashMap<>();
    private final List<Exchange> messages = new ArrayList<>();
    private String protocol = "http";
    private String operation = "GET";
    private @Nullable String path = "/payments/17";
    private @Nullable String query;
    private final List<String> asked = new ArrayList<>();
    private OptionalInt status = OptionalInt.empty();

    TestExchange(Kind kind) {
        super(kind);
    }

    TestExchange protocol(String name) {
        protocol = name;
        path = null;
        return this;
    }

    TestExchange operation(String name) {
        operation = name;
        return this;
    }

    TestExchange path(String text) {
        path = text;
        return this;
    }

    TestExchange query(String text) {
        query = text;
        return this;
    }

    TestExchange header(String name, String... values) {
        headers.put(name, List.of(values));
        return this;
    }

    TestExchange attribute(String name, Object value) {
        attributes.put(name, value);
        return this;
    }

    TestExchange message(Exchange message) {
        messages.add(message);
        return this;
    }

    TestExchange status(int code) {
        status = OptionalInt.of(code);
        return this;
    }

    /** The attributes that were asked for. */
    List<String> asked() {
        return asked;
    }

    String sent(String name) {
        return String.join(",", headers.getOrDefault(name, List.of()));
    }

    String replied(String name) {
        return String.join(",", responseHeaders.getOrDefault(name, List.of()));
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
        return Optional.ofNullable(path);
    }

    @Override
    public Optional<String> query() {
        return Optional.ofNullable(query);
    }

    @Override
    public Optional<Object> attribute(String name) {
        asked.add(name);
        return Optional.ofNullable(attributes.get(name));
    }

    @Override
    public OptionalInt status() {
        return status;
    }

    @Override
    public List<Exchange> messages() {
        return messages;
    }

    @Override
    public List<String> requestHeaders(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public void requestHeader(String name, String value) {
        header(name, value);
    }

    @Override
    public List<String> responseHeaders(String name) {
        return responseHeaders.getOrDefault(name, List.of());
    }

    @Override
    public void responseHeader(String name, String value) {
        responseHeaders.put(name, List.of(value));
    }
}
