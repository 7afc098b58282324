package dev.crosscut.idempotency.redis;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What this module logs while it is open, of which nothing reaches the console. */
final class Log extends Handler implements AutoCloseable {

    /** Held here, or it could be collected together with its handler. */
    private static final Logger LOGGER = Logger.getLogger("dev.crosscut.idempotency.redis");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    Log() {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    List<String> at(Level level) {
        return records.stream()
                .filter(message -> message.getLevel().equals(level))
                .map(LogRecord::getMessage)
                .toList();
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
