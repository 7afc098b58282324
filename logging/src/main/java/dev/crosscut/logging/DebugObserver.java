package dev.crosscut.logging;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import java.time.Duration;
import java.util.Optional;

/**
 * Gives each exchange its {@link DebugTrail}, and at the end writes or forgets what was kept. Registered after the access
 * line, so that it ends before it.
 */
final class DebugObserver implements Observer {

    private static final int NO_LEVEL = Integer.MAX_VALUE;

    private final DebugFilter filter;
    private final DebugMemory memory;
    private final DebugWriter writer;
    private final Optional<DebugHeader> header;
    private final Optional<Duration> slow;

    DebugObserver(
            DebugFilter filter,
            DebugMemory memory,
            DebugWriter writer,
            Optional<DebugHeader> header,
            Optional<Duration> slow) {
        this.filter = filter;
        this.memory = memory;
        this.writer = writer;
        this.header = header;
        this.slow = slow;
    }

    @Override
    public Phase phase() {
        return Phase.LOGGING;
    }

    @Override
    public void begin(Exchange exchange) {
        filter.place();
        DebugTrail inherited = exchange.getOrDefault(DebugTrail.KEY, DebugTrail.NONE);
        boolean isChild = inherited.isOf(memory);
        int writtenFrom = isChild ? inherited.writtenFrom() : NO_LEVEL;
        try {
            if (header.isPresent() && exchange.kind().isIncoming()) {
                writtenFrom = header.get().level(exchange);
            }
        } finally {
            // Also where the adapter fails to read its headers.
            if (!memory.isOff() || (writtenFrom != NO_LEVEL && !isChild)) {
                exchange.put(DebugTrail.KEY, new DebugTrail(memory, writtenFrom, isChild ? inherited : null));
            }
        }
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        DebugTrail trail = exchange.getOrDefault(DebugTrail.KEY, DebugTrail.NONE);
        if (memory.isOff() || !trail.isOf(memory)) {
            return;
        }
        DebugLines.Content kept = trail.end();
        if (AccessLine.isFailure(exchange, outcome) || isSlow(exchange)) {
            writer.write(kept);
        } else {
            handOn(kept);
        }
        writer.report();
    }

    private boolean isSlow(Exchange exchange) {
        return slow.isPresent() && exchange.elapsed().compareTo(slow.get()) >= 0;
    }

    /** The lines of children that go on, and of what was within those, are theirs now; nobody keeps the others. */
    private static void handOn(DebugLines.Content kept) {
        for (KeptLine line : kept.lines()) {
            line.trail().keep(line);
        }
    }
}
