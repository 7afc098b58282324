package dev.crosscut.idempotency;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What is said through {@link System.Logger} while it is open; nothing of it reaches the console. */
final class CapturedLog extends Handler implements AutoCloseable {

    /** Held here, or it could be collected together with its handler. */
    private static final Logger LOGGER = Logger.getLogger("dev.crosscut");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    CapturedLog() {
        setLevel(Level.ALL);
        LOGGER.setUseParentHandlers(false);
        LOGGER.setLevel(Level.ALL);
        LOGGER.addHandler(this);
    }

    /** The texts of warnings and errors. */
    List<String> warnings() {
        return records.stream()
                .filter(record -> record.getLevel().intValue() >= Level.WARNING.intValue())
                .map(record -> new SimpleFormatter().formatMessage(record))
                .toList();
    }

    /** All that was said, at any level, with stack traces. */
    String everything() {
        SimpleFormatter formatter = new SimpleFormatter();
        StringBuilder all = new StringBuilder();
        records.forEach(record -> all.append(formatter.format(record)));
        return all.toString();
    }

    @Override
    public void publish(LogRecord message) {
        records.add(message);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }
}
