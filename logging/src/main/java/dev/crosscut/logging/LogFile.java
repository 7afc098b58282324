package dev.crosscut.logging;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that lines are appended to, and that others may move, delete or cut to nothing meanwhile. When it is no longer
 * what its name leads to, it is opened anew; that is looked at once a second.
 *
 * <p>It is a stream and no channel, for an interrupt would close a channel.
 */
final class LogFile implements Target {

    private static final long LOOK_EVERY = TimeUnit.SECONDS.toNanos(1);

    private final Path path;
    private @Nullable FileOutputStream out;
    private @Nullable Object identity;
    private long lookedAt;
    private boolean isTorn;

    LogFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    @Override
    public void open() throws IOException {
        opened();
    }

    private FileOutputStream opened() throws IOException {
        FileOutputStream open = out;
        long now = System.nanoTime();
        if (open != null && now - lookedAt >= LOOK_EVERY) {
            lookedAt = now;
            if (hasMoved()) {
                close();
                open = null;
            }
        }
        if (open == null) {
            Path folder = path.getParent();
            if (folder != null && !Files.exists(folder)) {
                Files.createDirectories(folder);
            }
            open = new FileOutputStream(path.toFile(), true);
            out = open;
            lookedAt = now;
            identity = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            isTorn = endsInMidLine(isTorn);
        }
        return open;
    }

    private boolean hasMoved() throws IOException {
        try {
            return !Objects.equals(
                    identity,
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /** As a failure leaves it, or a process that is killed while it writes. */
    private boolean endsInMidLine(boolean asFarAsIsKnown) {
        if (!Files.isRegularFile(path)) {
            return asFarAsIsKnown;
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            long length = file.length();
            if (length == 0) {
                return false;
            }
            file.seek(length - 1);
            return file.read() != '\n';
        } catch (IOException e) {
            return asFarAsIsKnown; // it may be one that can be written and not read
        }
    }

    @Override
    public void write(byte[] lines, int length) throws IOException {
        FileOutputStream open = opened();
        long before = open.getChannel().size();
        try {
            if (isTorn) {
                open.write('\n');
                isTorn = false;
                before++;
            }
            open.write(lines, 0, length);
        } catch (IOException e) {
            throw shortWrite(open.getChannel().size() - before, lines, length, e);
        }
    }

    private IOException shortWrite(long written, byte[] lines, int length, IOException failure) throws IOException {
        close();
        if (written <= 0 || written >= length) {
            return failure;
        }
        isTorn = lines[(int) written - 1] != '\n';
        return new ShortWriteException((int) written, failure);
    }

    @Override
    public void close() throws IOException {
        FileOutputStream open = out;
        out = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
