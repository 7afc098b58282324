package dev.crosscut.idempotency.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several JVMs that work under the same keys while they and their server are killed, the clients that wait for them, and the
 * ledger of what they have done.
 *
 * <p><b>Clients.</b> Each key is used by several clients at about the same time. A client gets a value, is told that the
 * outcome is unknown, or tries again: when it is told anything else, and when the JVM that it talks to is gone.
 *
 * <p><b>Faults.</b> Of the keys of each kind, some have their worker killed (SIGKILL) after the effect and before anybody knows
 * of it, and some when it is complete and before its client knows; what else the worker is at then is cut off wherever it is.
 * Meanwhile the server is restarted.
 *
 * <p><b>The ledger</b> is in this process, which is not killed. It counts all requests, and takes each id once, as a service does
 * that has idempotency keys of its own.
 */
public final class Processes implements AutoCloseable {

    /** What the keys begin with whose work is refused once it is abandoned. */
    public static final String REFUSE = "refuse-";

    /** What the keys begin with whose work is done again. */
    public static final String AGAIN = "again-";

    /** What the keys begin with whose work is in the transaction of their record. */
    public static final String TRANSACTION = "transaction-";

    /** How many keys there are. */
    public static final int KEYS = Integer.getInteger("processes.keys", 300);

    private static final int CLIENTS = 3;
    private static final int WORKERS = 4;
    private static final int KEYS_PER_KILL = 200;
    private static final int KEYS_PER_RESTART = 5_000;
    private static final long PAUSE_MILLIS = 100;

    /** When a worker is killed. */
    private enum Kill {
        BEFORE_COMPLETION,
        BEFORE_ANSWER
    }

    /** That the worker of a key is to be killed: the first of its kind from this one on of which it can be. */
    private record Due(int index, Kill kill) {}

    private final Class<?> program;
    private final List<String> arguments;
    private final Path errors;
    private final ServerSocket socket;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger names = new AtomicInteger();
    private final Map<String, Process> workers = new ConcurrentHashMap<>();
    private final List<String> keys = new ArrayList<>();
    private final Map<String, Queue<Due>> kills = new ConcurrentHashMap<>();
    private final List<String> cutOff = new CopyOnWriteArrayList<>();
    private final AtomicInteger killed = new AtomicInteger();
    private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch outstanding;
    private final Map<String, List<String>> requests = new ConcurrentHashMap<>();
    private final Map<String, String> entries = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, List<String>> answers = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> unknown = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> retried = new ConcurrentSkipListMap<>();
    private volatile boolean isOpen = true;

    /**
     * Prepares the keys.
     *
     * @param program calls {@link Worker#run} with its first two arguments
     * @param arguments the others
     * @param kinds what keys there are
     */
    public Processes(Class<?> program, List<String> arguments, String... kinds) throws IOException {
        this.program = program;
        this.arguments = List.copyOf(arguments);
        errors = Files.createTempFile("workers", ".txt");
        socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        int perKind = KEYS / kinds.length;
        int perKill = Math.max(2, Math.min(perKind / 2, KEYS_PER_KILL));
        for (int i = 0; i < perKind; i++) {
            for (String kind : kinds) {
                String key = kind + i;
                keys.add(key);
                waiting.addAll(Collections.nCopies(CLIENTS, key));
                if (i % perKill == perKill / 2) {
                    kills.computeIfAbsent(kind, unused -> new ConcurrentLinkedQueue<>())
                            .add(new Due(i, i / perKill % 2 == 0 ? Kill.BEFORE_COMPLETION : Kill.BEFORE_ANSWER));
                }
            }
        }
        outstanding = new CountDownLatch(waiting.size());
    }

    /** Has all of it done. */
    public Processes run(Restart restart) throws Exception {
        threads.execute(this::accept);
        for (int i = 0; i < WORKERS; i++) {
            startWorker();
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120) + TimeUnit.MILLISECONDS.toNanos(60L * KEYS);
        long clients = outstanding.getCount();
        int restarts = 1 + KEYS / KEYS_PER_RESTART;
        for (int done = 0; !outstanding.await(20, TimeUnit.MILLISECONDS); ) {
            if (done < restarts && clients - outstanding.getCount() > clients * (done + 1) / (restarts + 1)) {
                restart.server();
                done++;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(outstanding.getCount() + " clients still wait; others were told " + retried
                        + "; the workers say " + Files.readString(errors));
            }
        }
        for (Process worker : workers.values()) {
            if (!worker.waitFor(20, TimeUnit.SECONDS) || worker.exitValue() != 0) {
                throw new AssertionError("a worker did not end well: " + Files.readString(errors));
            }
        }
        return this;
    }

    /** Restarts the server. */
    public interface Restart {
        void server() throws Exception;
    }

    private void startWorker() throws IOException {
        String name = "worker-" + names.incrementAndGet();
        List<String> all = new ArrayList<>(List.of(name, Integer.toString(socket.getLocalPort())));
        all.addAll(arguments);
        workers.put(name, ChildJvm.start(program, errors, all));
    }

    private boolean isDue(String key, Kill kill) {
        String kind = key.substring(0, key.indexOf('-') + 1);
        int index = Integer.parseInt(key.substring(kind.length()));
        Queue<Due> all = kills.getOrDefault(kind, new ConcurrentLinkedQueue<>());
        Due next = all.peek();
        return next != null && next.kill() == kill && next.index() <= index && all.remove(next);
    }

    private void kill(String name) throws IOException {
        killed.incrementAndGet();
        Process worker = workers.remove(name);
        if (worker != null) {
            worker.destroyForcibly();
            startWorker();
        }
    }

