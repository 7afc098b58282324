package dev.crosscut.core;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The ring of guards for a framework that must not block a thread. Does what {@link Pipeline#admit} and {@link
 * Pipeline#settle} do, going on where each guard's stage completes; a guard that is done at once costs no hop and no
 * stack.
 */
final class AsyncRing {

    private final Pipeline pipeline;
    private final Call call;
    private final Exchange exchange;

    AsyncRing(Call call) {
        this.pipeline = call.pipeline;
        this.call = call;
        this.exchange = call.exchange;
    }

    CompletionStage<Call> admit() {
        CompletableFuture<Call> result = new CompletableFuture<>();
        admitFrom(0, result);
        return result;
    }

    private void admitFrom(int first, CompletableFuture<Call> result) {
        for (int i = first; i < pipeline.guards.length; i++) {
            Guard guard = pipeline.guards[i];
            CompletableFuture<Optional<Reply>> asked = ask(guard);
            if (asked.isDone()) {
                if (!goOn(guard, asked, result)) {
                    return;
                }
            } else {
                int next = i + 1;
                onceDone(asked, () -> {
                    if (goOn(guard, asked, result)) {
                        admitFrom(next, result);
                    }
                });
                return;
            }
        }
        give(result);
    }

    /** To whoever waits for the call; where nobody does any more, it ends here. */
    private void give(CompletableFuture<Call> result) {
        if (!result.complete(call)) {
            Outcome outcome = Outcome.cancelled("the adapter gave up waiting for admission");
            call.settleAsync(outcome);
            call.end(outcome);
        }
    }

    /** Whether the guard let the exchange proceed; otherwise the result is completed, now or once the others settled. */
    private boolean goOn(Guard guard, CompletableFuture<Optional<Reply>> asked, CompletableFuture<Call> result) {
        Optional<Reply> reply;
        try {
            reply = asked.join();
        } catch (Throwable carried) {
            Throwable fault = Faults.unwrap(carried);
            if (fault instanceof VirtualMachineError fatal) {
                pipeline.abort(call, fatal);
                result.completeExceptionally(fatal);
                return false;
            }
            reply = Optional.of(pipeline.refusal(guard, "admit", exchange, carried));
        }
        if (reply.isEmpty()) {
            call.admitted++;
            return true;
        }
        Outcome.Answered answer =
                new Outcome.Answered(reply.get(), guard.getClass().getName());
        settle(answer).whenComplete((instead, fatal) -> {
            if (fatal == null) {
                call.answered(answer);
                give(result);
            } else {
                pipeline.abort(call, (VirtualMachineError) fatal);
                result.completeExceptionally(fatal);
            }
        });
        return false;
    }

    private CompletableFuture<Optional<Reply>> ask(Guard guard) {
        try (Scope scope = call.attach()) {
            int needed = guard.requestBytes(exchange);
            int held = guard.responseBytes(exchange);
            if (needed <= 0) {
                return admitted(guard, held);
            }
            Optional<ByteBuffer> known = exchange.requestBody();
            CompletionStage<Optional<ByteBuffer>> body =
                    known.isPresent() ? CompletableFuture.completedFuture(known) : exchange.readRequestAsync(needed);
            return body.handle((bytes, unreadable) -> Optional.ofNullable(
                            unreadable == null ? Pipeline.buffered(bytes, exchange, needed) : unreadable(unreadable)))
                    .thenCompose(refusal -> refusal.isPresent()
                            ? CompletableFuture.completedFuture(refusal)
                            : attachedAdmitted(guard, held))
                    .toCompletableFuture();
        } catch (Throwable fault) {
            return failed(fault);
        }
    }

    private Reply unreadable(Throwable carried) {
        if (Faults.unwrap(carried) instanceof Exception exception) {
            return pipeline.unreadable(exchange, exception);
        }
        throw (Error) Faults.unwrap(carried);
    }

    private CompletableFuture<Optional<Reply>> attachedAdmitted(Guard guard, int held) {
        try (Scope scope = call.attach()) {
            return admitted(guard, held);
        } catch (Throwable fault) {
            return failed(fault);
        }
    }

    private CompletableFuture<Optional<Reply>> admitted(Guard guard, int held) throws Exception {
        if (guard instanceof Guard.Async async) {
            return async.admitAsync(exchange)
                    .thenApply(decision -> Optional.ofNullable(Pipeline.applied(decision, exchange, held)))
                    .toCompletableFuture();
        }
        return CompletableFuture.completedFuture(
                Optional.ofNullable(Pipeline.applied(guard.admit(exchange), exchange, held)));
    }

    private static <T> CompletableFuture<T> failed(Throwable thrown) {
        Faults.restoreInterrupt(thrown);
        return CompletableFuture.failedFuture(thrown);
    }

    private static void onceDone(CompletionStage<?> stage, Runnable next) {
        stage.whenComplete((value, fault) -> next.run());
    }

    /** Completed exceptionally only by a {@link VirtualMachineError}, after all guards were told. */
    CompletionStage<Outcome.@Nullable Answered> settle(Outcome outcome) {
        CompletableFuture<Outcome.@Nullable Answered> result = new CompletableFuture<>();
        int last = call.admitted - 1;
        call.admitted = 0;
        settleFrom(last, outcome, new Settlement(), result);
        return result;
    }

    private static final class Settlement {
        Outcome.@Nullable Answered instead;

        @Nullable
        VirtualMachineError fatal;
    }

    private void settleFrom(
            int first, Outcome outcome, Settlement settlement, CompletableFuture<Outcome.@Nullable Answered> result) {
        for (int i = first; i >= 0; i--) {
            Guard guard = pipeline.guards[i];
            CompletableFuture<Decision> told = tell(guard, outcome);
            if (told.isDone()) {
                heard(guard, told, settlement);
            } else {
                int next = i - 1;
                onceDone(told, () -> {
                    heard(guard, told, settlement);
                    settleFrom(next, outcome, settlement, result);
                });
                return;
            }
        }
        VirtualMachineError fatal = settlement.fatal;
        if (fatal == null) {
            result.complete(settlement.instead);
        } else {
            result.completeExceptionally(fatal);
        }
    }

    private CompletableFuture<Decision> tell(Guard guard, Outcome outcome) {
        try (Scope scope = call.attach()) {
            return guard instanceof Guard.Async async
                    ? async.settleAsync(exchange, outcome).toCompletableFuture()
                    : CompletableFuture.completedFuture(guard.settle(exchange, outcome));
        } catch (Throwable fault) {
            return failed(fault);
        }
    }

    private void heard(Guard guard, CompletableFuture<Decision> told, Settlement settlement) {
        try {
            settlement.instead = pipeline.objection(guard, told.join(), settlement.instead);
        } catch (Throwable carried) {
            Throwable fault = Faults.unwrap(carried);
            if (fault instanceof VirtualMachineError fatal) {
                settlement.fatal = fatal;
            } else {
                settlement.instead = pipeline.objection(guard, exchange, carried, settlement.instead);
            }
        }
    }
}
