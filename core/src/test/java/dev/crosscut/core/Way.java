package dev.crosscut.core;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The ways to ask guards and to tell them. What a test asserts of one, it asserts of all: the same decisions and the same
 * events.
 */
enum Way {
    /** A plain guard under a blocking adapter. */
    BLOCKING,
    /** A guard with asynchronous twins under a blocking adapter, which waits. */
    BLOCKING_FOR_STAGES,
    /** A plain guard under an event loop. */
    ASYNC,
    /** A guard whose stages are complete when it returns them. */
    ASYNC_AT_ONCE,
    /** A guard whose stages complete on another thread. */
    ASYNC_LATER;

    private static final Executor ELSEWHERE = task -> {
        Thread thread = new Thread(task, "elsewhere");
        thread.setDaemon(true);
        thread.start();
    };

    Guard guard(Warden warden) {
        return switch (this) {
            case BLOCKING, ASYNC -> warden;
            case ASYNC_AT_ONCE -> new Staged(warden, Runnable::run);
            case BLOCKING_FOR_STAGES, ASYNC_LATER -> new Staged(warden, ELSEWHERE);
        };
    }

    Call begin(Crosscut crosscut, Exchange exchange) {
        return isAsync() ? await(crosscut.beginAsync(exchange)) : crosscut.begin(exchange);
    }

    Optional<Reply> settle(Call call, Outcome outcome) {
        return isAsync() ? await(call.settleAsync(outcome)) : call.settle(outcome);
    }

    Optional<Reply> settle(Call call, Outcome outcome, ByteBuffer held) {
        return isAsync() ? await(call.settleAsync(outcome, held)) : call.settle(outcome, held);
    }

    boolean isAsync() {
        return this != BLOCKING && this != BLOCKING_FOR_STAGES;
    }

    /** Waits, and throws what the stage failed with, bare. */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw Fault.sneaky(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the stage did not complete", e);
        }
    }

    /** The same guard, with stages that a thread of the executor completes. */
    private static final class Staged implements Guard.Async {

        private final Warden warden;
        private final Executor executor;

        Staged(Warden warden, Executor executor) {
            this.warden = warden;
            this.executor = executor;
        }

        private CompletionStage<Decision> stage(Callable<Decision> step) {
            CompletableFuture<Decision> stage = new CompletableFuture<>();
            executor.execute(() -> {
                try {
                    stage.complete(step.call());
                } catch (Throwable fault) {
                    stage.completeExceptionally(fault);
                }
            });
            return stage;
        }

        @Override
        public Phase phase() {
            return warden.phase();
        }

        @Override
        public int requestBytes(Exchange exchange) {
            return warden.requestBytes(exchange);
        }

        @Override
        public int responseBytes(Exchange exchange) {
            return warden.responseBytes(exchange);
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            return stage(() -> warden.admit(exchange));
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            return stage(() -> warden.settle(exchange, outcome));
        }
    }
}
