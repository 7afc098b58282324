package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access line, and the settings of logging. Logback has long begun to log when a {@link Crosscut} is built; levels and
 * what lines look like change at that moment, for the whole of Logback, and stay when the {@link Crosscut} is closed.
 */
public final class LoggingPlugin implements Plugin {

    static final Setting<List<String>> LEVELS = Setting.text(
                    "crosscut.logging.levels",
                    "The levels of loggers, over what a `logback.xml` says: `root=WARN, com.acme.payments=DEBUG`. They"
                            + " hold from the moment that a Crosscut is built.")
            .check("logger=LEVEL with a level of OFF, ERROR, WARN, INFO, DEBUG, TRACE or ALL", LoggingPlugin::isLevel)
            .list()
            .or(List.of());

    private static final Set<String> LEVEL_NAMES = Set.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL");

    /** Makes the plugin; {@link java.util.ServiceLoader} does. */
    public LoggingPlugin() {}

    @Override
    public String name() {
        return "logging";
    }

    @Override
    public List<Setting<?>> settings() {
        List<Setting<?>> all = new ArrayList<>(List.of(LEVELS));
        all.addAll(FormatSettings.all());
        all.addAll(MaskingSettings.all());
        all.addAll(AppenderSettings.all());
        all.addAll(AccessSettings.all());
        all.addAll(DebugSettings.all());
        return all;
    }

    /**
     * Adds the access line, and applies levels and what lines look like.
     *
     * @param builder takes the access line
     * @param settings the values
     * @throws IllegalStateException if SLF4J does not log to Logback, or the fields of each line are too long
     */
    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        ILoggerFactory backend = LoggerFactory.getILoggerFactory();
        if (!(backend instanceof LoggerContext context)) {
            throw new IllegalStateException(
                    "SLF4J logs to " + backend.getClass().getName()
                            + "; expected Logback, so take the other back end off the class path");
        }
        ExchangeMdc mdc = ExchangeMdc.of(context);
        Masking masking = Masking.of(settings);
        mdc.format(format(FormatSettings.of(settings), masking));
        mdc.appenders().apply(AppenderSettings.of(settings));
        builder.closing(mdc.appenders()::flush);
        LevelCounts dropped = mdc.appenders().dropped();
        for (Level level : CrosscutAppender.LEVELS) {
            builder.counter(
                    "crosscut.logging.dropped." + level.toString().toLowerCase(Locale.ROOT),
                    () -> dropped.of(QueuedLine.index(level)));
        }
        builder.gauge("crosscut.logging.queue", mdc.appenders()::waiting);
        for (String entry : settings.get(LEVELS)) {
            context.getLogger(loggerOf(entry)).setLevel(Level.valueOf(levelOf(entry)));
        }
        if (!settings.get(AccessSettings.KINDS).isEmpty()) {
            builder.observer(new AccessLine(
                    settings, masking, () -> ThreadLocalRandom.current().nextDouble()));
        }
        DebugSettings.install(builder, settings, context);
    }

    private static Format format(FormatSettings settings, Masking masking) {
        Format format = Format.of(settings, masking);
        if (format instanceof JsonFormat json && !json.parts().areAllConstantsThere()) {
            throw new IllegalStateException("the fields that are the same on each line, " + FormatSettings.FIELDS.key()
                    + " and those of the service, take more than " + settings.maxLine() / JsonParts.CONSTANTS_SHARE
                    + " bytes; expected shorter ones, or a larger " + FormatSettings.MAX_LINE.key());
        }
        return format;
    }

    static boolean isLevel(String entry) {
        return entry.indexOf('=') > 0 && !loggerOf(entry).isEmpty() && LEVEL_NAMES.contains(levelOf(entry));
    }

    static String loggerOf(String entry) {
        String name = entry.substring(0, entry.indexOf('=')).strip();
        return name.equalsIgnoreCase(Logger.ROOT_LOGGER_NAME) ? Logger.ROOT_LOGGER_NAME : name;
    }

    static String levelOf(String entry) {
        return entry.substring(entry.indexOf('=') + 1).strip().toUpperCase(Locale.ROOT);
    }
}
