package dev.crosscut.core;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a value is read from text and written back. Immutable. Reading throws {@link IllegalArgumentException} or {@link
 * ArithmeticException} for text that is not a value; the caller knows what to say about it.
 */
final class ValueType<T> {

    private static final String A_STRING = "java.lang.String";

    static final ValueType<String> TEXT = new ValueType<>("text", A_STRING, text -> text, text -> text);

    static final ValueType<Boolean> FLAG =
            new ValueType<>("true or false", "java.lang.Boolean", ValueType::parseFlag, String::valueOf);

    static final ValueType<Integer> INTEGER =
            new ValueType<>("a whole number", "java.lang.Integer", Integer::parseInt, String::valueOf);

    static final ValueType<Duration> DURATION = new ValueType<>(
            "a duration such as 250ms, 30s, 15m, 24h or 7d",
            "java.time.Duration",
            ValueType::parseDuration,
            ValueType::formatDuration);

    static final ValueType<Long> SIZE = new ValueType<>(
            "a size such as 512B, 64KB, 10MB or 1GB", A_STRING, ValueType::parseSize, ValueType::formatSize);

    static final ValueType<Secret> SECRET = new ValueType<Secret>(
                    "a secret", A_STRING, Secret::of, Secret::toString, secret -> secret, null)
            .checked("not empty", secret -> !secret.reveal().isEmpty());

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})\\s?([A-Za-z]*)");
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final List<String> SIZE_UNITS = List.of("B", "KB", "MB", "GB", "TB");

    private final String expected;
    private final String javaType;
    private final Function<String, T> parse;
    private final Function<T, String> format;
    private final @Nullable Function<Secret, T> ofSecret;
    private final @Nullable ValueType<?> each;

    private ValueType(String expected, String javaType, Function<String, T> parse, Function<T, String> format) {
        this(expected, javaType, parse, format, null, null);
    }

    private ValueType(
            String expected,
            String javaType,
            Function<String, T> parse,
            Function<T, String> format,
            @Nullable Function<Secret, T> ofSecret,
            @Nullable ValueType<?> each) {
        this.expected = expected;
        this.javaType = javaType;
        this.parse = parse;
        this.format = format;
        this.ofSecret = ofSecret;
        this.each = each;
    }

    T parse(String text) {
        return parse.apply(text);
    }

    /** The value for a secret that was read elsewhere. */
    T ofSecret(Secret secret) {
        if (ofSecret == null) {
            throw new IllegalArgumentException();
        }
        return ofSecret.apply(secret);
    }

    String format(T value) {
        return format.apply(value);
    }

    String expected() {
        return expected;
    }

    String javaType() {
        return javaType;
    }

    boolean isSecret() {
        return ofSecret != null;
    }

    boolean holdsSecrets() {
        return each == null ? isSecret() : each.isSecret();
    }

    /** The type of the values of a map, whose reader parses each by itself; null for any other type. */
    @Nullable
    ValueType<?> each() {
        return each;
    }

    ValueType<T> checked(String bound, Predicate<? super T> holds) {
        Function<T, T> check = value -> {
            if (!holds.test(value)) {
                throw new IllegalArgumentException();
            }
            return value;
        };
        return new ValueType<>(
                expected + " (" + bound + ")",
                javaType,
                parse.andThen(check),
                format.compose(check),
                ofSecret == null ? null : ofSecret.andThen(check),
                each);
    }

    ValueType<Optional<T>> optional() {
        return new ValueType<>(
                expected,
                javaType,
                parse.andThen(Optional::of),
                value -> value.map(format).orElse(""),
                ofSecret == null ? null : ofSecret.andThen(Optional::of),
                each);
    }

    ValueType<List<T>> list() {
        if (isSecret()) {
            throw new IllegalStateException("a secret has no list, for a comma may be part of one; expected a map");
        }
        return new ValueType<>(
                "a list, separated by commas, of " + expected,
                "java.util.List<" + javaType + ">",
                this::parseList,
                values -> values.stream().map(format).collect(Collectors.joining(",")));
    }

    private List<T> parseList(String text) {
        List<T> values = new ArrayList<>();
        if (!text.isEmpty()) {
            for (String element : text.split(",", -1)) {
                if (element.isBlank()) {
                    throw new IllegalArgumentException();
                }
                values.add(parse.apply(element.strip()));
            }
        }
        return List.copyOf(values);
    }

    /** A value for each name in the place of the key's placeholder. */
    ValueType<Map<String, T>> map() {
        return new ValueType<>(
                expected,
                "java.util.Map<java.lang.String," + javaType + ">",
                text -> {
                    throw new IllegalArgumentException();
                },
                values -> values.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + format.apply(entry.getValue()))
                        .collect(Collectors.joining("; ")),
                null,
                this);
    }

    static <E extends Enum<E>> ValueType<E> choice(Class<E> choices) {
        List<E> all = Arrays.asList(choices.getEnumConstants());
        return new ValueType<>(
                "one of " + all.stream().map(ValueType::kebab).collect(Collectors.joining(", ")),
                A_STRING,
                text -> all.stream()
                        .filter(choice -> kebab(choice).equals(text.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new),
                ValueType::kebab);
    }

    private static String kebab(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean parseFlag(String text) {
        if (text.equalsIgnoreCase("true")) {
            return true;
        }
        if (text.equalsIgnoreCase("false")) {
            return false;
        }
        throw new IllegalArgumentException();
    }

    private static Duration parseDuration(String text) {
        Duration duration;
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            duration = switch (matcher.group(2)) {
                case "ns" -> Duration.ofNanos(number);
                case "us" -> Duration.ofNanos(Math.multiplyExact(number, 1000L));
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                default -> throw new IllegalArgumentException();
            };
        } else {
            try {
                duration = Duration.parse(text);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return bounded(duration);
    }

    /** What can be counted in nanoseconds, as whoever waits for it will. */
    private static Duration bounded(Duration duration) {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException();
        }
        return duration;
    }

    private static String formatDuration(Duration duration) {
        long millis = bounded(duration).toMillis();
        if (!duration.equals(Duration.ofMillis(millis))) {
            return duration.toString();
        }
        if (millis == 0) {
            return "0s";
        }
        if (millis % DAY == 0 && millis > DAY) {
            return millis / DAY + "d";
        }
        if (millis % HOUR == 0) {
            return millis / HOUR + "h";
        }
        if (millis % MINUTE == 0) {
            return millis / MINUTE + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    private static long parseSize(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException();
        }
        String unit = matcher.group(2).toUpperCase(Locale.ROOT);
        int power = SIZE_UNITS.indexOf(unit.isEmpty() ? "B" : unit);
        if (power < 0) {
            throw new IllegalArgumentException();
        }
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
    }

    private static String formatSize(long size) {
        if (size < 0) {
            throw new IllegalArgumentException();
        }
        long number = size;
        int power = 0;
        while (number != 0 && number % 1024 == 0 && power < SIZE_UNITS.size() - 1) {
            number /= 1024;
            power++;
        }
        return number + SIZE_UNITS.get(power);
    }
}
