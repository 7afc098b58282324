package dev.crosscut.logging;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line that levels discard, kept until it is known whether somebody wants it. */
final class KeptLine {

    /** This object, the header of its array, and the list of appenders, on any JVM. */
    static final int OVERHEAD = 160;

    private final byte[] bytes;
    private final int level;
    private final long atNanos;
    private final DebugTrail trail;
    private final List<CrosscutAppender> appenders;

    /** By {@link DebugLines}. */
    @Nullable
    KeptLine next;

    KeptLine(byte[] bytes, int level, Instant at, DebugTrail trail, List<CrosscutAppender> appenders) {
        this.bytes = bytes;
        this.level = level;
        this.atNanos = at.getEpochSecond() * 1_000_000_000 + at.getNano();
        this.trail = trail;
        this.appenders = appenders;
    }

    DebugTrail trail() {
        return trail;
    }

    long atNanos() {
        return atNanos;
    }

    int length() {
        return bytes.length;
    }

    /** The memory that it takes. */
    long cost() {
        return OVERHEAD + (long) bytes.length;
    }

    void write() {
        for (CrosscutAppender appender : appenders) {
            appender.write(bytes, level);
        }
    }
}
