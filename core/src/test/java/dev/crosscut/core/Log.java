package dev.crosscut.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/** What core says through {@link System.Logger} while it is open; nothing of it reaches the console. */
final class Log extends Handler {

    /** Held here, or it could be collected together with its handler. */
    private static final Logger LOGGER = Logger.getLogger("dev.crosscut");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private volatile boolean read;
    private volatile @Nullable Throwable broken;

    Log() {
        setLevel(Level.ALL);
        LOGGER.setUseParentHandlers(false);
        LOGGER.setLevel(Level.ALL);
        LOGGER.addHandler(this);
    }

    void stop() {
        LOGGER.removeHandler(this);
    }

    Log read() {
        read = true;
        return this;
    }

    boolean isRead() {
        return read;
    }

    /** From here on, whoever logs gets this instead. */
    void failWith(Throwable fault) {
        broken = fault;
    }

    List<LogRecord> at(Level level) {
        return records.stream()
                .filter(record -> record.getLevel().equals(level))
                .toList();
    }

    /** The texts of warnings and errors. */
    List<String> warnings() {
        return records.stream()
                .filter(record -> record.getLevel().intValue() >= Level.WARNING.intValue())
                .map(Log::text)
                .toList();
    }

    /** All that was said, at any level, with stack traces. */
    String everything() {
        SimpleFormatter formatter = new SimpleFormatter();
        StringBuilder all = new StringBuilder();
        records.forEach(record -> all.append(formatter.format(record)));
        return all.toString();
    }

    static String text(LogRecord message) {
        return new SimpleFormatter().formatMessage(message);
    }

    @Override
    public void publish(LogRecord message) {
        Throwable fault = broken;
        if (fault != null) {
            throw Fault.sneaky(fault);
        }
        records.add(message);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
