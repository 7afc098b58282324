package dev.crosscut.tck;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The parts that HTTP/1.1 messages are made of (RFC 9112), as they arrive on a connection. */
final class RawInput {

    private final InputStream in;

    RawInput(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /** The values of a header field, in order. */
    static List<String> values(List<String> headers, String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return headers.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    /** Whether the connection is at its end. Waits for a byte, and leaves it to be read. */
    boolean isAtEnd() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return true;
        }
        in.reset();
        return false;
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection was closed in the middle of a line");
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    List<String> headers() throws IOException {
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        return headers;
    }

    byte[] exactly(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("the connection was closed in the middle of a body");
        }
        return bytes;
    }

    /**
     * The next chunk of a chunked body, or an empty array at its end. The line break that ends a chunk is left for the next:
     * a sender may send the two together.
     */
    byte[] chunk() throws IOException {
        String size = line();
        byte[] chunk = exactly(Integer.parseInt(size.isEmpty() ? line() : size, 16));
        if (chunk.length == 0) {
            line();
        }
        return chunk;
    }

    byte[] rest() throws IOException {
        return in.readAllBytes();
    }
}
