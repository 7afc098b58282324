package dev.crosscut.servlet;

import dev.crosscut.core.Reply;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes a reply as the response. */
final class Replies {

    private static final String SET_COOKIE = "Set-Cookie";

    private Replies() {}

    static void send(Reply reply, HttpServletResponse response) throws IOException {
        response.setStatus(reply.status());
        reply.headers().forEach((name, values) -> put(name, values, response));
        if (reply.status() != HttpServletResponse.SC_NO_CONTENT
                && reply.status() != HttpServletResponse.SC_NOT_MODIFIED) {
            ByteBuffer body = reply.body();
            byte[] bytes = new byte[body.remaining()];
            body.get(bytes);
            response.setContentLength(bytes.length);
            ServletOutputStream stream = response.getOutputStream();
            stream.isReady(); // where there is a listener, a write must follow this question
            stream.write(bytes);
        }
    }

    /** Sets a field in place of the values that it had; of cookies each is a field of its own, and is added. */
    static void put(String name, List<String> values, HttpServletResponse response) {
        boolean cookies = name.equalsIgnoreCase(SET_COOKIE);
        for (int i = 0; i < values.size(); i++) {
            if (i == 0 && !cookies) {
                response.setHeader(name, values.get(i));
            } else if (!cookies || !response.getHeaders(name).contains(values.get(i))) {
                response.addHeader(name, values.get(i));
            }
        }
    }
}
