package dev.crosscut.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a client gets in place of the handler's response. Immutable.
 *
 * @param status the HTTP status code, 200 to 599; adapters for other protocols translate it
 * @param headers the header fields in order, each name with its values
 * @param body the body, possibly empty; the accessor returns a new read-only view
 */
public record Reply(int status, Map<String, List<String>> headers, ByteBuffer body) {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /**
     * Checks the status and the header fields, and copies all that can change.
     *
     * @param status the HTTP status code, 200 to 599
     * @param headers the header fields in order
     * @param body the body, from the buffer's position to its limit
     * @throws IllegalArgumentException if the status is out of range, a header name is not a token (RFC 9110, 5.6.2), or a
     *     value has characters that could end its line
     */
    public Reply {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("the status of a reply is " + status + "; expected 200 to 599");
        }
        Map<String, List<String>> copy = new LinkedHashMap<>();
        headers.forEach((name, values) -> copy.put(HeaderFields.requireName(name), checkedValues(name, values)));
        headers = Collections.unmodifiableMap(copy);
        body = body.remaining() == 0
                ? NOTHING
                : ByteBuffer.allocate(body.remaining())
                        .put(body.duplicate())
                        .flip()
                        .asReadOnlyBuffer();
    }

    private static List<String> checkedValues(String name, List<String> values) {
        List<String> copy = List.copyOf(values);
        copy.forEach(value -> HeaderFields.requireValue(name, value));
        return copy;
    }

    /**
     * The body.
     *
     * @return a new read-only view, possibly empty
     */
    @Override
    public ByteBuffer body() {
        return body.duplicate();
    }

    /**
     * A reply with neither header fields nor body.
     *
     * @param status the HTTP status code
     * @return the reply
     */
    public static Reply of(int status) {
        return new Reply(status, Map.of(), NOTHING);
    }

    /**
     * Starts a problem reply, {@code application/problem+json} (RFC 9457).
     *
     * @param status the HTTP status code
     * @param type what kind of problem this is: an absolute URI, or the last part of one under
     *     {@code https://crosscut.dev/problems/}
     * @param title what {@code type} says, for a person; the same for each problem of the type
     * @return takes the rest
     */
    public static Problem problem(int status, String type, String title) {
        return new Problem(status, type.contains(":") ? type : Problems.BASE + type, title);
    }

    /** A problem reply in the making (RFC 9457). For one thread. */
    public static final class Problem {

        private static final String CONTENT_TYPE = "Content-Type";

        private final int status;
        private final Map<String, Object> members = new LinkedHashMap<>();
        private final Map<String, List<String>> headers = new LinkedHashMap<>();

        private Problem(int status, String type, String title) {
            this.status = status;
            members.put("type", type);
            members.put("title", title);
            members.put("status", status);
            headers.put(CONTENT_TYPE, List.of("application/problem+json"));
        }

        /**
         * What is wrong with this one request, for the person who sent it. Nothing internal, and nothing of the request that
         * it should not see again.
         *
         * @param detail a sentence
         * @return this
         */
        public Problem detail(String detail) {
            members.put("detail", detail);
            return this;
        }

        /**
         * Adds an extension member.
         *
         * @param name the name
         * @param value text, a number, a boolean, or lists and maps of these
         * @return this
         * @throws IllegalArgumentException if the name is that of a standard member, or the value cannot be written as JSON
         */
        public Problem with(String name, Object value) {
            if (List.of("type", "title", "status", "detail", "instance").contains(name)) {
                throw new IllegalArgumentException(name + " is a standard member of a problem (RFC 9457, 3.1); expected"
                        + " another name for an extension member");
            }
            Json.write(Objects.requireNonNull(value, name), new StringBuilder());
            members.put(name, value);
            return this;
        }

        /**
         * Adds a header field.
         *
         * @param name the name; not {@code Content-Type}, which a problem has already
         * @param value the value, after those that it has
         * @return this
         * @throws IllegalArgumentException if the name is {@code Content-Type}
         */
        public Problem header(String name, String value) {
            if (name.equalsIgnoreCase(CONTENT_TYPE)) {
                throw new IllegalArgumentException(
                        "a problem is application/problem+json (RFC 9457); expected no other type");
            }
            headers.merge(name, List.of(value), (former, added) -> {
                List<String> all = new ArrayList<>(former);
                all.addAll(added);
                return all;
            });
            return this;
        }

        /**
         * Completes the reply.
         *
         * @return the reply
         */
        public Reply reply() {
            StringBuilder json = new StringBuilder(160);
            Json.write(members, json);
            return new Reply(status, headers, ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }
}
