package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the tests of the appender run in JVMs of their own. */
final class AppenderPrograms {

    private static final Logger LOG = LoggerFactory.getLogger("program");

    private AppenderPrograms() {}

    /** Tells the test something, by a file in the working directory. */
    private static void tell(String file, String content) throws IOException {
        Path draft = Files.writeString(Path.of(file + ".draft"), content);
        Files.move(draft, Path.of(file));
    }

    private static void log(int threads, int lines) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all.add(new Thread(() -> {
                for (int i = 0; i < lines; i++) {
                    LOG.info("{} {} {}", thread, i, "padding");
                }
            }));
        }
        all.forEach(Thread::start);
        for (Thread thread : all) {
            thread.join();
        }
    }

    private static CrosscutAppender appender() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return (CrosscutAppender) context.getLogger(Logger.ROOT_LOGGER_NAME)
                .iteratorForAppenders()
                .next();
    }

    /** Logs so many lines on so many threads, then says what was written and dropped, and ends. */
    static final class Flood {
        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            log(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
            tell("flooded", "");
            crosscut.close();
            CrosscutAppender appender = appender();
            tell("counts", appender.written() + " " + appender.dropped(Level.INFO));
        }
    }

    /** Logs lines and then sleeps; when it is ended, others log too. */
    static final class Sleeper {
        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                for (int i = 0; i < 200; i++) {
                    LOG.info("hook {}", i);
                    try {
                        TimeUnit.MILLISECONDS.sleep(i % 10 == 0 ? 5 : 0);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            }));
            log(4, Integer.parseInt(args[0]));
            tell("ready", "");
            TimeUnit.MINUTES.sleep(5);
            crosscut.close();
        }
    }

    /** Serves requests that log, says how long all took, the longest, and closing after them, and ends. */
    static final class Server {
        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            long longest = 0;
            long begin = System.nanoTime();
            for (int i = 0; i < Integer.parseInt(args[0]); i++) {
                long before = System.nanoTime();
                Call call = crosscut.begin(TestExchange.http("GET", "/payments/" + i));
                try (Scope scope = call.attach()) {
                    LOG.info("a line of a request that says this and that, with {}", i);
                    LOG.warn("a warning of a request that says this and that, with {}", i);
                }
                call.end(Outcome.completed(200));
                longest = Math.max(longest, System.nanoTime() - before);
            }
            long all = System.nanoTime() - begin;
            long served = System.nanoTime();
            crosscut.close();
            long closed = System.nanoTime() - served;
            tell(
                    "closed",
                    TimeUnit.NANOSECONDS.toMillis(all) + " " + TimeUnit.NANOSECONDS.toMillis(longest) + " "
                            + TimeUnit.NANOSECONDS.toMillis(closed));
        }
    }

    /** Replaces System.out by a stream that logs what is printed to it. */
    static final class Echo {
        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            System.setOut(new PrintStream(System.out) {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    LOG.info("echo");
                }
            });
            LOG.info("first");
            crosscut.close();
            crosscut = Crosscut.builder().build(); // says anew that lines go to stdout
            LOG.info("second");
            crosscut.close();
            tell("counts", Long.toString(appender().dropped(Level.INFO)));
        }
    }

    /** Virtual threads that wait for room, and one that does not log. */
    static final class VirtualThreads {
        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            int threads = Integer.parseInt(args[0]);
            AtomicInteger done = new AtomicInteger();
            AtomicInteger ticks = new AtomicInteger();
            var start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            for (int t = 0; t < threads; t++) {
                int thread = t;
                start.invoke(null, (Runnable) () -> {
                    for (int i = 0; i < 20; i++) {
                        LOG.info("{} {} {}", thread, i, "padding");
                    }
                    done.incrementAndGet();
                });
            }
            start.invoke(null, (Runnable) ticks::incrementAndGet);
            for (int i = 0; i < 3_000 && ticks.get() == 0; i++) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            tell("ticks", ticks + " " + (done.get() < threads));
            while (done.get() < threads) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            crosscut.close();
        }
    }
}
