package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which lines are dropped where there is no room, and how that is counted and told. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineOutputDropTest extends LineOutputCase {

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
}
