package dev.crosscut.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;

/**
 * Hands the current exchange over to each dependent; nulls are as {@link CompletableFuture} has them. A dependent can be
 * cancelled in the way of the source's own dependents: those of the JDK's HTTP client cancel the request.
 */
@NullUnmarked
final class PropagatingFuture<T> extends CompletableFuture<T> {

    private final CompletableFuture<?> source;

    private PropagatingFuture(CompletableFuture<?> source) {
        this.source = source;
    }

    static <T> CompletableFuture<T> of(CompletableFuture<T> future) {
        PropagatingFuture<T> propagating = new PropagatingFuture<>(future);
        CompletionStage<T> stage = future;
        stage.whenComplete((value, error) -> {
            if (error == null) {
                propagating.complete(value);
            } else {
                propagating.completeExceptionally(error);
            }
        });
        return propagating;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new PropagatingFuture<>(source.newIncompleteFuture());
    }

    @Override
    public Executor defaultExecutor() {
        return source.defaultExecutor();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (isDone()) {
            return isCancelled();
        }
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        source.cancel(mayInterruptIfRunning);
        return cancelled;
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        return super.completeAsync(Propagation.<T>wrapSupplier(supplier::get), executor);
    }

    @Override
    public <U> CompletableFuture<U> thenApply(Function<? super T, ? extends U> fn) {
        return super.thenApply(Propagation.<T, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenApplyAsync(Function<? super T, ? extends U> fn) {
        return super.thenApplyAsync(Propagation.<T, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenApplyAsync(Function<? super T, ? extends U> fn, Executor executor) {
        return super.thenApplyAsync(Propagation.<T, U>wrapFunction(fn), executor);
    }

    @Override
    public CompletableFuture<Void> thenAccept(Consumer<? super T> fn) {
        return super.thenAccept(Propagation.<T>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<Void> thenAcceptAsync(Consumer<? super T> fn) {
        return super.thenAcceptAsync(Propagation.<T>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<Void> thenAcceptAsync(Consumer<? super T> fn, Executor executor) {
        return super.thenAcceptAsync(Propagation.<T>wrapConsumer(fn), executor);
    }

    @Override
    public CompletableFuture<Void> thenRun(Runnable fn) {
        return super.thenRun(Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> thenRunAsync(Runnable fn) {
        return super.thenRunAsync(Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> thenRunAsync(Runnable fn, Executor executor) {
        return super.thenRunAsync(Propagation.wrap(fn), executor);
    }

    @Override
    public <U> CompletableFuture<U> thenCompose(Function<? super T, ? extends CompletionStage<U>> fn) {
        return super.thenCompose(Propagation.<T, CompletionStage<U>>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenComposeAsync(Function<? super T, ? extends CompletionStage<U>> fn) {
        return super.thenComposeAsync(Propagation.<T, CompletionStage<U>>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> fn, Executor executor) {
        return super.thenComposeAsync(Propagation.<T, CompletionStage<U>>wrapFunction(fn), executor);
    }

    @Override
    public <U> CompletableFuture<U> handle(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handle(Propagation.<T, Throwable, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> handleAsync(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handleAsync(Propagation.<T, Throwable, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> handleAsync(BiFunction<? super T, Throwable, ? extends U> fn, Executor executor) {
        return super.handleAsync(Propagation.<T, Throwable, U>wrapFunction(fn), executor);
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> fn) {
        return super.whenComplete(Propagation.<T, Throwable>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(BiConsumer<? super T, ? super Throwable> fn) {
        return super.whenCompleteAsync(Propagation.<T, Throwable>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(BiConsumer<? super T, ? super Throwable> fn, Executor executor) {
        return super.whenCompleteAsync(Propagation.<T, Throwable>wrapConsumer(fn), executor);
    }

    @Override
    public CompletableFuture<T> exceptionally(Function<Throwable, ? extends T> fn) {
        return super.exceptionally(Propagation.<Throwable, T>wrapFunction(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyAsync(Function<Throwable, ? extends T> fn) {
        return super.exceptionallyAsync(Propagation.<Throwable, T>wrapFunction(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyAsync(Function<Throwable, ? extends T> fn, Executor executor) {
        return super.exceptionallyAsync(Propagation.<Throwable, T>wrapFunction(fn), executor);
    }

    @Override
    public CompletableFuture<T> exceptionallyCompose(Function<Throwable, ? extends CompletionStage<T>> fn) {
        return super.exceptionallyCompose(Propagation.<Throwable, CompletionStage<T>>wrapFunction(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyComposeAsync(Function<Throwable, ? extends CompletionStage<T>> fn) {
        return super.exceptionallyComposeAsync(Propagation.<Throwable, CompletionStage<T>>wrapFunction(fn));
    }

    @Override
    public CompletableFuture<T> exceptionallyComposeAsync(
            Function<Throwable, ? extends CompletionStage<T>> fn, Executor executor) {
        return super.exceptionallyComposeAsync(Propagation.<Throwable, CompletionStage<T>>wrapFunction(fn), executor);
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombine(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        return super.thenCombine(other, Propagation.<T, U, V>wrapFunction(fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        return super.thenCombineAsync(other, Propagation.<T, U, V>wrapFunction(fn));
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn, Executor executor) {
        return super.thenCombineAsync(other, Propagation.<T, U, V>wrapFunction(fn), executor);
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBoth(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> fn) {
        return super.thenAcceptBoth(other, Propagation.<T, U>wrapConsumer(fn));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> fn) {
        return super.thenAcceptBothAsync(other, Propagation.<T, U>wrapConsumer(fn));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super T, ? super U> fn, Executor executor) {
        return super.thenAcceptBothAsync(other, Propagation.<T, U>wrapConsumer(fn), executor);
    }

    @Override
    public CompletableFuture<Void> runAfterBoth(CompletionStage<?> other, Runnable fn) {
        return super.runAfterBoth(other, Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> runAfterBothAsync(CompletionStage<?> other, Runnable fn) {
        return super.runAfterBothAsync(other, Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> runAfterBothAsync(CompletionStage<?> other, Runnable fn, Executor executor) {
        return super.runAfterBothAsync(other, Propagation.wrap(fn), executor);
    }

    @Override
    public <U> CompletableFuture<U> applyToEither(CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEither(other, Propagation.<T, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(CompletionStage<? extends T> other, Function<? super T, U> fn) {
        return super.applyToEitherAsync(other, Propagation.<T, U>wrapFunction(fn));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn, Executor executor) {
        return super.applyToEitherAsync(other, Propagation.<T, U>wrapFunction(fn), executor);
    }

    @Override
    public CompletableFuture<Void> acceptEither(CompletionStage<? extends T> other, Consumer<? super T> fn) {
        return super.acceptEither(other, Propagation.<T>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(CompletionStage<? extends T> other, Consumer<? super T> fn) {
        return super.acceptEitherAsync(other, Propagation.<T>wrapConsumer(fn));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> fn, Executor executor) {
        return super.acceptEitherAsync(other, Propagation.<T>wrapConsumer(fn), executor);
    }

    @Override
    public CompletableFuture<Void> runAfterEither(CompletionStage<?> other, Runnable fn) {
        return super.runAfterEither(other, Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable fn) {
        return super.runAfterEitherAsync(other, Propagation.wrap(fn));
    }

    @Override
    public CompletableFuture<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable fn, Executor executor) {
        return super.runAfterEitherAsync(other, Propagation.wrap(fn), executor);
    }
}
