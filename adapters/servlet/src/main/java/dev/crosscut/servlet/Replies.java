package dev.crosscut.servlet;

import dev.crosscut.core.Reply;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Writes a reply as the response. */
final class Replies {

    private Replies() {}

    static void send(Reply reply, HttpServletResponse response) throws IOException {
        response.setStatus(reply.status());
        for (Map.Entry<String, List<String>> header : reply.headers().entrySet()) {
            boolean first = true;
            for (String value : header.getValue()) {
                if (first) {
                    response.setHeader(header.getKey(), value);
                } else {
                    response.addHeader(header.getKey(), value);
                }
                first = false;
            }
        }
        ByteBuffer body = reply.body();
        if (reply.status() != HttpServletResponse.SC_NO_CONTENT
                && reply.status() != HttpServletResponse.SC_NOT_MODIFIED) {
            response.setContentLength(body.remaining());
            byte[] bytes = new byte[body.remaining()];
            body.get(bytes);
            response.getOutputStream().write(bytes);
        }
    }
}
