package dev.crosscut.tck;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One HTTP/1.1 connection on which a test says every byte itself, so that it can also say wrong ones. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

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
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }
    }

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
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
            in.mark(1);
            if (in.read() < 0) {
                throw new EOFException("the connection was closed");
            }
            in.reset();
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
        String statusLine = line();
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        return status == 100 ? readHead() : new Response(status, headers, new byte[0], true);
    }

    /**
     * Reads the next chunk of a chunked body, or an empty array at its end. The line break that ends a chunk is left for the
     * next: a server may send the two together.
     */
    byte[] readChunk() throws IOException {
        String size = line();
        byte[] chunk = readExactly(Integer.parseInt(size.isEmpty() ? line() : size, 16));
        if (chunk.length == 0) {
            line();
        }
        return chunk;
    }

    private boolean readBody(Response head, ByteArrayOutputStream body) throws IOException {
        if (head.header("Transfer-Encoding").contains("chunked")) {
            for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
                body.writeBytes(chunk);
            }
        } else if (!head.header("Content-Length").isEmpty()) {
            body.writeBytes(
                    readExactly(Integer.parseInt(head.header("Content-Length").get(0))));
        } else {
            body.writeBytes(in.readAllBytes());
        }
        return true;
    }

    private byte[] readExactly(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("the connection was closed in the middle of a body");
        }
        return bytes;
    }

    private String line() throws IOException {
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
