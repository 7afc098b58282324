package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of lines from threads to a target: what is kept, what is dropped, who waits. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LineOutputTest {

    private static final int INFO = 2;
    private static final int WARN = 3;
    private static final int ERROR = 4;
    private static final int SMALL = 64 * 1024;

    private final HeldTarget target = new HeldTarget();
    private final Reports reports = new Reports();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private LineOutput output;

    /** What the writer had to say. */
    private static final class Reports implements LineWriter.Reporter {

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

    private static AppenderSettings settings(WhenFull whenFull, long queue, Duration flush) {
        return new AppenderSettings(Optional.empty(), queue, whenFull, flush);
    }

    private LineOutput start(WhenFull whenFull, long queue) {
        return start(whenFull, queue, Duration.ofSeconds(20));
    }

    private LineOutput start(WhenFull whenFull, long queue, Duration flush) {
        output = new LineOutput(settings(whenFull, queue, flush), target, reports, standardError, new LevelCounts());
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

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] line(int length) {
        byte[] line = new byte[length];
        Arrays.fill(line, (byte) 'x');
        line[length - 1] = '\n';
        return line;
    }

    private static List<Thread> run(int threads, Runnable work) {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(work);
            all.add(thread);
            thread.start();
        }
        return all;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {SMALL, 1 << 20})
    void a_thread_that_waits_for_room_loses_nothing_and_keeps_its_order(int queue) throws Exception {
        start(WhenFull.BLOCK, queue);
        target.slow(queue == SMALL ? 100_000 : 0);
        AtomicInteger names = new AtomicInteger();
        String padding = "p".repeat(100);
        join(run(8, () -> {
            int name = names.getAndIncrement();
            for (int i = 0; i < 5_000; i++) {
                output.write(line(name + " " + i + " " + padding), INFO);
            }
        }));
        assertThat(output.close()).isTrue();

        Map<String, Integer> next = new HashMap<>();
        for (String line : target.lines()) {
            String[] parts = line.split(" ", -1);
            assertThat(parts).as(line).hasSize(3);
            assertThat(parts[2]).isEqualTo(padding);
            assertThat(Integer.parseInt(parts[1])).as(line).isEqualTo(next.merge(parts[0], 1, Integer::sum) - 1);
        }
        assertThat(next).hasSize(8);
        assertThat(next.values()).containsOnly(5_000);
        assertThat(output.written()).isEqualTo(40_000);
        assertThat(output.dropped().sum()).isZero();
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void what_is_offered_is_written_or_dropped_whatever_happens(WhenFull whenFull) throws Exception {
        start(whenFull, SMALL, Duration.ofMillis(whenFull == WhenFull.BLOCK ? 20_000 : 200));
        target.slow(300_000);
        AtomicInteger[] offered = new AtomicInteger[QueuedLine.LEVELS];
        Arrays.setAll(offered, i -> new AtomicInteger());
        AtomicBoolean isOver = new AtomicBoolean();
        List<Thread> threads = run(8, () -> {
            while (!isOver.get()) {
                int level = ThreadLocalRandom.current().nextInt(QueuedLine.LEVELS);
                offered[level].incrementAndGet();
                output.write(line(level + "x".repeat(ThreadLocalRandom.current().nextInt(2_000))), level);
                if (level == 0) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        for (int i = 0; i < 20; i++) {
            Thread.sleep(20);
            threads.get(i % 8).interrupt();
        }
        output.close(); // while they write
        isOver.set(true);
        join(threads);
        await(target::isClosed);

        for (int level = 0; level < QueuedLine.LEVELS; level++) {
            String mark = Integer.toString(level);
            long written = target.lines().stream()
                    .filter(line -> line.startsWith(mark))
                    .count();
            assertThat(written + output.dropped().of(level))
                    .as("level " + level)
                    .isEqualTo(offered[level].get());
        }
        assertThat(reports.sum())
                .as("reported, all but what was dropped after the end")
                .isLessThanOrEqualTo(output.dropped().sum());
        assertThat(output.dropped().of(INFO)).as("drops, or this shows nothing").isPositive();
    }

    @Test
    void a_target_that_fails_in_mid_line_leaves_the_rest_to_stderr_from_the_beginning_of_that_line() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL);
        output.write(line("first"), INFO);
        target.awaitWriter();
        for (int i = 0; i < 10; i++) {
            output.write(line("line " + i), INFO);
        }
        target.failAfter(3 * 7 + 2);
        target.release();
        output.flush(System.nanoTime() + SECONDS.toNanos(10));

        assertThat(output.written()).as("here or there").isEqualTo(11);
        assertThat(target.lines()).containsExactly("first", "line 0", "line 1", "line 2", "li");
        assertThat(standardError).hasToString("line 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n");
        assertThat(reports.news()).containsExactly("failed No space left on device");
    }

    @Test
    void below_WARN_lines_find_no_room_in_the_last_quarter() {
        target.hold();
        start(WhenFull.DROP_BELOW_WARN, SMALL);
        int cost = 1_024;
        byte[] line = line(cost - 72);
        for (int i = 0; i < 100; i++) {
            output.write(line, INFO);
        }
        assertThat(output.dropped().of(INFO)).isEqualTo(100 - 48);
        for (int i = 0; i < 100; i++) {
            output.write(line, i % 2 == 0 ? WARN : ERROR);
        }
        assertThat(output.dropped().of(WARN)).isEqualTo(50 - 8);
        assertThat(output.dropped().of(ERROR)).isEqualTo(50 - 8);

        target.release();
        assertThat(output.close()).isTrue();
        assertThat(output.written()).isEqualTo(64);
    }

    @Test
    void drop_newest_asks_for_no_level() {
        target.hold();
        start(WhenFull.DROP_NEWEST, SMALL);
        for (int i = 0; i < 100; i++) {
            output.write(line(1_024 - 72), i % 2 == 0 ? 0 : ERROR);
        }
        assertThat(output.dropped().of(0)).isEqualTo(18);
        assertThat(output.dropped().of(ERROR)).isEqualTo(18);
    }

    @Test
    void lines_that_wait_never_take_more_memory_than_the_queue_may() throws Exception {
        target.hold();
        start(WhenFull.DROP_NEWEST, SMALL);
        join(run(8, () -> {
            for (int i = 0; i < 1_000; i++) {
                output.write(line(1 + i % 700), ERROR);
                assertThat(output.used()).isLessThanOrEqualTo(SMALL);
            }
        }));
        assertThat(output.used()).isBetween(SMALL - 1_000L, (long) SMALL);
        target.release();
        output.flush(System.nanoTime() + SECONDS.toNanos(10));
        assertThat(output.used()).isZero();
    }

    @Test
    void a_line_that_is_larger_than_the_queue_waits_until_it_is_empty_or_is_dropped() {
        start(WhenFull.BLOCK, SMALL);
        for (int i = 0; i < 3; i++) {
            output.write(line("small"), INFO);
            output.write(line(3 * SMALL), INFO);
        }
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).hasSize(6);
        assertThat(target.text()).hasSize(3 * (3 * SMALL + 6));

        start(WhenFull.DROP_BELOW_WARN, SMALL);
        output.write(line(3 * SMALL), ERROR);
        assertThat(output.dropped().of(ERROR)).isEqualTo(1);
    }

    @Test
    void a_large_line_is_not_overtaken_for_ever_by_small_ones() throws Exception {
        int queue = 1 << 20; // which is more than the writer takes at a time
        start(WhenFull.BLOCK, queue);
        target.slow(2_000_000);
        AtomicBoolean isOver = new AtomicBoolean();
        List<Thread> small = run(4, () -> {
            while (!isOver.get()) {
                output.write(line(5_000), INFO);
            }
        });
        Thread.sleep(50);
        CountDownLatch isThrough = new CountDownLatch(1);
        List<Thread> large = run(1, () -> {
            output.write(line(queue - 100), INFO);
            isThrough.countDown();
        });
        assertThat(isThrough.await(10, SECONDS)).isTrue();
        isOver.set(true);
        join(small);
        join(large);
    }

    @Test
    void an_interrupted_thread_waits_all_the_same_and_stays_interrupted() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL);
        AtomicBoolean wasInterrupted = new AtomicBoolean();
        AtomicInteger passed = new AtomicInteger();
        List<Thread> threads = run(1, () -> {
            Thread.currentThread().interrupt();
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
                passed.incrementAndGet();
            }
            wasInterrupted.set(Thread.currentThread().isInterrupted());
        });
        Thread.sleep(100);
        assertThat(passed).hasValueLessThan(100);
        threads.get(0).interrupt();
        Thread.sleep(50);
        assertThat(threads.get(0).isAlive()).isTrue();
        target.release();
        join(threads);

        assertThat(wasInterrupted).isTrue();
        assertThat(output.close()).isTrue();
        assertThat(output.written()).isEqualTo(100);
    }

    @ParameterizedTest
    @EnumSource(value = WhenFull.class, names = "BLOCK", mode = EnumSource.Mode.EXCLUDE)
    void a_target_that_hangs_keeps_nobody_waiting_where_lines_may_be_dropped(WhenFull whenFull) {
        target.hold();
        start(whenFull, SMALL, Duration.ofMillis(100));
        long begin = System.nanoTime();
        for (int i = 0; i < 100_000; i++) {
            output.write(line(200), INFO);
        }
        assertThat(output.close()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void closing_ends_in_time_though_the_target_hangs_and_lets_those_go_who_wait_for_room() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL, Duration.ofMillis(200));
        List<Thread> threads = run(3, () -> {
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
            }
        });
        Thread.sleep(50);
        long begin = System.nanoTime();
        assertThat(output.close()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        join(threads);

        target.release();
        await(target::isClosed);
        assertThat(output.written() + output.dropped().sum()).isEqualTo(300);
        assertThat(output.written()).isEqualTo(target.lines().size() - 1L).isLessThan(100);
        assertThat(target.lines()).last().asString().startsWith("dropped [0, 0, 2");
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void what_is_logged_while_it_closes_is_written_or_dropped_but_never_forgotten() throws Exception {
        for (int round = 0; round < 400; round++) {
            HeldTarget here = new HeldTarget();
            LineOutput closing = new LineOutput(
                    settings(WhenFull.BLOCK, SMALL, Duration.ofMillis(round % 2)),
                    here,
                    reports,
                    standardError,
                    new LevelCounts());
            closing.start();
            AtomicInteger offered = new AtomicInteger();
            AtomicBoolean isOver = new AtomicBoolean();
            List<Thread> threads = run(2, () -> {
                while (!isOver.get()) {
                    offered.incrementAndGet();
                    closing.write(line(100), INFO);
                }
            });
            while (offered.get() < 10) {
                Thread.onSpinWait();
            }
            closing.close();
            isOver.set(true);
            join(threads);
            await(here::isClosed);
            assertThat(closing.written() + closing.dropped().sum()).isEqualTo(offered.get());
        }
    }

    @Test
    void whoever_waits_for_room_when_it_closes_still_gets_it_if_there_is_time() throws Exception {
        start(WhenFull.BLOCK, SMALL);
        overflow(63);
        List<Thread> waiting = run(3, () -> output.write(line(1_024 - 72), INFO));
        await(() -> waiting.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        List<Thread> closing = run(1, () -> output.close());
        await(() -> closing.get(0).getState() == Thread.State.TIMED_WAITING);
        target.release();
        join(closing);
        join(waiting);

        assertThat(output.written()).isEqualTo(64 + 3);
        assertThat(output.dropped().sum()).isZero();
    }

    @Test
    void whoever_waits_for_room_that_the_writer_does_not_give_back_is_let_go_when_it_closes() throws Exception {
        start(WhenFull.BLOCK, SMALL, Duration.ofMillis(100));
        overflow(63);
        target.releaseOne();
        await(() -> output.written() == 1);
        target.awaitWriter(); // with 63 in hand, and nothing in the queue
        List<Thread> waiting = run(1, () -> output.write(line(2_000), INFO));
        await(() -> waiting.get(0).getState() == Thread.State.WAITING);
        assertThat(output.close()).isFalse();
        join(waiting);

        target.release();
        await(target::isClosed);
        assertThat(output.written()).isEqualTo(64);
        assertThat(output.dropped().sum()).isEqualTo(1);
    }

    @Test
    void what_the_writer_has_in_hand_and_what_it_has_not_are_counted_when_it_closes_too_late() throws Exception {
        start(WhenFull.BLOCK, 4 * SMALL, Duration.ofMillis(100));
        overflow(200);
        target.releaseOne();
        await(() -> output.written() == 1);
        target.awaitWriter(); // with 200 in hand, which are more than it writes at a time
        output.write(line(100), INFO);
        assertThat(output.close()).isFalse();
        target.release();
        await(target::isClosed);

        assertThat(output.written()).isBetween(2L, 100L);
        assertThat(output.written() + output.dropped().sum()).isEqualTo(202);
    }

    @Test
    void a_change_of_policy_or_size_reaches_those_who_wait() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL);
        CountDownLatch isThrough = new CountDownLatch(100);
        List<Thread> threads = run(1, () -> {
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
                isThrough.countDown();
            }
        });
        assertThat(isThrough.await(100, MILLISECONDS)).isFalse();
        output.apply(settings(WhenFull.BLOCK, 2 * SMALL, Duration.ofSeconds(20)), target);
        assertThat(isThrough.await(10, SECONDS)).isTrue();
        join(threads);

        List<Thread> more = run(1, () -> {
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
            }
        });
        Thread.sleep(50);
        assertThat(more.get(0).isAlive()).isTrue();
        output.apply(settings(WhenFull.DROP_NEWEST, SMALL, Duration.ofSeconds(20)), target);
        join(more);
        assertThat(output.dropped().of(INFO)).isPositive();
        target.release();
        assertThat(output.close()).isTrue();
        assertThat(output.written() + output.dropped().sum()).isEqualTo(200);
    }

    @Test
    void a_new_target_gets_each_line_that_comes_after_it() {
        start(WhenFull.BLOCK, SMALL);
        HeldTarget other = new HeldTarget();
        output.write(line("before"), INFO);
        output.flush(System.nanoTime() + SECONDS.toNanos(10));
        output.apply(settings(WhenFull.BLOCK, SMALL, Duration.ofSeconds(20)), other);
        output.write(line("after"), INFO);
        assertThat(output.close()).isTrue();

        assertThat(target.lines()).containsExactly("before");
        assertThat(target.isClosed()).isTrue();
        assertThat(other.lines()).containsExactly("after");
        assertThat(other.isClosed()).isTrue();
    }

    @Test
    void errors_of_a_target_end_neither_the_writer_nor_those_who_wait() throws Exception {
        start(WhenFull.BLOCK, SMALL);
        target.throwErrors(1);
        reports.isBroken = true;
        output.write(line("to stderr"), INFO);
        output.flush(System.nanoTime() + SECONDS.toNanos(10));
        Thread.sleep(1_050);
        for (int i = 0; i < 1_000; i++) {
            output.write(line(1_000), INFO);
        }
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).hasSize(1_000);
        assertThat(standardError).hasToString("to stderr\n");
        assertThat(output.written()).isEqualTo(1_001);
        assertThat(reports.news()).containsExactly("failed a stream of a user's", "recovered");
    }

    @Test
    void where_stderr_fails_too_what_was_not_written_is_counted_as_dropped() throws Exception {
        target.hold();
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        output = new LineOutput(
                settings(WhenFull.BLOCK, SMALL, Duration.ofSeconds(20)), target, reports, broken, new LevelCounts());
        output.start();
        output.write(line("first"), INFO);
        target.awaitWriter();
        for (int i = 0; i < 10; i++) {
            output.write(line("line " + i), INFO);
        }
        target.failAfter(3 * 7 + 2);
        target.release();
        output.flush(System.nanoTime() + SECONDS.toNanos(10));

        assertThat(target.lines()).containsExactly("first", "line 0", "line 1", "line 2", "li");
        assertThat(output.written()).isEqualTo(4);
        assertThat(output.dropped().of(INFO)).isEqualTo(7);
    }

    @Test
    void whoever_interrupts_the_writer_changes_nothing() throws Exception {
        start(WhenFull.BLOCK, SMALL);
        Thread writer = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crosscut-log-writer") && output.isWrittenBy(thread))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < 100; i++) {
            writer.interrupt();
            output.write(line("line " + i), INFO);
        }
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).hasSize(100);
    }

    /** The writer has one line in hand, and of so many more 63 are taken, which fill the queue. */
    private void overflow(int more) throws InterruptedException {
        target.hold();
        output.write(line(1_024 - 72), WARN);
        target.awaitWriter();
        for (int i = 1; i <= more; i++) {
            output.write(line(1_024 - 72), i % 2 == 0 ? WARN : ERROR);
        }
    }

    @Test
    void drops_are_reported_in_a_line_when_there_is_room_again_and_once_in_a_while() throws Exception {
        start(WhenFull.DROP_NEWEST, SMALL);
        overflow(99);
        assertThat(reports.sum()).isZero();
        target.release();
        await(() -> target.text().endsWith("\ndropped [0, 0, 0, 18, 18]\n"));

        overflow(99);
        target.release();
        Thread.sleep(100);
        assertThat(reports.sum()).as("not so soon").isEqualTo(36);
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).as("but at the end").last().isEqualTo("dropped [0, 0, 0, 18, 18]");
    }

    @Test
    void whoever_waits_for_lines_to_be_written_gets_the_report_of_drops_too() throws Exception {
        start(WhenFull.DROP_NEWEST, SMALL);
        for (int i = 0; i < 2; i++) {
            overflow(99);
            target.release();
            assertThat(output.flush(System.nanoTime() + SECONDS.toNanos(10))).isTrue();
            assertThat(target.lines()).last().isEqualTo("dropped [0, 0, 0, 18, 18]");
        }
    }

    @Test
    void once_the_jvm_is_ending_a_line_is_written_when_the_call_returns() {
        start(WhenFull.DROP_BELOW_WARN, SMALL);
        assertThat(output.writeThrough()).isTrue();
        for (int i = 0; i < 100; i++) {
            output.write(line("line " + i), INFO);
            assertThat(target.lines()).hasSize(i + 1);
        }
    }

    @Test
    void once_the_jvm_is_ending_and_nobody_reads_only_one_bound_is_waited_for() {
        start(WhenFull.DROP_BELOW_WARN, SMALL, Duration.ofMillis(200));
        assertThat(output.writeThrough()).isTrue();
        target.hold();
        long begin = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            output.write(line("line " + i), INFO);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
    }
}
