package dev.crosscut.idempotency.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A wire to a server: what goes through is counted in turns, may be held back for good, and may be cut. A turn begins when a
 * client speaks that did not speak last.
 */
final class Wire implements AutoCloseable {

    private final ServerSocket ear;
    private volatile int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Object turn = new Object();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private boolean clientSpoke;
    private int turns;
    private int received;
    private volatile boolean held;
    private volatile String cutAt;

    Wire(int target) {
        this.target = target;
        try {
            ear = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    int port() {
        return ear.getLocalPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /** Turns since this was last asked. */
    int turns() {
        synchronized (turn) {
            int counted = turns;
            turns = 0;
            return counted;
        }
    }

    /** What clients sent since this was last asked, as ISO-8859-1. */
    String sent() {
        synchronized (turn) {
            String text = sent.toString(StandardCharsets.ISO_8859_1);
            sent.reset();
            return text;
        }
    }

    /** How many bytes servers sent since this was last asked. */
    int received() {
        synchronized (turn) {
            int counted = received;
            received = 0;
            return counted;
        }
    }

    /** Loses all that goes through from now on, both ways; connections stay open. */
    void hold() {
        held = true;
    }

    /** Lets through what comes from now on, on new connections. */
    void letGo() {
        held = false;
        cut();
    }

    /** Closes all connections the next time a client sends this, which is lost. */
    void cutAt(String text) {
        cutAt = text;
    }

    /** Leads connections that are made from now on to another server. */
    void lead(int port) {
        target = port;
    }

    void cut() {
        for (Socket socket : sockets) {
            close(socket);
        }
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = ear.accept();
                Socket server = new Socket();
                sockets.add(client);
                try {
                    server = new Socket(InetAddress.getLoopbackAddress(), target);
                } catch (IOException e) {
                    close(client);
                    continue;
                }
                Socket connected = server;
                client.setTcpNoDelay(true);
                connected.setTcpNoDelay(true);
                sockets.add(connected);
                AtomicBoolean lossy = new AtomicBoolean();
                thread(() -> pump(client, connected, true, lossy));
                thread(() -> pump(connected, client, false, lossy));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pump(Socket from, Socket to, boolean fromClient, AtomicBoolean lossy) {
        byte[] chunk = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                String text = new String(chunk, 0, length, StandardCharsets.ISO_8859_1);
                String cut = cutAt;
                if (fromClient && cut != null && text.contains(cut)) {
                    cutAt = null;
                    cut();
                    return;
                }
                synchronized (turn) {
                    if (fromClient) {
                        sent.write(chunk, 0, length);
                        turns += clientSpoke ? 0 : 1;
                    } else {
                        received += length;
                    }
                    clientSpoke = fromClient;
                }
                if (held) {
                    lossy.set(true);
                }
                if (!lossy.get()) {
                    out.write(chunk, 0, length);
                }
            }
        } catch (IOException e) {
            // closed
        }
        close(from);
        close(to);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            ear.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
