package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.EventArgUtil;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Logs exceptions that Logback cannot: those that throw when they are asked for their message, text, cause or stack trace,
 * and those with more causes than there is stack for. Logback asks while it makes the event, so that what they throw would
 * come out of the call that logs, mostly in a catch block that has better to do.
 *
 * <p>Where an exception is such a one, the event is made here, with all that can be had of the exception, and goes to the
 * appenders in place of the one that Logback would have made.
 */
final class FaultyThrowables extends TurboFilter {

    private static final int MOST = 200;

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        Throwable given = thrown == null ? last(arguments) : thrown;
        if (given == null || logger.getEffectiveLevel().toInt() > level.toInt() || isSound(given)) {
            return FilterReply.NEUTRAL;
        }
        Object[] others = thrown == null ? EventArgUtil.trimmedCopy(arguments) : arguments;
        Event event = new Event(Logger.FQCN, logger, level, format, others, new FaultyThrowable(given));
        if (marker != null) {
            event.addMarker(marker);
        }
        logger.callAppenders(event);
        return FilterReply.DENY;
    }

    @Override
    public FilterReply decide(Logger logger, org.slf4j.event.LoggingEvent call) {
        Object[] arguments = call.getArgumentArray();
        Throwable given = call.getThrowable() == null ? last(arguments) : call.getThrowable();
        if (given == null || isSound(given)) {
            return FilterReply.NEUTRAL;
        }
        String caller = call.getCallerBoundary() == null ? Logger.FQCN : call.getCallerBoundary();
        Level level = Level.convertAnSLF4JLevel(call.getLevel());
        Object[] others = call.getThrowable() == null ? EventArgUtil.trimmedCopy(arguments) : arguments;
        Event event = new Event(caller, logger, level, call.getMessage(), others, new FaultyThrowable(given));
        List<Marker> markers = call.getMarkers();
        if (markers != null) {
            markers.forEach(event::addMarker);
        }
        event.setKeyValuePairs(call.getKeyValuePairs());
        logger.callAppenders(event);
        return FilterReply.DENY;
    }

    private static @Nullable Throwable last(Object @Nullable [] arguments) {
        return arguments != null && arguments.length > 0 && arguments[arguments.length - 1] instanceof Throwable thrown
                ? thrown
                : null;
    }

    private static boolean isSound(Throwable thrown) {
        try {
            boolean isAlone = thrown.getCause() == null && thrown.getSuppressed().length == 0;
            return isAlone ? answers(thrown) : areSound(thrown, Collections.newSetFromMap(new IdentityHashMap<>()), 0);
        } catch (Throwable e) {
            Values.survived(e);
            return false;
        }
    }

    private static boolean areSound(Throwable thrown, Set<Throwable> seen, int depth) {
        if (!seen.add(thrown)) {
            return answers(thrown);
        }
        if (depth > MOST || !answers(thrown)) {
            return false;
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            if (!areSound(suppressed, seen, depth + 1)) {
                return false;
            }
        }
        return thrown.getCause() == null || areSound(thrown.getCause(), seen, depth + 1);
    }

    @SuppressWarnings("ReturnValueIgnored") // what counts is that it returns
    private static boolean answers(Throwable thrown) {
        thrown.getMessage();
        thrown.toString();
        return thrown.getStackTrace() != null;
    }

    private static final class Event extends LoggingEvent {

        private final IThrowableProxy thrown;

        Event(
                String caller,
                Logger logger,
                Level level,
                @Nullable String message,
                Object @Nullable [] arguments,
                IThrowableProxy thrown) {
            super(caller, logger, level, message, null, arguments);
            this.thrown = thrown;
        }

        @Override
        public IThrowableProxy getThrowableProxy() {
            return thrown;
        }
    }
}
