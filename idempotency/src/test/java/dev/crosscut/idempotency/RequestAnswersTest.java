package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a request gets that is not done: 400, 409, 413, 422 and 503. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RequestAnswersTest {

    private static final String KEY = "key-7f3a";
    private static final int LONGER_THAN_THE_LEASE = 110;
    private static final Callable<Response> DONE = () -> Response.of(201, "done");

    private static Response send(Edge edge, TestExchange exchange) {
        return edge.send(exchange, DONE);
    }

    @ParameterizedTest
    @EnumSource
    void a_required_key_that_is_missing_is_asked_for(Way way) {
        try (Edge edge = Edge.open(way, "key", "required")) {
            TestExchange exchange = TestExchange.request("POST", "/payments");
            Response response = send(edge, exchange);
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.problem()).isEqualTo("idempotency-key-missing");
            assertThat(response.text()).contains("There is none; expected the header field Idempotency-Key");
            assertThat(exchange.state()).isEqualTo("missing");
            assertThat(edge.effects).hasValue(0);
            assertThat(edge.store.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_malformed_key_is_refused_where_it_is_optional_too(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.request("POST", "/payments").sending(TestExchange.HEADER, KEY);
            assertThat(send(edge, exchange).problem()).isEqualTo("idempotency-key-invalid");
            assertThat(exchange.state()).isEqualTo("invalid");
            assertThat(edge.effects).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void while_the_first_is_at_work_the_second_is_told_when_to_come_again(Way way) {
        try (Edge edge = Edge.open(way, "lease", "30s")) {
            TestExchange first = TestExchange.payment(KEY);
            Call call = edge.begin(first);

            edge.store.pass(Duration.ofMillis(19_001));
            TestExchange second = TestExchange.payment(KEY);
            Response response = send(edge, second);
            assertThat(response.status()).isEqualTo(409);
            assertThat(response.problem()).isEqualTo("idempotency-conflict");
            assertThat(response.header("Retry-After")).contains("11");
            assertThat(second.state()).isEqualTo("conflict");

            edge.store.pass(Duration.ofMillis(10_998));
            assertThat(send(edge, TestExchange.payment(KEY)).header("Retry-After"))
                    .contains("1");

            edge.ended(call, first, Response.of(201, "first"));
            assertThat(send(edge, TestExchange.payment(KEY)).text()).isEqualTo("first");
            assertThat(edge.effects).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void where_it_may_wait_the_second_gets_what_the_first_comes_to(Way way) throws Exception {
        try (Edge edge = Edge.open(way, "wait", "20s")) {
            TestExchange first = TestExchange.payment(KEY);
            Call call = edge.begin(first);

            TestExchange second = TestExchange.payment(KEY);
            FutureTask<Response> waiting = new FutureTask<>(() -> send(edge, second));
            Thread thread = new Thread(waiting);
            thread.start();
            while (edge.store.calls().size() < 2) {
                Thread.onSpinWait();
            }
            assertThat(waiting.isDone()).isFalse();
            edge.ended(call, first, Response.of(201, "first"));

            assertThat(waiting.get(20, TimeUnit.SECONDS).text()).isEqualTo("first");
            assertThat(second.state()).isEqualTo("replayed");
            thread.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void it_waits_no_longer_than_it_may(Way way) {
        try (Edge edge = Edge.open(way, "wait", "30ms")) {
            Call call = edge.begin(TestExchange.payment(KEY));
            Response response = send(edge, TestExchange.payment(KEY));
            assertThat(response.problem()).isEqualTo("idempotency-conflict");
            assertThat(edge.store.calls())
                    .as("asked again once the wait was over")
                    .contains("claim", "claim", "claim");
            assertThat(edge.store.calls()).hasSizeGreaterThan(2);
            call.end(Outcome.cancelled("over"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void of_many_at_once_one_is_done_and_all_get_what_it_comes_to(Way way) throws Exception {
        try (Edge edge = Edge.open(way, "wait", "30s")) {
            CountDownLatch begun = new CountDownLatch(1);
            List<FutureTask<Response>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                FutureTask<Response> each = new FutureTask<>(() -> {
                    begun.await();
                    return edge.send(TestExchange.payment(KEY), () -> Response.of(201, "effect " + edge.effects.get()));
                });
                new Thread(each).start();
                all.add(each);
            }
            begun.countDown();
            for (FutureTask<Response> each : all) {
                assertThat(each.get(30, TimeUnit.SECONDS).text()).isEqualTo("effect 1");
            }
            assertThat(edge.effects).hasValue(1);
        }
    }

    @Test
    void no_event_loop_ever_waits_for_a_store_that_blocks() {
        try (Edge edge = Edge.open(Way.ASYNC_ON_THREADS)) {
            for (int status : List.of(201, 429, 500)) {
                edge.send(TestExchange.payment(KEY + status), () -> Response.of(status, ""));
            }
            assertThat(edge.store.calls()).contains("claim", "complete", "release", "renew");
            assertThat(edge.store.threads()).containsExactly("crosscut-idempotency-store");
        }
    }

    @Test
    void no_more_threads_than_are_set_wait_for_the_store() {
        try (Edge edge = Edge.open(Way.ASYNC_ON_THREADS, "threads", "1")) {
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            edge.store.onGranted(ticket -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                await(20);
                now.decrementAndGet();
            });
            List<CompletableFuture<Call>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(edge.crosscut.beginAsync(TestExchange.payment(KEY + i)).toCompletableFuture());
            }
            all.forEach(call -> call.join().end(Outcome.cancelled("over")));
            assertThat(most).hasValue(1);
        }
    }

    /** As after a change of the key that outcomes are encrypted with. */
    @ParameterizedTest
    @EnumSource
    void where_recovery_points_cannot_be_read_nothing_is_done_again(Way way) {
        try (Edge edge = Edge.open(way, "on-abandoned", "re-execute")) {
            TestExchange first = TestExchange.payment(KEY);
            Call call = edge.begin(first);
            Fingerprint fingerprint = edge.store.find(first).orElseThrow().fingerprint();
            edge.store.giveUp(edge.store.takeOver(first, fingerprint), ByteBuffer.wrap(new byte[] {9, 9, 9}));
            call.end(Outcome.cancelled("over"));

            TestExchange second = TestExchange.payment(KEY);
            assertThat(send(edge, second).problem()).isEqualTo("idempotency-outcome-unknown");
            assertThat(second.state()).isEqualTo("unknown");
            assertThat(edge.effects).hasValue(0);
            assertThat(edge.log().warnings()).anyMatch(text -> text.contains("the recovery points of"));
        }
    }

    @Test
    void the_wait_of_a_route_is_its_own() {
        try (Edge edge = Edge.open(Way.BLOCKING, "wait", "1h", "route.pay", "POST /payments", "route.pay.wait", "0s")) {
            Call call = edge.begin(TestExchange.payment(KEY));
            assertThat(send(edge, TestExchange.payment(KEY)).problem()).isEqualTo("idempotency-conflict");
            call.end(Outcome.cancelled("over"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_key_of_another_request_is_refused_in_flight_when_done_and_when_abandoned(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange first = TestExchange.payment(KEY);
            Call call = edge.begin(first);
            mismatches(edge, KEY);
            edge.ended(call, first, Response.of(201, "first"));
            mismatches(edge, KEY);

            edge.send(TestExchange.payment("key-failed"), () -> Response.of(500, "half done"));
            mismatches(edge, "key-failed");
        }
    }

    private static void mismatches(Edge edge, String key) {
        int before = edge.effects.get();
        TestExchange other = TestExchange.payment(key).carrying("{\"amount\":501}");
        Response response = send(edge, other);
        assertThat(response.status()).isEqualTo(422);
        assertThat(response.problem()).isEqualTo("idempotency-mismatch");
        assertThat(other.state()).isEqualTo("mismatch");
        assertThat(edge.effects).hasValue(before);
    }

    @ParameterizedTest
    @EnumSource
    void while_the_store_is_down_nothing_with_a_key_is_done(Way way) {
        try (Edge edge = Edge.open(way)) {
            edge.store.fail("claim");
            TestExchange exchange = TestExchange.payment(KEY);
            Response response = send(edge, exchange);
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.problem()).isEqualTo("idempotency-unavailable");
            assertThat(response.header("Retry-After")).contains("1");
            assertThat(response.text()).doesNotContain("the store is down");
            assertThat(exchange.state()).isEqualTo("unavailable");
            assertThat(edge.effects).hasValue(0);

            assertThat(send(edge, TestExchange.request("POST", "/payments")).status())
                    .as("without a key")
                    .isEqualTo(201);
            assertThat(edge.log().warnings()).anyMatch(text -> text.contains("failed to claim"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void only_a_route_that_says_so_is_done_unprotected_while_the_store_is_down(Way way) {
        try (Edge edge = Edge.open(
                way,
                "route.log",
                "POST /log",
                "route.log.on-store-failure",
                "proceed",
                "route.pay",
                "POST /payments",
                "route.pay.on-store-failure",
                "refuse")) {
            edge.store.fail("claim");
            TestExchange exchange = TestExchange.request("POST", "/log").key(KEY);
            assertThat(send(edge, exchange).status()).isEqualTo(201);
            assertThat(exchange.state()).isEqualTo("unprotected");
            assertThat(edge.effects).hasValue(1);

            assertThat(send(edge, TestExchange.payment(KEY)).status()).isEqualTo(503);
            assertThat(send(edge, TestExchange.request("POST", "/other").key(KEY))
                            .status())
                    .isEqualTo(503);
            assertThat(send(edge, TestExchange.request("POST", "/log")).status())
                    .as("without its key")
                    .isEqualTo(400);
            assertThat(edge.effects).hasValue(1);
            assertThat(edge.log().warnings())
                    .anyMatch(text -> text.contains("unprotected (crosscut.idempotency.route.log.on-store-failure)"));

            edge.store.fail();
            send(edge, TestExchange.request("POST", "/log").key(KEY));
            assertThat(send(edge, TestExchange.request("POST", "/log").key(KEY)).isReplayed())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_body_over_its_bound_is_refused_before_anything_is_claimed(Way way) {
        try (Edge edge =
                Edge.open(way, "max-request", "10B", "route.big", "POST /big", "route.big.max-request", "11B")) {
            TestExchange exchange = TestExchange.request("POST", "/payments").key(KEY);
            assertThat(send(edge, exchange.carrying(new byte[11])).status()).isEqualTo(413);
            assertThat(edge.store.calls()).isEmpty();
            assertThat(exchange.recordKey()).isEmpty();

            assertThat(send(
                                    edge,
                                    TestExchange.request("POST", "/payments")
                                            .key(KEY)
                                            .carrying(new byte[10]))
                            .status())
                    .isEqualTo(201);
            assertThat(send(edge, TestExchange.request("POST", "/big").key(KEY).carrying(new byte[11]))
                            .status())
                    .isEqualTo(201);
            assertThat(send(edge, TestExchange.request("POST", "/payments").carrying(new byte[11]))
                            .status())
                    .as("without a key")
                    .isEqualTo(201);
        }
    }

    /** The lease is counted from before the claim, so an owner that hears of it late may be none any more. */
    @ParameterizedTest
    @EnumSource
    void a_claim_that_took_longer_than_its_lease_is_checked_before_the_work_begins(Way way) {
        try (Edge edge = Edge.open(way, "lease", "100ms")) {
            edge.store.onGranted(ticket -> await(LONGER_THAN_THE_LEASE));
            TestExchange exchange = TestExchange.payment(KEY);
            assertThat(send(edge, exchange).status()).isEqualTo(201);
            assertThat(exchange.state()).isEqualTo("executed");
            assertThat(edge.store.calls()).startsWith("claim", "renew");
        }
    }

    @ParameterizedTest
    @EnumSource
    void where_that_cannot_be_checked_nothing_is_done_and_the_key_is_given_back(Way way) throws Exception {
        try (Edge edge = Edge.open(way, "lease", "100ms")) {
            edge.store.onGranted(ticket -> await(LONGER_THAN_THE_LEASE));
            edge.store.fail("renew");
            TestExchange exchange = TestExchange.payment(KEY);
            Response response = send(edge, exchange);
            assertThat(response.problem()).isEqualTo("idempotency-conflict");
            assertThat(exchange.state()).isEqualTo("lost");
            assertThat(edge.effects).hasValue(0);
            assertThat(edge.crosscut.gauges()).containsEntry("crosscut.idempotency.owned", 0L);
            assertThat(edge.crosscut.faults()).isEmpty();

            edge.store.onGranted(ticket -> {});
            edge.store.fail();
            assertThat(send(edge, TestExchange.payment(KEY)).status()).isEqualTo(201);
            assertThat(edge.log().warnings()).anyMatch(text -> text.contains("failed to renew"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void where_somebody_else_has_it_by_then_nothing_is_done_either(Way way) {
        try (Edge edge = Edge.open(way, "lease", "100ms")) {
            edge.store.onGranted(ticket -> {
                edge.store.expire(ticket.key());
                await(LONGER_THAN_THE_LEASE);
            });
            TestExchange exchange = TestExchange.payment(KEY);
            assertThat(send(edge, exchange).problem()).isEqualTo("idempotency-conflict");
            assertThat(exchange.state()).isEqualTo("lost");
            assertThat(edge.effects).hasValue(0);
            assertThat(edge.crosscut.gauges()).containsEntry("crosscut.idempotency.owned", 0L);
            assertThat(edge.log().warnings()).singleElement().asString().contains("lost ");
        }
    }

    private static void await(int millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
