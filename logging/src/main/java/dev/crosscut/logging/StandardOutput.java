package dev.crosscut.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@link System#out} is at the moment: tests and application servers replace it, and lines are not mixed with what a
 * program prints there.
 *
 * <p>A {@link PrintStream} never tells more than that something went wrong at some time. Once one has said so, its place
 * is taken by the standard output of the process itself, which tells each time. So it is where a stream that logs what is
 * printed to it would make lines go round in a circle.
 */
final class StandardOutput implements Target {

    private final FileOutputStream process = new FileOutputStream(FileDescriptor.out);
    private @Nullable PrintStream current;
    private boolean isUseless;
    private boolean isTorn;
    private boolean isWriting;

    @Override
    public void open() {
        // It always is.
    }

    @SuppressWarnings("ReferenceEquality") // whether it is the very stream
    @Override
    public void write(byte[] lines, int length) throws IOException {
        PrintStream out = System.out;
        if (out != current) {
            current = out;
            isUseless = out.checkError();
        }
        if (isUseless) {
            writeToProcess(lines, length);
            return;
        }
        isWriting = true;
        try {
            out.write(lines, 0, length);
        } finally {
            isWriting = false;
        }
        if (out.checkError()) {
            isUseless = true;
            isTorn = true;
            throw new IOException("System.out has had an error");
        }
    }

    private void writeToProcess(byte[] lines, int length) throws IOException {
        if (isTorn) {
            process.write('\n');
        }
        isTorn = true;
        process.write(lines, 0, length);
        isTorn = false;
    }

    /** Where something is logged while the stream is written to, it is by the stream. */
    void avoidEcho() {
        isUseless |= isWriting;
    }

    @Override
    public void close() {
        // It was not opened here.
    }

    @Override
    public String toString() {
        return "stdout";
    }
}
