package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call that nobody waits for: admitted, sent, settled, ended, and only then seen by the caller. */
final class AsyncCall<T> {

    private final ClientExchange exchange;
    private final Supplier<CompletableFuture<HttpResponse<T>>> delegated;
    private final CancellableFuture<HttpResponse<T>> result = new CancellableFuture<>();

    AsyncCall(ClientExchange exchange, Supplier<CompletableFuture<HttpResponse<T>>> delegated) {
        this.exchange = exchange;
        this.delegated = delegated;
    }

    CompletableFuture<HttpResponse<T>> result() {
        return result;
    }

    /** The guards have decided, or the JVM is failing. */
    void begun(@Nullable Call call, @Nullable Throwable fatal) {
        if (call == null) {
            result.completeExceptionally(fatal);
            return;
        }
        Optional<Reply> answer = call.answer();
        if (answer.isPresent()) {
            end(
                    call,
                    Outcome.completed(),
                    () -> result.completeExceptionally(new RefusedException(exchange, answer.get())));
            return;
        }
        CompletableFuture<HttpResponse<T>> sent = result.wasCancelled()
                ? CompletableFuture.failedFuture(
                        new CancellationException("its caller cancelled it before it was sent"))
                : send();
        result.onCancellation(() -> sent.cancel(true));
        CompletionStage<HttpResponse<T>> stage = sent;
        stage.whenComplete((response, failure) -> {
            if (failure == null) {
                received(call, response);
            } else {
                failed(call, failure);
            }
        });
    }

    private CompletableFuture<HttpResponse<T>> send() {
        try {
            return Objects.requireNonNull(delegated.get(), "the future that the client returned");
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void failed(Call call, Throwable failure) {
        Outcome outcome =
                result.wasCancelled() ? Outcome.cancelled("its caller cancelled it") : Outcome.failed(failure);
        settle(call, outcome, refusal -> result.completeExceptionally(failure));
    }

    private void received(Call call, HttpResponse<T> response) {
        Outcome outcome;
        try {
            outcome = exchange.responded(response);
        } catch (Throwable e) {
            failed(call, e);
            return;
        }
        settle(call, outcome, refusal -> {
            if (refusal.isPresent()) {
                result.completeExceptionally(Withheld.refused(exchange, refusal.get(), response));
            } else {
                result.complete(response);
            }
        });
    }

    private void settle(Call call, Outcome outcome, Consumer<Optional<Reply>> deliver) {
        call.settleAsync(outcome)
                .whenComplete((refusal, fatal) -> end(call, outcome, () -> {
                    if (fatal == null) {
                        deliver.accept(refusal);
                    } else {
                        result.completeExceptionally(fatal);
                    }
                }));
    }

    private void end(Call call, Outcome outcome, Runnable deliver) {
        try {
            call.end(outcome);
            deliver.run();
        } catch (Throwable fatal) {
            result.completeExceptionally(fatal);
        } finally {
            result.over();
        }
    }
}
