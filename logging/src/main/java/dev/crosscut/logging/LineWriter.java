package dev.crosscut.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/*
 * The one thread that writes lines: as many at a time as one buffer holds, with one call of the system.
 *
 * Failure. Where the target fails, lines go to stderr, from the one on that was not written whole, and the target is tried
 * again once a second. Where stderr fails too, lines are dropped. Nothing that is thrown ends the thread.
 *
 * Report. When lines were dropped and there is room again, a line says how many, at most once in five seconds.
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
    private static final long RETRY_EVERY = TimeUnit.SECONDS.toNanos(1);
    private static final long REPORT_EVERY = TimeUnit.SECONDS.toNanos(5);

    private final LineOutput output;
    private final LineQueue queue;
    private final Room room;
    private final LevelCounts dropped;
    private final Reporter reporter;
    private final OutputStream standardError;
    private final AtomicReference<@Nullable Target> next = new AtomicReference<>();
    private final CountDownLatch end = new CountDownLatch(1);

    private final byte[] buffer = new byte[BUFFER];
    private long[] reported = new long[QueuedLine.LEVELS];
    private long reportedAt = System.nanoTime() - REPORT_EVERY;
    private long failedAt;
    private boolean isFailing;
    private long busyAt;
    private @Nullable QueuedLine taken;
    private Target target;
    private final AtomicLong written = new AtomicLong();

    LineWriter(
            LineOutput output,
            LineQueue queue,
            Room room,
            LevelCounts dropped,
            Target target,
            Reporter reporter,
            OutputStream standardError) {
        this.output = output;
        this.queue = queue;
        this.room = room;
        this.dropped = dropped;
        this.target = target;
        this.reporter = reporter;
        this.standardError = standardError;
    }

    /** Lines from now on go there. */
    void use(Target newTarget) {
        Target unused = next.getAndSet(newTarget);
        if (unused != null) {
            close(unused);
        }
    }

    /** What is written comes back as something that is logged. */
    void avoidEcho() {
        if (target instanceof StandardOutput standardOutput) {
            standardOutput.avoidCurrent();
        }
    }

    long written() {
        return written.get();
    }

    boolean awaitEnd(Duration timeout) {
        boolean wasInterrupted = Thread.interrupted();
        try {
            return end.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            wasInterrupted = true;
            return end.getCount() == 0;
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
                LockSupport.parkNanos(RETRY_EVERY / 1000);
            }
        }
    }

    private void step() {
        Thread.interrupted(); // this thread is nobody else's to interrupt
        useNext();
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
        } else {
            if (first instanceof QueuedLine.Awaited awaited && awaited.isMarker()) {
                report(true);
            }
            writeFrom(first);
            busyAt = System.nanoTime();
            report(false);
        }
    }

    private void finish() {
        try {
            report(true);
        } finally {
            close(target);
            end.countDown();
        }
    }

    private void rest() {
        if (System.nanoTime() - busyAt < NAP_FOR) {
            queue.nap();
        } else {
            queue.sleep(isReportDue() ? REPORT_EVERY : Long.MAX_VALUE);
        }
    }

    /** Writes lines up to the size of the buffer, or one that is larger, and settles them. */
    private void writeFrom(QueuedLine first) {
        int length = 0;
        QueuedLine after = first;
        while (after != null && after.bytes.length <= buffer.length - length) {
            System.arraycopy(after.bytes, 0, buffer, length, after.bytes.length);
            length += after.bytes.length;
            after = after.next;
        }
        byte[] lines = buffer;
        if (after == first) {
            lines = first.bytes;
            length = lines.length;
            after = first.next;
        }
        int through = length == 0 ? 0 : write(lines, length);
        int lineEnd = 0;
        long cost = 0;
        long count = 0;
        QueuedLine line = first;
        while (line != null && line != after) {
            QueuedLine following = line.next;
            lineEnd += line.bytes.length;
            cost += line.cost();
            if (line.cost() > 0) {
                if (lineEnd <= through) {
                    count++;
                } else {
                    dropped.add(line.level);
                }
            }
            line = following;
        }
        written.addAndGet(count);
        taken = after;
        room.giveBack(cost);
        settle(first, after);
    }

    private static void settle(QueuedLine first, @Nullable QueuedLine after) {
        QueuedLine line = first;
        while (line != null && line != after) {
            line.settle();
            line = line.next;
        }
    }

    /** The length of what was written, here or there. */
    private int write(byte[] lines, int length) {
        int through = 0;
        if (!isFailing || System.nanoTime() - failedAt >= RETRY_EVERY) {
            try {
                target.write(lines, length);
                recover();
                return length;
            } catch (Throwable e) {
                through = e instanceof Target.ShortWriteException some ? wholeLines(lines, some.written()) : 0;
                fail(e);
            }
        }
        try {
            standardError.write(lines, through, length - through);
            return length;
        } catch (IOException e) {
            return through; // the rest is counted as dropped
        }
    }

    private static int wholeLines(byte[] lines, int length) {
        int end = length;
        while (end > 0 && lines[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private void useNext() {
        Target newer = next.get() == null ? null : next.getAndSet(null);
        if (newer != null) {
            close(target);
            target = newer;
            isFailing = false;
        }
    }

    private void recover() {
        if (isFailing) {
            isFailing = false;
            tell(() -> reporter.recovered(target));
        }
    }

    private void fail(Throwable failure) {
        failedAt = System.nanoTime();
        if (!isFailing) {
            isFailing = true;
            tell(() -> reporter.failed(target, failure));
        }
    }

    /** What listens to Logback's statuses may do what it likes, but not to the lines. */
    private static void tell(Runnable news) {
        try {
            news.run();
        } catch (Throwable e) {
            Values.survived(e);
        }
    }

    private void close(Target old) {
        try {
            old.close();
        } catch (IOException e) {
            tell(() -> reporter.failed(old, e));
        }
    }

    private boolean isReportDue() {
        return !Arrays.equals(dropped.all(), reported);
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
                write(line, line.length);
            }
        }
    }
}
