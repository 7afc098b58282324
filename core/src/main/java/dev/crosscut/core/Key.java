package dev.crosscut.core;

import java.util.Objects;

/**
 * The typed name of something that is kept on an {@link Exchange}.
 *
 * <p>A key is compared by identity, so it is declared once, as a constant, by whoever writes the value; two keys of one
 * name are two keys. Concerns that must not see each other meet in the keys declared here. Immutable.
 *
 * @param <T> the type of the value
 */
public final class Key<T> {

    /** The id that all work done for one cause shares, across threads and services. */
    public static final Key<String> CORRELATION_ID =
            Key.of("correlation_id", String.class).loggable().inherited();

    /** The correlation id that an outside caller sent, where {@code crosscut.correlation.trust} says to record it only. */
    public static final Key<String> EXTERNAL_CORRELATION_ID =
            Key.of("external_correlation_id", String.class).loggable();

    /** Who calls: the authenticated subject, as one line of text. */
    public static final Key<String> CALLER =
            Key.of("caller", String.class).loggable().inherited();

    /** The tenant on whose behalf the work is done. */
    public static final Key<String> TENANT =
            Key.of("tenant", String.class).loggable().inherited();

    /** The kind of contract that the tenant has, such as {@code gold}: few distinct values. */
    public static final Key<String> TENANT_TIER =
            Key.of("tenant_tier", String.class).loggable().inherited();

    /** What authorisation decided, in the words of AuthZEN: {@code permit}, {@code deny}. */
    public static final Key<String> DECISION = Key.of("decision", String.class).loggable();

    /**
     * What became of the idempotency key, in few distinct words: {@code executed}, {@code re-executed}, {@code replayed},
     * {@code conflict}, {@code mismatch}, {@code unknown}, {@code not-replayable}, {@code lost}, {@code missing}, {@code invalid},
     * {@code unavailable}, {@code unprotected}.
     */
    public static final Key<String> IDEMPOTENCY =
            Key.of("idempotency", String.class).loggable();

    /** The template that the request target matched, such as {@code /payments/{id}}: few distinct values, never a path. */
    public static final Key<String> ROUTE = Key.of("route", String.class).loggable();

    /** The trace that the exchange is part of: 32 lower-case hexadecimal digits (W3C Trace Context, 3.2.2.3). */
    public static final Key<String> TRACE_ID = Key.of("trace_id", String.class).loggable();

    /** The exchange's own span in that trace: 16 lower-case hexadecimal digits (W3C Trace Context, 3.2.2.4). */
    public static final Key<String> SPAN_ID = Key.of("span_id", String.class).loggable();

    /**
     * Whether the span is recorded where traces are kept (the sampled flag of W3C Trace Context, 3.2.2.5.1). May be absent
     * where it is not.
     */
    public static final Key<Boolean> SAMPLED = Key.of("sampled", Boolean.class);

    /** The call of a method of a proxied object. */
    public static final Key<Invocation> INVOCATION = Key.of("invocation", Invocation.class);

    private final String name;
    private final Class<T> type;
    private final boolean loggable;
    private final boolean inherited;

    private Key(String name, Class<T> type, boolean loggable, boolean inherited) {
        this.name = name;
        this.type = type;
        this.loggable = loggable;
        this.inherited = inherited;
    }

    /**
     * A new key that neither shows in logs nor reaches child exchanges.
     *
     * @param name the name, in {@code snake_case}; the field name in a log line where the key is loggable
     * @param type the type of the value
     * @param <T> the type of the value
     * @return a key equal to no other
     * @throws IllegalArgumentException if the name is blank
     */
    public static <T> Key<T> of(String name, Class<T> type) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a key needs a name; expected snake_case text such as order_id");
        }
        return new Key<>(name, Objects.requireNonNull(type, "type"), false, false);
    }

    /**
     * This key, changed so that its value is a field of the exchange's log lines.
     *
     * @return a new key, to be used in place of this one
     */
    public Key<T> loggable() {
        return new Key<>(name, type, true, inherited);
    }

    /**
     * This key, changed so that an exchange begun inside another starts with the other's value.
     *
     * @return a new key, to be used in place of this one
     */
    public Key<T> inherited() {
        return new Key<>(name, type, loggable, true);
    }

    /**
     * The name.
     *
     * @return the name, never blank
     */
    public String name() {
        return name;
    }

    /**
     * The type of the value.
     *
     * @return the class given at creation
     */
    public Class<T> type() {
        return type;
    }

    /**
     * Whether the value is a field of the exchange's log lines.
     *
     * @return true if it is
     */
    public boolean isLoggable() {
        return loggable;
    }

    /**
     * Whether a child exchange starts with its parent's value.
     *
     * @return true if it does
     */
    public boolean isInherited() {
        return inherited;
    }

    @Override
    public String toString() {
        return name;
    }
}
