package dev.crosscut.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is used and never shown: {@link #toString()} prints stars. One that came from a file is read again when
 * the file changes, so that a rotated credential takes effect without a restart. Safe for use by several threads.
 */
public final class Secret {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.settings");
    private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    private static final class Version {
        final String value;
        final List<Object> attributes;

        Version(String value, List<Object> attributes) {
            this.value = value;
            this.attributes = attributes;
        }
    }

    private final @Nullable Path file;
    private final LongSupplier clock;
    private volatile Version version;
    private volatile long nextLook;
    private volatile boolean unreadable;

    private Secret(@Nullable Path file, LongSupplier clock, Version version) {
        this.file = file;
        this.clock = clock;
        this.version = version;
        this.nextLook = clock.getAsLong() + LOOK_EVERY_NANOS;
    }

    /**
     * A secret that does not change.
     *
     * @param value the value
     * @return the secret
     */
    public static Secret of(String value) {
        return new Secret(null, System::nanoTime, new Version(value, List.of()));
    }

    /**
     * A secret in a file of UTF-8 text, without the line break at its end.
     *
     * @param file the file
     * @return the secret
     * @throws IOException if the file cannot be read
     */
    public static Secret file(Path file) throws IOException {
        return file(file, System::nanoTime);
    }

    static Secret file(Path file, LongSupplier clock) throws IOException {
        return new Secret(file, clock, read(file));
    }

    /**
     * The value. Looks at most once a second whether the file changed; one that is empty or cannot be read just now leaves
     * the value as it was, with a warning.
     *
     * @return the value
     */
    public String reveal() {
        Path source = file;
        if (source != null) {
            long now = clock.getAsLong();
            if (now - nextLook >= 0) {
                nextLook = now + LOOK_EVERY_NANOS;
                look(source);
            }
        }
        return version.value;
    }

    private void look(Path source) {
        try {
            if (!attributes(source).equals(version.attributes)) {
                Version next = read(source);
                if (next.value.isEmpty()) {
                    throw new IOException("it is empty"); // for a moment, while it is being written
                }
                version = next;
            }
            unreadable = false;
        } catch (IOException e) {
            if (!unreadable) {
                unreadable = true;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the secret in " + source + " cannot be read again; the last value stays in use until it can: "
                                + e);
            }
        }
    }

    /** Attributes are taken first: should the file change in between, the next look sees it. */
    private static Version read(Path file) throws IOException {
        List<Object> attributes = attributes(file);
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int end = text.endsWith("\r\n") ? text.length() - 2 : text.endsWith("\n") ? text.length() - 1 : text.length();
        return new Version(text.substring(0, end), attributes);
    }

    private static List<Object> attributes(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Object key = attributes.fileKey();
        return List.of(attributes.lastModifiedTime(), attributes.size(), key == null ? "" : key);
    }

    @Override
    public String toString() {
        return "***";
    }
}
