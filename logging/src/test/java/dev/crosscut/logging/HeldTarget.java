package dev.crosscut.logging;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A target that keeps what is written, and that can be made to wait, to fail and to throw. */
final class HeldTarget implements Target {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Semaphore open = new Semaphore(Integer.MAX_VALUE);
    private volatile long nanosEach;
    private volatile int failAfter = Integer.MAX_VALUE;
    private final AtomicInteger errors = new AtomicInteger();
    private volatile boolean isHeld;
    private volatile boolean isClosed;

    /** From now on whoever writes waits. */
    HeldTarget hold() {
        isHeld = true;
        open.drainPermits();
        return this;
    }

    /** Returns when somebody waits. */
    void awaitWriter() throws InterruptedException {
        while (!open.hasQueuedThreads()) {
            Thread.sleep(1);
        }
    }

    void releaseOne() {
        open.release();
    }

    void release() {
        isHeld = false;
        open.release(Integer.MAX_VALUE - open.availablePermits());
    }

    HeldTarget slow(long nanos) {
        nanosEach = nanos;
        return this;
    }

    /** The next write takes so many bytes and then fails. */
    void failAfter(int length) {
        failAfter = length;
    }

    /** So many writes throw errors. */
    void throwErrors(int times) {
        errors.set(times);
    }

    boolean isClosed() {
        return isClosed;
    }

    @Override
    public void open() {}

    @Override
    public void write(byte[] lines, int length) throws IOException {
        open.acquireUninterruptibly();
        if (!isHeld) {
            open.release();
        }
        if (nanosEach > 0) {
            LockSupport.parkNanos(nanosEach);
        }
        if (errors.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StackOverflowError("a stream of a user's");
        }
        if (failAfter < length) {
            int some = failAfter;
            failAfter = Integer.MAX_VALUE;
            bytes.write(lines, 0, some);
            throw new ShortWriteException(some, new IOException("No space left on device"));
        }
        bytes.write(lines, 0, length);
    }

    @Override
    public void close() {
        isClosed = true;
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    List<String> lines() {
        return text().lines().toList();
    }
}
