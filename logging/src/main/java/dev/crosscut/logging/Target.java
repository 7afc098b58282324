package dev.crosscut.logging;

import java.io.IOException;
import java.io.Serial;

/** Where lines end up. Used by one thread at a time. */
interface Target {

    /** Some of what was to be written was, and then something failed. */
    final class ShortWriteException extends IOException {

        @Serial
        private static final long serialVersionUID = 1;

        private final int written;

        ShortWriteException(int written, IOException cause) {
            super(cause.getMessage(), cause);
            this.written = written;
        }

        /** The bytes at the beginning that are known to have been written. */
        int written() {
            return written;
        }
    }

    /** Makes it ready, which otherwise happens when the first line is written. */
    void open() throws IOException;

    /**
     * Writes whole lines. After it has failed in the middle of one, it ends that line before it writes the next.
     *
     * @throws ShortWriteException if some of it was written
     * @throws IOException if as far as is known nothing was
     */
    void write(byte[] lines, int length) throws IOException;

    /** Gives back what it has opened. */
    void close() throws IOException;
}
