package dev.crosscut.logging;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/*
 * The one thread that writes lines: as many at a time as one buffer holds, with one call of the system. Nothing that is
 * thrown ends it.
 *
 * Report. When lines were dropped and there is room again, a line says how many, at most once in five seconds; and at once
 * where somebody waits for all that there is to be written, for it may be the end.
 */
final class LineWriter implements Runnable {

    /** What the writer has to say. Called on its thread. */
    interface Reporter {

        /** The line that says how many lines were dropped, by level; empty where nobody wants to know. */
        byte[] dropped(long[] lines);

        void failed(Target target, Throwable failure);

        void recovered(Target target);
    }

    private static final int BUFFER = 64 * 1024;
    private static final long NAP_FOR = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long A_BREATH = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long REPORT_EVERY = TimeUnit.SECONDS.toNanos(5);

    private final LineOutput output;
    private final LineQueue queue;
    private final Room room;
    private final LevelCounts dropped;
    private final Reporter reporter;
    private final Outlet outlet;
    private final AtomicLong written = new AtomicLong();
    private final CountDownLatch end = new CountDownLatch(1);

    private final byte[] buffer = new byte[BUFFER];
    private long[] reported = new long[QueuedLine.LEVELS];
    private long reportedAt = System.nanoTime() - REPORT_EVERY;
    private long busyAt;
    private @Nullable QueuedLine taken;

    LineWriter(LineOutput output, LineQueue queue, Room room, LevelCounts dropped, Outlet outlet, Reporter reporter) {
        this.output = output;
        this.queue = queue;
        this.room = room;
        this.dropped = dropped;
        this.outlet = outlet;
        this.reporter = reporter;
    }

    long written() {
        return written.get();
    }

    /** Whether it has ended before the deadline. An interrupt does not end the wait. */
    boolean awaitEnd(long deadline) {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return end.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void run() {
        while (end.getCount() > 0) {
            try {
                step();
            } catch (Throwable e) {
                // No memory for the next step, or a reporter that threw: there is nobody to tell, and lines to write.
                LockSupport.parkNanos(A_BREATH);
            }
        }
    }

    private void step() {
        Thread.interrupted(); // this thread is nobody else's to interrupt
        outlet.useNext();
        if (taken == null) {
            taken = queue.takeAll();
        }
        QueuedLine first = taken;
        if (output.isEnded()) {
            taken = null;
            output.dropAll(first);
            finish();
        } else if (first == null) {
            report(false);
            rest();
        } else if (first.isMarker()) {
            report(true);
            taken = first.next;
            first.settle();
        } else {
            writeFrom(first);
            busyAt = System.nanoTime();
            report(false);
        }
    }

    private void finish() {
        try {
            report(true);
        } finally {
            outlet.close();
            end.countDown();
        }
    }

    private void rest() {
        long now = System.nanoTime();
        if (now - busyAt < NAP_FOR) {
            queue.nap();
        } else {
            boolean isReportDue = !Arrays.equals(dropped.all(), reported);
            queue.sleep(isReportDue ? Math.max(REPORT_EVERY - (now - reportedAt), NAP_FOR) : Long.MAX_VALUE);
        }
    }

    /** Writes lines up to the size of the buffer, or one that is larger, and settles them. */
    @SuppressWarnings("ReferenceEquality") // links of a queue
    private void writeFrom(QueuedLine first) {
        int length = 0;
        QueuedLine after = first;
        while (after != null && !after.isMarker() && after.bytes.length <= buffer.length - length) {
            System.arraycopy(after.bytes, 0, buffer, length, after.bytes.length);
            length += after.bytes.length;
            after = after.next;
        }
        if (after == first) {
            settle(first, first.next, outlet.write(first.bytes, first.bytes.length));
        } else {
            settle(first, after, outlet.write(buffer, length));
        }
    }

    /** Counts lines, of which so many bytes were written, and lets those go who wait for them or for their room. */
    @SuppressWarnings("ReferenceEquality") // links of a queue
    private void settle(QueuedLine first, @Nullable QueuedLine after, int through) {
        taken = after;
        int end = 0;
        long cost = 0;
        long count = 0;
        for (QueuedLine line = first; line != null && line != after; line = line.next) {
            end += line.bytes.length;
            cost += line.cost();
            if (end <= through) {
                count++;
            } else {
                dropped.add(line.level);
            }
        }
        written.addAndGet(count);
        room.giveBack(cost);
        for (QueuedLine line = first; line != null && line != after; line = line.next) {
            line.settle();
        }
    }

    private void report(boolean isNow) {
        long now = System.nanoTime();
        if (!isNow && (now - reportedAt < REPORT_EVERY || room.isHalfFull())) {
            return;
        }
        long[] all = dropped.all();
        long[] since = new long[all.length];
        Arrays.setAll(since, level -> all[level] - reported[level]);
        if (LongStream.of(since).sum() > 0) {
            reported = all;
            reportedAt = now;
            byte[] line = reporter.dropped(since);
            if (line.length > 0) {
                outlet.write(line, line.length);
            }
        }
    }
}
