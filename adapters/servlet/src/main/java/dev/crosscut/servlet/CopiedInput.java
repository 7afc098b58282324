package dev.crosscut.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The container's stream of a request, with a copy of what was read. */
final class CopiedInput extends ServletInputStream {

    private final ServletInputStream container;
    private final CopyStream copy;

    CopiedInput(ServletInputStream container, CopyStream copy) {
        this.container = container;
        this.copy = copy;
    }

    @Override
    public int read() throws IOException {
        int read = container.read();
        if (read >= 0) {
            copy.write(read);
        }
        return read;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return copied(container.read(target, offset, length), target, offset);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int start = target.position();
        int read = container.read(target);
        if (read > 0) {
            copy.write(target.duplicate().limit(start + read).position(start));
        }
        return read;
    }

    @Override
    public int readLine(byte[] target, int offset, int length) throws IOException {
        return copied(container.readLine(target, offset, length), target, offset);
    }

    private int copied(int read, byte[] from, int offset) {
        if (read > 0) {
            copy.write(from, offset, read);
        }
        return read;
    }

    @Override
    public int available() throws IOException {
        return container.available();
    }

    @Override
    public void close() throws IOException {
        container.close();
    }

    @Override
    public boolean isFinished() {
        return container.isFinished();
    }

    @Override
    public boolean isReady() {
        return container.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
        container.setReadListener(listener);
    }
}
