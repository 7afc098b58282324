package dev.crosscut.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The warnings of this module while it is open, of which none reaches the console. */
final class Warnings extends Handler implements AutoCloseable {

    /** Held here, or it could be collected together with its handler. */
    private static final Logger LOGGER = Logger.getLogger("dev.crosscut.metrics");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    Warnings() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    List<String> texts() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    @Override
    public void publish(LogRecord message) {
        if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
            records.add(message);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }
}
