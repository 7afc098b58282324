package dev.crosscut.jdkhttpclient;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A future whose cancellation, and that of any future derived from it, is heard; as the JDK's client has it, only with
 * {@code cancel(true)} of one that is not done.
 */
final class CancellableFuture<T> extends CompletableFuture<T> {

    /** True once cancelled, false once there is nothing left to cancel: whoever keeps a derived future keeps no more. */
    private final CompletableFuture<Boolean> cancellation;

    CancellableFuture() {
        this(new CompletableFuture<>());
    }

    private CancellableFuture(CompletableFuture<Boolean> cancellation) {
        this.cancellation = cancellation;
    }

    boolean wasCancelled() {
        return cancellation.getNow(false);
    }

    /** Runs a task at the first cancellation, at once where that has been. */
    void onCancellation(Runnable task) {
        CompletionStage<Boolean> first = cancellation;
        first.thenAccept(cancelled -> {
            if (cancelled) {
                task.run();
            }
        });
    }

    /** Hears no more. */
    void over() {
        cancellation.complete(false);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CancellableFuture<>(cancellation);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean wasDone = isDone();
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (mayInterruptIfRunning && !wasDone) {
            cancellation.complete(true);
        }
        return cancelled;
    }
}
