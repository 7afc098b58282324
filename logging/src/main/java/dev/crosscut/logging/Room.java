package dev.crosscut.logging;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * How many bytes may wait, and who waits for room.
 *
 * Concurrency. Room is taken by compare-and-set, so the bound is never passed, not even for a moment, but by the one line
 * that is larger than all of it and finds it empty (only where threads may wait: elsewhere it is dropped). A thread that
 * finds none and may wait stands in a line that is served in order, so that a large line is not overtaken for ever by
 * small ones: whoever gives room back hands it to the first. The lock covers that line of threads and nothing else; nobody
 * waits while holding it. A thread says that it waits before it tries for the last time, and room is given back before
 * anyone looks for threads that wait: one of the two sees the other.
 */
final class Room {

    private record Bounds(long all, long belowWarn, boolean mayWait) {

        static Bounds of(AppenderSettings settings) {
            long all = settings.queueBytes();
            boolean keepsSome = settings.whenFull() == WhenFull.DROP_BELOW_WARN;
            return new Bounds(all, keepsSome ? all / 4 * 3 : all, settings.whenFull() == WhenFull.BLOCK);
        }
    }

    private static final class Waiter {

        final Thread thread = Thread.currentThread();
        final long cost;
        volatile @Nullable Boolean answer;

        Waiter(long cost) {
            this.cost = cost;
        }

        void answer(boolean hasRoom) {
            answer = hasRoom;
            LockSupport.unpark(thread);
        }
    }

    private final AtomicLong used = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private volatile boolean isAwaited;
    private volatile boolean isEnded;
    private volatile Bounds bounds;

    Room(AppenderSettings settings) {
        bounds = Bounds.of(settings);
    }

    /** Whether there is room for a line, which the line then has. */
    boolean take(QueuedLine line) {
        Bounds now = bounds;
        long bound = line.level >= QueuedLine.WARN ? now.all : now.belowWarn;
        if (now.mayWait && isAwaited) {
            return await(line.cost());
        }
        return tryTake(line.cost(), bound, now.mayWait) || (now.mayWait && await(line.cost()));
    }

    private boolean tryTake(long cost, long bound, boolean mayPass) {
        while (true) {
            long before = used.get();
            if (before + cost > bound && !(mayPass && before == 0)) {
                return false;
            }
            if (used.compareAndSet(before, before + cost)) {
                return true;
            }
        }
    }

    private boolean await(long cost) {
        Waiter waiter = new Waiter(cost);
        lock.lock();
        try {
            waiters.add(waiter);
            serve();
        } finally {
            lock.unlock();
        }
        boolean wasInterrupted = false;
        Boolean answer = waiter.answer;
        while (answer == null) {
            LockSupport.park(this);
            wasInterrupted |= Thread.interrupted();
            answer = waiter.answer;
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        return answer;
    }

    /** Under the lock: tells those who wait, in order, as far as an answer is known. */
    private void serve() {
        isAwaited = true;
        Bounds now = bounds;
        boolean isRefused = isEnded || !now.mayWait;
        Waiter first = waiters.peek();
        while (first != null && (isRefused || tryTake(first.cost, now.all, true))) {
            waiters.remove();
            first.answer(!isRefused);
            first = waiters.peek();
        }
        isAwaited = first != null;
    }

    private void serveAll() {
        lock.lock();
        try {
            serve();
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long cost) {
        used.addAndGet(-cost);
        if (isAwaited) {
            serveAll();
        }
    }

    void bound(AppenderSettings settings) {
        bounds = Bounds.of(settings);
        serveAll();
    }

    /** Refuses whoever waits, now and from now on. */
    void end() {
        isEnded = true;
        serveAll();
    }

    long used() {
        return used.get();
    }

    boolean isHalfFull() {
        return used.get() > bounds.all / 2;
    }

    /** Whether nobody has room, or waits for it. */
    boolean isUnused() {
        return used.get() == 0 && !isAwaited;
    }
}
