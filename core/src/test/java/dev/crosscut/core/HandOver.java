package dev.crosscut.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Each way of having work done elsewhere; {@link #start} hands one piece over and returns what completes after it ran. */
enum HandOver {
    RUNNABLE,
    CALLABLE,
    SUPPLIER,
    FUNCTION,
    BI_FUNCTION,
    CONSUMER,
    BI_CONSUMER,
    EXECUTOR,
    EXECUTE,
    SUBMIT_RUNNABLE,
    SUBMIT_RUNNABLE_WITH_RESULT,
    SUBMIT_CALLABLE,
    INVOKE_ALL,
    INVOKE_ALL_TIMED,
    INVOKE_ANY,
    INVOKE_ANY_TIMED,
    FORK_JOIN,
    SCHEDULE_RUNNABLE,
    SCHEDULE_CALLABLE,
    FIXED_RATE,
    FIXED_DELAY,
    FUTURE,
    THREAD_FACTORY,
    PARALLEL_STREAM;

    /** Shared by all, so that whatever one of them leaves behind, another finds. */
    static final class Pools implements AutoCloseable {
        final ExecutorService plain = Executors.newFixedThreadPool(3, Pools::quiet);
        final ScheduledExecutorService scheduled = Executors.newScheduledThreadPool(2, Pools::quiet);
        final ForkJoinPool stealing =
                new ForkJoinPool(3, ForkJoinPool.defaultForkJoinWorkerThreadFactory, (dead, fault) -> {}, false);

        private static Thread quiet(Runnable task) {
            Thread thread = new Thread(task);
            thread.setUncaughtExceptionHandler((dead, fault) -> {});
            return thread;
        }

        @Override
        public void close() {
            List.of(plain, scheduled, stealing).forEach(ExecutorService::shutdownNow);
        }

        /** What threads of these pools carry, asked of each several times without a hand-over of ours. */
        List<Exchange> left() {
            List<Exchange> left = new CopyOnWriteArrayList<>();
            for (ExecutorService pool : List.of(plain, scheduled, stealing)) {
                List<CompletableFuture<Void>> looks = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    looks.add(
                            CompletableFuture.runAsync(() -> Exchange.current().ifPresent(left::add), pool));
                }
                looks.forEach(CompletableFuture::join);
            }
            return left;
        }
    }

    /** What the work throws, if it does, is at the end of the future. */
    CompletableFuture<Void> start(Pools pools, Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable fault) {
                done.completeExceptionally(fault);
                throw fault;
            }
        };
        try {
            start(pools, task, done);
        } catch (Exception e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private void start(Pools pools, Runnable task, CompletableFuture<Void> done) throws Exception {
        ExecutorService plain = Propagation.wrap(pools.plain);
        ScheduledExecutorService scheduled = Propagation.wrap(pools.scheduled);
        switch (this) {
            case RUNNABLE -> pools.plain.execute(Propagation.wrap(task));
            case CALLABLE -> ignore(pools.plain.submit(Propagation.wrap(Executors.callable(task))));
            case SUPPLIER -> {
                var supplier = Propagation.wrapSupplier(() -> run(task));
                pools.plain.execute(() -> ignore(supplier.get()));
            }
            case FUNCTION -> {
                var function = Propagation.<Integer, Integer>wrapFunction(x -> run(task));
                pools.plain.execute(() -> ignore(function.apply(1)));
            }
            case BI_FUNCTION -> {
                var function = Propagation.<Integer, Integer, Integer>wrapFunction((x, y) -> run(task));
                pools.plain.execute(() -> ignore(function.apply(1, 2)));
            }
            case CONSUMER -> {
                Consumer<Integer> consumer = Propagation.wrapConsumer(x -> task.run());
                pools.plain.execute(() -> consumer.accept(1));
            }
            case BI_CONSUMER -> {
                var consumer = Propagation.<Integer, Integer>wrapConsumer((x, y) -> task.run());
                pools.plain.execute(() -> consumer.accept(1, 2));
            }
            case EXECUTOR -> Propagation.wrap((Executor) pools.plain).execute(task);
            case EXECUTE -> plain.execute(task);
            case SUBMIT_RUNNABLE -> ignore(plain.submit(task));
            case SUBMIT_RUNNABLE_WITH_RESULT -> ignore(plain.submit(task, 1));
            case SUBMIT_CALLABLE -> ignore(plain.submit(() -> run(task)));
            case INVOKE_ALL -> ignore(plain.invokeAll(List.of(() -> run(task), () -> 2)));
            case INVOKE_ALL_TIMED -> ignore(plain.invokeAll(List.of(() -> run(task)), 60, TimeUnit.SECONDS));
            case INVOKE_ANY -> ignore(plain.invokeAny(List.of(() -> run(task))));
            case INVOKE_ANY_TIMED -> ignore(plain.invokeAny(List.of(() -> run(task)), 60, TimeUnit.SECONDS));
            case FORK_JOIN -> Propagation.wrap(pools.stealing).execute(task);
            case SCHEDULE_RUNNABLE -> ignore(scheduled.schedule(task, 1, TimeUnit.MICROSECONDS));
            case SCHEDULE_CALLABLE -> ignore(scheduled.schedule(() -> run(task), 1, TimeUnit.MICROSECONDS));
            case FIXED_RATE -> {
                var recurring = scheduled.scheduleAtFixedRate(task, 0, 1, TimeUnit.HOURS);
                ignore(done.whenComplete((nothing, fault) -> recurring.cancel(false)));
            }
            case FIXED_DELAY -> {
                var recurring = scheduled.scheduleWithFixedDelay(task, 0, 1, TimeUnit.HOURS);
                ignore(done.whenComplete((nothing, fault) -> recurring.cancel(false)));
            }
            case FUTURE ->
                ignore(Propagation.wrap(CompletableFuture.supplyAsync(() -> 1, pools.plain))
                        .thenApplyAsync(x -> x + 1, pools.stealing)
                        .thenAccept(x -> task.run()));
            case THREAD_FACTORY ->
                Propagation.wrapFactory(Pools::quiet).newThread(task).start();
            case PARALLEL_STREAM -> {
                var function = Propagation.<Integer, Integer>wrapFunction(x -> run(task));
                Collection<Integer> one = List.of(1);
                pools.stealing.execute(() -> one.parallelStream().map(function).forEach(x -> {}));
            }
        }
    }

    private static int run(Runnable task) {
        task.run();
        return 1;
    }

    /** What comes of the work is known from the work itself. */
    private static void ignore(Object result) {
        if (result == null) {
            throw new AssertionError("no result");
        }
    }
}
