package dev.crosscut.metrics;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * The series of one meter, by the numbers of their values: a hash table with open addressing and linear probing, at most
 * half full. Series come and never go.
 *
 * Concurrency. Whoever looks takes no lock. A slot is written once, so a search that ends at an empty slot has at worst
 * missed a series that was just added; whoever adds looks again under the lock. A table that grows is filled before it is
 * published.
 *
 * Cost. A search allocates nothing: the key is three longs, not an object.
 */
final class SeriesTable {

    private static final int FIRST_CAPACITY = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private volatile AtomicReferenceArray<@Nullable Series> slots = new AtomicReferenceArray<>(FIRST_CAPACITY);
    private int size;

    @Nullable
    Series find(long first, long second, long third) {
        AtomicReferenceArray<@Nullable Series> now = slots;
        int mask = now.length() - 1;
        for (int slot = hash(first, second, third) & mask; ; slot = (slot + 1) & mask) {
            Series series = now.get(slot);
            if (series == null || series.is(first, second, third)) {
                return series;
            }
        }
    }

    /** Adds a series unless there is one of its numbers, which is then returned in its place. */
    Series add(Series added) {
        lock.lock();
        try {
            Series present = find(added.first, added.second, added.third);
            if (present != null) {
                return present;
            }
            if (++size > slots.length() / 2) {
                grow();
            }
            put(slots, added);
            return added;
        } finally {
            lock.unlock();
        }
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Series> old = slots;
        AtomicReferenceArray<@Nullable Series> grown = new AtomicReferenceArray<>(old.length() * 2);
        for (int i = 0; i < old.length(); i++) {
            Series series = old.get(i);
            if (series != null) {
                put(grown, series);
            }
        }
        slots = grown;
    }

    private static void put(AtomicReferenceArray<@Nullable Series> to, Series series) {
        int mask = to.length() - 1;
        int slot = hash(series.first, series.second, series.third) & mask;
        while (to.get(slot) != null) {
            slot = (slot + 1) & mask;
        }
        to.set(slot, series);
    }

    /** Numbers are small and next to each other, so that their bits are spread before some are left out. */
    private static int hash(long first, long second, long third) {
        long mixed = (first * 31 + second) * 31 + third;
        mixed *= 0x9E3779B97F4A7C15L; // 2 to the 64 by the golden ratio (Knuth, 6.4)
        return (int) (mixed >>> 32);
    }
}
