package dev.crosscut.core;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands the current exchange over to work that runs elsewhere.
 *
 * <p>Each method takes the exchange that is current when it is called, or that none is, and returns something of the same
 * type whose work runs with just that current, and leaves the thread as it found it. Executors and futures take it for
 * each task or dependent anew, when that is handed in. A hand-over costs a swap of references; beside the wrapper it
 * allocates only what carries the argument of a function, and what bindings open.
 *
 * <p>An exchange may have ended when the work runs; its values can still be read.
 */
public final class Propagation {

    private Propagation() {}

    /**
     * Makes an exchange current on this thread, for code that carries it by means of its own: another library's context.
     *
     * @param exchange an exchange that has begun
     * @return closed on the same thread when the code that it covers is done
     * @throws IllegalArgumentException if the exchange has not begun
     */
    public static Scope attach(Exchange exchange) {
        Call call = exchange.call();
        if (call == null) {
            throw new IllegalArgumentException(exchange + " has not begun; expected one that Crosscut.begin was given");
        }
        return call.attach();
    }

    /**
     * Work that runs with the exchange that is current now.
     *
     * @param task the work
     * @return the same work
     */
    public static Runnable wrap(Runnable task) {
        Objects.requireNonNull(task);
        Exchange captured = Current.get();
        return () -> Current.run(captured, task);
    }

    /**
     * Work that runs with the exchange that is current now.
     *
     * @param task the work
     * @param <T> the type of its result
     * @return the same work
     */
    public static <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
        Objects.requireNonNull(task);
        Exchange captured = Current.get();
        return () -> Current.call(captured, task);
    }

    /**
     * A supplier that runs with the exchange that is current now.
     *
     * @param supplier the supplier
     * @param <T> the type of its result
     * @return the same supplier
     */
    public static <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier) {
        Objects.requireNonNull(supplier);
        Exchange captured = Current.get();
        return () -> Current.get(captured, supplier);
    }

    /**
     * A consumer that runs with the exchange that is current now.
     *
     * @param consumer the consumer
     * @param <T> the type of what it takes
     * @return the same consumer
     */
    public static <T extends @Nullable Object> Consumer<T> wrapConsumer(Consumer<? super T> consumer) {
        Objects.requireNonNull(consumer);
        Exchange captured = Current.get();
        return value -> Current.run(captured, () -> consumer.accept(value));
    }

    /**
     * A consumer that runs with the exchange that is current now.
     *
     * @param consumer the consumer
     * @param <T> the type of the first that it takes
     * @param <U> the type of the second
     * @return the same consumer
     */
    public static <T extends @Nullable Object, U extends @Nullable Object> BiConsumer<T, U> wrapConsumer(
            BiConsumer<? super T, ? super U> consumer) {
        Objects.requireNonNull(consumer);
        Exchange captured = Current.get();
        return (first, second) -> Current.run(captured, () -> consumer.accept(first, second));
    }

    /**
     * A function that runs with the exchange that is current now.
     *
     * @param function the function
     * @param <T> the type of what it takes
     * @param <R> the type of its result
     * @return the same function
     */
    public static <T extends @Nullable Object, R extends @Nullable Object> Function<T, R> wrapFunction(
            Function<? super T, ? extends R> function) {
        Objects.requireNonNull(function);
        Exchange captured = Current.get();
        return value -> Current.get(captured, () -> function.apply(value));
    }

    /**
     * A function that runs with the exchange that is current now.
     *
     * @param function the function
     * @param <T> the type of the first that it takes
     * @param <U> the type of the second
     * @param <R> the type of its result
     * @return the same function
     */
    public static <T extends @Nullable Object, U extends @Nullable Object, R extends @Nullable Object>
            BiFunction<T, U, R> wrapFunction(BiFunction<? super T, ? super U, ? extends R> function) {
        Objects.requireNonNull(function);
        Exchange captured = Current.get();
        return (first, second) -> Current.get(captured, () -> function.apply(first, second));
    }

    /**
     * An executor each of whose tasks runs with the exchange that is current where it was handed in.
     *
     * @param executor runs the tasks
     * @return hands them over
     */
    public static Executor wrap(Executor executor) {
        return task -> executor.execute(wrap(task));
    }

    /**
     * An executor each of whose tasks runs with the exchange that is current where it was handed in; also for a
     * {@link java.util.concurrent.ForkJoinPool} and for virtual threads.
     *
     * @param executor runs the tasks
     * @return hands them over
     */
    public static ExecutorService wrap(ExecutorService executor) {
        return new PropagatingExecutor<>(executor);
    }

    /**
     * An executor each of whose tasks runs with the exchange that is current where it was handed in, each time where it
     * recurs.
     *
     * @param executor runs the tasks
     * @return hands them over
     */
    public static ScheduledExecutorService wrap(ScheduledExecutorService executor) {
        return new PropagatingScheduler(executor);
    }

    /**
     * A factory whose threads run with the exchange that is current where each was made.
     *
     * @param factory makes the threads
     * @return makes the same threads
     */
    public static ThreadFactory wrapFactory(ThreadFactory factory) {
        return task -> factory.newThread(wrap(task));
    }

    /**
     * A future each of whose dependents runs with the exchange that is current where it was added, on whatever thread
     * completes the future; and so on for the dependents' own.
     *
     * @param future the future
     * @param <T> the type of its result
     * @return completes as the other does; cancelling it cancels the other
     */
    public static <T extends @Nullable Object> CompletableFuture<T> wrap(CompletableFuture<T> future) {
        return PropagatingFuture.of(future);
    }
}
