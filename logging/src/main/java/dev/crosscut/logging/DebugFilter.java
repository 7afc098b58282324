package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.TurboFilterList;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.crosscut.core.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/*
 * What Logback asks before it looks at the level of a logger.
 *
 * Lines. For what the level discards, within an exchange that keeps such lines, the event is made and encoded here, and
 * Logback is told to discard it: no appender ever sees it, ours or a user's, whenever it was added. Where the exchange is
 * to show the level, Logback is told to accept.
 *
 * Questions. Logback asks in the same words whether a level is on: then there is neither message, argument nor exception,
 * and the answer is that it is, so that guarded code runs and the builder of SLF4J's fluent interface is a real one. What
 * comes out of that builder is never held to the level again, so what is discarded there has to be denied.
 *
 * Faults. The caller asked for a line that was not to be written. Whatever goes wrong in making it must not reach him, and
 * a value that logs while it is made into text gets no line in the line.
 *
 * Place. It has no opinion but where nobody else has one, so it belongs behind the filters of users. A reset of the context
 * takes filters away, and files add theirs, so its place is looked at when an exchange begins.
 */
final class DebugFilter extends TurboFilter {

    private final LoggerContext logback;
    private final DebugMemory memory;
    private final DebugRoutes routes;
    private final ReentrantLock placing = new ReentrantLock();
    private final Set<Thread> encoding = ConcurrentHashMap.newKeySet();
    private volatile boolean isRemoved;

    DebugFilter(LoggerContext context, DebugMemory memory, DebugRoutes routes) {
        this.logback = context;
        this.memory = memory;
        this.routes = routes;
        setContext(context);
        setName("crosscut-debug");
    }

    DebugMemory memory() {
        return memory;
    }

    /** Puts it behind all others, where it is not. Does not wait for anyone who is doing so. */
    void place() {
        TurboFilterList all = logback.getTurboFilterList();
        if (isLast(all) || isRemoved || !placing.tryLock()) {
            return;
        }
        try {
            all.remove(this);
            all.add(this);
            start();
            if (isRemoved) {
                all.remove(this);
            }
        } finally {
            placing.unlock();
        }
    }

    /** Whether only filters of this class, of other Crosscuts, come after it. */
    private boolean isLast(List<TurboFilter> all) {
        boolean isLast = false;
        for (TurboFilter each : all) {
            isLast = each == this || (isLast && each instanceof DebugFilter);
        }
        return isLast;
    }

    void remove() {
        isRemoved = true;
        logback.getTurboFilterList().remove(this);
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable thrown) {
        if (isWritten(logger, level)) {
            return FilterReply.NEUTRAL;
        }
        DebugTrail trail = trail(logger, level);
        if (level.toInt() >= trail.writtenFrom()) {
            return FilterReply.ACCEPT;
        }
        if (!isKept(trail, logger)) {
            return FilterReply.NEUTRAL;
        }
        if (format == null && params == null && thrown == null) {
            return FilterReply.ACCEPT;
        }
        keep(trail, logger, () -> {
            LoggingEvent event = FaultyThrowables.event(Logger.FQCN, logger, level, format, thrown, params);
            event.addMarker(marker);
            return event;
        });
        return FilterReply.DENY;
    }

    @Override
    public FilterReply decide(Logger logger, org.slf4j.event.LoggingEvent logged) {
        Level level = Level.convertAnSLF4JLevel(logged.getLevel());
        if (isWritten(logger, level)) {
            return FilterReply.NEUTRAL;
        }
        DebugTrail trail = trail(logger, level);
        if (level.toInt() >= trail.writtenFrom()) {
            return FilterReply.ACCEPT;
        }
        if (isKept(trail, logger)) {
            keep(trail, logger, () -> FaultyThrowables.event(logger, logged));
        }
        return FilterReply.DENY;
    }

    private static boolean isWritten(Logger logger, Level level) {
        return level.isGreaterOrEqual(logger.getEffectiveLevel());
    }

    /** That of the current exchange, where this logger takes part with this level. */
    private DebugTrail trail(Logger logger, Level level) {
        Optional<Exchange> current = Exchange.current();
        if (current.isEmpty()) {
            return DebugTrail.NONE;
        }
        DebugTrail trail = current.get().getOrDefault(DebugTrail.KEY, DebugTrail.NONE);
        return trail.isOf(memory) && level.toInt() >= routes.from(logger) && logger.getEffectiveLevel() != Level.OFF
                ? trail
                : DebugTrail.NONE;
    }

    private boolean isKept(DebugTrail trail, Logger logger) {
        return trail.isOf(memory) && !memory.isOff() && trail.keeps() && routes.reach(logger);
    }

    private interface Made {
        LoggingEvent event();
    }

    private void keep(DebugTrail trail, Logger logger, Made made) {
        Thread thread = Thread.currentThread();
        if (!encoding.add(thread)) {
            return;
        }
        try {
            LoggingEvent event = made.event();
            List<CrosscutAppender> takers = new ArrayList<>(1);
            for (CrosscutAppender appender : routes.appenders(logger)) {
                if (appender.takes(event)) {
                    takers.add(appender);
                }
            }
            if (!takers.isEmpty()) {
                byte[] line = takers.get(0).line(event);
                trail.keep(new KeptLine(line, QueuedLine.index(event.getLevel()), event.getInstant(), trail, takers));
            }
        } catch (Throwable e) {
            Values.survived(e);
            trail.miss();
        } finally {
            encoding.remove(thread);
        }
    }
}
