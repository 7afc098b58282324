package dev.crosscut.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The time for which what has failed is left alone; then one caller may try, and the others wait as long again. */
final class Pause {

    private static final long LENGTH = Duration.ofMinutes(1).toNanos();

    private final LongSupplier clock;
    private final AtomicLong end;

    Pause(LongSupplier clock) {
        this.clock = clock;
        this.end = new AtomicLong(clock.getAsLong() + LENGTH);
    }

    boolean isOver() {
        long now = clock.getAsLong();
        long due = end.get();
        return now - due >= 0 && end.compareAndSet(due, now + LENGTH);
    }
}
