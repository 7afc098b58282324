package dev.crosscut.metrics;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** How many series there may be, of all meters together. */
final class SeriesLimit {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.metrics");

    private final int bound;
    private final AtomicInteger taken = new AtomicInteger();
    private final LongAdder overflow = new LongAdder();
    private final AtomicBoolean warned = new AtomicBoolean();

    SeriesLimit(int bound) {
        this.bound = bound;
    }

    /** Takes room for one, where there is some. */
    boolean take() {
        int now = taken.get();
        while (now < bound) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    void giveBack() {
        taken.decrementAndGet();
    }

    /** Something of a meter was measured in a series with {@code _OTHER} in all keys that give way. */
    void over(Convention convention) {
        overflow.increment();
        if (warned.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "There are " + bound + " series, of which the last was one of " + convention.name()
                            + ". What would be a new one counts in one with " + Conventions.OTHER
                            + " in each key that has values from outside. Where so many are meant, raise "
                            + MetricsSettings.MAX_SERIES.key() + "; where not, "
                            + "crosscut.metrics.overflow and the series themselves say which key has too many values");
        }
    }

    int taken() {
        return taken.get();
    }

    long overflow() {
        return overflow.sum();
    }
}
