package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a record by how its handler came out. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StoredStatusesTest {

    private static final String KEY = "key-7f3a";

    private static Response again(Edge edge) {
        return edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"));
    }

    private static void isReplayed(Edge edge, int status) {
        Response response = again(edge);
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.isReplayed()).isTrue();
        assertThat(edge.effects).hasValue(1);
    }

    private static void isReleased(Edge edge) {
        assertThat(again(edge).text()).isEqualTo("again");
        assertThat(edge.crosscut.counters()).containsEntry("crosscut.idempotency.released", 1L);
    }

    private static void isUnknown(Edge edge) {
        int before = edge.effects.get();
        Response response = again(edge);
        assertThat(response.status()).isEqualTo(409);
        assertThat(response.problem()).isEqualTo("idempotency-outcome-unknown");
        assertThat(response.header("Retry-After"))
                .as("nothing is to be tried again")
                .isEmpty();
        assertThat(edge.effects).hasValue(before);
    }

    static Stream<Arguments> statuses() {
        List<Arguments> all = new ArrayList<>();
        for (String preset : List.of("ietf", "stripe")) {
            for (int status : List.of(
                    200, 201, 202, 204, 206, 301, 303, 304, 400, 401, 402, 403, 404, 405, 406, 410, 412, 413, 415, 422,
                    424, 428, 451, 499)) {
                all.add(Arguments.of(preset, status, "stored"));
            }
            for (int status : List.of(408, 409, 423, 425, 429)) {
                all.add(Arguments.of(preset, status, "released"));
            }
            for (int status : List.of(500, 501, 502, 503, 504, 507, 599)) {
                all.add(Arguments.of(preset, status, preset.equals("ietf") ? "given up" : "stored"));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void the_status_says_what_is_stored(String preset, int status, String fate) {
        try (Edge edge = Edge.open(Way.BLOCKING, "statuses", preset)) {
            edge.send(TestExchange.payment(KEY), () -> Response.of(status, "first"));
            check(edge, status, fate);
        }
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void the_status_of_a_handler_that_threw_says_the_same(String preset, int status, String fate) {
        try (Edge edge = Edge.open(Way.ASYNC, "statuses", preset)) {
            edge.send(
                    TestExchange.payment(KEY),
                    () -> {
                        throw new IOException("key store of the bank");
                    },
                    status);
            check(edge, status, fate);
        }
    }

    private static void check(Edge edge, int status, String fate) {
        switch (fate) {
            case "stored" -> isReplayed(edge, status);
            case "released" -> isReleased(edge);
            default -> isUnknown(edge);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_handler_that_threw_has_no_response_to_replay_but_its_status(Way way) {
        try (Edge edge = Edge.open(way, "statuses", "stripe")) {
            edge.send(TestExchange.payment(KEY), () -> {
                throw new IOException("a secret of the bank");
            });
            Response response = again(edge);
            assertThat(response.status()).isEqualTo(500);
            assertThat(response.problem()).isEqualTo("idempotency-first-failed");
            assertThat(response.text()).doesNotContain("secret");
            assertThat(response.isReplayed()).isTrue();
        }
    }

    /** As a framework may say that has statuses of its own. */
    @ParameterizedTest
    @EnumSource
    void a_failure_whose_status_no_response_can_have_is_not_done_again(Way way) {
        try (Edge edge = Edge.open(way, "statuses", "stripe")) {
            edge.send(
                    TestExchange.payment(KEY),
                    () -> {
                        throw new IOException("no status");
                    },
                    999);
            assertThat(again(edge).problem()).isEqualTo("idempotency-not-replayable");
            assertThat(edge.effects).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_may_be_done_again_is_with_the_same_downstream_key_and_a_greater_epoch(Way way) {
        try (Edge edge = Edge.open(way, "on-abandoned", "re-execute")) {
            List<String> keys = new ArrayList<>();
            List<Integer> epochs = new ArrayList<>();
            List<Boolean> repeated = new ArrayList<>();
            List<String> states = new ArrayList<>();
            for (int status : List.of(500, 503, 201, 201)) {
                TestExchange exchange = TestExchange.payment(KEY);
                edge.send(exchange, () -> {
                    IdempotentRun run = IdempotentRun.current().orElseThrow();
                    keys.add(run.downstreamKey("psp"));
                    epochs.add(run.epoch());
                    repeated.add(run.isRepeated());
                    return Response.of(status, "");
                });
                states.add(exchange.state());
            }
            assertThat(states).containsExactly("executed", "re-executed", "re-executed", "replayed");
            assertThat(keys).hasSize(3);
            assertThat(keys.stream().distinct()).hasSize(1);
            assertThat(epochs).containsExactly(1, 2, 3);
            assertThat(repeated).containsExactly(false, true, true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_sent_before_the_outcome_is_stored(Way way) {
        try (Edge edge = Edge.open(way)) {
            AtomicBoolean sent = new AtomicBoolean();
            List<Boolean> early = new ArrayList<>();
            edge.store.onComplete(() -> {
                try {
                    new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                early.add(sent.get());
            });
            edge.send(TestExchange.payment(KEY), () -> Response.of(201, "first"));
            sent.set(true);
            assertThat(early).containsExactly(false);
        }
    }

    @Test
    void the_route_says_what_becomes_of_its_own() {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "route.pay",
                "POST /payments",
                "route.pay.on-abandoned",
                "re-execute",
                "route.stripe",
                "POST /stripe",
                "route.stripe.statuses",
                "stripe")) {
            edge.send(TestExchange.payment(KEY), () -> Response.of(500, ""));
            assertThat(again(edge).text()).isEqualTo("again");
            edge.send(TestExchange.request("POST", "/stripe").key(KEY), () -> Response.of(500, "first"));
            assertThat(edge.send(TestExchange.request("POST", "/stripe").key(KEY), () -> Response.of(200, ""))
                            .text())
                    .isEqualTo("first");
            edge.send(TestExchange.request("POST", "/other").key(KEY), () -> Response.of(500, ""));
            assertThat(edge.send(TestExchange.request("POST", "/other").key(KEY), () -> Response.of(200, ""))
                            .problem())
                    .isEqualTo("idempotency-outcome-unknown");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_handler_that_has_had_no_effect_and_fails_is_run_again(Way way) {
        for (String preset : List.of("ietf", "stripe")) {
            try (Edge edge = Edge.open(way, "statuses", preset)) {
                edge.send(TestExchange.payment(KEY), () -> {
                    IdempotentRun.current().orElseThrow().noEffect();
                    return Response.of(503, "later");
                });
                isReleased(edge);
            }
            try (Edge edge = Edge.open(way, "statuses", preset)) {
                edge.send(TestExchange.payment(KEY), () -> {
                    IdempotentRun.current().orElseThrow().noEffect();
                    throw new IOException("before the effect");
                });
                isReleased(edge);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_handler_without_effect_that_does_not_fail_is_stored_and_one_with_an_effect_since_is_unknown(Way way) {
        try (Edge edge = Edge.open(way)) {
            edge.send(TestExchange.payment(KEY), () -> {
                IdempotentRun.current().orElseThrow().noEffect();
                return Response.of(404, "no such account");
            });
            isReplayed(edge, 404);
        }
        try (Edge edge = Edge.open(way)) {
            edge.send(TestExchange.payment(KEY), () -> {
                IdempotentRun run = IdempotentRun.current().orElseThrow();
                run.noEffect();
                run.effect();
                return Response.of(500, "half done");
            });
            isUnknown(edge);
        }
    }

    /** Denies what comes after it is told to. */
    private static final class Denying implements Guard {

        private boolean denies = true;

        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return denies ? Decision.answer(Reply.of(403)) : Decision.proceed();
        }
    }

    @ParameterizedTest
    @EnumSource
    void where_a_later_guard_answers_the_handler_did_not_run_and_the_key_is_free_again(Way way) {
        Denying guard = new Denying();
        try (Edge edge = Edge.open(way, (Crosscut.Builder builder) -> builder.guard(guard))) {
            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "first"))
                            .status())
                    .isEqualTo(403);
            assertThat(edge.effects).hasValue(0);
            guard.denies = false;
            isReleased(edge);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_request_that_was_cancelled_keeps_its_key_until_its_lease_is_over(Way way) {
        try (Edge edge = Edge.open(way, "lease", "30s")) {
            Call call = edge.begin(TestExchange.payment(KEY));
            try (Scope scope = call.attach()) {
                assertThat(IdempotentRun.current()).isPresent();
            }
            call.end(Outcome.cancelled("the client went away"));
            staysUntilItsLeaseIsOver(edge);
        }
    }

    /** Who waits for it has lost patience, and the handler may still be at work. */
    @ParameterizedTest
    @EnumSource
    void so_does_one_that_timed_out(Way way) {
        try (Edge edge = Edge.open(way, "lease", "30s")) {
            edge.send(TestExchange.payment(KEY), () -> {
                throw new TimeoutException("the response was not complete after 30000 ms");
            });
            staysUntilItsLeaseIsOver(edge);
        }
    }

    @ParameterizedTest
    @EnumSource
    void so_does_one_whose_response_cannot_be_read(Way way) {
        try (Edge edge = Edge.open(way, "lease", "30s")) {
            Response response = edge.send(TestExchange.payment(KEY).broken(), () -> Response.of(201, "done"));
            assertThat(response.problem()).isEqualTo("guard-failed");
            staysUntilItsLeaseIsOver(edge);
            assertThat(edge.log().everything()).contains("the response is gone");
        }
    }

    /** Ten thousand requests may wait for the store, and what comes of those that were let in besides. */
    @Test
    void while_too_many_wait_for_the_store_nothing_is_begun_and_what_was_begun_is_stored() throws Exception {
        try (Edge edge = Edge.open(Way.ASYNC_ON_THREADS, "threads", "1")) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            CountDownLatch up = new CountDownLatch(1);
            CountDownLatch stuck = new CountDownLatch(1);
            edge.store.onGranted(ticket -> {
                stuck.countDown();
                try {
                    up.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            List<CompletableFuture<Call>> waiting = new ArrayList<>();
            for (int i = 0; i <= 10_000; i++) {
                waiting.add(edge.crosscut
                        .beginAsync(TestExchange.payment("another-" + i))
                        .toCompletableFuture());
                if (i == 0) {
                    stuck.await();
                }
            }
            TestExchange refused = TestExchange.payment("one-too-many");
            assertThat(edge.send(refused, () -> Response.of(201, "")).problem()).isEqualTo("idempotency-unavailable");
            assertThat(refused.state()).isEqualTo("unavailable");

            CompletableFuture<Optional<Reply>> settled = call.settleAsync(
                            Outcome.completed(201), ByteBuffer.wrap(new byte[] {7}))
                    .toCompletableFuture();
            assertThat(settled).isNotDone();
            up.countDown();
            assertThat(Way.await(settled)).isEmpty();
            call.end(Outcome.completed(201));
            waiting.forEach(each -> each.join().end(Outcome.cancelled("over")));
            assertThat(again(edge).body()).containsExactly(7);
        }
    }

    private static void staysUntilItsLeaseIsOver(Edge edge) {
        int before = edge.effects.get();
        assertThat(again(edge).problem()).isEqualTo("idempotency-conflict");
        assertThat(edge.crosscut.gauges()).containsEntry("crosscut.idempotency.owned", 0L);
        edge.store.pass(Duration.ofSeconds(30));
        isUnknown(edge);
        assertThat(edge.effects).hasValue(before);
        assertThat(edge.store.calls()).doesNotContain("renew", "release", "complete");
    }

    @ParameterizedTest
    @EnumSource
    void where_the_store_cannot_keep_the_outcome_the_client_gets_its_response_and_nothing_is_done_again(Way way) {
        try (Edge edge = Edge.open(way)) {
            edge.store.fail("complete", "renew");
            TestExchange exchange = TestExchange.payment(KEY);
            assertThat(edge.send(exchange, () -> Response.of(201, "first")).text())
                    .isEqualTo("first");
            assertThat(again(edge).problem()).isEqualTo("idempotency-conflict");
            edge.store.fail();
            assertThat(edge.log().warnings()).anyMatch(text -> text.contains("failed to complete"));
            assertThat(edge.effects).hasValue(1);
        }
    }
}
