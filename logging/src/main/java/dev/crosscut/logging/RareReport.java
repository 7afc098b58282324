package dev.crosscut.logging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Something that may happen often: counted always, and worth a line once a minute. */
final class RareReport {

    private static final long EVERY = Duration.ofMinutes(1).toNanos();

    private final LongSupplier clock;
    private final AtomicLong happened = new AtomicLong();
    private final AtomicLong reported = new AtomicLong();
    private final AtomicLong nextReport;

    RareReport() {
        this(System::nanoTime);
    }

    RareReport(LongSupplier clock) {
        this.clock = clock;
        this.nextReport = new AtomicLong(clock.getAsLong());
    }

    void happened() {
        happened.incrementAndGet();
    }

    void happened(long times) {
        happened.addAndGet(times);
    }

    /** How often so far. */
    long count() {
        return happened.get();
    }

    /** How often since the last report, for the one caller who is to make the next; 0 for everyone else. */
    long due() {
        long all = happened.get();
        if (all == reported.get()) {
            return 0;
        }
        long now = clock.getAsLong();
        long next = nextReport.get();
        if (now - next < 0 || !nextReport.compareAndSet(next, now + EVERY)) {
            return 0;
        }
        return all - reported.getAndSet(all);
    }
}
