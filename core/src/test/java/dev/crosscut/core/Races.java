package dev.crosscut.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Work that many threads do at the same instant, and waiting for what another thread does. */
final class Races {

    private static final long PATIENCE_SECONDS = 60;

    interface Step {
        void run(int thread) throws Exception;
    }

    private Races() {}

    /** Runs the step on so many threads at once; throws what the first of them to fail threw. */
    static void together(int threads, Step step) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            together(pool, threads, step);
        } finally {
            pool.shutdownNow();
        }
    }

    /** As {@link #together(int, Step)}, on a pool of at least so many threads, to do it again and again. */
    static void together(ExecutorService pool, int threads, Step step) {
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            running.add(pool.submit(() -> {
                start.await();
                step.run(thread);
                return null;
            }));
        }
        for (Future<?> each : running) {
            await(each);
        }
    }

    static <T> T await(Future<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw Fault.sneaky(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("it did not finish", e);
        }
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it did not happen within " + PATIENCE_SECONDS + " seconds");
            }
            LockSupport.parkNanos(100_000);
        }
    }
}
