package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A line on its way from the thread that logged it to the one that writes it, as a link of a {@link LineQueue}. */
class QueuedLine {

    static final int LEVELS = 5;
    static final int WARN = index(Level.WARN);

    /** The headers, fields and padding of a link and of its array, on any JVM. */
    private static final int OVERHEAD = 72;

    final byte[] bytes;
    final int level;

    @Nullable
    QueuedLine next;

    QueuedLine(byte[] bytes, int level) {
        this.bytes = bytes;
        this.level = level;
    }

    /** TRACE to ERROR as 0 to 4. */
    static int index(Level level) {
        return Math.max(0, Math.min(level.toInt() / Level.DEBUG_INT, LEVELS - 1));
    }

    /** Whether it is no line, but something to wait for. */
    boolean isMarker() {
        return false;
    }

    /** The memory that it takes. */
    long cost() {
        return OVERHEAD + (long) bytes.length;
    }

    /** It has been written, or dropped. */
    void settle() {}

    /** A line whose thread waits until it has been written. */
    static class Awaited extends QueuedLine {

        private final Thread waiter = Thread.currentThread();
        private volatile boolean isSettled;

        Awaited(byte[] bytes, int level) {
            super(bytes, level);
        }

        @Override
        void settle() {
            isSettled = true;
            LockSupport.unpark(waiter);
        }

        /** Whether it was settled before the deadline. An interrupt does not end the wait. */
        boolean await(long deadline) {
            boolean wasInterrupted = false;
            long left = deadline - System.nanoTime();
            while (!isSettled && left > 0) {
                LockSupport.parkNanos(this, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
                wasInterrupted |= Thread.interrupted();
                left = deadline - System.nanoTime();
            }
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
            return isSettled;
        }
    }

    /** What waits for the lines before it. It takes no room, so there is always room for it. */
    static final class Marker extends Awaited {

        private static final byte[] NOTHING = {};

        Marker() {
            super(NOTHING, LEVELS - 1);
        }

        @Override
        boolean isMarker() {
            return true;
        }
    }
}
