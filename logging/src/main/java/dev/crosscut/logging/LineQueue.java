package dev.crosscut.logging;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/*
 * Lines that wait: any thread adds, and one takes all there are at once, the oldest first.
 *
 * Concurrency. A stack, of which the taker detaches the whole and reverses it; so adding is one compare-and-set, and there
 * is no reuse of links to get wrong. A line is added before the state of the taker is read, and the taker says that it
 * sleeps before it looks for lines a last time: one of the two sees the other.
 *
 * Cost. To wake a thread costs more than to write a line. After lines have come, the taker therefore naps for a
 * millisecond at a time, without asking to be woken, and sleeps only when none has come for a while. A nap ends early
 * for who is in a hurry.
 */
final class LineQueue {

    private enum Taker {
        BUSY,
        NAPPING,
        ASLEEP
    }

    private static final long NAP = TimeUnit.MILLISECONDS.toNanos(1);

    private final AtomicReference<@Nullable QueuedLine> newest = new AtomicReference<>();
    private volatile Taker state = Taker.BUSY;
    private volatile @Nullable Thread taker;

    /** Said by the one thread that takes. */
    void takenBy(Thread thread) {
        taker = thread;
    }

    boolean isTakenBy(Thread thread) {
        return taker == thread;
    }

    void add(QueuedLine line) {
        QueuedLine older;
        do {
            older = newest.get();
            line.next = older;
        } while (!newest.compareAndSet(older, line));
        if (state == Taker.ASLEEP) {
            wake();
        }
    }

    boolean isTakerNapping() {
        return state == Taker.NAPPING;
    }

    void wake() {
        LockSupport.unpark(taker);
    }

    /** All there are, the oldest first. */
    @Nullable
    QueuedLine takeAll() {
        QueuedLine line = newest.getAndSet(null);
        QueuedLine oldest = null;
        while (line != null) {
            QueuedLine older = line.next;
            line.next = oldest;
            oldest = line;
            line = older;
        }
        return oldest;
    }

    /** For the taker: a rest, whether lines come or not. */
    void nap() {
        rest(Taker.NAPPING, NAP);
    }

    /** For the taker: until a line comes or the time is over. */
    void sleep(long nanos) {
        rest(Taker.ASLEEP, nanos);
    }

    private void rest(Taker how, long nanos) {
        state = how;
        if (newest.get() == null) {
            LockSupport.parkNanos(this, nanos);
        }
        state = Taker.BUSY;
    }
}
