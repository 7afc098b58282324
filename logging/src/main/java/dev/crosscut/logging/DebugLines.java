package dev.crosscut.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/*
 * The lines that are kept for one outermost exchange and its children: the newest ones, up to a bound.
 *
 * Accounting. What a line takes is taken from the memory before the line is added, and given back by whoever takes the
 * line out; the same with what this object takes, from its first line on.
 *
 * Locks. This object's lock may be held while that of the memory is taken, never the other way round: the memory first
 * lets go of an object, and then empties it. Nothing waits for anything else while it holds one.
 */
final class DebugLines {

    /** This object and its lock, on any JVM. */
    static final int OVERHEAD = 128;

    /**
     * What was kept, the oldest line first.
     *
     * @param pushedOut how many lines made room for later ones
     * @param givenUp how many made room for those of other exchanges
     * @param broken how many could not be made
     */
    record Content(List<KeptLine> lines, long pushedOut, long givenUp, long broken) {

        static final Content NOTHING = new Content(List.of(), 0, 0, 0);

        long missing() {
            return pushedOut + givenUp + broken;
        }
    }

    private final DebugMemory memory;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable KeptLine oldest;
    private @Nullable KeptLine newest;
    private long taken;
    private int count;
    private long pushedOut;
    private long givenUp;
    private long broken;
    private boolean isListed;
    private volatile boolean isClosed;

    // By the memory, under its lock.
    @Nullable
    DebugLines older;

    @Nullable
    DebugLines younger;

    boolean isLinked;

    DebugLines(DebugMemory memory) {
        this.memory = memory;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Keeps a line, in place of the oldest ones where need be; false where nothing is kept any more. */
    boolean add(KeptLine line) {
        while (true) {
            lock.lock();
            try {
                if (isClosed) {
                    return false;
                }
                if (tryAdd(line)) {
                    return true;
                }
            } finally {
                lock.unlock();
            }
            if (!memory.giveUpOldest()) {
                return passOver();
            }
        }
    }

    /** False where there is no memory. */
    private boolean tryAdd(KeptLine line) {
        long cost = line.cost();
        if (cost > memory.perExchange()) {
            pushedOut++;
            return true;
        }
        while (linesTake() + cost > memory.perExchange()) {
            pushedOut++;
            giveBack(removeOldest());
        }
        long needed = isListed ? cost : cost + OVERHEAD;
        if (!memory.take(needed)) {
            return false;
        }
        taken += needed;
        if (!isListed) {
            isListed = true;
            memory.list(this);
        }
        append(line);
        return true;
    }

    private long linesTake() {
        return isListed ? taken - OVERHEAD : 0;
    }

    private void append(KeptLine line) {
        line.next = null;
        if (newest == null) {
            oldest = line;
        } else {
            newest.next = line;
        }
        newest = line;
        count++;
    }

    private long removeOldest() {
        KeptLine removed = oldest;
        if (removed == null) {
            throw new IllegalStateException(taken + " bytes are taken by no line");
        }
        oldest = removed.next;
        if (oldest == null) {
            newest = null;
        }
        count--;
        return removed.cost();
    }

    private void giveBack(long cost) {
        taken -= cost;
        memory.giveBack(cost);
    }

    /** Counts a line for which there is no memory; false where nothing is kept any more. */
    private boolean passOver() {
        lock.lock();
        try {
            givenUp++;
            return !isClosed;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a line that could not be made. */
    void miss() {
        lock.lock();
        try {
            broken++;
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of all lines so far, by the memory, which has unlinked it. */
    void giveUp() {
        lock.lock();
        try {
            if (isListed) {
                givenUp += count;
                clear();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Keeps nothing from now on, and gives away what it has. */
    Content close() {
        lock.lock();
        try {
            if (isClosed) {
                return Content.NOTHING;
            }
            isClosed = true;
            List<KeptLine> lines = new ArrayList<>(count);
            for (KeptLine line = oldest; line != null; line = line.next) {
                lines.add(line);
            }
            if (isListed) {
                memory.unlist(this);
                clear();
            }
            return new Content(lines, pushedOut, givenUp, broken);
        } finally {
            lock.unlock();
        }
    }

    private void clear() {
        oldest = null;
        newest = null;
        count = 0;
        isListed = false;
        giveBack(taken);
    }
}
