package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of lines from threads to a target: their order, and who waits for room. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineOutputTest extends LineOutputCase {

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
        await(() -> output.used() > queue / 2);
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
        for (int i = 0; i < 20; i++) {
            await(() -> threads.get(0).getState() == Thread.State.WAITING);
            assertThat(passed).hasValueBetween(1, 99);
            threads.get(0).interrupt();
        }
        target.release();
        join(threads);

        assertThat(wasInterrupted).isTrue();
        assertThat(output.close()).isTrue();
        assertThat(output.written()).isEqualTo(100);
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
        await(() -> threads.get(0).getState() == Thread.State.WAITING);
        assertThat(isThrough.getCount()).isBetween(1L, 99L);
        output.apply(settings(WhenFull.BLOCK, 2 * SMALL, Duration.ofSeconds(20)), target);
        assertThat(isThrough.await(10, SECONDS)).isTrue();
        join(threads);

        List<Thread> more = run(1, () -> {
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
            }
        });
        await(() -> more.get(0).getState() == Thread.State.WAITING);
        output.apply(settings(WhenFull.DROP_NEWEST, SMALL, Duration.ofSeconds(20)), target);
        join(more);
        assertThat(output.dropped().of(INFO)).isPositive();
        target.release();
        assertThat(output.close()).isTrue();
        assertThat(output.written() + output.dropped().sum()).isEqualTo(200);
    }
}
