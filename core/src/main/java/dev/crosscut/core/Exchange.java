package dev.crosscut.core;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One unit of work that crosses the edge of the service: an HTTP request, a consumed message, an outgoing call, a job.
 *
 * <p>An adapter extends this class with what its protocol knows; everything that it leaves out keeps a default that says
 * "this protocol has no such thing". Values that concerns and handlers keep on the exchange live here under
 * {@linkplain Key typed keys}. Reading and writing keys is safe from any thread; what the adapter's own methods allow is
 * what the framework allows, except that they are called only while the exchange is open.
 *
 * <p>An exchange that begins while another is current on the thread is its child, unless it comes from outside
 * ({@link Kind#SERVER}, {@link Kind#CONSUMER}): it starts with the values of the parent's inherited keys and ends on its
 * own.
 */
public abstract class Exchange {

    /*
     * Attributes are a linked list with the newest first: few, written once, read often. A value is replaced in place; a
     * new key is prepended by compare-and-set, which fails only when another thread has prepended one, so no value is
     * lost and none is seen half written.
     */
    private static final VarHandle ATTRIBUTES;

    static {
        try {
            ATTRIBUTES = MethodHandles.lookup().findVarHandle(Exchange.class, "attributes", Attribute.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static final Key<ByteBuffer> REQUEST_BODY = Key.of("request_body", ByteBuffer.class);
    static final Key<ByteBuffer> RESPONSE_BODY = Key.of("response_body", ByteBuffer.class);

    static final Key<BodyCopy> REQUEST_COPY = Key.of("request_copy", BodyCopy.class);
    static final Key<BodyCopy> RESPONSE_COPY = Key.of("response_copy", BodyCopy.class);

    /** How many bytes of the response the guards want held. */
    static final Key<Integer> HELD_BYTES = Key.of("held_bytes", Integer.class);

    /** Who began the work, and in which direction it crosses the edge. */
    public enum Kind {
        /** A request that this service answers. */
        SERVER,
        /** A request that this service makes. */
        CLIENT,
        /** A message that this service sends. */
        PRODUCER,
        /** A message that this service received. */
        CONSUMER,
        /** Work inside the service: a job, a method. */
        LOCAL;

        /**
         * Whether it comes from outside, and so is the child of no other exchange.
         *
         * @return true for requests that are answered and messages that are received
         */
        public boolean isIncoming() {
            return this == SERVER || this == CONSUMER;
        }

        /**
         * Whether it leaves the service, and so takes along what the service behind is to know.
         *
         * @return true for requests that are made and messages that are sent
         */
        public boolean isOutgoing() {
            return this == CLIENT || this == PRODUCER;
        }
    }

    private static final class Attribute {
        final Key<?> key;
        volatile Object value;
        final @Nullable Attribute next;

        Attribute(Key<?> key, Object value, @Nullable Attribute next) {
            this.key = key;
            this.value = value;
            this.next = next;
        }
    }

    private final Kind kind;
    private volatile @Nullable Attribute attributes;
    private @Nullable Exchange parent;
    private @Nullable Call call;

    /**
     * An exchange that has not begun.
     *
     * @param kind who began the work
     */
    protected Exchange(Kind kind) {
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * The exchange that is current on this thread.
     *
     * @return the exchange, empty outside of any
     */
    public static Optional<Exchange> current() {
        return Optional.ofNullable(Current.get());
    }

    /**
     * Who began the work.
     *
     * @return the kind
     */
    public final Kind kind() {
        return kind;
    }

    /**
     * The exchange within which this one began.
     *
     * @return the parent; empty for one that came from outside or has ended
     */
    public final Optional<Exchange> parent() {
        return Optional.ofNullable(parent);
    }

    /**
     * How long the exchange has been running, by a clock that is never set back.
     *
     * @return the time since it began, zero before that
     */
    public final Duration elapsed() {
        Call begun = call;
        return begun == null ? Duration.ZERO : Duration.ofNanos(begun.elapsedNanos());
    }

    /**
     * The value under a key.
     *
     * @param key the key
     * @param <T> the type of the value
     * @return the value, empty where none was put
     */
    public final <T> Optional<T> get(Key<T> key) {
        return Optional.ofNullable(find(key));
    }

    /**
     * The value under a key, or another, without allocating.
     *
     * @param key the key
     * @param fallback what is returned where none was put
     * @param <T> the type of the value
     * @return the value or the fallback
     */
    public final <T> T getOrDefault(Key<T> key, T fallback) {
        T value = find(key);
        return value == null ? fallback : value;
    }

    /**
     * Keeps a value under a key, in place of the one that was there.
     *
     * @param key the key
     * @param value the value
     * @param <T> the type of the value
     * @throws ClassCastException if the value is not of the key's type
     */
    public final <T> void put(Key<T> key, T value) {
        Object checked = key.type().cast(Objects.requireNonNull(value, key.name()));
        while (true) {
            Attribute head = attributes;
            Attribute present = attribute(head, key);
            if (present != null) {
                present.value = checked;
                return;
            }
            if (ATTRIBUTES.compareAndSet(this, head, new Attribute(key, checked, head))) {
                return;
            }
        }
    }

    /** Keeps a value unless the key has one, which is then returned; otherwise the value. */
    final <T> T putIfAbsent(Key<T> key, T value) {
        while (true) {
            Attribute head = attributes;
            Attribute present = attribute(head, key);
            if (present != null) {
                return key.type().cast(present.value);
            }
            if (ATTRIBUTES.compareAndSet(this, head, new Attribute(key, value, head))) {
                return value;
            }
        }
    }

    /**
     * Shows each value that is kept on the exchange, in no promised order.
     *
     * @param visitor takes a key and its value
     */
    public final void forEach(BiConsumer<? super Key<?>, Object> visitor) {
        for (Attribute a = attributes; a != null; a = a.next) {
            visitor.accept(a.key, a.value);
        }
    }

    private <T> @Nullable T find(Key<T> key) {
        Attribute present = attribute(attributes, key);
        return present == null ? null : key.type().cast(present.value);
    }

    private static @Nullable Attribute attribute(@Nullable Attribute head, Key<?> key) {
        for (Attribute a = head; a != null; a = a.next) {
            if (a.key == key) {
                return a;
            }
        }
        return null;
    }

    // What the pipeline sets: the call once, before any participant sees the exchange; no parent once it has ended, so
    // that work that schedules its own successor does not grow a chain.

    final @Nullable Call call() {
        return call;
    }

    final void begun(Call begun, @Nullable Exchange within) {
        if (call != null) {
            throw new IllegalStateException(
                    kind + " " + operation() + " has begun already; expected a new Exchange for each unit of work");
        }
        call = begun;
        parent = within;
        if (within != null) {
            for (Attribute a = within.attributes; a != null; a = a.next) {
                if (a.key.isInherited() && attribute(attributes, a.key) == null) {
                    attributes = new Attribute(a.key, a.value, attributes);
                }
            }
        }
    }

    final void ended() {
        parent = null;
    }

    /**
     * The protocol, in lower case.
     *
     * @return such as {@code http}, {@code grpc}, {@code kafka}, {@code local}
     */
    public abstract String protocol();

    /**
     * What is done, as a name with few distinct values: the HTTP method, the full gRPC method, the topic, the job.
     *
     * @return the name
     */
    public abstract String operation();

    /**
     * The path of the request target as it was sent, without query. Untrusted.
     *
     * @return the path, empty where the protocol has none
     */
    public Optional<String> path() {
        return Optional.empty();
    }

    /**
     * The query of the request target as it was sent, without the question mark. Untrusted, and often secret in parts.
     *
     * @return the query, empty where there is none
     */
    public Optional<String> query() {
        return Optional.empty();
    }

    /**
     * The status code so far.
     *
     * @return the code, empty before there is one and where the protocol has none
     */
    public OptionalInt status() {
        return OptionalInt.empty();
    }

    /**
     * What else the protocol knows, by the names that OpenTelemetry's semantic conventions have for it: {@code url.scheme},
     * {@code server.address}, {@code network.protocol.version}, {@code db.system.name}. Asked for at the beginning and at the
     * end; untrusted where the exchange came from outside.
     *
     * @param name the name of the attribute
     * @return a {@code String}, or a {@code Long} where the conventions have a number; empty where it is not known
     */
    public Optional<Object> attribute(String name) {
        return Optional.empty();
    }

    /**
     * The messages that are handled together as this exchange, of which only the headers are read.
     *
     * @return exchanges that never begin themselves; empty where this is no batch
     */
    public List<Exchange> messages() {
        return List.of();
    }

    /**
     * How the exchange failed, by the conventions of its protocol for {@code error.type}; spans and meters have it. Unless
     * overridden those of HTTP, where a status of 4xx is an error of the one who called: an error status, otherwise the class
     * of the exception.
     *
     * @param outcome how the exchange came out
     * @return one of few distinct values, empty where nothing failed
     */
    public Optional<String> errorType(Outcome outcome) {
        int status = outcome.status().orElse(0);
        if (status >= 400 && (outcome instanceof Outcome.Answered || protocol().equals("http"))) {
            return status >= 500 || kind == Kind.CLIENT ? Optional.of(Integer.toString(status)) : Optional.empty();
        }
        return outcome instanceof Outcome.Failed failed
                ? Optional.of(failed.error().getClass().getName())
                : Optional.empty();
    }

    /**
     * The values of a request header, message header or metadata entry, as they were sent. Untrusted where the exchange
     * came from outside.
     *
     * @param name the name; case matters only where the protocol says so
     * @return the values in order, empty where there are none
     */
    public List<String> requestHeaders(String name) {
        return List.of();
    }

    /**
     * Sets a header of an outgoing request or message, in place of all values that it had. Called only between the
     * beginning and the end of {@link Crosscut#begin}.
     *
     * @param name the name
     * @param value the value
     */
    public void requestHeader(String name, String value) {}

    /**
     * The values of a response header, as far as they are known.
     *
     * @param name the name
     * @return the values in order, empty where there are none
     */
    public List<String> responseHeaders(String name) {
        return List.of();
    }

    /**
     * Sets a header of the response to an incoming request, in place of all values that it had. Without effect once the
     * response is on its way.
     *
     * @param name the name
     * @param value the value
     */
    public void responseHeader(String name, String value) {}

    /**
     * Reads the whole request body, which the handler must still get afterwards. Called at most once, before the first
     * guard that needs the body is asked, and never where none does.
     *
     * @param limit the bound in bytes
     * @return the body, possibly empty; or nothing if it is longer than the bound
     * @throws IOException if the body cannot be read; the exchange is then answered with 400
     */
    protected Optional<ByteBuffer> readRequest(int limit) throws IOException {
        return Optional.of(ByteBuffer.allocate(0));
    }

    /**
     * As {@link #readRequest}, without blocking the calling thread. An adapter for an event loop overrides this one.
     *
     * @param limit the bound in bytes
     * @return what {@link #readRequest} returns, to come
     */
    protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
        try {
            return CompletableFuture.completedFuture(readRequest(limit));
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * The request body, where a guard needed it.
     *
     * @return a new read-only view of the whole body; empty where no guard has needed it so far
     */
    public final Optional<ByteBuffer> requestBody() {
        return get(REQUEST_BODY).map(ByteBuffer::duplicate);
    }

    /**
     * The response body while a guard settles, where the response is held.
     *
     * @return a new read-only view of the whole body; empty where none is held, and where the response outgrew its bound,
     *     is a stream, or is written by the framework
     */
    public final Optional<ByteBuffer> responseBody() {
        return get(RESPONSE_BODY).map(ByteBuffer::duplicate);
    }

    /**
     * What the handler has read of the request body; all of it where a guard needed it, whether there was a handler or not.
     * An adapter copies the former, and nothing where {@link #requestBody()} is known.
     *
     * @return the copy, from the beginning of the exchange; empty where no observer wants one
     */
    public final Optional<BodyCopy> requestCopy() {
        return get(REQUEST_COPY);
    }

    /**
     * What of the response body has gone to the framework: what the handler has written, once no guard holds it, or what a
     * guard answered. Also where the framework sends none, as to HEAD. An adapter takes back what is dropped before it was
     * sent. What the framework writes by itself, such as an error page, is not in it.
     *
     * @return the copy, from the beginning of the exchange; empty where no observer wants one
     */
    public final Optional<BodyCopy> responseCopy() {
        return get(RESPONSE_COPY);
    }

    @Override
    public String toString() {
        return kind + " " + protocol() + " " + operation();
    }
}
