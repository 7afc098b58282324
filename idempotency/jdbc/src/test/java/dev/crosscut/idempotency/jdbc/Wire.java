package dev.crosscut.idempotency.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A wire between driver and server that counts round trips, loses replies, and goes dead. */
final class Wire implements AutoCloseable {

    private enum Fault {
        NONE,
        LOSES_REPLIES,
        HANGS
    }

    private final ServerSocket listener;
    private final int server;
    private final AtomicInteger turns = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int lost;
    private volatile Fault fault = Fault.NONE;

    Wire(int server) throws IOException {
        this.server = server;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How often the driver has spoken after the server had, since this was last asked. */
    int turns() {
        return turns.getAndSet(0);
    }

    /** What the server answers to the first requests from now on arrives; after that nothing does, and it is closed. */
    void loseRepliesFrom(int request) {
        turns.set(0);
        lost = request;
        fault = Fault.LOSES_REPLIES;
    }

    /** From now on nothing arrives on either side, and nothing is closed. */
    void hang() {
        fault = Fault.HANGS;
    }

    void heal() {
        fault = Fault.NONE;
    }

    private static void start(Runnable run) {
        Thread thread = new Thread(run, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket behind = new Socket(InetAddress.getLoopbackAddress(), server);
                client.setTcpNoDelay(true);
                behind.setTcpNoDelay(true);
                open.add(client);
                open.add(behind);
                AtomicInteger speaker = new AtomicInteger();
                start(() -> copy(client, behind, 1, speaker));
                start(() -> copy(behind, client, 2, speaker));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void copy(Socket from, Socket to, int who, AtomicInteger speaker) {
        byte[] buffer = new byte[1 << 16];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (fault == Fault.HANGS) {
                    closed.await();
                }
                if (fault == Fault.LOSES_REPLIES && who == 2 && turns.get() >= lost) {
                    return;
                }
                if (speaker.getAndSet(who) != who && who == 1) {
                    turns.incrementAndGet();
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException | InterruptedException e) {
            // one side is gone, and then the other
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closed.countDown();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
