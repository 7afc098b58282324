package dev.crosscut.idempotency;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The ways to ask the guard and to tell it. What a test asserts of one, it asserts of all. */
enum Way {
    /** An adapter that blocks. */
    BLOCKING,
    /** An event loop, and a store that never blocks. */
    ASYNC,
    /** An event loop, and a store that other threads wait for. */
    ASYNC_ON_THREADS;

    WatchedStore watched() {
        return new WatchedStore(this != ASYNC);
    }

    Call begin(Crosscut crosscut, Exchange exchange) {
        return this == BLOCKING ? crosscut.begin(exchange) : await(crosscut.beginAsync(exchange));
    }

    Optional<Reply> settle(Call call, Outcome outcome) {
        return this == BLOCKING ? call.settle(outcome) : await(call.settleAsync(outcome));
    }

    Optional<Reply> settle(Call call, Outcome outcome, ByteBuffer held) {
        return this == BLOCKING ? call.settle(outcome, held) : await(call.settleAsync(outcome, held));
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
