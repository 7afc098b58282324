package dev.crosscut.core;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the caller of a proxied method gets, once the guards have had their say. */
final class ProxiedResult {

    private ProxiedResult() {}

    /** What the caller gets where a guard answered. */
    static @Nullable Object answer(Call call, Reply refusal) {
        Invocation invocation = call.exchange().get(Key.INVOCATION).orElseThrow();
        if (!invocation.isAnswered()) {
            throw new RefusedException(call.exchange(), refusal);
        }
        return invocation.answer();
    }

    /** The caller gets the result only after the guards have settled; its cancellation reaches the work. */
    static CompletableFuture<Object> completedWith(Call call, Invocation invocation, CompletionStage<?> work) {
        CompletableFuture<Object> result = new CompletableFuture<>();
        work.whenComplete((value, error) -> {
            invocation.returned(value);
            Outcome outcome = error == null ? Outcome.completed() : Outcome.failed(error);
            call.settleAsync(outcome).whenComplete((refusal, fatal) -> {
                Throwable failure = error == null ? fatal : error;
                try {
                    call.end(outcome);
                } catch (VirtualMachineError e) {
                    failure = e;
                }
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else if (refusal.isPresent() && !invocation.isAnswered()) {
                    result.completeExceptionally(new RefusedException(call.exchange(), refusal.get()));
                } else if (refusal.isPresent()) {
                    result.complete(invocation.answer());
                } else {
                    result.complete(value);
                }
            });
        });
        CompletionStage<Object> cancellable = result;
        cancellable.whenComplete((value, error) -> {
            if (result.isCancelled()) {
                work.toCompletableFuture().cancel(true);
            }
        });
        return result;
    }
}
