package dev.crosscut.idempotency.processes;

import dev.crosscut.idempotency.Idempotency;
import dev.crosscut.idempotency.IdempotencyException;
import dev.crosscut.idempotency.OnAbandoned;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;

/** One of the JVMs: asks {@link Processes} for keys, does the work of each, and says what came of it. */
public final class Worker {

    private static final int THREADS = 4;

    /** Does the work of one key. */
    public interface Work {
        String of(String key, Ledger ledger) throws Exception;
    }

    /** Has an effect that can be counted, outside of this process. */
    public interface Ledger {

        /**
         * Books an entry.
         *
         * @param id what the ledger takes only once
         * @return the number of the entry
         */
        String book(String key, String id);
    }

    private Worker() {}

    /** Works until there is nothing left to do. */
    public static void run(String name, int port, Work work) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(new Thread(() -> work(name, port, work)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Opens the store, whose server may just be restarting. */
    public static <T> T patiently(Callable<T> opening) throws Exception {
        for (int i = 0; ; i++) {
            try {
                return opening.call();
            } catch (Exception e) {
                if (i == 100) {
                    throw e;
                }
                Thread.sleep(200);
            }
        }
    }

    /**
     * Work with an effect in the ledger. Where it must not be done twice, the ledger takes all it is sent; otherwise it takes
     * what it has not seen.
     */
    public static String foreign(Idempotency idempotency, String key, Ledger ledger) {
        boolean refuse = key.startsWith(Processes.REFUSE);
        return idempotency
                .operation("work")
                .key(key)
                .fingerprint(key.getBytes(StandardCharsets.UTF_8))
                .onAbandoned(refuse ? OnAbandoned.REFUSE : OnAbandoned.RE_EXECUTE)
                .waiting(Duration.ofMillis(100))
                .once(
                        String.class,
                        run -> ledger.book(key, refuse ? UUID.randomUUID().toString() : run.downstreamKey("ledger")));
    }

    private static void work(String name, int port, Work work) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
            socket.setTcpNoDelay(true);
            out.println(name);
            Ledger ledger = (key, id) -> ask(in, out, "book " + key + " " + id);
            for (String key = ask(in, out, "next"); !key.equals("end"); key = ask(in, out, "next")) {
                ask(in, out, outcome(work, key, ledger));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String outcome(Work work, String key, Ledger ledger) {
        try {
            return "done " + work.of(key, ledger);
        } catch (IdempotencyException e) {
            return "failed " + e.reason();
        } catch (Exception e) {
            return "failed " + e.getClass().getSimpleName();
        }
    }

    private static String ask(BufferedReader in, PrintWriter out, String line) {
        try {
            out.println(line);
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the connection was closed after " + line);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
