package dev.crosscut.logging;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The appenders of a context that are running, and the settings of all of them, now and in future. */
final class Appenders {

    private final ReentrantLock lock = new ReentrantLock();
    private final List<CrosscutAppender> running = new ArrayList<>();
    private final LevelCounts dropped = new LevelCounts();
    private AppenderSettings settings = AppenderSettings.DEFAULT;

    void add(CrosscutAppender appender) {
        lock.lock();
        try {
            appender.run(settings, dropped);
            running.add(appender);
        } finally {
            lock.unlock();
        }
    }

    void remove(CrosscutAppender appender) {
        lock.lock();
        try {
            running.remove(appender);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Applies settings to all, or to none.
     *
     * @throws IllegalStateException if a file cannot be opened
     */
    void apply(AppenderSettings newSettings) {
        lock.lock();
        try {
            List<Target> targets = open(newSettings);
            settings = newSettings;
            for (int i = 0; i < targets.size(); i++) {
                running.get(i).apply(newSettings, targets.get(i));
            }
        } finally {
            lock.unlock();
        }
    }

    private List<Target> open(AppenderSettings newSettings) {
        List<Target> targets = new ArrayList<>();
        for (CrosscutAppender appender : running) {
            Target target = appender.target(newSettings);
            targets.add(target);
            try {
                target.open();
            } catch (IOException e) {
                IllegalStateException refusal = new IllegalStateException(
                        AppenderSettings.FILE.key() + " is " + target + ", which cannot be opened; expected "
                                + AppenderSettings.FILE.expected(),
                        e);
                targets.forEach(opened -> close(opened, refusal));
                throw refusal;
            }
        }
        return targets;
    }

    private static void close(Target target, IllegalStateException because) {
        try {
            target.close();
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /** The lines that were dropped, by those that run and those that ran. */
    LevelCounts dropped() {
        return dropped;
    }

    /** The memory of the lines that wait to be written by those that run, in bytes. */
    long waiting() {
        lock.lock();
        try {
            return running.stream().mapToLong(CrosscutAppender::waiting).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what was logged before has been written, for as long as the settings allow in all. */
    void flush() {
        List<CrosscutAppender> now;
        long timeout;
        lock.lock();
        try {
            now = List.copyOf(running);
            timeout = settings.flushTimeout().toNanos();
        } finally {
            lock.unlock();
        }
        long deadline = System.nanoTime() + timeout;
        now.forEach(appender -> appender.flush(deadline));
    }
}
