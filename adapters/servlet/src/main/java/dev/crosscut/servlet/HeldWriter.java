package dev.crosscut.servlet;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;

/** The writer of a response that is held. */
final class HeldWriter extends Writer {

    private final HeldResponse held;
    private final HttpServletResponse container;
    private final String encoding;

    HeldWriter(HeldResponse held, HttpServletResponse container, String encoding) {
        this.held = held;
        this.container = container;
        this.encoding = encoding;
    }

    @Override
    public void write(char[] chars, int offset, int length) throws IOException {
        held.write(chars, offset, length, encoding);
    }

    @Override
    public void flush() throws IOException {
        held.flushBuffer();
    }

    @Override
    public void close() throws IOException {
        held.close(() -> container.getWriter().close());
    }
}
