package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.spi.FilterReply;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * An appender that hands each event, as one line, to a thread that writes it to stdout or to a file; to name in a
 * {@code logback.xml}:
 *
 * <pre>{@code
 * <appender name="out" class="dev.crosscut.logging.CrosscutAppender"/>
 * }</pre>
 *
 * <p>The event is encoded by a {@link CrosscutEncoder} on the thread that logs. How many lines may wait, and what becomes of
 * those that find no room, is said by the settings {@code crosscut.logging.queue} and {@code crosscut.logging.when-full}.
 * Stdout is what {@link System#out} is when a line is written. What was taken is written when the appender stops, when the
 * Crosscut closes and when the JVM ends, within {@code crosscut.logging.flush-timeout}.
 */
public final class CrosscutAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

    private static final String LOGGER = "dev.crosscut.logging";
    static final List<Level> LEVELS = List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR);
    private static final byte[] NOTHING = {};

    private final CrosscutEncoder encoder = new CrosscutEncoder();
    private Optional<Path> file = Optional.empty();
    private @Nullable Appenders appenders;
    private @Nullable Thread atExit;
    private volatile @Nullable LineOutput output;

    /** Makes the appender; Logback does. */
    public CrosscutAppender() {}

    /**
     * Gives it a file of its own, whatever the settings say. It counts when the appender starts.
     *
     * @param name the path of the file that lines are appended to
     */
    public void setFile(String name) {
        file = Optional.of(Path.of(name.strip()));
    }

    /**
     * Begins to take events. A file that cannot be written is an error in Logback's status, and lines go to stderr until it
     * can be.
     *
     * @throws IllegalStateException if it has not been given a {@link LoggerContext}
     */
    @Override
    public void start() {
        if (isStarted()) {
            return;
        }
        if (!(getContext() instanceof LoggerContext context)) {
            throw new IllegalStateException("the context is " + getContext()
                    + "; expected setContext with Logback's LoggerContext before start");
        }
        encoder.setContext(context);
        encoder.start();
        Appenders all = ExchangeMdc.of(context).appenders();
        appenders = all;
        all.add(this);
        super.start();
    }

    /** By {@link Appenders}, which holds back changes of the settings meanwhile. */
    void run(AppenderSettings settings, LevelCounts dropped) {
        Target target = target(settings);
        try {
            target.open();
        } catch (IOException e) {
            addError("cannot write to " + target + "; lines go to stderr until that can be written or created", e);
        }
        LineOutput lines = new LineOutput(
                settings,
                target,
                new News((LoggerContext) getContext()),
                new FileOutputStream(FileDescriptor.err),
                new LevelCounts(dropped));
        lines.start();
        output = lines;
        Thread hook = new Thread(null, () -> tellIfLate(lines.writeThrough()), "crosscut-log-flush", 0, false);
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            atExit = hook;
        } catch (IllegalStateException e) {
            lines.writeThrough(); // the JVM is ending already
        }
    }

    Target target(AppenderSettings settings) {
        Optional<Path> path = file.or(settings::file);
        return path.isPresent() ? new LogFile(path.get()) : new StandardOutput();
    }

    void apply(AppenderSettings settings, Target target) {
        LineOutput lines = output;
        if (lines != null) {
            lines.apply(settings, target);
        }
    }

    void flush(long deadline) {
        LineOutput lines = output;
        if (lines != null) {
            lines.flush(deadline);
        }
    }

    /** Writes what it has taken, within the bound, and takes no more. */
    @Override
    public void stop() {
        LineOutput lines = output;
        Appenders all = appenders;
        if (!isStarted() || lines == null || all == null) {
            return;
        }
        super.stop();
        all.remove(this);
        boolean isInTime = lines.close();
        encoder.stop();
        removeHook();
        tellIfLate(isInTime);
    }

    private void removeHook() {
        Thread hook = atExit;
        atExit = null;
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                addInfo("the JVM is ending, and the hook that flushes " + getName() + " is running already");
            }
        }
    }

    /** On a thread of its own, for whoever reads neither stdout nor stderr must not keep the JVM from ending. */
    private void tellIfLate(boolean isInTime) {
        if (!isInTime) {
            Thread messenger = new Thread(
                    null,
                    () -> addWarn("not all lines were written within " + AppenderSettings.FLUSH_TIMEOUT.key()),
                    "crosscut-log-late",
                    0,
                    false);
            messenger.setDaemon(true);
            messenger.start();
            try {
                messenger.join(TimeUnit.SECONDS.toMillis(1) / 10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        byte[] line;
        try {
            line = encoder.encode(event);
        } catch (Throwable e) {
            LineOutput lines = output;
            if (lines != null) {
                lines.drop(QueuedLine.index(event.getLevel()));
            }
            throw e;
        }
        write(line, QueuedLine.index(event.getLevel()));
    }

    /** Takes a line that was made before. */
    void write(byte[] line, int level) {
        LineOutput lines = output;
        if (lines != null) {
            lines.write(line, level);
        }
    }

    /** Whether it runs, and its filters let an event pass. */
    boolean takes(ILoggingEvent event) {
        return isStarted() && getFilterChainDecision(event) != FilterReply.DENY;
    }

    /** The line of an event, as bytes for {@link #write}. */
    byte[] line(ILoggingEvent event) {
        return encoder.encode(event);
    }

    /** How many lines were dropped so far, of a level. */
    long dropped(Level level) {
        LineOutput lines = output;
        return lines == null ? 0 : lines.dropped().of(QueuedLine.index(level));
    }

    /** The memory of the lines that wait to be written, in bytes. */
    long waiting() {
        LineOutput lines = output;
        return lines == null ? 0 : lines.used();
    }

    /** How many lines were written so far. */
    long written() {
        LineOutput lines = output;
        return lines == null ? 0 : lines.written();
    }

    /** What the thread that writes has to say, as lines and as statuses of Logback. */
    final class News implements LineWriter.Reporter {

        private final Logger logger;

        News(LoggerContext context) {
            logger = context.getLogger(LOGGER);
        }

        @Override
        public byte[] dropped(long[] lines) {
            if (!logger.isWarnEnabled()) {
                return NOTHING;
            }
            long sum = 0;
            StringJoiner levels = new StringJoiner(", ");
            for (int level = lines.length - 1; level >= 0; level--) {
                sum += lines[level];
                if (lines[level] > 0) {
                    levels.add(lines[level] + " " + LEVELS.get(level));
                }
            }
            LoggingEvent event = new LoggingEvent(
                    LOGGER, logger, Level.WARN, "lines dropped: " + sum + " (" + levels + ")", null, new Object[0]);
            event.addKeyValuePair(new KeyValuePair("dropped_lines", sum));
            return encoder.encode(event);
        }

        @Override
        public void failed(Target target, Throwable failure) {
            addError("cannot write to " + target + "; lines go to stderr until it can be written", failure);
        }

        @Override
        public void recovered(Target target) {
            addInfo("lines go to " + target + " again");
        }
    }
}
