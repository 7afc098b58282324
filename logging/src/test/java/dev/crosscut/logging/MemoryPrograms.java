package dev.crosscut.logging;

import ch.qos.logback.classic.LoggerContext;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What takes memory, in JVMs of their own, with nothing else that does. They print what they measure to stderr. */
final class MemoryPrograms {

    private static final Logger LOG = LoggerFactory.getLogger("program");

    private MemoryPrograms() {}

    /** What is used when all garbage is gone. */
    private static long used() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /**
     * Keeps lines of so many exchanges, until the memory for them is full, and then lets go of them and of nothing else:
     * prints what they were thought to take, and what they took.
     */
    static final class KeptLines {
        public static void main(String[] args) throws Exception {
            int exchanges = Integer.parseInt(args[0]);
            int length = Integer.parseInt(args[1]);
            String padding = "x".repeat(length);
            try (Crosscut crosscut = Crosscut.builder()
                    .property("crosscut.logging.access", "")
                    .property("crosscut.logging.debug-buffer", "64KB")
                    .property("crosscut.logging.debug-buffer-total", "16MB")
                    .build()) {
                DebugMemory memory = KeptLog.memory();
                List<Call> calls = new ArrayList<>();
                for (int i = 0; i < exchanges; i++) {
                    calls.add(crosscut.begin(TestExchange.http("GET", "/x")));
                }
                while (memory.givenUp().count() == 0) {
                    for (int i = 0; i < exchanges && memory.givenUp().count() == 0; i++) {
                        try (Scope scope = calls.get(i).attach()) {
                            LOG.debug("kept {} {}", i, padding);
                        }
                    }
                }
                long estimated = memory.used();
                long before = used();
                while (memory.giveUpOldest()) {
                    // until nothing is kept
                }
                long after = used();
                System.err.println(estimated + " " + (before - after) + " " + memory.used() + " " + calls.size());
            }
        }
    }

    /** Has virtual threads that ran an exchange each, with a line or without, and that live on: prints what is used. */
    static final class VirtualThreads {
        public static void main(String[] args) throws Exception {
            int threads = Integer.parseInt(args[0]);
            boolean logs = args[1].equals("log");
            try (Crosscut crosscut =
                    Crosscut.builder().property("crosscut.logging.access", "").build()) {
                var start = Thread.class.getMethod("startVirtualThread", Runnable.class);
                CountDownLatch done = new CountDownLatch(threads);
                CountDownLatch end = new CountDownLatch(1);
                List<Object> alive = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    int number = i;
                    alive.add(start.invoke(null, (Runnable) () -> {
                        exchange(crosscut, number, logs);
                        done.countDown();
                        await(end);
                    }));
                }
                done.await();
                ExchangeMdc.of((LoggerContext) LoggerFactory.getILoggerFactory())
                        .appenders()
                        .flush();
                long used = used();
                long living = alive.stream()
                        .filter(thread -> ((Thread) thread).isAlive())
                        .count();
                System.err.println(used + " " + living);
                end.countDown();
            }
        }

        private static void exchange(Crosscut crosscut, int number, boolean logs) {
            Call call = crosscut.begin(TestExchange.http("GET", "/x"));
            try (Scope scope = call.attach()) {
                if (logs) {
                    LOG.atInfo().addKeyValue("number", number).log("a line with {}", number);
                }
            }
            call.end(Outcome.completed(200));
        }

        private static void await(CountDownLatch end) {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
