package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is about to send a response learns first what the guards make of it, whoever asked them. */
@Guarantees
class SettlementTest {

    private static final Reply WITHHELD = Reply.of(503);

    private final Events events = new Events();
    private final CountDownLatch settling = new CountDownLatch(1);
    private final CountDownLatch maySettle = new CountDownLatch(1);
    private final Warden guard = new Warden("guard", events).holding(100).settling(exchange -> {
        settling.countDown();
        assertThat(maySettle.await(20, TimeUnit.SECONDS)).isTrue();
        return Decision.answer(WITHHELD);
    });

    static Stream<Function<Call, CompletableFuture<Optional<Reply>>>> waysToSettleFirst() {
        return Stream.of(
                call -> CompletableFuture.supplyAsync(() -> call.settle(Outcome.completed(201))),
                call -> CompletableFuture.supplyAsync(() -> {
                    call.end(Outcome.cancelled("timed out"));
                    return Optional.empty();
                }));
    }

    @ParameterizedTest
    @MethodSource("waysToSettleFirst")
    void a_latecomer_waits_for_the_guards_and_gets_their_answer(
            Function<Call, CompletableFuture<Optional<Reply>>> first) throws Exception {
        Call call = Crosscuts.bare().guard(guard).build().begin(new TestExchange());
        CompletableFuture<Optional<Reply>> other = first.apply(call);
        assertThat(settling.await(20, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Optional<Reply>> blocking =
                CompletableFuture.supplyAsync(() -> call.settle(Outcome.completed(201)));
        CompletableFuture<Optional<Reply>> asynchronous =
                call.settleAsync(Outcome.completed(201)).toCompletableFuture();
        assertThat(blocking).isNotDone();
        assertThat(asynchronous).isNotDone();
        maySettle.countDown();

        assertThat(blocking.get(20, TimeUnit.SECONDS)).contains(WITHHELD);
        assertThat(asynchronous.get(20, TimeUnit.SECONDS)).contains(WITHHELD);
        other.get(20, TimeUnit.SECONDS);
        assertThat(guard.settled()).hasSize(1);
        call.end(Outcome.completed(503));
    }

    @Test
    void whoever_settles_again_gets_the_answer_again() {
        maySettle.countDown();
        Call call = Crosscuts.bare().guard(guard).build().begin(new TestExchange());

        assertThat(call.settle(Outcome.completed(201))).contains(WITHHELD);
        assertThat(call.settle(Outcome.completed(201))).contains(WITHHELD);
        assertThat(guard.settled()).hasSize(1);
        call.end(Outcome.completed(503));
    }

    @Test
    void whoever_settles_after_the_end_still_gets_the_answer(Log log) {
        maySettle.countDown();
        Call call = Crosscuts.bare().guard(guard).build().begin(new TestExchange());

        call.end(Outcome.cancelled("timed out"));

        assertThat(call.settle(Outcome.completed(201))).contains(WITHHELD);
        assertThat(call.settleAsync(Outcome.completed(201))).isCompletedWithValue(Optional.of(WITHHELD));
        assertThat(guard.settled()).containsExactly(Outcome.cancelled("timed out"));
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void an_answer_that_comes_too_late_to_be_sent_is_reported(Log log) {
        maySettle.countDown();
        Crosscut crosscut = Crosscuts.bare().guard(guard).build();

        crosscut.begin(new TestExchange()).end(Outcome.completed(201));

        assertThat(crosscut.faults()).isEqualTo(Map.of(Warden.class.getName(), 1L));
        assertThat(log.read().warnings())
                .singleElement()
                .asString()
                .startsWith("guard dev.crosscut.core.Warden answered 503 when SERVER none test settled")
                .endsWith(" settled, too late to change the response; a guard whose objection must reach the client"
                        + " holds the response, see responseBytes");
    }
}
