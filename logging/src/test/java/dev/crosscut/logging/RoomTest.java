package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets room, and when. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RoomTest {

    private static final int SIZE = 64 * 1024;
    private static final int UNIT = 1024;

    private final Room room =
            new Room(new AppenderSettings(Optional.empty(), SIZE, WhenFull.BLOCK, Duration.ofSeconds(20)));
    private final List<Integer> served = new CopyOnWriteArrayList<>();
    private final List<Thread> waiting = new ArrayList<>();

    private static QueuedLine line(int units) {
        int overhead = (int) new QueuedLine(new byte[0], QueuedLine.WARN).cost();
        return new QueuedLine(new byte[units * UNIT - overhead], QueuedLine.WARN);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private void fill() {
        for (int i = 0; i < SIZE / UNIT; i++) {
            assertThat(room.take(line(1))).isTrue();
        }
        assertThat(room.used()).isEqualTo(SIZE);
    }

    /** A thread that waits when this returns, behind all that came before it. */
    private void waitFor(int number, int units) throws InterruptedException {
        Thread thread = new Thread(() -> {
            if (room.take(line(units))) {
                served.add(number);
            }
        });
        waiting.add(thread);
        thread.start();
        await(() -> thread.getState() == Thread.State.WAITING);
    }

    private void joinAll() throws InterruptedException {
        for (Thread thread : waiting) {
            thread.join();
        }
    }

    @Test
    void those_who_wait_are_served_in_the_order_in_which_they_came() throws Exception {
        fill();
        int threads = 50;
        for (int i = 0; i < threads; i++) {
            waitFor(i, 1);
        }
        for (int i = 0; i < threads; i++) {
            assertThat(served).hasSize(i);
            room.giveBack(UNIT);
            int next = i + 1;
            await(() -> served.size() == next);
        }
        joinAll();

        assertThat(served)
                .containsExactlyElementsOf(IntStream.range(0, threads).boxed().toList());
        assertThat(room.used()).isEqualTo(SIZE);
    }

    @Test
    void a_large_line_is_waited_for_by_the_small_ones_behind_it() throws Exception {
        fill();
        waitFor(0, 5);
        waitFor(1, 1);
        for (int i = 0; i < 4; i++) {
            room.giveBack(UNIT);
            assertThat(waiting).allMatch(thread -> thread.getState() == Thread.State.WAITING);
            assertThat(room.used()).as("nobody has taken it").isEqualTo(SIZE - (i + 1) * UNIT);
        }
        room.giveBack(UNIT);
        await(() -> served.size() == 1);
        assertThat(served).containsExactly(0);
        room.giveBack(UNIT);
        joinAll();

        assertThat(served).containsExactly(0, 1);
    }

    @Test
    void who_comes_while_others_wait_does_not_take_what_is_for_them() throws Exception {
        fill();
        waitFor(0, 3);
        room.giveBack(2 * UNIT);
        waitFor(1, 1);
        assertThat(served).isEmpty();
        room.giveBack(2 * UNIT);
        joinAll();

        assertThat(served).containsExactlyInAnyOrder(0, 1);
        assertThat(room.used()).isEqualTo(SIZE);
    }
}
