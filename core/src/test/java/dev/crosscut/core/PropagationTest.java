package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work that runs elsewhere runs with the exchange that handed it over, or with none, and its thread keeps nothing. */
@Guarantees
class PropagationTest {

    private static final HandOver.Pools POOLS = new HandOver.Pools();

    private final Crosscut crosscut = Crosscuts.bare().build();

    @AfterAll
    static void stop() {
        POOLS.close();
    }

    private static Optional<String> current() {
        return Exchange.current().map(Exchange::operation);
    }

    @ParameterizedTest
    @EnumSource
    void work_runs_with_the_exchange_that_handed_it_over(HandOver way) {
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        CompletableFuture<?>[] done = new CompletableFuture<?>[1];

        crosscut.run("job", () -> done[0] = way.start(POOLS, () -> seen.complete(current())));

        done[0].join();
        assertThat(seen.join()).contains("job");
        assertThat(POOLS.left()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void work_that_was_handed_over_outside_any_exchange_runs_with_none(HandOver way) {
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();

        way.start(POOLS, () -> seen.complete(current())).join();

        assertThat(seen.join()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void work_that_throws_leaves_nothing_on_its_thread(HandOver way) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            crosscut.run(
                    "job",
                    () -> done.add(way.start(POOLS, () -> {
                        throw new IllegalStateException("made");
                    })));
        }

        assertThat(done)
                .allSatisfy(each -> assertThatThrownBy(each::join)
                        .isInstanceOf(CompletionException.class)
                        .hasRootCauseMessage("made"));
        assertThat(POOLS.left()).isEmpty();
    }

    @Test
    void thousands_of_mixed_hand_overs_each_see_their_own_exchange_and_leave_nothing() {
        AtomicInteger wrong = new AtomicInteger();
        List<CompletableFuture<Void>> done = new ArrayList<>();
        HandOver[] ways = HandOver.values();
        for (int i = 0; i < 5_000; i++) {
            HandOver way = ways[i % ways.length];
            if (way == HandOver.THREAD_FACTORY && i > 500) {
                continue;
            }
            String name = "job" + i;
            boolean throwing = i % 7 == 0;
            Runnable work = () -> {
                if (!current().equals(Optional.of(name))) {
                    wrong.incrementAndGet();
                }
                if (throwing) {
                    throw new IllegalStateException("made");
                }
            };
            crosscut.run(name, () -> done.add(way.start(POOLS, work)));
        }
        done.forEach(each -> each.exceptionally(fault -> null).join());

        assertThat(wrong).hasValue(0);
        assertThat(POOLS.left()).isEmpty();
        crosscut.close();
    }

    @Test
    void a_worker_that_helps_while_it_waits_sees_no_foreign_exchange() {
        ForkJoinPool one = new ForkJoinPool(1);
        ExecutorService handing = Propagation.wrap(one);
        List<Optional<String>> seen = new ArrayList<>();
        Callable<Integer> outside = Propagation.wrap((Callable<Integer>) () -> {
            seen.add(current());
            return 1;
        });
        Callable<?>[] other = new Callable<?>[1];
        crosscut.run(
                "other",
                () -> other[0] = Propagation.wrap((Callable<Integer>) () -> {
                    seen.add(current());
                    return 2;
                }));
        CompletableFuture<Void> done = new CompletableFuture<>();

        crosscut.run(
                "job",
                () -> handing.execute(() -> {
                    // with one worker, joining can only mean running the others here
                    ForkJoinTask<?> first = ForkJoinTask.adapt(outside).fork();
                    ForkJoinTask<?> second = ForkJoinTask.adapt(other[0]).fork();
                    second.join();
                    first.join();
                    seen.add(current());
                    done.complete(null);
                }));

        done.join();
        assertThat(seen).containsExactly(Optional.of("other"), Optional.empty(), Optional.of("job"));
        one.shutdown();
    }

    @Test
    void the_elements_of_a_parallel_stream_are_worked_on_in_the_exchange() {
        int[] sum = new int[1];
        crosscut.run("job", () -> {
            var function = Propagation.<Integer, Integer>wrapFunction(
                    x -> current().orElse("").equals("job") ? x : 0);
            sum[0] = IntStream.range(0, 10_000)
                    .boxed()
                    .parallel()
                    .map(function)
                    .mapToInt(x -> x)
                    .sum();
        });
        assertThat(sum[0]).isEqualTo(IntStream.range(0, 10_000).sum());
        assertThat(IntStream.range(0, 1_000)
                        .parallel()
                        .filter(x -> Exchange.current().isPresent())
                        .count())
                .isZero();
    }

    @Test
    void a_recurring_task_runs_with_the_exchange_each_time() throws Exception {
        CountDownLatch fourth = new CountDownLatch(4);
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        crosscut.run("job", () -> {
            var recurring = Propagation.wrap(POOLS.scheduled)
                    .scheduleAtFixedRate(
                            () -> {
                                seen.add(current());
                                fourth.countDown();
                            },
                            0,
                            1,
                            TimeUnit.MILLISECONDS);
            try {
                fourth.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            recurring.cancel(false);
        });

        assertThat(seen).hasSizeGreaterThanOrEqualTo(4).allMatch(Optional.of("job")::equals);
    }

    @Test
    void results_and_exceptions_pass_through_unchanged() throws Exception {
        IOException checked = new IOException("made");

        assertThat(Propagation.wrap(() -> 1).call()).isEqualTo(1);
        assertThat(Propagation.wrapSupplier(() -> "a").get()).isEqualTo("a");
        assertThat(Propagation.<Integer, Integer>wrapFunction(x -> x + 1).apply(1))
                .isEqualTo(2);
        assertThat(Propagation.<Integer, Integer, Integer>wrapFunction(Integer::sum)
                        .apply(1, 2))
                .isEqualTo(3);
        assertThat(Propagation.wrapSupplier(() -> null).get()).isNull();
        assertThatThrownBy(() -> Propagation.wrap((Callable<Integer>) () -> {
                            throw checked;
                        })
                        .call())
                .isSameAs(checked);
    }

    @Test
    void nothing_to_hand_over_is_refused_where_it_is_handed_in() {
        ExecutorService handing = Propagation.wrap(POOLS.plain);
        List<ThrowingCallable> attempts = List.of(
                () -> Propagation.wrap((Runnable) null),
                () -> Propagation.wrap((Callable<Integer>) null),
                () -> Propagation.wrapSupplier(null),
                () -> Propagation.wrapConsumer((Consumer<Integer>) null),
                () -> Propagation.wrapConsumer((BiConsumer<Integer, Integer>) null),
                () -> Propagation.wrapFunction((Function<Integer, Integer>) null),
                () -> Propagation.wrapFunction((BiFunction<Integer, Integer, Integer>) null),
                () -> Propagation.wrap((Executor) POOLS.plain).execute(null),
                () -> handing.execute(null),
                () -> handing.submit((Runnable) null),
                () -> Propagation.wrap(new CompletableFuture<>()).thenApply(null));
        for (ThrowingCallable attempt : attempts) {
            assertThatNullPointerException().isThrownBy(attempt);
        }
    }

    @Test
    void what_an_executor_is_asked_and_told_reaches_the_one_behind_it() throws Exception {
        ForkJoinPool pool = new ForkJoinPool(1);
        ExecutorService handing = Propagation.wrap(pool);

        assertThat(handing.isShutdown()).isFalse();
        handing.shutdown();
        assertThat(pool.isShutdown()).isTrue();
        assertThat(handing.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(handing.isTerminated()).isTrue();
        assertThat(handing.shutdownNow()).isEmpty();
    }
}
