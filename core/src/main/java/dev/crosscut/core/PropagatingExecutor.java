package dev.crosscut.core;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Hands the current exchange over with each task. */
class PropagatingExecutor<E extends ExecutorService> implements ExecutorService {

    final E executor;

    PropagatingExecutor(E executor) {
        this.executor = executor;
    }

    private static <T> List<Callable<T>> wrapAll(Collection<? extends Callable<T>> tasks) {
        return tasks.stream().map(task -> Propagation.<T>wrap(task)).toList();
    }

    @Override
    public final void execute(Runnable task) {
        executor.execute(Propagation.wrap(task));
    }

    @Override
    public final <T> Future<T> submit(Callable<T> task) {
        return executor.submit(Propagation.wrap(task));
    }

    @Override
    public final <T> Future<T> submit(Runnable task, T result) {
        return executor.submit(Propagation.wrap(task), result);
    }

    @Override
    public final Future<?> submit(Runnable task) {
        return executor.submit(Propagation.wrap(task));
    }

    @Override
    public final <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        return executor.invokeAll(wrapAll(tasks));
    }

    @Override
    public final <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        return executor.invokeAll(wrapAll(tasks), timeout, unit);
    }

    @Override
    public final <T> T invokeAny(Collection<? extends Callable<T>> tasks)
            throws InterruptedException, ExecutionException {
        return executor.invokeAny(wrapAll(tasks));
    }

    @Override
    public final <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return executor.invokeAny(wrapAll(tasks), timeout, unit);
    }

    @Override
    public final void shutdown() {
        executor.shutdown();
    }

    @Override
    public final List<Runnable> shutdownNow() {
        return executor.shutdownNow();
    }

    @Override
    public final boolean isShutdown() {
        return executor.isShutdown();
    }

    @Override
    public final boolean isTerminated() {
        return executor.isTerminated();
    }

    @Override
    public final boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return executor.awaitTermination(timeout, unit);
    }

    /** As the one behind closes itself, since JDK 19: the common pool, for one, stays open. */
    public final void close() {
        if (executor instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException(executor + " could not be closed", e);
            }
        }
    }
}
