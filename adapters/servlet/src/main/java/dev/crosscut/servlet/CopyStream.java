package dev.crosscut.servlet;

import dev.crosscut.core.BodyCopy;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** What is written here is in the copy of a body, until it is closed. */
final class CopyStream extends OutputStream {

    private final BodyCopy copy;
    private volatile boolean closed;

    CopyStream(BodyCopy copy) {
        this.copy = copy;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (!closed) {
            copy.add(bytes, offset, length);
        }
    }

    void write(ByteBuffer bytes) {
        if (!closed) {
            copy.add(bytes);
        }
    }

    void clear() {
        copy.clear();
    }

    @Override
    public void close() {
        closed = true;
    }
}
