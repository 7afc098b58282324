package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asynchronous about {@link Crosscut#beginAsync}; that it decides as {@link Crosscut#begin} does is tested beside that. */
@Guarantees
class AsyncAdmissionTest {

    private final Events events = new Events();

    /** A guard that decides when the test completes its stage. */
    private final class Pending implements Guard.Async {
        final CompletableFuture<Decision> admission = new CompletableFuture<>();
        final String name;

        Pending(String name) {
            this.name = name;
        }

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            events.add(name + " is asked");
            return admission;
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            events.add(name + " settles " + Events.describe(outcome));
            return CompletableFuture.completedFuture(Decision.proceed());
        }
    }

    @Test
    void without_guards_the_call_is_there_at_once() {
        CompletableFuture<Call> begun =
                Crosscuts.bare().build().beginAsync(new TestExchange()).toCompletableFuture();

        assertThat(begun).isCompleted();
        begun.join().end(Outcome.completed());
    }

    @Test
    void the_next_guard_is_asked_when_the_one_before_has_decided() {
        Pending g0 = new Pending("g0");
        Pending g1 = new Pending("g1");
        Crosscut crosscut = Crosscuts.bare()
                .guard(g0)
                .guard(new Warden("plain", events))
                .guard(g1)
                .build();

        CompletableFuture<Call> begun = crosscut.beginAsync(new TestExchange()).toCompletableFuture();
        assertThat(events.list()).containsExactly("g0 is asked");
        g0.admission.complete(Decision.proceed());
        assertThat(events.list()).containsExactly("g0 is asked", "plain is asked", "g1 is asked");
        assertThat(begun).isNotDone();
        g1.admission.complete(Decision.answer(Reply.of(409)));

        assertThat(begun.join().answer()).contains(Reply.of(409));
        begun.join().end(Outcome.completed());
        assertThat(events.list().subList(3, events.list().size()))
                .containsExactly("plain settles Answered 409", "g0 settles Answered 409");
    }

    @Test
    void the_thread_that_completes_a_stage_carries_nothing_afterwards() {
        Pending pending = new Pending("g0");
        Crosscut crosscut = Crosscuts.bare()
                .guard(pending)
                .guard(new Warden("current", events).admitting(asked -> {
                    events.add("current " + Exchange.current().isPresent());
                    return Decision.proceed();
                }))
                .build();
        CompletableFuture<Call> begun = crosscut.beginAsync(new TestExchange()).toCompletableFuture();

        CompletableFuture<Boolean> left = CompletableFuture.supplyAsync(() -> {
            pending.admission.complete(Decision.proceed());
            return Exchange.current().isPresent();
        });

        assertThat(left.join()).isFalse();
        assertThat(events.of("current")).contains("current true");
        begun.join().end(Outcome.completed());
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 5_000})
    void any_number_of_guards_that_decide_at_once_costs_no_stack(int guards) {
        List<Integer> depths = new java.util.concurrent.CopyOnWriteArrayList<>();
        Crosscut.Builder builder = Crosscuts.bare();
        IntStream.range(0, guards)
                .forEach(i -> builder.guard(Way.ASYNC_AT_ONCE.guard(new Warden("g" + i, events)
                        .admitting(asked -> {
                            if (i == 0 || i == guards - 1) {
                                depths.add(new Throwable().getStackTrace().length);
                            }
                            return Decision.proceed();
                        })
                        .settling(told -> {
                            if (i == 0 || i == guards - 1) {
                                depths.add(new Throwable().getStackTrace().length);
                            }
                            return Decision.proceed();
                        }))));

        Call call = Way.ASYNC_AT_ONCE.begin(builder.build(), new TestExchange());
        Way.ASYNC_AT_ONCE.settle(call, Outcome.completed());
        call.end(Outcome.completed());

        assertThat(depths).hasSize(4);
        assertThat(depths.get(1)).as("asking the last").isEqualTo(depths.get(0));
        assertThat(depths.get(3)).as("telling the first").isEqualTo(depths.get(2));
        assertThat(events.endingWith(" settles Completed")).hasSize(guards);
    }
}
