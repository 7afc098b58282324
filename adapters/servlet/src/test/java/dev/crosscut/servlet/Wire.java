package dev.crosscut.servlet;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One connection on which a test says every byte itself. */
final class Wire implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private String method = "GET";

    /**
     * A response as it arrived.
     *
     * @param body the body, each byte as a character
     * @param complete whether it was not cut off
     */
    record Response(String statusLine, List<String> headers, String body, List<String> trailers, boolean complete) {

        int status() {
            return Integer.parseInt(statusLine.substring(9, 12));
        }

        List<String> header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }

        String text() {
            return new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return statusLine + "\n" + String.join("\n", headers) + "\n\n" + text()
                    + (trailers.isEmpty() ? "" : "\n" + trailers) + (complete ? "" : "\n-- cut off --");
        }
    }

    Wire(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A request; of its lines, the first says method and target, the others are header fields. */
    static String request(String body, String... lines) {
        StringBuilder head = new StringBuilder(lines[0]).append(" HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 1; i < lines.length; i++) {
            head.append(lines[i]).append("\r\n");
        }
        if (!body.isEmpty()) {
            head.append("Content-Length: ").append(body.length()).append("\r\n");
        }
        return head.append("\r\n").append(body).toString();
    }

    /** Sends a request, in which each character is a byte, on a connection of its own. */
    static Response exchange(int port, String request) throws IOException {
        try (Wire wire = new Wire(port)) {
            wire.send(request);
            return wire.read();
        }
    }

    void send(String bytes) throws IOException {
        method = bytes.split(" ", 2)[0];
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
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
    Response read() throws IOException {
        Response head = readHead();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        List<String> trailers = new ArrayList<>();
        boolean complete = true;
        try {
            if (!method.equals("HEAD") && head.status() != 204 && head.status() != 304) {
                readBody(head, body, trailers);
            }
        } catch (EOFException | SocketException e) {
            complete = false;
        }
        return new Response(
                head.statusLine, head.headers, body.toString(StandardCharsets.ISO_8859_1), trailers, complete);
    }

    Response readHead() throws IOException {
        String statusLine = line();
        List<String> headers = lines();
        Response head = new Response(statusLine, headers, "", List.of(), true);
        return head.status() == 100 ? readHead() : head;
    }

    private void readBody(Response head, ByteArrayOutputStream body, List<String> trailers) throws IOException {
        if (head.header("Transfer-Encoding").contains("chunked")) {
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                readExactly(size, body);
                line();
            }
            trailers.addAll(lines());
        } else if (!head.header("Content-Length").isEmpty()) {
            readExactly(Integer.parseInt(head.header("Content-Length").get(0)), body);
        } else {
            body.writeBytes(in.readAllBytes());
        }
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private void readExactly(int size, ByteArrayOutputStream to) throws IOException {
        byte[] bytes = in.readNBytes(size);
        to.writeBytes(bytes);
        if (bytes.length < size) {
            throw new EOFException("the connection was closed in the middle of a body");
        }
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        return lines;
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
