package dev.crosscut.idempotency;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** How often what became of keys. For many threads. */
final class EventCounts implements IdempotencyListener {

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    EventCounts() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    @Override
    public void on(Event event, String operation, RecordKey key) {
        Objects.requireNonNull(counts.get(event)).increment();
    }

    /** Shows each count by the name that meters have for it. */
    void forEach(BiConsumer<String, LongSupplier> counter) {
        counts.forEach((event, count) ->
                counter.accept("crosscut.idempotency." + event.name().toLowerCase(Locale.ROOT), count::sum));
    }
}
