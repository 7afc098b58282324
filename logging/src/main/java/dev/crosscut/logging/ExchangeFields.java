package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The loggable values of an exchange at one moment, by the names of their keys, the first put first. Kept on the exchange
 * until one of them is put anew, and written as JSON once. Immutable; safe for use by several threads.
 */
final class ExchangeFields {

    static final ExchangeFields NONE = new ExchangeFields(new Key<?>[0], new Object[0]);

    static final String CORRELATION_ID = Key.CORRELATION_ID.name();

    private static final Key<ExchangeFields> KEPT = Key.of("log_fields", ExchangeFields.class);

    private final Key<?>[] keys; // the last put first, as the exchange shows them
    private final Object[] values;
    private final LineContext alone = new LineContext(this, Collections.emptyMap());
    private volatile @Nullable Map<String, Object> byName;
    private volatile @Nullable ExchangeBlock block;

    private ExchangeFields(Key<?>[] keys, Object[] values) {
        this.keys = keys;
        this.values = values;
    }

    static ExchangeFields of(Exchange exchange) {
        ExchangeFields kept = exchange.getOrDefault(KEPT, NONE);
        Comparison comparison = new Comparison(kept);
        exchange.forEach(comparison);
        ExchangeFields now = comparison.result();
        if (now != kept) {
            exchange.put(KEPT, now);
        }
        return now;
    }

    /**
     * Those of the exchange in which an event was logged. Its MDC knows, unless somebody has put another map in its place:
     * OpenTelemetry's appender does, to add the ids of a trace. Then they are those of the current exchange if this is the
     * thread that logged, and if the map does not speak of another.
     */
    static ExchangeFields of(ILoggingEvent event, @Nullable Map<String, String> mdc) {
        if (mdc instanceof LineContext context) {
            return context.exchange();
        }
        Optional<Exchange> current = Exchange.current();
        if (current.isEmpty() || !Thread.currentThread().getName().equals(event.getThreadName())) {
            return NONE;
        }
        String id = mdc == null ? null : mdc.get(CORRELATION_ID);
        return id == null || id.equals(current.get().getOrDefault(Key.CORRELATION_ID, "")) ? of(current.get()) : NONE;
    }

    /** Whether an exchange still has the very values that were seen before, or else which it has. */
    private static final class Comparison implements BiConsumer<Key<?>, Object> {

        private static final int MORE = 16;

        private final ExchangeFields before;
        private Key<?>[] keys;
        private Object[] values;
        private int count;
        private boolean isSame = true;

        Comparison(ExchangeFields before) {
            this.before = before;
            this.keys = before.keys;
            this.values = before.values;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // an equal value may be written otherwise
        public void accept(Key<?> key, Object value) {
            if (!key.isLoggable()) {
                return;
            }
            isSame = isSame && count < keys.length && keys[count] == key && values[count] == value;
            if (!isSame) {
                add(key, value);
            }
            count++;
        }

        @SuppressWarnings("ReferenceEquality") // whether they are still those that are to be left as they are
        private void add(Key<?> key, Object value) {
            if (keys == before.keys || count == keys.length) {
                int length = Math.max(count, before.keys.length) + MORE;
                keys = Arrays.copyOf(keys, length);
                values = Arrays.copyOf(values, length);
            }
            keys[count] = key;
            values[count] = value;
        }

        ExchangeFields result() {
            return isSame && count == before.keys.length
                    ? before
                    : new ExchangeFields(Arrays.copyOf(keys, count), Arrays.copyOf(values, count));
        }
    }

    /** The keys, the last put first; to be left as they are. */
    Key<?>[] keys() {
        return keys;
    }

    Object value(int i) {
        return values[i];
    }

    /** All of them, the first put first. Where two keys have one name, the later has a number after it. */
    Map<String, Object> byName() {
        Map<String, Object> made = byName;
        if (made == null) {
            made = new LinkedHashMap<>();
            for (int i = keys.length - 1; i >= 0; i--) {
                made.put(Names.free(keys[i].name(), made::containsKey), value(i));
            }
            byName = made;
        }
        return made;
    }

    /** These fields, and what the user has put into the MDC. */
    LineContext with(@Nullable Map<String, String> users) {
        return users == null || users.isEmpty() ? alone : new LineContext(this, users);
    }

    /** The fields as they follow others on a line of a format. */
    @SuppressWarnings("ReferenceEquality") // formats are not compared otherwise
    ExchangeBlock block(JsonFormat format) {
        ExchangeBlock written = block;
        if (written == null || written.format() != format) {
            written = ExchangeBlock.of(this, format);
            block = written;
        }
        return written;
    }
}
