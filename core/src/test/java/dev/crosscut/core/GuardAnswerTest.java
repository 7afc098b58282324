package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of an exchange that a guard answers, before the handler or in place of its response. */
@Guarantees
class GuardAnswerTest {

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);

    @ParameterizedTest
    @CsvSource({"0,BLOCKING", "1,BLOCKING", "2,BLOCKING", "0,ASYNC", "1,ASYNC", "2,ASYNC", "0,ASYNC_AT_ONCE"})
    void the_guards_before_one_that_answered_settle_once_and_before_begin_returns(int answering, Way way) {
        checkAnsweredBy(answering, way);
    }

    @ParameterizedTest
    @CsvSource({"0,ASYNC_LATER", "1,ASYNC_LATER", "2,ASYNC_LATER", "1,BLOCKING_FOR_STAGES", "2,BLOCKING_FOR_STAGES"})
    void and_so_they_do_where_their_stages_complete_elsewhere(int answering, Way way) {
        checkAnsweredBy(answering, way);
    }

    private void checkAnsweredBy(int answering, Way way) {
        Warden[] wardens = {new Warden("g0", events), new Warden("g1", events), new Warden("g2", events)};
        wardens[answering].answering(418);
        Crosscut.Builder builder = Crosscuts.bare().observer(watcher);
        for (Warden warden : wardens) {
            builder.guard(way.guard(warden));
        }

        Call call = way.begin(builder.build(), new TestExchange());

        assertThat(call.answer()).map(Reply::status).contains(418);
        assertThat(watcher.outcomes()).as("ends before the adapter says so").isEmpty();
        for (int i = 0; i < wardens.length; i++) {
            assertThat(events.of("g" + i))
                    .isEqualTo(
                            i < answering
                                    ? List.of("g" + i + " is asked", "g" + i + " settles Answered 418")
                                    : i == answering ? List.of("g" + i + " is asked") : List.of());
        }
        List<String> soFar = events.list();

        assertThat(way.settle(call, Outcome.completed(200)))
                .as("settling again")
                .isEqualTo(call.answer());
        assertThat(call.end(Outcome.completed(200))).isTrue();

        assertThat(events.list()).startsWith(soFar.toArray(new String[0])).hasSize(soFar.size() + 1);
        assertThat(watcher.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answered -> assertThat(answered.reply()).isEqualTo(Reply.of(418)));
    }

    @Test
    void the_outcome_names_the_class_of_the_guard_that_answered() {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(new Warden("guard", events).answering(403))
                .build();

        crosscut.begin(new TestExchange()).end(Outcome.completed(403));

        assertThat(watcher.outcome()).isEqualTo(new Outcome.Answered(Reply.of(403), Warden.class.getName()));
    }

    @ParameterizedTest
    @EnumSource
    void nothing_that_happens_to_the_answer_on_its_way_changes_the_outcome(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("guard", events).answering(403)))
                .build();

        way.begin(crosscut, new TestExchange()).end(Outcome.failed(new java.io.IOException("gone"), 500));

        assertThat(Events.describe(watcher.outcome())).isEqualTo("Answered 403");
    }

    @ParameterizedTest
    @EnumSource
    void the_first_guard_that_objects_while_settling_answers_and_all_are_told_what_the_handler_did(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("g0", events).settling(told -> Decision.answer(Reply.of(500)))))
                .guard(way.guard(new Warden("g1", events).settling(told -> Decision.answer(Reply.of(502)))))
                .guard(way.guard(new Warden("g2", events)))
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        Optional<Reply> instead = way.settle(call, Outcome.completed(200));
        call.end(Outcome.completed(200));

        assertThat(instead).contains(Reply.of(502));
        assertThat(events.endingWith(" settles Completed 200"))
                .containsExactly("g2 settles Completed 200", "g1 settles Completed 200", "g0 settles Completed 200");
        assertThat(Events.describe(watcher.outcome())).isEqualTo("Answered 502");
        assertThat(call.answer()).contains(Reply.of(502));
    }

    @ParameterizedTest
    @EnumSource
    void an_objection_after_the_response_was_sent_is_reported_and_changes_nothing(Way way, Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("guard", events).settling(told -> Decision.answer(Reply.of(502)))))
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        call.end(Outcome.completed(200));

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(200));
        assertThat(call.answer()).isEmpty();
        assertThat(log.warnings()).singleElement().asString().contains("answered 502", "too late to change");
    }

    @ParameterizedTest
    @EnumSource
    void a_held_response_is_shown_to_each_guard_that_settles(Way way) {
        Events bodies = new Events();
        Warden.Step look = told -> {
            bodies.add(told.responseBody()
                    .map(body -> StandardCharsets.UTF_8.decode(body).toString())
                    .orElse("none"));
            return Decision.proceed();
        };
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("g0", events).holding(10).settling(look)))
                .guard(way.guard(new Warden("g1", events).holding(20).settling(look)))
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        assertThat(call.heldBytes()).isEqualTo(20);
        way.settle(call, Outcome.completed(200), ByteBuffer.wrap("xyz done".getBytes(StandardCharsets.UTF_8), 4, 4));
        call.end(Outcome.completed(200));

        assertThat(bodies.list()).containsExactly("done", "done");
    }

    @ParameterizedTest
    @CsvSource({"BLOCKING,30,20", "BLOCKING,20,30", "ASYNC,30,20", "ASYNC_LATER,20,30", "ASYNC_LATER,30,20"})
    void the_largest_bound_on_a_held_response_counts(Way way, int first, int second) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("g0", events).holding(first)))
                .guard(way.guard(new Warden("g1", events).holding(second)))
                .guard(way.guard(new Warden("g2", events)))
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        call.end(Outcome.completed());

        assertThat(call.heldBytes()).isEqualTo(30);
    }

    @ParameterizedTest
    @EnumSource
    void a_guard_that_answers_holds_nothing(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("guard", events).holding(10).answering(403)))
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        call.end(Outcome.completed());

        assertThat(call.heldBytes()).isZero();
    }

    @Test
    void a_guard_with_stages_is_asked_through_them_on_an_event_loop_and_waited_for_elsewhere() {
        Crosscut crosscut = Crosscuts.bare()
                .guard(new Guard.Async() {
                    @Override
                    public Phase phase() {
                        return Phase.AUTHENTICATE;
                    }

                    @Override
                    public CompletionStage<Decision> admitAsync(Exchange exchange) {
                        return CompletableFuture.supplyAsync(() -> Decision.answer(Reply.of(401)));
                    }

                    @Override
                    public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
                        throw new AssertionError("it answered, so it is not told");
                    }
                })
                .build();

        for (Way way : Way.values()) {
            Call call = way.begin(crosscut, new TestExchange());
            call.end(Outcome.completed());
            assertThat(call.answer()).contains(Reply.of(401));
        }
    }
}
