package dev.crosscut.tck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP/1.1 server on the loopback address on which a test says every byte itself, so that it can also say wrong ones.
 * What it does with a request depends on the path; connections are kept open, as clients expect.
 */
final class RawServer implements AutoCloseable {

    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contract-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final Queue<Received> received = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final Set<Peer> peers = ConcurrentHashMap.newKeySet();

    /** What the server does with a request. */
    @FunctionalInterface
    interface Behaviour {
        void serve(Received request, Peer client) throws Exception;
    }

    /** A request as it arrived. */
    static final class Received {
        private final String method;
        private final String target;
        private final List<String> headers;
        private final byte[] body;

        Received(String method, String target, List<String> headers, byte[] body) {
            this.method = method;
            this.target = target;
            this.headers = headers;
            this.body = body;
        }

        String method() {
            return method;
        }

        String target() {
            return target;
        }

        String path() {
            return target.replaceFirst("[?].*", "");
        }

        List<String> header(String name) {
            return RawInput.values(headers, name);
        }

        byte[] body() {
            return body;
        }
    }

    private RawServer(ServerSocket listening) {
        this.listening = listening;
    }

    static RawServer start() {
        try {
            RawServer server = new RawServer(new ServerSocket(0, 500, InetAddress.getLoopbackAddress()));
            server.threads.execute(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("no port of the loopback address is free", e);
        }
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort() + target);
    }

    void at(String path, Behaviour behaviour) {
        behaviours.put(path, behaviour);
    }

    /** The requests for a path, in the order in which they arrived. */
    List<Received> received(String path) {
        return received.stream().filter(r -> r.path().equals(path)).toList();
    }

    /** What behaviours threw since this was last asked, but for what a client that goes away causes. */
    List<Throwable> takeFaults() {
        List<Throwable> taken = List.copyOf(faults);
        faults.removeAll(taken);
        return taken;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Peer peer = new Peer(listening.accept());
                peers.add(peer);
                threads.execute(() -> serve(peer));
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                faults.add(e);
            }
        }
    }

    private void serve(Peer peer) {
        try (peer) {
            for (Optional<Received> next = peer.read(); next.isPresent(); next = peer.read()) {
                Received request = next.get();
                received.add(request);
                behaviours
                        .getOrDefault(request.path(), (r, client) -> client.respond(404, new byte[0]))
                        .serve(request, peer);
            }
        } catch (IOException clientGone) {
            // What the client saw of it is for the test to say.
        } catch (Throwable e) {
            faults.add(e);
        } finally {
            peers.remove(peer);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Peer peer : peers) {
            peer.close();
        }
        threads.shutdown();
    }

    /** The client's connection, seen from the server. */
    static final class Peer implements AutoCloseable {
        private final Socket socket;
        private final RawInput in;

        private Peer(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            in = new RawInput(socket.getInputStream());
        }

        private Optional<Received> read() throws IOException {
            if (socket.isClosed() || in.isAtEnd()) {
                return Optional.empty();
            }
            String[] requestLine = in.line().split(" ", -1);
            List<String> headers = in.headers();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            if (RawInput.values(headers, "Transfer-Encoding").contains("chunked")) {
                for (byte[] chunk = in.chunk(); chunk.length > 0; chunk = in.chunk()) {
                    body.writeBytes(chunk);
                }
            }
            for (String length : RawInput.values(headers, "Content-Length")) {
                body.writeBytes(in.exactly(Integer.parseInt(length)));
            }
            return Optional.of(new Received(requestLine[0], requestLine[1], headers, body.toByteArray()));
        }

        /** Sends a whole response with its length. */
        void respond(int status, byte[] body, String... headers) throws IOException {
            StringBuilder head = new StringBuilder();
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            if (status != 204 && status != 304) {
                head.append("Content-Length: ").append(body.length).append("\r\n");
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(bytes(
                    "HTTP/1.1 " + status + " As asked\r\n" + head.append("\r\n").toString()));
            all.writeBytes(body);
            send(all.toByteArray());
        }

        void send(String text) throws IOException {
            send(bytes(text));
        }

        void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        /** Waits until the client closes the connection, or resets it. */
        void awaitGone() {
            try {
                while (!in.isAtEnd()) {
                    in.exactly(1);
                }
            } catch (IOException reset) {
                // It is gone.
            }
        }

        /** Closes with a reset, as a server that crashes does. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
