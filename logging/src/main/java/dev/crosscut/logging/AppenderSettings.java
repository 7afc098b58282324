package dev.crosscut.logging;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where lines go, how many may wait, and for how long the end waits for them.
 *
 * @param file the file, where it is not stdout
 * @param queueBytes how much memory lines that wait may take
 * @param whenFull what becomes of a line that finds no room
 * @param flushTimeout how long a flush may take
 */
record AppenderSettings(Optional<Path> file, long queueBytes, WhenFull whenFull, Duration flushTimeout) {

    /** What becomes of a line that finds no room. */
    enum WhenFull {
        /** Its thread waits until there is room. */
        BLOCK,
        /** It is dropped; below WARN it finds no room in the last quarter of the queue. */
        DROP_BELOW_WARN,
        /** It is dropped, whatever its level. */
        DROP_NEWEST
    }

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final Duration LONGEST_FLUSH = Duration.ofMinutes(10);

    /** What holds until a Crosscut is built. */
    static final AppenderSettings DEFAULT =
            new AppenderSettings(Optional.empty(), 8 * MIB, WhenFull.DROP_BELOW_WARN, Duration.ofSeconds(5));

    static final Setting<Optional<String>> FILE = Setting.text(
                    "crosscut.logging.file",
                    "The file that lines are appended to, in place of stdout, by each `CrosscutAppender` that a"
                            + " `logback.xml` gives no file of its own. When it is moved or deleted, it is opened anew"
                            + " within a second.")
            .check("a file that can be written or created", AppenderSettings::isWritable)
            .optional();

    static final Setting<Long> QUEUE = Setting.size(
                    "crosscut.logging.queue",
                    "How much memory the lines may take that wait to be written by a `CrosscutAppender`.")
            .check("64KB to 1GB", bytes -> bytes >= 64 * KIB && bytes <= 1024 * MIB)
            .or(DEFAULT.queueBytes);

    static final Setting<WhenFull> WHEN_FULL = Setting.choice(
                    "crosscut.logging.when-full",
                    "What becomes of a line when the queue is full. `block`: its thread waits. `drop-below-warn`: below"
                            + " WARN it is dropped from three quarters on, any other when the queue is full."
                            + " `drop-newest`: it is dropped. What is dropped is counted, and reported in a line of its"
                            + " own.",
                    WhenFull.class)
            .or(DEFAULT.whenFull);

    static final Setting<Duration> FLUSH_TIMEOUT = Setting.duration(
                    "crosscut.logging.flush-timeout",
                    "How long the end may wait for lines to be written: that of the JVM, of Logback's context, of a"
                            + " Crosscut.")
            .check("at most 10m", timeout -> timeout.compareTo(LONGEST_FLUSH) <= 0)
            .or(DEFAULT.flushTimeout);

    static List<Setting<?>> all() {
        return List.of(FILE, QUEUE, WHEN_FULL, FLUSH_TIMEOUT);
    }

    static AppenderSettings of(Settings settings) {
        return new AppenderSettings(
                settings.get(FILE).map(Path::of),
                settings.get(QUEUE),
                settings.get(WHEN_FULL),
                settings.get(FLUSH_TIMEOUT));
    }

    /** Without touching it: whether it is there and no folder, or the nearest folder that is there would take it. */
    private static boolean isWritable(String name) {
        Path file;
        try {
            file = Path.of(name).toAbsolutePath();
        } catch (InvalidPathException e) {
            return false;
        }
        if (Files.exists(file)) {
            return !Files.isDirectory(file) && Files.isWritable(file);
        }
        Path folder = file.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        return folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
    }
}
