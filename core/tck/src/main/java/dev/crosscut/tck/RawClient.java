package dev.crosscut.tck;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One HTTP/1.1 connection on which a test says every byte itself, so that it can also say wrong ones. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final RawInput in;

    /** A response as it arrived. */
    static final class Response {
        private final int status;
        private final List<String> headers;
        private final byte[] body;
        private final boolean complete;

        Response(int status, List<String> headers, byte[] body, boolean complete) {
            this.status = status;
            this.headers = headers;
            this.body = body;
            this.complete = complete;
        }

        int status() {
            return status;
        }

        List<String> headers() {
            return headers;
        }

        byte[] body() {
            return body;
        }

        boolean complete() {
            return complete;
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        List<String> header(String name) {
            return RawInput.values(headers, name);
        }
    }

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new RawInput(socket.getInputStream());
    }

    /** Sends one request on a connection of its own. */
    static Response exchange(int port, String method, String path, String body, String... headers) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(request(method, path, body.getBytes(StandardCharsets.UTF_8), headers));
            return client.read(method);
        }
    }

    static byte[] request(String method, String path, byte[] body, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (body.length > 0) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return all.toByteArray();
    }

    /** A POST whose body comes in these chunks. */
    static byte[] chunked(String path, String... chunks) {
        StringBuilder all = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        all.append("Transfer-Encoding: chunked\r\n\r\n");
        for (String chunk : chunks) {
            all.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }
        return all.append("0\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Whether nothing arrives for a while. */
    boolean isSilent(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            if (in.isAtEnd()) {
                throw new EOFException("the connection was closed");
            }
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** Reads a response to its end; one that is cut off is not complete. */
    Response read(String method) throws IOException {
        Response head = readHead();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete;
        try {
            complete = method.equals("HEAD") || head.status == 204 || head.status == 304 || readBody(head, body);
        } catch (EOFException | java.net.SocketException e) {
            complete = false;
        }
        return new Response(head.status, head.headers, body.toByteArray(), complete);
    }

    Response readHead() throws IOException {
        String statusLine = in.line();
        List<String> headers = in.headers();
        int status = Integer.parseInt(statusLine.substring(9, 12));
        return status == 100 ? readHead() : new Response(status, headers, new byte[0], true);
    }

    /** Reads the next chunk of a chunked body, or an empty array at its end. */
    byte[] readChunk() throws IOException {
        return in.chunk();
    }

    private boolean readBody(Response head, ByteArrayOutputStream body) throws IOException {
        if (head.header("Transfer-Encoding").contains("chunked")) {
            for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
                body.writeBytes(chunk);
            }
        } else if (!head.header("Content-Length").isEmpty()) {
            body.writeBytes(
                    in.exactly(Integer.parseInt(head.header("Content-Length").get(0))));
        } else {
            body.writeBytes(in.rest());
        }
        return true;
    }

    /** Closes at once, with a reset where the system allows, as a client that crashes does. */
    void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
