package dev.crosscut.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One HTTP/1.1 connection, on which the same request is made again and again, without allocating. For one thread. */
final class KeepAliveClient implements AutoCloseable {

    private static final byte[] REQUEST =
            "GET /benchmark HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] OK = "HTTP/1.1 200 ".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] response = new byte[4096];

    KeepAliveClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = socket.getInputStream();
    }

    /** Makes the request and returns the number of bytes that were answered, the head of the response included. */
    int exchange() throws IOException {
        out.write(REQUEST);
        int length = 0;
        int expected = response.length;
        while (length < expected) {
            int read = in.read(response, length, response.length - length);
            if (read < 0) {
                throw new EOFException("the server closed the connection after " + length + " bytes of a response");
            }
            length += read;
            int head = endOfHead(length);
            if (head >= 0) {
                expected = head + JettyServer.BODY.length;
            }
        }
        if (length > expected || !startsWith(OK)) {
            throw new IOException("expected 200 with " + JettyServer.BODY.length + " bytes, got: "
                    + new String(response, 0, length, StandardCharsets.ISO_8859_1));
        }
        return length;
    }

    private int endOfHead(int length) {
        for (int at = 0; at + END_OF_HEAD.length <= length; at++) {
            if (matches(at, END_OF_HEAD)) {
                return at + END_OF_HEAD.length;
            }
        }
        return -1;
    }

    private boolean startsWith(byte[] bytes) {
        return matches(0, bytes);
    }

    private boolean matches(int at, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (response[at + i] != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
