package dev.crosscut.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.crosscut.core.Source;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * What one logger of this JVM writes, from TRACE up, for as long as this is open. Whoever was here before has no say in
 * what its lines look like: they are as settings have it, and otherwise as they are where nothing is set.
 */
final class CapturedLog implements AutoCloseable {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Logger logger;
    private final Appender<ILoggingEvent> appender;
    private final ExchangeMdc mdc;
    private final Format before;

    private CapturedLog(String name, Encoder<ILoggingEvent> encoder, boolean async) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        mdc = ExchangeMdc.of(context);
        before = mdc.format();
        mdc.format(format(Map.of()));
        logger = context.getLogger(name);
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> direct = new OutputStreamAppender<>();
        direct.setContext(context);
        direct.setEncoder(encoder);
        direct.setOutputStream(bytes);
        direct.start();
        appender = async ? inBackground(context, direct) : direct;
        logger.setAdditive(false);
        logger.setLevel(Level.TRACE);
        logger.addAppender(appender);
    }

    static CapturedLog of(String logger) {
        return new CapturedLog(logger, new CrosscutEncoder(), false);
    }

    static CapturedLog of(String logger, Encoder<ILoggingEvent> encoder) {
        return new CapturedLog(logger, encoder, false);
    }

    /** With settings of how lines look, for as long as it is open. */
    static CapturedLog of(String logger, Map<String, String> settings) {
        CapturedLog captured = of(logger);
        captured.mdc.format(format(settings));
        return captured;
    }

    static FormatSettings formatSettings(Map<String, String> settings, Map<String, String> environment) {
        return FormatSettings.early(List.of(Source.of("test", settings)), environment::get);
    }

    /** With all masking that there is where nothing is set, as lines have it. */
    static Format format(Map<String, String> settings) {
        return Format.of(formatSettings(settings, Map.of("HOSTNAME", "host-1")), Masking.DEFAULT);
    }

    static CapturedLog inBackground(String logger) {
        return new CapturedLog(logger, new CrosscutEncoder(), true);
    }

    private static AsyncAppender inBackground(LoggerContext context, Appender<ILoggingEvent> direct) {
        AsyncAppender async = new AsyncAppender();
        async.setContext(context);
        async.setDiscardingThreshold(0);
        async.setMaxFlushTime(60_000);
        async.addAppender(direct);
        async.start();
        return async;
    }

    Logger logger() {
        return logger;
    }

    /** What was written so far; all of it once this is closed. */
    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Forgets what was written so far. */
    void forget() {
        bytes.reset();
    }

    List<JsonNode> lines() {
        return JsonLines.parse(text());
    }

    JsonNode onlyLine() {
        List<JsonNode> lines = lines();
        if (lines.size() != 1) {
            throw new AssertionError(lines.size() + " lines: " + text());
        }
        return lines.get(0);
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setLevel(null);
        logger.setAdditive(true);
        appender.stop();
        mdc.format(before);
    }
}
