package dev.crosscut.logging;

import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Lines counted by level, by any number of threads. */
final class LevelCounts {

    private final LongAdder[] counts =
            Stream.generate(LongAdder::new).limit(QueuedLine.LEVELS).toArray(LongAdder[]::new);
    private final Optional<LevelCounts> total;

    LevelCounts() {
        total = Optional.empty();
    }

    /** Part of a total. */
    LevelCounts(LevelCounts total) {
        this.total = Optional.of(total);
    }

    void add(int level) {
        counts[level].increment();
        total.ifPresent(all -> all.add(level));
    }

    long of(int level) {
        return counts[level].sum();
    }

    long[] all() {
        long[] all = new long[QueuedLine.LEVELS];
        for (int level = 0; level < all.length; level++) {
            all[level] = of(level);
        }
        return all;
    }

    long sum() {
        return LongStream.of(all()).sum();
    }
}
