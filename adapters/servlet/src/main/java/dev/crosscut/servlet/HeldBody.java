package dev.crosscut.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * What a handler has written of a response that is held: bytes; or text, which goes to the container as text, so that its
 * encoding and the header fields that name it are the container's, and beside it the bytes that it comes to.
 */
final class HeldBody {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final StringBuilder text = new StringBuilder();
    private @Nullable TextEncoder encoder;

    int size() {
        return bytes.size();
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    void write(byte[] source, int offset, int length) {
        bytes.write(source, offset, length);
    }

    void write(char[] source, int offset, int length, String encoding) {
        TextEncoder open = encoder;
        if (open == null) {
            open = new TextEncoder(bytes, Charset.forName(encoding));
            encoder = open;
        }
        open.write(source, offset, length);
        text.append(source, offset, length);
    }

    void clear() {
        bytes.reset();
        text.setLength(0);
        encoder = null;
    }

    /** Hands all of it to the container, in one write, as a non-blocking response wants it. */
    void sendTo(HttpServletResponse response) throws IOException {
        if (text.length() > 0) {
            response.getWriter().write(text.toString());
        } else if (bytes.size() > 0) {
            ServletOutputStream stream = response.getOutputStream();
            stream.isReady(); // where there is a listener, a write must follow this question
            bytes.writeTo(stream);
        }
        clear();
    }
}
