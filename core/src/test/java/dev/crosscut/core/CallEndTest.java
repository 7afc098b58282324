package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A call ends once, whichever thread says so first, and never before its guards have settled. */
@Guarantees
class CallEndTest {

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);
    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    /** A guard that settles when it is let. */
    private final class SlowGuard implements Guard.Async {
        final CompletableFuture<Decision> decision = new CompletableFuture<>();
        final CompletableFuture<Outcome> told = new CompletableFuture<>();

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
            told.complete(outcome);
            return decision;
        }
    }

    private final SlowGuard slow = new SlowGuard();

    private Call slowCall() {
        return Crosscuts.bare().observer(watcher).guard(slow).build().begin(new TestExchange());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void the_first_end_wins_and_later_ones_change_nothing(int guards) {
        Crosscut.Builder builder = Crosscuts.bare().observer(watcher);
        for (int i = 0; i < guards; i++) {
            builder.guard(new Warden("g" + i, events));
        }
        Call call = builder.build().begin(new TestExchange());

        assertThat(call.end(Outcome.completed(200))).isTrue();
        assertThat(call.end(Outcome.completed(201))).isFalse();
        assertThat(call.end(Outcome.failed(new IllegalStateException()))).isFalse();
        assertThat(call.settle(Outcome.completed(202))).isEmpty();
        assertThat(call.settleAsync(Outcome.completed(203))).isCompletedWithValue(Optional.empty());

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(200));
        assertThat(events.endingWith(" settles Completed 200")).hasSize(guards);
        assertThat(events.list()).hasSize(2 + 2 * guards);
    }

    @ParameterizedTest
    @EnumSource
    void guards_settle_once_and_the_end_then_tells_observers_alone(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("guard", events)))
                .build();
        Call call = way.begin(crosscut, new TestExchange());

        assertThat(way.settle(call, Outcome.completed(200))).isEmpty();
        assertThat(way.settle(call, Outcome.completed(201))).isEmpty();
        assertThat(call.end(Outcome.cancelled("the client went away"))).isTrue();
        assertThat(call.end(Outcome.completed(202))).isFalse();

        assertThat(events.list())
                .containsExactly(
                        "observer begins", "guard is asked", "guard settles Completed 200", "observer ends Cancelled");
    }

    @Test
    void an_answer_that_an_adapter_made_up_is_a_completed_exchange() {
        Call call = Crosscuts.bare().observer(watcher).build().begin(new TestExchange());

        call.end(new Outcome.Answered(Reply.of(429), "someone"));

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(429));
    }

    @Test
    void an_exchange_that_is_begun_again_is_refused_and_the_first_call_goes_on() {
        Crosscut crosscut = Crosscuts.bare().observer(watcher).build();
        TestExchange exchange = new TestExchange();
        Call call = crosscut.begin(exchange);

        for (int ends = 0; ends < 2; ends++) {
            assertThatThrownBy(() -> crosscut.begin(exchange))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("SERVER test has begun already; expected a new Exchange for each unit of work");
            assertThatThrownBy(() -> crosscut.beginAsync(exchange)).isInstanceOf(IllegalStateException.class);
            call.end(Outcome.completed());
        }

        assertThat(events.list()).containsExactly("observer begins", "observer ends Completed");
        crosscut.close();
    }

    @Test
    void an_end_while_another_end_settles_changes_nothing() {
        Call call = slowCall();
        Future<Boolean> first = pool.submit(() -> call.end(Outcome.completed(201)));
        slow.told.join();

        assertThat(call.end(Outcome.cancelled("too late"))).isFalse();
        assertThat(watcher.outcomes()).isEmpty();
        slow.decision.complete(Decision.proceed());

        assertThat(Races.await(first)).isTrue();
        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(201));
    }

    @Test
    void an_end_while_a_guard_settles_takes_effect_once_it_has_settled() {
        Call call = slowCall();
        Future<Optional<Reply>> settling = pool.submit(() -> call.settle(Outcome.completed(200)));
        slow.told.join();

        assertThat(call.end(Outcome.cancelled("the client went away"))).isTrue();
        assertThat(call.end(Outcome.completed(200))).isFalse();
        assertThat(watcher.outcomes()).isEmpty();
        slow.decision.complete(Decision.proceed());

        assertThat(Races.await(settling)).isEmpty();
        assertThat(watcher.outcome()).isEqualTo(Outcome.cancelled("the client went away"));
        assertThat(call.end(Outcome.completed(200))).isFalse();
    }

    @Test
    void an_end_while_a_stage_settles_takes_effect_once_that_completes() {
        Call call = slowCall();
        CompletableFuture<Optional<Reply>> settling =
                call.settleAsync(Outcome.completed(200)).toCompletableFuture();

        assertThat(call.end(Outcome.cancelled("the client went away"))).isTrue();
        assertThat(call.end(Outcome.completed(200))).isFalse();
        assertThat(settling).isNotDone();
        assertThat(watcher.outcomes()).isEmpty();
        slow.decision.complete(Decision.proceed());

        assertThat(settling).isCompletedWithValue(Optional.empty());
        assertThat(watcher.outcome()).isEqualTo(Outcome.cancelled("the client went away"));
    }

    @Test
    void an_objection_of_the_guard_that_settles_outlasts_an_end_that_came_before_it() {
        Call call = slowCall();
        CompletableFuture<Optional<Reply>> settling =
                call.settleAsync(Outcome.completed(200)).toCompletableFuture();

        assertThat(call.end(Outcome.completed(200))).isTrue();
        slow.decision.complete(Decision.answer(Reply.of(503)));

        assertThat(settling.join()).contains(Reply.of(503));
        assertThat(Events.describe(watcher.outcome())).isEqualTo("Answered 503");
    }

    @Test
    void an_adapter_that_gives_up_waiting_for_a_settlement_loses_no_end() {
        Call call = slowCall();
        CompletableFuture<Optional<Reply>> settling =
                call.settleAsync(Outcome.completed(200)).toCompletableFuture();

        settling.cancel(true);
        call.end(Outcome.cancelled("the client went away"));
        slow.decision.complete(Decision.proceed());

        assertThat(watcher.outcome()).isEqualTo(Outcome.cancelled("the client went away"));
    }

    @Test
    void an_adapter_that_gives_up_waiting_for_admission_loses_no_end() {
        CompletableFuture<Decision> admission = new CompletableFuture<>();
        Warden before = new Warden("before", events, Guard.Phase.AUTHENTICATE);
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(before)
                .guard(new Guard.Async() {
                    @Override
                    public Phase phase() {
                        return Phase.AUTHORIZE;
                    }

                    @Override
                    public CompletionStage<Decision> admitAsync(Exchange exchange) {
                        return admission;
                    }

                    @Override
                    public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
                        events.add("slow settles " + Events.describe(outcome));
                        return CompletableFuture.completedFuture(Decision.proceed());
                    }
                })
                .build();

        CompletableFuture<Call> begun = crosscut.beginAsync(new TestExchange()).toCompletableFuture();
        begun.cancel(true);
        assertThat(watcher.outcomes()).isEmpty();
        admission.complete(Decision.proceed());

        assertThat(events.list())
                .containsExactly(
                        "observer begins",
                        "before is asked",
                        "slow settles Cancelled",
                        "before settles Cancelled",
                        "observer ends Cancelled");
        crosscut.close();
    }
}
