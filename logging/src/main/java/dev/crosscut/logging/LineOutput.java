package dev.crosscut.logging;

import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/*
 * The way of encoded lines from the threads that log to a target: room, a queue, and the one thread that writes.
 *
 * Accounting. A line that is offered is either written or dropped, and counted as such once: dropped by the thread that
 * offers it where it has no room, else written or dropped by whoever takes it from the queue. That is the writer, and at
 * the very end whoever comes after it: a line is added before isEnded is read, and isEnded is set before the queue is
 * emptied for the last time.
 *
 * The end. Closing refuses new lines, lets the writer go on until nothing waits or the time is over, and drops the rest.
 * When the JVM ends, lines go on being taken, and each thread waits until its line is written, so that none is left in
 * the queue when the JVM halts. They do so no longer once one had to wait for too long: nobody reads what is written.
 */
final class LineOutput {

    private final LineQueue queue = new LineQueue();
    private final LevelCounts dropped;
    private final Room room;
    private final Outlet outlet;
    private final LineWriter writer;
    private volatile long flushNanos;
    private volatile boolean isWritingThrough;
    private volatile boolean isClosed;
    private volatile boolean isEnded;

    LineOutput(
            AppenderSettings settings,
            Target target,
            LineWriter.Reporter reporter,
            OutputStream standardError,
            LevelCounts dropped) {
        this.dropped = dropped;
        room = new Room(settings);
        flushNanos = settings.flushTimeout().toNanos();
        outlet = new Outlet(target, standardError, reporter);
        writer = new LineWriter(this, queue, room, dropped, outlet, reporter);
    }

    void start() {
        Thread thread = new Thread(null, writer, "crosscut-log-writer", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        queue.takenBy(thread);
        thread.start();
    }

    /** From now on, for lines that wait already too. */
    void apply(AppenderSettings settings, Target target) {
        flushNanos = settings.flushTimeout().toNanos();
        room.bound(settings);
        outlet.use(target);
        queue.wake();
    }

    /** Takes a line, which ends in a line feed, or drops it. */
    void write(byte[] bytes, int level) {
        if (isWrittenBy(Thread.currentThread())) {
            // Whoever writes lines has logged. It must not wait for itself, nor be kept busy by itself.
            outlet.avoidEcho();
            dropped.add(level);
            return;
        }
        QueuedLine.Awaited awaited = isWritingThrough ? new QueuedLine.Awaited(bytes, level) : null;
        QueuedLine line = awaited == null ? new QueuedLine(bytes, level) : awaited;
        if (isClosed || !room.take(line)) {
            dropped.add(level);
            return;
        }
        queue.add(line);
        if (isEnded) {
            dropAll(queue.takeAll());
        } else if (queue.isTakerNapping() && (awaited != null || room.isHalfFull())) {
            queue.wake();
        }
        if (awaited != null && !awaited.await(System.nanoTime() + flushNanos)) {
            stopWaiting();
        }
    }

    /** Nobody reads what is written while the JVM ends, so that nothing may wait for it any more, nor for room. */
    private void stopWaiting() {
        isWritingThrough = false;
        room.end();
    }

    void dropAll(@Nullable QueuedLine first) {
        for (QueuedLine line = first; line != null; line = line.next) {
            if (!line.isMarker()) {
                dropped.add(line.level);
                room.giveBack(line.cost());
            }
            line.settle();
        }
    }

    /** Counts a line that could not be made. */
    void drop(int level) {
        dropped.add(level);
    }

    /** Waits until all lines that were taken before have been written; false if that takes too long. */
    boolean flush(long deadline) {
        QueuedLine.Awaited marker = new QueuedLine.Marker();
        queue.add(marker);
        queue.wake();
        if (isEnded) {
            dropAll(queue.takeAll());
        }
        return marker.await(deadline);
    }

    /** The JVM is about to halt. */
    boolean writeThrough() {
        isWritingThrough = true;
        boolean isInTime = flush(System.nanoTime() + flushNanos);
        if (!isInTime) {
            stopWaiting();
        }
        return isInTime;
    }

    /** Takes no more lines; true if those that it had taken were written in time. */
    boolean close() {
        long deadline = System.nanoTime() + flushNanos;
        isClosed = true;
        boolean isInTime = flush(deadline);
        while (isInTime && !room.isUnused()) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
            isInTime = System.nanoTime() - deadline < 0;
        }
        isEnded = true;
        room.end();
        dropAll(queue.takeAll());
        queue.wake();
        return isInTime && writer.awaitEnd(deadline);
    }

    boolean isEnded() {
        return isEnded;
    }

    /** The memory that lines take which wait. */
    long used() {
        return room.used();
    }

    boolean isWrittenBy(Thread thread) {
        return queue.isTakenBy(thread);
    }

    LevelCounts dropped() {
        return dropped;
    }

    long written() {
        return writer.written();
    }
}
