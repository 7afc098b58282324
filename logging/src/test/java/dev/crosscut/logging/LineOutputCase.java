package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A way of lines to a target that can be held, made slow or made to fail. */
@Timeout(60)
abstract class LineOutputCase {

    static final int INFO = 2;
    static final int WARN = 3;
    static final int ERROR = 4;
    static final int SMALL = 64 * 1024;

    final HeldTarget target = new HeldTarget();
    final Reports reports = new Reports();
    final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    LineOutput output;

    /** What the writer had to say. */
    static final class Reports implements LineWriter.Reporter {

        final List<long[]> dropped = new ArrayList<>();
        final List<String> news = new ArrayList<>();
        volatile boolean isBroken;

        @Override
        public synchronized byte[] dropped(long[] lines) {
            dropped.add(lines);
            return ("dropped " + Arrays.toString(lines) + "\n").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public synchronized void failed(Target target, Throwable failure) {
            news.add("failed " + failure.getMessage());
            if (isBroken) {
                throw new IllegalStateException("a status listener of a user's");
            }
        }

        @Override
        public synchronized void recovered(Target target) {
            news.add("recovered");
        }

        synchronized List<String> news() {
            return List.copyOf(news);
        }

        synchronized long sum() {
            return dropped.stream().flatMapToLong(Arrays::stream).sum();
        }
    }

    static AppenderSettings settings(WhenFull whenFull, long queue, Duration flush) {
        return new AppenderSettings(Optional.empty(), queue, whenFull, flush);
    }

    final LineOutput output(AppenderSettings settings, Target to, OutputStream stderr) {
        return new LineOutput(settings, to, reports, stderr, new LevelCounts());
    }

    LineOutput start(WhenFull whenFull, long queue) {
        return start(whenFull, queue, Duration.ofSeconds(20));
    }

    LineOutput start(WhenFull whenFull, long queue, Duration flush) {
        output = output(settings(whenFull, queue, flush), target, standardError);
        output.start();
        return output;
    }

    @AfterEach
    void close() {
        target.release();
        if (output != null) {
            output.close();
        }
    }

    static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static byte[] line(int length) {
        byte[] line = new byte[length];
        Arrays.fill(line, (byte) 'x');
        line[length - 1] = '\n';
        return line;
    }

    static List<Thread> run(int threads, Runnable work) {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(work);
            all.add(thread);
            thread.start();
        }
        return all;
    }

    static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    /** The writer has one line in hand, and of so many more 63 are taken, which fill the queue. */
    void overflow(int more) throws InterruptedException {
        target.hold();
        output.write(line(1_024 - 72), WARN);
        target.awaitWriter();
        for (int i = 1; i <= more; i++) {
            output.write(line(1_024 - 72), i % 2 == 0 ? WARN : ERROR);
        }
    }
}
