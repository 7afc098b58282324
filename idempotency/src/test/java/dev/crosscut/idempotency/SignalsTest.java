package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What exchanges, meters, listeners and logs say of a key, which is never the key. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignalsTest {

    private static final String KEY = "key-7f3a";

    private static TestExchange send(Edge edge, TestExchange exchange, int status) {
        edge.send(exchange, () -> Response.of(status, ""));
        return exchange;
    }

    private static void counted(Edge edge, Event... events) {
        Map<String, Long> expected = new TreeMap<>();
        for (Event event : Event.values()) {
            expected.put("crosscut.idempotency." + event.name().toLowerCase(Locale.ROOT), 0L);
        }
        for (Event event : events) {
            expected.merge("crosscut.idempotency." + event.name().toLowerCase(Locale.ROOT), 1L, Long::sum);
        }
        assertThat(edge.crosscut.counters()).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void each_case_has_its_word_on_the_exchange_its_hash_and_its_count(Way way) {
        try (Edge edge = Edge.open(way, "route.again", "POST /again", "route.again.on-abandoned", "re-execute")) {
            counted(edge);
            TestExchange none = send(edge, TestExchange.request("POST", "/payments"), 201);
            assertThat(none.state()).isEmpty();
            assertThat(none.recordKey()).isEmpty();
            counted(edge);

            TestExchange executed = send(edge, TestExchange.payment(KEY), 201);
            assertThat(executed.state()).isEqualTo("executed");
            assertThat(executed.recordKey().orElseThrow()).matches("[0-9a-f]{64}");
            assertThat(edge.store.find(executed)).isPresent();
            counted(edge, Event.EXECUTED);

            TestExchange replayed = send(edge, TestExchange.payment(KEY), 201);
            assertThat(replayed.state()).isEqualTo("replayed");
            assertThat(replayed.recordKey()).isEqualTo(executed.recordKey());
            counted(edge, Event.EXECUTED, Event.REPLAYED);

            TestExchange mismatch = send(edge, TestExchange.payment(KEY).asking("a"), 201);
            assertThat(mismatch.state()).isEqualTo("mismatch");
            assertThat(mismatch.recordKey()).isEqualTo(executed.recordKey());
            counted(edge, Event.EXECUTED, Event.REPLAYED, Event.MISMATCH);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_fails_is_counted_too(Way way) {
        try (Edge edge = Edge.open(way, "route.again", "POST /again", "route.again.on-abandoned", "re-execute")) {
            TestExchange first =
                    send(edge, TestExchange.request("POST", "/again").key(KEY), 500);
            assertThat(first.state()).isEqualTo("executed");
            counted(edge, Event.EXECUTED, Event.GIVEN_UP);

            TestExchange again =
                    send(edge, TestExchange.request("POST", "/again").key(KEY), 429);
            assertThat(again.state()).isEqualTo("re-executed");
            assertThat(again.recordKey()).isEqualTo(first.recordKey());
            counted(edge, Event.EXECUTED, Event.GIVEN_UP, Event.RE_EXECUTED, Event.GIVEN_UP);
        }
        try (Edge edge = Edge.open(way)) {
            send(edge, TestExchange.payment(KEY), 429);
            counted(edge, Event.EXECUTED, Event.RELEASED);
        }
        try (Edge edge = Edge.open(way)) {
            send(edge, TestExchange.payment(KEY), 500);
            assertThat(send(edge, TestExchange.payment(KEY), 201).state()).isEqualTo("unknown");
            counted(edge, Event.EXECUTED, Event.GIVEN_UP, Event.UNKNOWN);
        }
        try (Edge edge = Edge.open(way)) {
            Call call = edge.begin(TestExchange.payment(KEY));
            assertThat(edge.crosscut.gauges())
                    .isEqualTo(Map.of("crosscut.idempotency.owned", 1L, "crosscut.idempotency.pending", 0L));
            assertThat(send(edge, TestExchange.payment(KEY), 201).state()).isEqualTo("conflict");
            counted(edge, Event.EXECUTED, Event.CONFLICT);
            call.end(Outcome.completed(201));
            assertThat(edge.crosscut.gauges()).containsEntry("crosscut.idempotency.owned", 0L);
            assertThat(send(edge, TestExchange.payment(KEY), 201).state()).isEqualTo("not-replayable");
            counted(edge, Event.EXECUTED, Event.CONFLICT, Event.REPLAYED, Event.NOT_REPLAYABLE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_call_that_waits_for_the_store_is_seen(Way way) {
        try (Edge edge = Edge.open(way)) {
            edge.store.fail("complete");
            send(edge, TestExchange.payment(KEY), 201);
            counted(edge, Event.EXECUTED, Event.STORE_FAILED);
            assertThat(edge.crosscut.gauges())
                    .isEqualTo(Map.of("crosscut.idempotency.owned", 0L, "crosscut.idempotency.pending", 1L));
            assertThat(edge.log().warnings()).singleElement().asString().contains("failed to complete");
        }
    }

    @Test
    void the_word_shows_in_logs_and_reaches_no_exchange_within() {
        assertThat(Key.IDEMPOTENCY.isLoggable()).isTrue();
        assertThat(Key.IDEMPOTENCY.isInherited()).isFalse();
    }

    @Test
    void work_within_a_request_finds_its_run() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            edge.send(TestExchange.payment(KEY), () -> {
                String outside = IdempotentRun.current().orElseThrow().downstreamKey("psp");
                edge.crosscut.run(
                        "within",
                        () -> assertThat(IdempotentRun.current().orElseThrow().downstreamKey("psp"))
                                .isEqualTo(outside));
                return Response.of(201, "");
            });
            assertThat(IdempotentRun.current()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void listeners_are_told_of_routes_and_methods_and_of_no_path(Way way) {
        List<String> told = new CopyOnWriteArrayList<>();
        WatchedStore store = way.watched();
        IdempotencyPlugin plugin = new IdempotencyPlugin(store)
                .listener((event, operation, key) -> told.add(event + " " + operation + " " + key));
        try (Edge edge = Edge.open(way, store, plugin, "route.pay", "POST /payments/**")) {
            TestExchange declared =
                    send(edge, TestExchange.request("POST", "/payments/secret").key(KEY), 201);
            TestExchange known = send(
                    edge,
                    TestExchange.request("POST", "/orders/secret").key(KEY).knowing(Key.ROUTE, "/orders/{id}"),
                    201);
            TestExchange unknown =
                    send(edge, TestExchange.request("POST", "/secret\r\n").key(KEY), 201);
            assertThat(told)
                    .containsExactly(
                            "EXECUTED POST /payments/** " + declared.recordKey().orElseThrow(),
                            "EXECUTED POST /orders/{id} " + known.recordKey().orElseThrow(),
                            "EXECUTED POST " + unknown.recordKey().orElseThrow());
        }
    }

    /** In what is logged and answered, {@link Edge} looks for the key; here is the rest of what can be seen of it. */
    @ParameterizedTest
    @EnumSource
    void the_key_is_nowhere_to_be_seen(Way way) {
        String key = "a-private-key";
        for (String lenient : List.of("false", "true")) {
            try (Edge edge = Edge.open(way, "lenient-keys", lenient)) {
                send(edge, TestExchange.payment(key), 201);
                send(edge, TestExchange.payment(key), 201);
                send(edge, TestExchange.payment(key).asking("a"), 201);
                send(edge, TestExchange.request("POST", "/" + key).key(key), 500);
                send(edge, TestExchange.request("POST", "/" + key).key(key), 500);
                send(edge, TestExchange.payment(key).sending(TestExchange.HEADER, "\"" + key), 201);
                send(edge, TestExchange.payment(key).sending(TestExchange.HEADER, key + "\u00fc"), 201);
                send(edge, TestExchange.payment(key).sending(TestExchange.HEADER, key.repeat(30)), 201);
                send(edge, TestExchange.payment(key).sending(TestExchange.HEADER, key, key), 201);
                edge.send(TestExchange.payment(key + 2), () -> {
                    throw new IOException("of the handler");
                });
                TestExchange lost = TestExchange.payment(key + 3);
                Call call = edge.begin(lost);
                edge.store.takeOver(lost, edge.store.find(lost).orElseThrow().fingerprint());
                edge.ended(call, lost, Response.of(201, ""));
                edge.store.fail("claim", "complete", "release", "renew");
                send(edge, TestExchange.payment(key + 4), 201);
                edge.store.fail("complete", "release", "renew");
                for (int status : List.of(201, 429, 500)) {
                    TestExchange exchange = send(edge, TestExchange.payment(key + status), status);
                    exchange.forEach((name, value) -> {
                        if (name.isLoggable() || name.isInherited()) {
                            assertThat(value.toString()).as("%s", name).doesNotContain(key);
                        }
                    });
                    assertThat(exchange.toString()).doesNotContain(key);
                }
                edge.keep(key);
                assertThat(edge.log().everything())
                        .contains("failed to claim", "failed to complete", "failed to release", "failed to give up");
            }
        }
    }

    @Test
    void a_listener_that_fails_changes_nothing() {
        WatchedStore store = Way.BLOCKING.watched();
        IdempotencyPlugin plugin = new IdempotencyPlugin(store).listener((event, operation, key) -> {
            throw new IllegalStateException("a broken listener");
        });
        try (Edge edge = Edge.open(Way.BLOCKING, store, plugin)) {
            assertThat(send(edge, TestExchange.payment(KEY), 201).state()).isEqualTo("executed");
            assertThat(send(edge, TestExchange.payment(KEY), 201).state()).isEqualTo("replayed");
            assertThat(edge.log().warnings()).hasSize(2).allMatch(text -> text.contains("listener"));
        }
    }
}
