package dev.crosscut.idempotency;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a handler answers, and what a client gets. Immutable. */
final class Response {

    private final int status;
    private final Map<String, List<String>> headers;
    private final byte[] body;
    private final boolean stream;

    Response(int status, Map<String, List<String>> headers, byte[] body, boolean stream) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.stream = stream;
    }

    static Response of(int status, String body) {
        return of(status, body.getBytes(StandardCharsets.UTF_8));
    }

    static Response of(int status, byte[] body) {
        return new Response(status, Map.of(), body, false);
    }

    Response with(String header, String... values) {
        Map<String, List<String>> more = new LinkedHashMap<>(headers);
        more.put(header, List.of(values));
        return new Response(status, more, body, stream);
    }

    Response streamed() {
        return new Response(status, headers, body, true);
    }

    int status() {
        return status;
    }

    Map<String, List<String>> headers() {
        return headers;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).map(values -> String.join(", ", values));
    }

    byte[] body() {
        return body;
    }

    boolean isStream() {
        return stream;
    }

    boolean isReplayed() {
        return header("Idempotent-Replayed").isPresent();
    }

    /** Which problem it is, the last part of its type; empty for what is none. */
    String problem() {
        String text = text();
        int at = text.indexOf("https://crosscut.dev/problems/");
        return at < 0 ? "" : text.substring(at + 30, text.indexOf('"', at));
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return status + " " + headers + " " + (body.length > 200 ? body.length + " bytes" : text());
    }
}
