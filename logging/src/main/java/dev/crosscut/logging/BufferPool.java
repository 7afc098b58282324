package dev.crosscut.logging;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Lines to write to, shared by all threads, so that a thread keeps nothing of what it logged: ten thousand virtual ones
 * would keep as many buffers.
 *
 * <p>A few slots, each a cache line from the next; a thread begins at one by its id, and goes to the next while that is
 * empty. Where all it looked at are empty it makes a line, where all are full it drops one. A line that grew large is
 * dropped too, so what is retained is bounded.
 */
final class BufferPool {

    /** The largest buffer that is kept. */
    static final int LARGEST = 64 * 1024;

    private static final int SPACING = 16;
    private static final int PROBES = 4;

    private final AtomicReferenceArray<@Nullable LineBuffer> slots;
    private final int mask;

    BufferPool() {
        int count = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4);
        this.mask = Math.max(8, Math.min(count, 64)) - 1;
        this.slots = new AtomicReferenceArray<>((mask + 1) * SPACING);
    }

    @SuppressWarnings("deprecation") // the id of a thread has another name from JDK 19 on
    private static int first() {
        return (int) Thread.currentThread().getId();
    }

    /** An empty line, for this thread alone until it gives it back. */
    LineBuffer take() {
        int first = first();
        for (int i = 0; i < PROBES; i++) {
            int slot = ((first + i) & mask) * SPACING;
            if (slots.getPlain(slot) != null) {
                LineBuffer line = slots.getAndSet(slot, null);
                if (line != null) {
                    line.clear();
                    return line;
                }
            }
        }
        return new LineBuffer();
    }

    /** Takes a line back, which its user must not touch any more. */
    void give(LineBuffer line) {
        if (line.capacity() > LARGEST) {
            return;
        }
        int first = first();
        for (int i = 0; i < PROBES; i++) {
            int slot = ((first + i) & mask) * SPACING;
            if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, line)) {
                return;
            }
        }
    }
}
