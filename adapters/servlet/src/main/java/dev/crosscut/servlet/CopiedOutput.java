package dev.crosscut.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The container's stream of a response, with a copy of what it has taken. */
final class CopiedOutput extends ServletOutputStream {

    private final ServletOutputStream container;
    private final CopyStream copy;

    CopiedOutput(ServletOutputStream container, CopyStream copy) {
        this.container = container;
        this.copy = copy;
    }

    @Override
    public void write(int b) throws IOException {
        container.write(b);
        copy.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        container.write(bytes, offset, length);
        copy.write(bytes, offset, length);
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
        ByteBuffer written = buffer.duplicate();
        container.write(buffer);
        copy.write(written);
    }

    /** In the charset of the servlet API; a container may have its own mind. */
    @Override
    public void print(String text) throws IOException {
        container.print(text);
        byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.ISO_8859_1);
        copy.write(bytes, 0, bytes.length);
    }

    @Override
    public void flush() throws IOException {
        container.flush();
    }

    @Override
    public void close() throws IOException {
        container.close();
        copy.close();
    }

    @Override
    public boolean isReady() {
        return container.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        container.setWriteListener(listener);
    }
}
