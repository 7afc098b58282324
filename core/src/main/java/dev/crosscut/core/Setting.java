package dev.crosscut.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The declaration of one setting: its key, type, default and meaning. Declared as a constant beside the code that it
 * steers, listed by {@link Plugin#settings()}, read with {@link Settings#get}. Immutable; compared by identity.
 *
 * <p>The list of all declarations feeds parsing, checks, the reference in the documentation and the metadata for IDEs.
 *
 * @param <T> the type of the value
 */
public final class Setting<T> {

    private static final Pattern KEY = Pattern.compile("crosscut(\\.([a-z][a-z0-9-]*|<[a-z-]+>))+");

    private final String key;
    private final String description;
    private final ValueType<T> type;
    private final @Nullable T fallback;

    private Setting(String key, String description, ValueType<T> type, @Nullable T fallback) {
        this.key = key;
        this.description = description;
        this.type = type;
        this.fallback = fallback;
    }

    private static <T> Setting<T> of(String key, String description, ValueType<T> type) {
        if (!KEY.matcher(key).matches() || key.indexOf('<') != key.lastIndexOf('<')) {
            throw new IllegalArgumentException("'" + key + "' cannot be the key of a setting; expected crosscut. and"
                    + " segments of lower-case letters, digits and dashes, at most one of them a placeholder such as"
                    + " <name>");
        }
        return new Setting<>(key, Objects.requireNonNull(description, key), type, null);
    }

    /**
     * A setting whose value is text.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<String> text(String key, String description) {
        return of(key, description, ValueType.TEXT);
    }

    /**
     * A setting whose value is {@code true} or {@code false}; nothing else counts as either.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<Boolean> flag(String key, String description) {
        return of(key, description, ValueType.FLAG);
    }

    /**
     * A setting whose value is a whole number.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<Integer> integer(String key, String description) {
        return of(key, description, ValueType.INTEGER);
    }

    /**
     * A setting whose value is a length of time, 0 to 292 years: {@code 250ms}, {@code 30s}, {@code 15m}, {@code 24h},
     * {@code 7d}, or ISO 8601 such as {@code PT30S}. A bare number is refused.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<Duration> duration(String key, String description) {
        return of(key, description, ValueType.DURATION);
    }

    /**
     * A setting whose value is a number of bytes: {@code 512}, {@code 512B}, {@code 64KB}, {@code 10MB}, {@code 1GB}, each
     * unit 1024 of the one before.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<Long> size(String key, String description) {
        return of(key, description, ValueType.SIZE);
    }

    /**
     * A setting whose value is one of a closed set. {@code FAIL_CLOSED} is written {@code fail-closed}.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @param choices the set
     * @param <E> the set
     * @return a required setting
     */
    public static <E extends Enum<E>> Setting<E> choice(String key, String description, Class<E> choices) {
        return of(key, description, ValueType.choice(choices));
    }

    /**
     * A setting whose value must not be seen. Given as it is, or as the file that holds it under the same key with
     * {@code .file} added.
     *
     * @param key the key
     * @param description what it steers, as sentences in Markdown
     * @return a required setting
     */
    public static Setting<Secret> secret(String key, String description) {
        return of(key, description, ValueType.SECRET);
    }

    /**
     * This setting with a bound on its values. The default is held to it too.
     *
     * @param expected the bound in words that follow "expected", such as {@code 1 to 1024}
     * @param holds whether a value is within it
     * @return a new declaration, to be used in place of this one
     */
    public Setting<T> check(String expected, Predicate<? super T> holds) {
        Setting<T> checked = new Setting<>(key, description, type.checked(expected, holds), null);
        return fallback == null ? checked : checked.or(fallback);
    }

    /**
     * This setting with a default.
     *
     * @param value the value where none is set
     * @return a new declaration, to be used in place of this one
     * @throws IllegalArgumentException if a {@link #check} does not hold for it
     */
    public Setting<T> or(T value) {
        try {
            type.format(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the default of " + key + " is '" + value + "'; expected " + type.expected(), e);
        }
        return new Setting<>(key, description, type, value);
    }

    /**
     * This setting where it is not required and has no default.
     *
     * @return a new declaration, to be used in place of this one
     * @throws IllegalStateException if it is a map, which is empty where none is set
     */
    public Setting<Optional<T>> optional() {
        refuseMap();
        return new Setting<>(key, description, type.optional(), Optional.empty());
    }

    /**
     * A setting whose value is any number of these, separated by commas.
     *
     * @return a new, required declaration, to be used in place of this one
     * @throws IllegalStateException if it is a map, or a secret, of which a map gives each a file of its own
     */
    public Setting<List<T>> list() {
        refuseMap();
        if (type.isSecret()) {
            throw new IllegalStateException(key + " is a secret; expected a map of secrets in place of a list");
        }
        return new Setting<>(key, description, type.list(), null);
    }

    /**
     * A setting whose key has a placeholder, such as {@code crosscut.tenants.<name>.tier}: its value maps each name that is
     * set to its value, in the order of the names.
     *
     * @return a new declaration with the empty map as its default, to be used in place of this one
     * @throws IllegalStateException if the key has no placeholder, or it is a map already
     */
    public Setting<Map<String, T>> map() {
        refuseMap();
        if (key.indexOf('<') < 0) {
            throw new IllegalStateException(key + " has no placeholder; expected a segment such as <name> for a map");
        }
        return new Setting<>(key, description, type.map(), Map.of());
    }

    private void refuseMap() {
        if (type.each() != null) {
            throw new IllegalStateException(key + " is a map already; expected map() to come after all but a check");
        }
    }

    /**
     * The key.
     *
     * @return such as {@code crosscut.correlation.echo}
     */
    public String key() {
        return key;
    }

    /**
     * What it steers.
     *
     * @return sentences in Markdown
     */
    public String description() {
        return description;
    }

    /**
     * What its values look like.
     *
     * @return words that follow "expected"
     */
    public String expected() {
        return type.expected();
    }

    /**
     * The Java type that IDEs know its values by.
     *
     * @return a type name as Spring's configuration metadata has it
     */
    public String javaType() {
        return type.javaType();
    }

    /**
     * The default as it would be written.
     *
     * @return the text, empty where there is none
     */
    public Optional<String> defaultText() {
        return fallback == null || fallback.equals(Optional.empty()) || fallback.equals(Map.of())
                ? Optional.empty()
                : Optional.of(type.format(fallback));
    }

    /**
     * Whether a {@link Crosscut} can be built without a value for it.
     *
     * @return true if it has no default and is not optional
     */
    public boolean isRequired() {
        return fallback == null;
    }

    ValueType<T> type() {
        return type;
    }

    @Nullable
    T fallback() {
        return fallback;
    }

    @Override
    public String toString() {
        return key;
    }
}