    private void accept() {
        while (isOpen) {
            try {
                Socket accepted = socket.accept();
                threads.execute(() -> serve(accepted));
            } catch (IOException e) {
                if (isOpen) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Answers one thread of a worker, whose client waits for as long as the worker lives. */
    private void serve(Socket accepted) {
        String key = "";
        try (accepted;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(accepted.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter out = new PrintWriter(accepted.getOutputStream(), true, StandardCharsets.UTF_8)) {
            accepted.setTcpNoDelay(true);
            String name = in.readLine();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "next" -> {
                        key = next();
                        out.println(key.isEmpty() ? "end" : key);
                    }
                    case "book" -> {
                        String number = book(words[1], words[2]);
                        if (isDue(key, Kill.BEFORE_COMPLETION)) {
                            cutOff.add(key);
                            kill(name);
                            return;
                        }
                        out.println(number);
                    }
                    default -> {
                        if (words[0].equals("done") && isDue(key, Kill.BEFORE_ANSWER)) {
                            kill(name);
                            return;
                        }
                        String told = key;
                        key = "";
                        told(told, words[0].equals("done"), words[1]);
                        out.println("noted");
                    }
                }
            }
        } catch (IOException e) {
            // The worker is gone.
        } finally {
            if (!key.isEmpty()) {
                again(key, "that their worker was gone");
            }
        }
    }

    private String next() {
        try {
            while (isOpen && outstanding.getCount() > 0) {
                String key = waiting.poll(20, TimeUnit.MILLISECONDS);
                if (key != null) {
                    return key;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "";
    }

    private String book(String key, String id) {
        requests.computeIfAbsent(key, unused -> new CopyOnWriteArrayList<>()).add(id);
        return entries.computeIfAbsent(id, unused -> Integer.toString(numbers.incrementAndGet()));
    }

    private void told(String key, boolean done, String said) {
        if (done) {
            answers.computeIfAbsent(key, unused -> new CopyOnWriteArrayList<>()).add(said);
            outstanding.countDown();
        } else if (said.equals("OUTCOME_UNKNOWN")) {
            unknown.computeIfAbsent(key, unused -> new AtomicInteger()).incrementAndGet();
            outstanding.countDown();
        } else {
            again(key, said);
        }
    }

    private void again(String key, String why) {
        retried.computeIfAbsent(why, unused -> new AtomicInteger()).incrementAndGet();
        if (isOpen) {
            var unused = timer.schedule(() -> waiting.add(key), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** The keys of a kind. */
    public List<String> keys(String kind) {
        return of(kind, keys);
    }

    private static List<String> of(String kind, List<String> all) {
        return all.stream().filter(key -> key.startsWith(kind)).toList();
    }

    /** The values that clients of a key got. */
    public List<String> answers(String key) {
        return answers.getOrDefault(key, List.of());
    }

    private List<String> requests(String key) {
        return requests.getOrDefault(key, List.of());
    }

    private int unknown(String key) {
        AtomicInteger times = unknown.get(key);
        return times == null ? 0 : times.get();
    }

    /** That there was something to withstand. */
    public void assertFaults() {
        assertThat(kills)
                .allSatisfy((kind, due) -> assertThat(due)
                        .as("%s whose workers were not killed", kind)
                        .isEmpty());
        assertThat(killed.get()).isGreaterThanOrEqualTo(4);
        assertThat(retried).containsKeys("that their worker was gone");
    }

    /** That each client of a kind of keys got a value, the same as all others of its key. */
    public void assertAnswered(String kind) {
        assertThat(keys(kind)).isNotEmpty().allSatisfy(key -> {
            assertThat(unknown(key)).as(key).isZero();
            assertThat(answers(key)).as(key).hasSize(CLIENTS);
            assertThat(new HashSet<>(answers(key))).as(key).hasSize(1);
        });
    }

    /** That no work was begun twice, what clients got is what was booked, and the others were told that nobody knows. */
    public void assertRefused() {
        assertThat(keys(REFUSE)).isNotEmpty().allSatisfy(key -> {
            assertThat(requests(key)).as(key).hasSizeLessThanOrEqualTo(1);
            assertThat(answers(key).size() + unknown(key)).as(key).isEqualTo(CLIENTS);
            for (String answer : answers(key)) {
                assertThat(requests(key)).as(key).hasSize(1);
                assertThat(answer).as(key).isEqualTo(entries.get(requests(key).get(0)));
            }
        });
        assertThat(of(REFUSE, cutOff)).isNotEmpty().allSatisfy(key -> {
            assertThat(requests(key)).as(key).hasSize(1);
            assertThat(unknown(key)).as(key).isEqualTo(CLIENTS);
        });
    }

    /** That abandoned work was begun again, under the same id downstream, which is booked once and is what each client got. */
    public void assertRepeated() {
        assertThat(keys(AGAIN)).isNotEmpty().allSatisfy(key -> {
            assertThat(new HashSet<>(requests(key))).as(key).hasSize(1);
            assertThat(answers(key))
                    .as(key)
                    .containsOnly(entries.get(requests(key).get(0)));
        });
        assertThat(of(AGAIN, cutOff))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(requests(key)).as(key).hasSizeGreaterThan(1));
    }

    /** That work in a transaction was cut off after its effect, and begun again. */
    public void assertCutOffInTransactions() {
        assertThat(of(TRANSACTION, cutOff))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(requests(key)).as(key).hasSizeGreaterThan(1));
    }

    @Override
    public void close() throws IOException {
        isOpen = false;
        workers.values().forEach(Process::destroyForcibly);
        timer.shutdownNow();
        socket.close();
        threads.shutdown();
        Files.delete(errors);
    }
}
