package dev.crosscut.servlet;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/** Text on its way into a stream in memory, as bytes. What is half a character waits for its other half. */
final class TextEncoder {

    private static final int CHUNK = 256;

    private final OutputStream to;
    private final CharsetEncoder encoder;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final CharBuffer pair = CharBuffer.allocate(2);

    TextEncoder(OutputStream to, Charset charset) {
        this.to = to;
        this.encoder = charset.newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    void write(char[] source, int offset, int length) {
        write(CharBuffer.wrap(source, offset, length));
    }

    void write(String source, int offset, int length) {
        write(CharBuffer.wrap(source, offset, offset + length));
    }

    /** Writers of containers may be used by several threads. All that is locked is in memory. */
    private void write(CharBuffer text) {
        synchronized (chunk) {
            while (pair.position() > 0 && text.hasRemaining()) {
                encode(pair.put(text.get()).flip());
                pair.compact();
            }
            encode(text);
            if (text.hasRemaining()) {
                pair.put(text.get());
            }
        }
    }

    /** All but a half of a character at the end. */
    private void encode(CharBuffer text) {
        try {
            CoderResult result;
            do {
                result = encoder.encode(text, chunk, false);
                to.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            } while (result.isOverflow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
