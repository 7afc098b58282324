package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A fault in a guard refuses the exchange; it never lets it pass, and nothing internal reaches the client. */
@Guarantees
class GuardFaultTest {

    private static final Reply REFUSAL = Problems.guardFailed();

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);
    private final Warden first = new Warden("g0", events);
    private final Warden faulty = new Warden("g1", events);
    private final Warden last = new Warden("g2", events);

    static Stream<Arguments> contained() {
        return Stream.of(Way.values()).flatMap(way -> Fault.contained().map(fault -> Arguments.of(way, fault)));
    }

    static Stream<Arguments> fatal() {
        return Stream.of(Way.values()).flatMap(way -> Fault.fatal().map(fault -> Arguments.of(way, fault)));
    }

    private Crosscut build(Way way) {
        return Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(first))
                .guard(way.guard(faulty))
                .guard(way.guard(last))
                .build();
    }

    @ParameterizedTest
    @MethodSource("contained")
    void one_that_fails_to_admit_refuses_with_a_problem(Way way, Fault fault, Log log) {
        Throwable thrown = fault.make();
        faulty.admitting(Warden.failing(thrown));
        Crosscut crosscut = build(way);

        Call call = way.begin(crosscut, new TestExchange());
        assertThat(call.answer()).contains(REFUSAL);
        call.end(Outcome.completed(500));

        assertThat(events.list())
                .containsExactly(
                        "observer begins",
                        "g0 is asked",
                        "g1 is asked",
                        "g0 settles Answered 500",
                        "observer ends Answered 500");
        assertReported(crosscut, log, thrown, "admit");
    }

    @ParameterizedTest
    @MethodSource("contained")
    void one_that_fails_to_settle_withholds_the_response_and_all_others_settle(Way way, Fault fault, Log log) {
        Throwable thrown = fault.make();
        faulty.settling(Warden.failing(thrown));
        Crosscut crosscut = build(way);

        Call call = way.begin(crosscut, new TestExchange());
        Optional<Reply> instead = way.settle(call, Outcome.completed(200));
        call.end(Outcome.completed(200));

        assertThat(instead).contains(REFUSAL);
        assertThat(events.list().subList(4, events.list().size()))
                .containsExactly(
                        "g2 settles Completed 200",
                        "g1 settles Completed 200",
                        "g0 settles Completed 200",
                        "observer ends Answered 500");
        assertReported(crosscut, log, thrown, "settle");
    }

    private static void assertReported(Crosscut crosscut, Log log, Throwable thrown, String method) {
        assertThat(crosscut.faults().values()).containsExactly(1L);
        assertThat(log.at(Level.SEVERE)).singleElement().satisfies(report -> {
            assertThat(report.getThrown()).as("the fault itself, unwrapped").isSameAs(thrown);
            assertThat(Log.text(report))
                    .contains(
                            crosscut.faults().keySet().iterator().next(),
                            method,
                            "SERVER none test",
                            method.equals("settle") ? "is withheld where it is still held" : "the exchange is refused");
        });
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_admit_passes_through_after_all_were_told(Way way, Fault fault) {
        Throwable fatal = fault.make();
        faulty.admitting(Warden.failing(fatal));
        Crosscut crosscut = build(way);

        assertThat(catchThrowable(() -> way.begin(crosscut, new TestExchange())))
                .isSameAs(fatal);

        assertThat(events.list())
                .containsExactly(
                        "observer begins", "g0 is asked", "g1 is asked", "g0 settles Failed", "observer ends Failed");
        crosscut.close();
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_settle_passes_through_after_all_guards_were_told_and_the_call_can_be_ended(
            Way way, Fault fault) {
        Throwable fatal = fault.make();
        faulty.settling(Warden.failing(fatal));
        Crosscut crosscut = build(way);
        Call call = way.begin(crosscut, new TestExchange());

        assertThat(catchThrowable(() -> way.settle(call, Outcome.completed()))).isSameAs(fatal);
        assertThat(events.endingWith(" settles Completed")).hasSize(3);
        assertThat(call.end(Outcome.failed(fatal))).isTrue();

        assertThat(events.endingWith("Completed")).as("told once").hasSize(3);
        assertThat(Events.describe(watcher.outcome())).isEqualTo("Failed");
        crosscut.close();
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_a_guard_that_settles_at_the_end_passes_through_after_all_were_told(Way way, Fault fault) {
        Throwable fatal = fault.make();
        faulty.settling(Warden.failing(fatal));
        Crosscut crosscut = build(way);
        Call call = way.begin(crosscut, new TestExchange());

        assertThat(catchThrowable(() -> call.end(Outcome.completed(200)))).isSameAs(fatal);
        assertThat(call.end(Outcome.completed(200))).isFalse();

        assertThat(events.endingWith("settles Completed 200")).hasSize(3);
        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(200));
        crosscut.close();
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_a_guard_that_settles_because_another_answered_passes_through_after_all_were_told(
            Way way, Fault fault) {
        Throwable fatal = fault.make();
        faulty.settling(Warden.failing(fatal));
        last.answering(409);
        Crosscut crosscut = build(way);

        assertThat(catchThrowable(() -> way.begin(crosscut, new TestExchange())))
                .isSameAs(fatal);

        assertThat(events.list().subList(4, events.list().size()))
                .containsExactly("g1 settles Answered 409", "g0 settles Answered 409", "observer ends Failed");
        crosscut.close();
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void failing_everywhere_the_jvm_is_reported_once_and_each_participant_is_told_once(Way way, Fault fault) {
        Throwable fatal = fault.make();
        first.settling(Warden.failing(fault.make()));
        last.admitting(Warden.failing(fatal));
        watcher.failingInEnd(fault.make());
        Crosscut crosscut = build(way);

        assertThat(catchThrowable(() -> way.begin(crosscut, new TestExchange())))
                .isSameAs(fatal)
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(2));

        assertThat(events.list().subList(4, events.list().size()))
                .containsExactly("g1 settles Failed", "g0 settles Failed", "observer ends Failed");
        crosscut.close();
    }

    @ParameterizedTest
    @EnumSource
    void one_that_returns_no_decision_refuses(Way way, Log log) {
        faulty.admitting(asked -> null);

        Call call = way.begin(build(way), new TestExchange());
        call.end(Outcome.completed());

        assertThat(call.answer()).contains(REFUSAL);
        assertThat(log.at(Level.SEVERE))
                .singleElement()
                .satisfies(report -> assertThat(report.getThrown())
                        .hasMessage("it returned null; expected Decision.proceed() or Decision.answer(reply)"));
    }

    @ParameterizedTest
    @EnumSource
    void one_that_settles_with_no_decision_withholds_the_response(Way way, Log log) {
        faulty.settling(told -> null);

        Call call = way.begin(build(way), new TestExchange());
        Optional<Reply> instead = way.settle(call, Outcome.completed());
        call.end(Outcome.completed());

        assertThat(instead).contains(REFUSAL);
        assertThat(log.at(Level.SEVERE)).hasSize(1);
    }

    /** A guard whose stages are wrong in a way of their own. */
    private record BadStage(CompletionStage<Decision> stage) implements Guard.Async {
        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            return stage;
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            return CompletableFuture.completedFuture(Decision.proceed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_stage_a_cancelled_stage_and_a_wrapped_fault_refuse(Way way, Log log) {
        CompletableFuture<Decision> cancelled = new CompletableFuture<>();
        cancelled.cancel(false);
        Throwable bare = new IllegalStateException("bare");
        List<CompletionStage<Decision>> stages = new ArrayList<>();
        stages.add(null);
        stages.add(cancelled);
        stages.add(CompletableFuture.failedFuture(new CompletionException(new ExecutionException(bare))));
        stages.add(CompletableFuture.completedStage(Decision.proceed()).thenCombine(cancelled, (a, b) -> a));
        long minutes = 0;
        long[] clock = {0};
        for (CompletionStage<Decision> stage : stages) {
            clock[0] = ++minutes * 120_000_000_000L;
            Crosscut crosscut = Crosscuts.bare()
                    .clock(() -> clock[0])
                    .guard(new BadStage(stage))
                    .build();
            Call call = way.begin(crosscut, new TestExchange());
            call.end(Outcome.completed());
            assertThat(call.answer()).contains(REFUSAL);
        }
        assertThat(log.at(Level.SEVERE))
                .hasSize(4)
                .allSatisfy(report -> assertThat(report.getThrown())
                        .isNotInstanceOfAny(CompletionException.class, ExecutionException.class));
        assertThat(log.at(Level.SEVERE).get(2).getThrown()).isSameAs(bare);
    }

    @Test
    void an_interrupted_guard_refuses_and_leaves_the_interrupt_flag_set(Log log) {
        faulty.admitting(Warden.failing(new InterruptedException("asked to stop")));
        for (Way way : List.of(Way.BLOCKING, Way.ASYNC)) {
            Call call = way.begin(build(way), new TestExchange());
            assertThat(Thread.interrupted()).as(way.name()).isTrue();
            assertThat(call.answer()).contains(REFUSAL);
            call.end(Outcome.completed());
        }
        assertThat(log.warnings()).hasSize(2);
    }

    @Test
    void waiting_for_a_guard_an_interrupted_thread_refuses_and_stays_interrupted(Log log) {
        Crosscut crosscut =
                Crosscuts.bare().guard(new BadStage(new CompletableFuture<>())).build();

        Thread.currentThread().interrupt();
        Call call = crosscut.begin(new TestExchange());
        assertThat(Thread.interrupted()).isTrue();
        call.end(Outcome.completed());

        assertThat(call.answer()).contains(REFUSAL);
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void a_stage_interrupted_on_another_thread_does_not_interrupt_this_one(Log log) {
        for (Way way : Way.values()) {
            Crosscut crosscut = Crosscuts.bare()
                    .guard(new BadStage(CompletableFuture.failedFuture(new InterruptedException("over there"))))
                    .build();

            Call call = way.begin(crosscut, new TestExchange());
            assertThat(Thread.currentThread().isInterrupted()).as(way.name()).isFalse();
            call.end(Outcome.completed());

            assertThat(call.answer()).contains(REFUSAL);
        }
        assertThat(log.at(Level.SEVERE))
                .hasSize(Way.values().length)
                .allSatisfy(report -> assertThat(report.getThrown()).isInstanceOf(InterruptedException.class));
    }

    @Test
    void the_refusal_tells_the_client_nothing_of_the_fault() {
        Map<String, Object> problem =
                JsonText.object(StandardCharsets.UTF_8.decode(REFUSAL.body()).toString());

        assertThat(REFUSAL.status()).isEqualTo(500);
        assertThat(problem)
                .containsOnlyKeys("type", "title", "status", "detail")
                .containsEntry("type", "https://crosscut.dev/problems/guard-failed");
    }
}
