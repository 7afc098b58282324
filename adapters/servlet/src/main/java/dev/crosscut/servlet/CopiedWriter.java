package dev.crosscut.servlet;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Formatter;

/** The container's writer of a response, with a copy of what it has taken. */
final class CopiedWriter extends PrintWriter {

    private final PrintWriter container;
    private final CopyStream copy;
    private final TextEncoder encoder;

    CopiedWriter(PrintWriter container, CopyStream copy, Charset charset) {
        super(container);
        this.container = container;
        this.copy = copy;
        this.encoder = new TextEncoder(copy, charset);
    }

    @Override
    public void write(int c) {
        container.write(c);
        encoder.write(new char[] {(char) c}, 0, 1);
    }

    @Override
    public void write(char[] text, int offset, int length) {
        container.write(text, offset, length);
        encoder.write(text, offset, length);
    }

    @Override
    public void write(String text, int offset, int length) {
        container.write(text, offset, length);
        encoder.write(text, offset, length);
    }

    @Override
    public void println() {
        container.println();
        encoder.write(System.lineSeparator(), 0, System.lineSeparator().length());
    }

    /** In the locale of the container's choice. */
    @Override
    @SuppressWarnings("AnnotateFormatMethod") // as in the class that this extends
    public PrintWriter format(String format, Object... arguments) {
        container.format(format, arguments);
        String text = new Formatter().format(format, arguments).toString();
        encoder.write(text, 0, text.length());
        return this;
    }

    @Override
    public void flush() {
        container.flush();
    }

    @Override
    public void close() {
        container.close();
        copy.close();
    }

    @Override
    public boolean checkError() {
        return container.checkError();
    }
}
