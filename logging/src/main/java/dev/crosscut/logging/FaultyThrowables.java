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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * Logs exceptions that Logback cannot: those that throw when they are asked for their message, text, cause or stack trace,
 * and those with more causes than there is stack for. Logback asks while it makes the event, so that what they throw would
 * come out of the call that logs, mostly in a catch block that has better to do.
 *
 * <p>Where an exception is such a one, the filters that come after this one and the level are asked here, once, and the
 * event is made here, with all that can be had of the exception, in place of the one that Logback would have made.
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
        boolean isOn = level.isGreaterOrEqual(logger.getEffectiveLevel());
        if (given == null || (isOn ? isSound(given) : isLast(logger))) {
            return FilterReply.NEUTRAL;
        }
        // Where the level is off, the exception is asked for nothing unless somebody wants it.
        FilterReply reply =
                replyOfOthers(logger, others -> others.decide(marker, logger, level, format, arguments, thrown));
        if (reply == FilterReply.ACCEPT || (reply == FilterReply.NEUTRAL && isOn)) {
            LoggingEvent event = event(Logger.FQCN, logger, level, format, thrown, arguments);
            if (marker != null) {
                event.addMarker(marker);
            }
            logger.callAppenders(event);
        }
        return FilterReply.DENY;
    }

    private boolean isLast(Logger logger) {
        List<TurboFilter> all = logger.getLoggerContext().getTurboFilterList();
        return all.get(all.size() - 1) == this;
    }

    @Override
    public FilterReply decide(Logger logger, org.slf4j.event.LoggingEvent call) {
        Object[] arguments = call.getArgumentArray();
        Throwable given = call.getThrowable() == null ? last(arguments) : call.getThrowable();
        if (given == null || isSound(given)) {
            return FilterReply.NEUTRAL;
        }
        // The level was asked when the call was begun.
        if (replyOfOthers(logger, others -> others.decide(logger, call)) != FilterReply.DENY) {
            logger.callAppenders(event(logger, call));
        }
        return FilterReply.DENY;
    }

    /** What the filters say that come after this one. */
    private FilterReply replyOfOthers(Logger logger, Function<TurboFilter, FilterReply> question) {
        boolean isAfter = false;
        for (TurboFilter each : logger.getLoggerContext().getTurboFilterList()) {
            FilterReply reply = isAfter ? question.apply(each) : FilterReply.NEUTRAL;
            if (reply != FilterReply.NEUTRAL) {
                return reply;
            }
            isAfter |= each == this;
        }
        return FilterReply.NEUTRAL;
    }

    /** The event that Logback would make, of any exception. */
    static LoggingEvent event(
            String caller,
            Logger logger,
            Level level,
            @Nullable String format,
            @Nullable Throwable thrown,
            Object @Nullable [] arguments) {
        Throwable given = thrown == null ? last(arguments) : thrown;
        if (given == null || isSound(given)) {
            return new LoggingEvent(caller, logger, level, format, thrown, arguments);
        }
        Object[] others = thrown == null ? EventArgUtil.trimmedCopy(arguments) : arguments;
        return new Event(caller, logger, level, format, others, new FaultyThrowable(given));
    }

    /** The event that Logback would make of a call of the fluent interface. */
    static LoggingEvent event(Logger logger, org.slf4j.event.LoggingEvent call) {
        String boundary = call.getCallerBoundary();
        LoggingEvent event = event(
                boundary == null ? Logger.FQCN : boundary,
                logger,
                Level.convertAnSLF4JLevel(call.getLevel()),
                call.getMessage(),
                call.getThrowable(),
                call.getArgumentArray());
        List<Marker> markers = call.getMarkers();
        if (markers != null) {
            markers.forEach(event::addMarker);
        }
        List<KeyValuePair> pairs = call.getKeyValuePairs();
        if (pairs != null) {
            event.setKeyValuePairs(pairs);
        }
        return event;
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
