package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From which level on a logger takes part in debugging, and which of our appenders its lines reach: those of the logger and
 * of the ones above it, as Logback walks them. Appenders may change at any time; what is above a logger never does.
 */
final class DebugRoutes {

    private record Route(int from, List<Logger> chain) {}

    private final LoggerContext context;
    private final Map<String, Level> levels;
    private final Map<Logger, Route> routes = new ConcurrentHashMap<>();

    /**
     * Routes of a context.
     *
     * @param levels by the name of a logger, which those below it share
     */
    DebugRoutes(LoggerContext context, Map<String, Level> levels) {
        this.context = context;
        this.levels = Map.copyOf(levels);
    }

    /** The lowest level, as Logback's number, that takes part. */
    int from(Logger logger) {
        return route(logger).from;
    }

    boolean reach(Logger logger) {
        for (Logger each : route(logger).chain) {
            for (Iterator<Appender<ILoggingEvent>> all = each.iteratorForAppenders(); all.hasNext(); ) {
                if (all.next() instanceof CrosscutAppender) {
                    return true;
                }
            }
            if (!each.isAdditive()) {
                break;
            }
        }
        return false;
    }

    List<CrosscutAppender> appenders(Logger logger) {
        List<CrosscutAppender> found = new ArrayList<>(2);
        for (Logger each : route(logger).chain) {
            for (Iterator<Appender<ILoggingEvent>> all = each.iteratorForAppenders(); all.hasNext(); ) {
                if (all.next() instanceof CrosscutAppender ours) {
                    found.add(ours);
                }
            }
            if (!each.isAdditive()) {
                break;
            }
        }
        return found;
    }

    private Route route(Logger logger) {
        Route known = routes.get(logger);
        return known == null ? routes.computeIfAbsent(logger, this::find) : known;
    }

    private Route find(Logger logger) {
        List<Logger> chain = new ArrayList<>();
        Level from = levels.getOrDefault(Logger.ROOT_LOGGER_NAME, Level.OFF);
        boolean isSaid = false;
        String name = logger.getName();
        while (!name.isEmpty() && !name.equals(Logger.ROOT_LOGGER_NAME)) {
            Logger each = context.exists(name);
            if (each != null) {
                chain.add(each);
            }
            Level said = levels.get(name);
            if (said != null && !isSaid) {
                from = said;
                isSaid = true;
            }
            name = name.substring(0, Math.max(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('$'))));
        }
        chain.add(context.getLogger(Logger.ROOT_LOGGER_NAME));
        return new Route(from.toInt(), List.copyOf(chain));
    }
}
