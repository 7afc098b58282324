package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * A logger at level INFO, the access log and our own, with an appender of ours to a file, and one of a user that must see
 * no line that levels discard. What settings of a Crosscut leave to Logback is taken back when this is closed.
 */
final class KeptLog implements AutoCloseable {

    static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

    private final Path file;
    private final List<Logger> loggers;
    private final CrosscutAppender appender = new CrosscutAppender();
    private final ListAppender<ILoggingEvent> users = new ListAppender<>();
    private final ExchangeMdc mdc = ExchangeMdc.of(CONTEXT);
    private final Format before = mdc.format();

    KeptLog(Path folder, String name) {
        mdc.format(CapturedLog.format(Map.of()));
        file = folder.resolve("kept.log");
        loggers = Stream.of(name, AccessLine.LOGGER, "dev.crosscut.logging")
                .map(CONTEXT::getLogger)
                .toList();
        appender.setContext(CONTEXT);
        appender.setFile(file.toString());
        attach();
    }

    void attach() {
        users.setContext(CONTEXT);
        users.start();
        appender.start();
        for (Logger logger : loggers) {
            logger.setAdditive(false);
            logger.setLevel(Level.INFO);
            logger.addAppender(appender);
            logger.addAppender(users);
        }
    }

    Logger logger() {
        return loggers.get(0);
    }

    CrosscutAppender appender() {
        return appender;
    }

    /** What the user's appender has seen. */
    List<ILoggingEvent> seen() {
        return List.copyOf(users.list);
    }

    /** All that was logged so far. */
    String text() {
        mdc.appenders().flush();
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<JsonNode> lines() {
        return JsonLines.parse(text());
    }

    /** The messages of all lines but access lines. */
    List<String> messages() {
        return lines().stream()
                .filter(line -> !line.path("log.logger").asString("").equals(AccessLine.LOGGER))
                .map(line -> line.path("message").asString(""))
                .toList();
    }

    /** The one filter that is installed, if any. */
    static List<DebugFilter> filters() {
        return CONTEXT.getTurboFilterList().stream()
                .filter(DebugFilter.class::isInstance)
                .map(DebugFilter.class::cast)
                .toList();
    }

    static DebugMemory memory() {
        return filters().get(0).memory();
    }

    @Override
    public void close() {
        for (Logger logger : loggers) {
            logger.detachAppender(appender);
            logger.detachAppender(users);
            logger.setLevel(null);
            logger.setAdditive(true);
        }
        appender.stop();
        users.stop();
        mdc.format(before);
        mdc.appenders().apply(AppenderSettings.DEFAULT);
    }
}
