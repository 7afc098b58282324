package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The loggable values of an exchange at one moment, by the names of their keys, the first put first. Kept on the exchange
 * until one of them is put anew, and written as JSON once. Immutable; safe for use by several threads.
 */
final class ExchangeFields {

    static final ExchangeFields NONE = new ExchangeFields(List.of());

    static final String CORRELATION_ID = Key.CORRELATION_ID.name();

    private static final Key<ExchangeFields> KEPT = Key.of("log_fields", ExchangeFields.class);

    private record Entry(Key<?> key, Object value) {}

    private final List<Entry> entries; // as the exchange shows them
    private final Map<String, Object> byName = new LinkedHashMap<>();
    private final LineContext alone;
    private volatile @Nullable ExchangeBlock block;

    private ExchangeFields(List<Entry> entries) {
        this.entries = entries;
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            byName.put(Names.free(entry.key.name(), byName::containsKey), entry.value);
        }
        this.alone = new LineContext(this, Collections.emptyMap());
    }

    static ExchangeFields of(Exchange exchange) {
        ExchangeFields kept = exchange.getOrDefault(KEPT, NONE);
        Comparison comparison = new Comparison(kept.entries);
        exchange.forEach(comparison);
        if (comparison.holds()) {
            return kept;
        }
        List<Entry> entries = new ArrayList<>();
        exchange.forEach((key, value) -> {
            if (key.isLoggable()) {
                entries.add(new Entry(key, value));
            }
        });
        ExchangeFields fresh = new ExchangeFields(entries);
        exchange.put(KEPT, fresh);
        return fresh;
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

    /** Whether an exchange still has the very values that were seen before. */
    private static final class Comparison implements BiConsumer<Key<?>, Object> {

        private final List<Entry> before;
        private int seen;
        private boolean same = true;

        Comparison(List<Entry> before) {
            this.before = before;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // an equal value may be written otherwise
        public void accept(Key<?> key, Object value) {
            if (key.isLoggable()) {
                same = same && seen < before.size() && before.get(seen).key == key && before.get(seen).value == value;
                seen++;
            }
        }

        boolean holds() {
            return same && seen == before.size();
        }
    }

    Map<String, Object> byName() {
        return byName;
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
            written = ExchangeBlock.of(byName, format);
            block = written;
        }
        return written;
    }
}
