package dev.crosscut.servlet;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.Charset;

/** Text on its way into a stream in memory, as bytes. What is half a character waits for its other half. */
final class TextEncoder {

    private final Writer writer;

    TextEncoder(OutputStream to, Charset charset) {
        this.writer = new OutputStreamWriter(to, charset);
    }

    void write(char[] source, int offset, int length) {
        try {
            writer.write(source, offset, length);
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
