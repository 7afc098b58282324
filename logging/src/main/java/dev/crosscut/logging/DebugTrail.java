package dev.crosscut.logging;

import dev.crosscut.core.Key;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/*
 * What one exchange has for debugging: from which level on its lines are written at once, and where those are kept that
 * levels discard.
 *
 * Whose lines. An exchange within another keeps its lines with the outermost one that is open, so that a request which
 * fails has those of all that it did. Where that one ends first, those that go on are outermost from then on.
 *
 * References. Children refer to parents, and past those that have ended to the next that has not, so that work which
 * schedules its own successor makes no chain. Nothing here refers to an exchange.
 *
 * The end. Having ended is said before the lines are taken away, and asked after new ones were put in place: one of the
 * two threads sees the other, so no lines are left behind open.
 */
final class DebugTrail {

    static final Key<DebugTrail> KEY = Key.of("debug_trail", DebugTrail.class).inherited();

    /** For an exchange that has none. */
    static final DebugTrail NONE = new DebugTrail(DebugMemory.NONE, Integer.MAX_VALUE, null);

    private final DebugMemory memory;
    private final int writtenFrom;
    private final AtomicReference<@Nullable DebugLines> lines = new AtomicReference<>();
    private volatile @Nullable DebugTrail parent;
    private volatile boolean hasEnded;

    /**
     * The trail of an exchange that begins.
     *
     * @param writtenFrom the level of Logback from which on lines are written at once
     */
    DebugTrail(DebugMemory memory, int writtenFrom, @Nullable DebugTrail parent) {
        this.memory = memory;
        this.writtenFrom = writtenFrom;
        this.parent = parent;
    }

    boolean isOf(DebugMemory other) {
        return memory == other;
    }

    int writtenFrom() {
        return writtenFrom;
    }

    /** Whether somebody may still ask for what is kept. */
    boolean keeps() {
        return !hasEnded || above() != null;
    }

    /** Keeps a line, as long as somebody may ask for it. */
    void keep(KeptLine line) {
        DebugLines current = lines();
        while (current != null && !current.add(line)) {
            current = lines();
        }
    }

    /** Counts a line that is not there to be kept. */
    void miss() {
        DebugLines current = lines();
        if (current != null) {
            current.miss();
        }
    }

    /** Ends it, and gives away the lines that were kept for it as the outermost one. */
    DebugLines.Content end() {
        hasEnded = true;
        DebugLines current = lines.get();
        return above() == null && current != null ? current.close() : DebugLines.Content.NOTHING;
    }

    private @Nullable DebugLines lines() {
        DebugLines current = lines.get();
        while (current == null || current.isClosed()) {
            DebugTrail above = above();
            DebugLines next = above == null ? null : above.lines();
            if (next != null) {
                lines.compareAndSet(current, next);
            } else if (hasEnded) {
                return null;
            } else if (above == null) {
                lines.compareAndSet(current, new DebugLines(memory));
                if (hasEnded) {
                    end();
                }
            }
            current = lines.get();
        }
        return current;
    }

    /** The next exchange outward that has not ended. */
    private @Nullable DebugTrail above() {
        DebugTrail next = parent;
        if (next != null && next.hasEnded) {
            do {
                next = next.parent;
            } while (next != null && next.hasEnded);
            parent = next;
        }
        return next;
    }
}
