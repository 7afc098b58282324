package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A proxied method that returns a stage ends its exchange when that completes, and settles before the caller sees why. */
@Guarantees
class ProxyStageTest {

    interface Service<T> {
        CompletionStage<String> stage();

        CompletableFuture<String> future();

        T anything();
    }

    private final CompletableFuture<String> work = new CompletableFuture<>();

    private final class Implementation implements Service<CompletableFuture<String>> {
        @Override
        public CompletionStage<String> stage() {
            return work;
        }

        @Override
        public CompletableFuture<String> future() {
            return work;
        }

        @Override
        public CompletableFuture<String> anything() {
            return work;
        }
    }

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);
    private final CompletableFuture<Decision> settling = new CompletableFuture<>();
    private final Crosscut crosscut = Crosscuts.bare()
            .observer(watcher)
            .guard(new Guard.Async() {
                @Override
                public Phase phase() {
                    return Phase.RECORD;
                }

                @Override
                public CompletionStage<Decision> admitAsync(Exchange exchange) {
                    return CompletableFuture.completedFuture(Decision.proceed());
                }

                @Override
                public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
                    events.add("guard settles " + Events.describe(outcome));
                    return settling;
                }
            })
            .build();

    @SuppressWarnings("unchecked")
    private final Service<CompletableFuture<String>> service = crosscut.proxy(Service.class, new Implementation());

    @Test
    void the_caller_sees_the_value_only_after_the_guards_have_settled_and_the_observers_were_told() {
        CompletableFuture<String> result = service.future();
        CompletableFuture<String> seen = result.whenComplete((value, error) -> events.add("caller sees " + value));
        assertThat(events.list()).containsExactly("observer begins");
        work.complete("value");
        assertThat(result).isNotDone();
        settling.complete(Decision.proceed());

        assertThat(seen).isCompletedWithValue("value");
        assertThat(events.list())
                .containsExactly(
                        "observer begins", "guard settles Completed", "observer ends Completed", "caller sees value");
    }

    @Test
    void it_is_so_for_each_declared_type_that_a_stage_may_have() {
        settling.complete(Decision.proceed());
        CompletionStage<String> stage = service.stage();
        CompletableFuture<String> generic = service.anything();
        assertThat(watcher.outcomes()).isEmpty();

        work.complete("value");

        assertThat(stage).isCompletedWithValue("value");
        assertThat(generic).isCompletedWithValue("value");
        assertThat(watcher.outcomes()).hasSize(2);
    }

    @Test
    void a_failure_is_the_outcome_and_arrives_as_it_would_without_us() {
        settling.complete(Decision.proceed());
        IllegalStateException failure = new IllegalStateException("made");
        CompletableFuture<String> result = service.future();

        work.completeExceptionally(failure);

        assertThatThrownBy(result::join).isInstanceOf(CompletionException.class).hasCause(failure);
        assertThatThrownBy(result::get).isInstanceOf(ExecutionException.class).hasCause(failure);
        assertThat(watcher.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.error()).isSameAs(failure));
    }

    @Test
    void cancelling_the_result_cancels_the_work() {
        settling.complete(Decision.proceed());
        CompletableFuture<String> result = service.future();

        assertThat(result.cancel(true)).isTrue();

        assertThat(work).isCancelled();
        assertThat(watcher.outcome()).isInstanceOf(Outcome.Cancelled.class);
    }

    @Test
    void work_that_cancels_itself_cancels_the_result() {
        settling.complete(Decision.proceed());
        CompletableFuture<String> result = service.future();

        work.cancel(true);

        assertThatThrownBy(result::join).isInstanceOf(CancellationException.class);
        assertThat(watcher.outcome()).isInstanceOf(Outcome.Cancelled.class);
    }

    @Test
    void a_result_that_a_guard_withholds_never_reaches_the_caller() {
        CompletableFuture<String> result = service.future();
        work.complete("value");
        settling.complete(Decision.answer(Reply.of(503)));

        assertThatThrownBy(result::join)
                .hasCauseInstanceOf(RefusedException.class)
                .rootCause()
                .hasMessageStartingWith("LOCAL Service.future was refused with status 503 by "
                        + getClass().getName());
        assertThat(Events.describe(watcher.outcome())).isEqualTo("Answered 503");
    }

    @Test
    void a_failing_jvm_in_an_observer_or_a_guard_leaves_no_caller_waiting() {
        Throwable fatal = new StackOverflowError("made");
        watcher.failingInEnd(fatal);
        settling.complete(Decision.proceed());
        CompletableFuture<String> first = service.future();
        work.complete("value");

        assertThatThrownBy(() -> first.get(20, TimeUnit.SECONDS)).hasCause(fatal);
        assertThat(watcher.outcome()).isEqualTo(Outcome.completed());
    }

    @Test
    void a_failing_jvm_in_a_guard_that_settles_reaches_the_caller() {
        Throwable fatal = new StackOverflowError("made");
        CompletableFuture<String> result = service.future();
        work.complete("value");
        settling.completeExceptionally(fatal);

        assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS)).hasCause(fatal);
        assertThat(watcher.outcome()).isEqualTo(Outcome.completed());
        crosscut.close();
    }

    interface Nothing {
        CompletionStage<String> none();
    }

    @Test
    void no_stage_at_all_ends_at_once() {
        settling.complete(Decision.proceed());

        assertThat(crosscut.proxy(Nothing.class, () -> null).none()).isNull();

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed());
    }

    @Test
    void a_stage_that_cannot_be_told_to_cancel_still_ends_when_it_completes() {
        settling.complete(Decision.proceed());
        CompletableFuture<String> result = (CompletableFuture<String>)
                crosscut.proxy(Nothing.class, work::minimalCompletionStage).none();

        result.cancel(true);
        assertThat(watcher.outcomes()).isEmpty();
        work.complete("value");

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed());
    }
}
