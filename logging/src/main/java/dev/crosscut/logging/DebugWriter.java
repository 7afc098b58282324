package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.event.KeyValuePair;

/**
 * Writes the kept lines of exchanges that ended in error: in the order of their time, after a line that says what is
 * missing, and all together no more bytes a second than the bound. An exchange for which there is no room is passed over
 * whole, for part of a story helps nobody.
 */
final class DebugWriter {

    private static final String FQCN = DebugWriter.class.getName();
    private static final long SECOND = 1_000_000_000;

    private final Logger logger;
    private final DebugRoutes routes;
    private final DebugMemory memory;
    private final LongSupplier clock;
    private final long bytesPerSecond;
    private final AtomicLong paidUntil; // what was written takes all time until then, at the bound
    private final RareReport passedOver = new RareReport();

    DebugWriter(Logger logger, DebugRoutes routes, DebugMemory memory, long bytesPerSecond, LongSupplier clock) {
        this.logger = logger;
        this.routes = routes;
        this.memory = memory;
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.paidUntil = new AtomicLong(clock.getAsLong());
    }

    void write(DebugLines.Content kept) {
        List<KeptLine> lines = new ArrayList<>(kept.lines());
        if (!pay(lines.stream().mapToLong(KeptLine::length).sum())) {
            passedOver.happened();
            return;
        }
        lines.sort(Comparator.comparingLong(KeptLine::atNanos));
        if (kept.missing() > 0) {
            writeMissing(kept, lines);
        }
        lines.forEach(KeptLine::write);
    }

    /** A second's worth may be written at once. */
    private boolean pay(long bytes) {
        long now = clock.getAsLong();
        long cost = (long) ((double) bytes / bytesPerSecond * SECOND);
        while (true) {
            long before = paidUntil.get();
            long from = before - now > 0 ? before : now;
            if (from + cost - now > SECOND) {
                return false;
            }
            if (paidUntil.compareAndSet(before, from + cost)) {
                return true;
            }
        }
    }

    private void writeMissing(DebugLines.Content kept, List<KeptLine> lines) {
        StringJoiner why = new StringJoiner(", ");
        if (kept.pushedOut() > 0) {
            why.add(kept.pushedOut() + " beyond " + DebugSettings.BUFFER.key());
        }
        if (kept.givenUp() > 0) {
            why.add(kept.givenUp() + " beyond " + DebugSettings.TOTAL.key());
        }
        if (kept.broken() > 0) {
            why.add(kept.broken() + " that could not be made");
        }
        LoggingEvent event = new LoggingEvent(
                FQCN,
                logger,
                Level.DEBUG,
                "debug lines of this exchange missing: " + kept.missing() + " (" + why + ")",
                null,
                null);
        if (!lines.isEmpty()) {
            long first = lines.get(0).atNanos();
            event.setInstant(Instant.ofEpochSecond(first / SECOND, first % SECOND));
        }
        event.addKeyValuePair(new KeyValuePair("missing_debug_lines", kept.missing()));
        for (CrosscutAppender appender : routes.appenders(logger)) {
            if (appender.takes(event)) {
                appender.write(appender.line(event), QueuedLine.index(Level.DEBUG));
            }
        }
    }

    /** Says once in a while what was lost. */
    void report() {
        long passed = passedOver.due();
        if (passed > 0) {
            logger.warn(
                    "debug lines not written: those of {} failed exchanges, beyond the {} bytes a second of {}",
                    passed,
                    bytesPerSecond,
                    DebugSettings.RATE.key());
        }
        long givenUp = memory.givenUp().due();
        if (givenUp > 0) {
            logger.warn(
                    "debug lines given up: those of {} exchanges, for those of later ones, beyond the {} bytes of {}",
                    givenUp,
                    memory.total(),
                    DebugSettings.TOTAL.key());
        }
    }

    /** How many failed exchanges were passed over so far. */
    long passedOver() {
        return passedOver.count();
    }
}
