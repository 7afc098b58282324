package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.BasicStatusManager;
import ch.qos.logback.core.status.StatusManager;
import dev.crosscut.core.Exchange;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.spi.MDCAdapter;

/**
 * What a context of Logback asks for the MDC of an event, and where we keep what concerns the context as a whole.
 *
 * <p>Logback asks on the thread that logs, for asynchronous appenders too, so this is where an event learns of the current
 * exchange: nothing is put into the MDC when an exchange begins or changes threads. {@link MDC} itself goes on to use the
 * adapter that was there before. A reset of the context leaves this in place.
 */
final class ExchangeMdc extends LogbackMDCAdapter {

    private final MDCAdapter users;
    private final FaultyThrowables faults = new FaultyThrowables();
    private final BufferPool lines = new BufferPool();
    private volatile Format format = Format.of(
            FormatSettings.early(EarlySettings.usual(), Service::environment), Masking.early(EarlySettings.usual()));
    private final Appenders appenders = new Appenders();

    private ExchangeMdc(MDCAdapter users) {
        this.users = users;
    }

    /** The one of a context, put there where it is missing. */
    static ExchangeMdc of(LoggerContext context) {
        ReentrantLock lock = context.getConfigurationLock();
        lock.lock();
        try {
            MDCAdapter present = context.getMDCAdapter();
            if (present instanceof ExchangeMdc ours) {
                return ours;
            }
            ExchangeMdc ours = new ExchangeMdc(present == null ? MDC.getMDCAdapter() : present);
            context.getTurboFilterList().add(0, ours.faults); // before any that accepts
            context.addListener(ours.new Resets());
            // A second adapter is worth a warning to Logback, and a warning makes it print its whole status to stdout.
            StatusManager statuses = context.getStatusManager();
            context.setStatusManager(new BasicStatusManager());
            context.setMDCAdapter(ours);
            context.setStatusManager(statuses);
            return ours;
        } finally {
            lock.unlock();
        }
    }

    /** Puts back what a reset of the context takes away. */
    private final class Resets implements LoggerContextListener {

        @Override
        public boolean isResetResistant() {
            return true;
        }

        @Override
        public void onReset(LoggerContext context) {
            context.getTurboFilterList().add(0, faults);
        }

        @Override
        public void onStart(LoggerContext context) {}

        @Override
        public void onStop(LoggerContext context) {}

        @Override
        public void onLevelChange(Logger logger, Level level) {}
    }

    /** What every line of the context looks like from now on. */
    void format(Format next) {
        format = next;
    }

    Format format() {
        return format;
    }

    /** The lines that appenders of the context write to. */
    BufferPool lines() {
        return lines;
    }

    Appenders appenders() {
        return appenders;
    }

    @Override
    public @Nullable Map<String, String> getPropertyMap() {
        Map<String, String> put =
                users instanceof LogbackMDCAdapter logback ? logback.getPropertyMap() : users.getCopyOfContextMap();
        Optional<Exchange> current = Exchange.current();
        return current.isPresent() ? ExchangeFields.of(current.get()).with(put) : put;
    }

    @Override
    public @Nullable Set<String> getKeys() {
        Map<String, String> all = getPropertyMap();
        return all == null ? null : all.keySet();
    }

    @Override
    public void put(String key, String value) {
        users.put(key, value);
    }

    @Override
    public @Nullable String get(String key) {
        return users.get(key);
    }

    @Override
    public void remove(String key) {
        users.remove(key);
    }

    @Override
    public void clear() {
        users.clear();
    }

    @Override
    public Map<String, String> getCopyOfContextMap() {
        return users.getCopyOfContextMap();
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // Logback's adapter has it raw
    public void setContextMap(Map contextMap) {
        users.setContextMap(contextMap);
    }

    @Override
    public void pushByKey(String key, String value) {
        users.pushByKey(key, value);
    }

    @Override
    public String popByKey(String key) {
        return users.popByKey(key);
    }

    @Override
    public Deque<String> getCopyOfDequeByKey(String key) {
        return users.getCopyOfDequeByKey(key);
    }

    @Override
    public void clearDequeByKey(String key) {
        users.clearDequeByKey(key);
    }
}
