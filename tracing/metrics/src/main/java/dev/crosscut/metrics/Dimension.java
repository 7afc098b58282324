package dev.crosscut.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A key of meters and the values that it may have: a bounded number, each known by a small number from its first use on.
 * Whatever is beyond has the value {@code _OTHER} in this key, so that what was measured is counted, and keeps its other
 * keys.
 */
final class Dimension {

    /** The number of the empty value, which a key has where there is none. */
    static final int ABSENT = 0;

    /** The number of {@code _OTHER}. */
    static final int OTHER = 1;

    /** How many bits a number takes. */
    static final int BITS = 12;

    /** The most values that a key may be given: their numbers, with those that it has from the start, fit the bits. */
    static final int MOST = 4000;

    private static final int LONGEST = 256;
    private static final int SHOWN = 64;
    private static final System.Logger LOG = System.getLogger("dev.crosscut.metrics");

    private final String key;
    private final boolean isOpen;
    private final String advice;
    private final Map<Object, Integer> numbers = new ConcurrentHashMap<>();
    private final String[] texts;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile int size;

    private final LongAdder overflow = new LongAdder();
    private final AtomicBoolean warned = new AtomicBoolean();

    private Dimension(String key, boolean isOpen, Collection<String> known, int bound, String advice) {
        this.key = key;
        this.isOpen = isOpen;
        this.advice = advice;
        this.texts = new String[OTHER + 1 + known.size() + bound];
        add("");
        add(Conventions.OTHER);
        known.forEach(this::add);
    }

    /** A key that takes each new value until there are as many as the bound, besides those that are known to come. */
    static Dimension open(String key, int bound, String setting, String... known) {
        return new Dimension(
                key,
                true,
                List.of(known),
                bound,
                "There were more than " + bound + " values of " + key + " to measure. Each further one counts as "
                        + Conventions.OTHER
                        + " in this key, the others are as they were. Where there are meant to be so"
                        + " many, raise " + setting);
    }

    /** A key of which these values are known and no others ever, which is nothing to speak of. */
    static Dimension closed(String key, Collection<String> known) {
        return new Dimension(key, false, known, 0, "");
    }

    /** A key whose values must be declared. */
    static Dimension declared(String key, Collection<String> known, String setting) {
        return new Dimension(
                key,
                false,
                known,
                0,
                "is not declared, and counts as " + Conventions.OTHER + " in " + key + "; expected one of " + known
                        + ", which is what " + setting + " says");
    }

    String key() {
        return key;
    }

    /** Whether values from outside come in, so that the key gives way where there are too many series. */
    boolean isOpen() {
        return isOpen;
    }

    /** The number of a value, of which it has none, allocating nothing once it is known. */
    int of(@Nullable Object value) {
        if (value == null) {
            return ABSENT;
        }
        Integer number = numbers.get(value);
        return number == null ? ofUnknown(value) : number;
    }

    private int ofUnknown(Object value) {
        String text = value.toString();
        Integer number = numbers.get(text);
        if (number == null && isOpen && size < texts.length && isFit(text)) {
            number = added(text);
        }
        if (number == null) {
            over(text);
            return OTHER;
        }
        if (value instanceof Long) {
            numbers.put(value, number);
        }
        return number;
    }

    /** Short enough to keep, and text that stays what it is when it is written: two values must not become one. */
    private static boolean isFit(String text) {
        return text.length() <= LONGEST && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private @Nullable Integer added(String text) {
        lock.lock();
        try {
            Integer number = numbers.get(text);
            return number == null && size < texts.length ? Integer.valueOf(add(text)) : number;
        } finally {
            lock.unlock();
        }
    }

    /** The text is there before its number is, so that whoever has the number finds the text. */
    private int add(String text) {
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        int number = size;
        texts[number] = text;
        numbers.put(text, number);
        size = number + 1;
        return number;
    }

    private void over(String text) {
        if (advice.isEmpty()) {
            return;
        }
        overflow.increment();
        if (warned.compareAndSet(false, true)) {
            LOG.log(System.Logger.Level.WARNING, warning(text));
        }
    }

    private String warning(String text) {
        if (!isOpen) {
            return "'" + printable(text) + "' " + advice;
        }
        return isFit(text)
                ? advice
                : "A value of " + key + " is longer than " + LONGEST
                        + " characters, or has half a character; it counts as " + Conventions.OTHER
                        + " in this key, and so does each such value";
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), SHOWN)).replaceAll("[^A-Za-z0-9._ -]", "?");
    }

    /** The value of a number that was given out. */
    String text(int number) {
        return texts[number];
    }

    /** How often something was measured with {@code _OTHER} in place of its value. */
    long overflow() {
        return overflow.sum();
    }
}
