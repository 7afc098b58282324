package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.charge;
import static dev.crosscut.idempotency.World.crashed;
import static dev.crosscut.idempotency.World.eventually;
import static dev.crosscut.idempotency.World.key;
import static dev.crosscut.idempotency.World.reason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Duplicates that wait, and what their waiting costs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WaitingTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final World world = World.real(false);

    private final FaultyStore store = world.store;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void whoever_waits_for_work_in_this_process_asks_once_and_once_more_when_it_has_ended() throws Exception {
        int waiting = 20;
        CountDownLatch done = new CountDownLatch(1);
        Future<String> first = threads.submit(() -> world.charge().once(String.class, run -> {
            done.await();
            return world.effect(run);
        }));
        eventually(() -> world.here.engine.owned() == 1, "begun");
        List<Future<String>> all = new ArrayList<>();
        List<CompletableFuture<String>> allAsync = new ArrayList<>();
        IdempotentOperation patient = world.charge().waiting(LONG);
        for (int i = 0; i < waiting; i++) {
            all.add(threads.submit(() -> patient.once(String.class, world::effect)));
            allAsync.add(patient.onceAsync(String.class, run -> CompletableFuture.completedFuture(world.effect(run)))
                    .toCompletableFuture());
        }
        eventually(() -> store.count(Call.CLAIM) == 1 + 2 * waiting, "all wait");
        Thread.sleep(300);
        assertThat(store.count(Call.CLAIM)).as("nobody polls").isEqualTo(1 + 2 * waiting);

        done.countDown();
        assertThat(first.get()).isEqualTo("e1");
        for (Future<String> each : all) {
            assertThat(each.get()).isEqualTo("e1");
        }
        for (CompletableFuture<String> each : allAsync) {
            assertThat(each).succeedsWithin(LONG).isEqualTo("e1");
        }
        assertThat(store.count(Call.CLAIM)).isEqualTo(1 + 4 * waiting);
        assertThat(world.effects).hasValue(1);
    }

    @Test
    void with_a_near_cache_they_do_not_even_ask_once_more() throws Exception {
        Idempotency near =
                world.process(builder -> builder.clock(System::nanoTime).nearCache(1 << 20, Duration.ofMinutes(1)));
        CountDownLatch done = new CountDownLatch(1);
        Future<String> first = threads.submit(() -> charge(near).once(String.class, run -> {
            done.await();
            return world.effect(run);
        }));
        eventually(() -> near.engine.owned() == 1, "begun");
        Future<String> second = threads.submit(() -> charge(near).waiting(LONG).once(String.class, world::effect));
        eventually(() -> store.count(Call.CLAIM) == 2, "waits");
        done.countDown();
        assertThat(first.get()).isEqualTo("e1");
        assertThat(second.get()).isEqualTo("e1");
        assertThat(store.count(Call.CLAIM)).isEqualTo(2);
    }

    @Test
    void whoever_waits_for_another_process_asks_more_and_more_rarely() throws Exception {
        crashed(world.here);
        assertThat(reason(() ->
                        charge(world.there).waiting(Duration.ofMillis(800)).once(String.class, world::effect)))
                .isEqualTo(Reason.IN_FLIGHT);
        // 20, 40, 80, 160, 320, and what is left
        assertThat(store.count(Call.CLAIM)).isBetween(3, 10);
        assertThat(world.events).filteredOn(Event.CONFLICT::equals).hasSize(1);
    }

    @Test
    void whoever_waits_is_the_next_owner_where_the_work_was_not_done() throws Exception {
        CountDownLatch fail = new CountDownLatch(1);
        Future<String> first = threads.submit(
                () -> world.charge().releaseOn(failure -> true).<String, Exception>once(String.class, run -> {
                    fail.await();
                    throw new IllegalStateException("nothing done");
                }));
        eventually(() -> world.here.engine.owned() == 1, "begun");
        List<Future<String>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(threads.submit(() -> world.charge().waiting(LONG).once(String.class, world::effect)));
        }
        eventually(() -> store.count(Call.CLAIM) == 9, "all wait");
        fail.countDown();
        assertThat(first).failsWithin(LONG);
        for (Future<String> each : all) {
            assertThat(each.get()).isEqualTo("e1");
        }
    }

    @Test
    void patience_that_is_over_leaves_the_owner_alone() throws Exception {
        assertThat(world.charge().once(String.class, run -> {
                    Future<Reason> impatient = threads.submit(() -> reason(
                            () -> world.charge().waiting(Duration.ofMillis(50)).once(String.class, world::effect)));
                    assertThat(impatient.get()).isEqualTo(Reason.IN_FLIGHT);
                    assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                            .isEqualTo(Reason.IN_FLIGHT);
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(store.count(Call.RELEASE)).isZero();
    }

    @Test
    void a_thread_that_is_interrupted_while_it_waits_stops_and_stays_interrupted() throws Exception {
        crashed(world.here);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Reason reason = reason(() -> charge(world.there).waiting(LONG).once(String.class, world::effect));
            interrupted.complete(
                    reason == Reason.IN_FLIGHT && Thread.currentThread().isInterrupted());
        });
        thread.start();
        eventually(() -> store.count(Call.CLAIM) >= 2, "waits");
        thread.interrupt();
        assertThat(interrupted).succeedsWithin(LONG).isEqualTo(true);
        assertThat(world.effects).hasValue(0);
    }

    @Test
    void patience_may_be_without_bounds() throws Exception {
        for (Duration patience : List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofSeconds(Long.MAX_VALUE))) {
            IdempotentRun run = crashed(world.here);
            Future<String> second =
                    threads.submit(() -> world.charge().waiting(patience).once(String.class, world::effect));
            Thread.sleep(50);
            assertThat(second).isNotDone();
            run.release();
            assertThat(second.get()).startsWith("e");
            store.expire(key());
        }
        assertThat(reason(() -> world.charge().once(String.class, run -> {
                    charge(world.there).waiting(Duration.ofSeconds(-1)).once(String.class, world::effect);
                    return "";
                })))
                .isEqualTo(Reason.IN_FLIGHT);
    }

    @Test
    void whoever_waits_for_an_owner_here_that_has_lost_its_record_looks_for_the_new_one() throws Exception {
        IdempotentRun lost = crashed(world.here);
        store.expire(key());
        IdempotentRun next = crashed(world.there);
        assertThat(reason(() -> lost.step("late", String.class, () -> ""))).isEqualTo(Reason.LEASE_LOST);
        Future<String> waiting =
                threads.submit(() -> world.charge().waiting(LONG).once(String.class, world::effect));
        Thread.sleep(100);
        next.complete(OutcomeFormat.Kind.VALUE, "\"there\"".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(waiting.get()).isEqualTo("there");
    }
}
