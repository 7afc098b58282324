package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What becomes of lines at the end: that of an appender, and that of the JVM. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineOutputEndTest extends LineOutputCase {

    @Test
    void closing_ends_in_time_though_the_target_hangs_and_lets_those_go_who_wait_for_room() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL, Duration.ofMillis(200));
        List<Thread> threads = run(3, () -> {
            for (int i = 0; i < 100; i++) {
                output.write(line(1_000), INFO);
            }
        });
        await(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
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

    @Test
    void what_is_logged_while_it_closes_is_written_or_dropped_but_never_forgotten() throws Exception {
        for (int round = 0; round < 400; round++) {
            HeldTarget here = new HeldTarget();
            LineOutput closing =
                    output(settings(WhenFull.BLOCK, SMALL, Duration.ofMillis(round % 2)), here, standardError);
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
