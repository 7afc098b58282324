package dev.crosscut.logging;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * How much memory kept lines may take, each exchange and all together.
 *
 * Giving up. Who finds no memory lets go of the lines of the exchange that has kept some for longest, and tries again: the
 * newest work is worth most. Exchanges that nobody ever ends are the oldest at some point, so what they kept is given back
 * like that of others, and needs no search.
 *
 * Concurrency. Memory is taken by compare-and-set, so the bound is never passed. The lock covers the links of the list.
 */
final class DebugMemory {

    /** Keeps nothing. */
    static final DebugMemory NONE = new DebugMemory(0, 0);

    private final long perExchange;
    private final long total;
    private final AtomicLong used = new AtomicLong();
    private final RareReport givenUp = new RareReport();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable DebugLines oldest;
    private @Nullable DebugLines youngest;

    DebugMemory(long perExchange, long total) {
        this.perExchange = perExchange;
        this.total = total;
    }

    boolean isOff() {
        return perExchange == 0;
    }

    long perExchange() {
        return perExchange;
    }

    long total() {
        return total;
    }

    long used() {
        return used.get();
    }

    /** How often the lines of an exchange were given up. */
    RareReport givenUp() {
        return givenUp;
    }

    boolean take(long bytes) {
        while (true) {
            long before = used.get();
            if (before + bytes > total) {
                return false;
            }
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }

    /** As the youngest that have kept something. */
    void list(DebugLines lines) {
        lock.lock();
        try {
            lines.isLinked = true;
            lines.older = youngest;
            if (youngest == null) {
                oldest = lines;
            } else {
                youngest.younger = lines;
            }
            youngest = lines;
        } finally {
            lock.unlock();
        }
    }

    void unlist(DebugLines lines) {
        lock.lock();
        try {
            unlink(lines);
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of the oldest ones; false where there are none. */
    boolean giveUpOldest() {
        DebugLines victim;
        lock.lock();
        try {
            victim = oldest;
            if (victim == null) {
                return false;
            }
            unlink(victim);
        } finally {
            lock.unlock();
        }
        victim.giveUp();
        givenUp.happened();
        return true;
    }

    private void unlink(DebugLines lines) {
        if (!lines.isLinked) {
            return; // by who gives it up
        }
        DebugLines older = lines.older;
        DebugLines younger = lines.younger;
        if (older == null) {
            oldest = younger;
        } else {
            older.younger = younger;
        }
        if (younger == null) {
            youngest = older;
        } else {
            younger.older = older;
        }
        lines.older = null;
        lines.younger = null;
        lines.isLinked = false;
    }
}
