package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are handled once, by their id. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MessagesTest {

    private static final String ID = "messaging.message.id";

    private static TestExchange message(String id) {
        return TestExchange.message("payments").having(ID, id);
    }

    /** Handles a message unless it is answered; returns the status that the adapter gets in place of a handler. */
    private static int handle(Edge edge, TestExchange exchange, Outcome outcome) {
        Call call = edge.begin(exchange);
        exchange.attribute(ID).ifPresent(id -> edge.keep(id.toString()));
        int answered = call.answer().map(Reply::status).orElse(0);
        if (answered == 0) {
            edge.effects.incrementAndGet();
        }
        call.end(outcome);
        return answered;
    }

    private static int handle(Edge edge, TestExchange exchange) {
        return handle(edge, exchange, Outcome.completed());
    }

    @ParameterizedTest
    @EnumSource
    void a_message_is_handled_once_by_its_id(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
            TestExchange again = message("id-7f3a01");
            assertThat(handle(edge, again)).isEqualTo(200);
            assertThat(again.state()).isEqualTo("replayed");
            assertThat(again.recordKey()).isPresent();
            assertThat(handle(edge, message("id-7f3a02"))).isZero();
            assertThat(edge.effects).hasValue(2);
        }
    }

    @Test
    void an_id_is_of_one_tenant_and_topic() {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.all", "*")) {
            handle(edge, message("id-7f3a01"));
            handle(edge, message("id-7f3a01").knowing(Key.TENANT, "acme"));
            handle(edge, TestExchange.message("refunds").having(ID, "id-7f3a01"));
            assertThat(edge.effects).hasValue(3);
            assertThat(handle(
                            edge,
                            message("id-7f3a01").knowing(Key.CALLER, "ann").sending("attempt", "2")))
                    .as("whoever delivers it, and with whatever headers")
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"messaging.consumer.group.name", "messaging.destination.subscription.name"})
    void each_group_of_consumers_handles_each_message_once(String attribute) {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", "payments")) {
            for (String group : new String[] {"ledger", "mails"}) {
                assertThat(handle(edge, message("id-7f3a01").having(attribute, group)))
                        .isZero();
                assertThat(handle(edge, message("id-7f3a01").having(attribute, group)))
                        .isEqualTo(200);
            }
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
        }
    }

    @Test
    void an_id_may_be_a_number() {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", "payments")) {
            handle(edge, TestExchange.message("payments").having(ID, 42L));
            assertThat(handle(edge, TestExchange.message("payments").having(ID, 42L)))
                    .isEqualTo(200);
        }
    }

    @Test
    void messages_that_no_route_names_are_handled_each_time() {
        try (Edge edge =
                Edge.open(Way.BLOCKING, "key", "required", "route.other", "refunds", "route.http", "POST /payments")) {
            handle(edge, message("id-7f3a01"));
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
            assertThat(edge.store.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_header_that_the_route_names_has_the_id(Way way) {
        for (String name : new String[] {"event-id", "Idempotency-Key"}) {
            try (Edge edge = Edge.open(way, "route.pay", "payments", "route.pay.header", name)) {
                assertThat(handle(edge, message("id-7f3a01").sending(name, "event-1")))
                        .isZero();
                assertThat(handle(edge, message("id-7f3a02").sending(name, "event-1")))
                        .as("another message of the same event")
                        .isEqualTo(200);
                assertThat(handle(edge, message("id-7f3a01").sending(name, "event-2")))
                        .isZero();
                TestExchange without = message("id-7f3a03");
                assertThat(handle(edge, without)).isEqualTo(400);
                assertThat(without.state()).isEqualTo("missing");
            }
        }
    }

    @Test
    void the_header_of_requests_is_none_of_messages() {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", "payments", "header", "event-id")) {
            assertThat(handle(edge, message("id-7f3a01").sending("event-id", "event-1")))
                    .isZero();
            assertThat(handle(edge, message("id-7f3a02").sending("event-id", "event-1")))
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_that_failed_is_not_handled_again_unless_that_is_allowed(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            assertThat(handle(edge, message("id-7f3a01"), Outcome.failed(new IOException("half done"))))
                    .isZero();
            TestExchange again = message("id-7f3a01");
            assertThat(handle(edge, again)).isEqualTo(409);
            assertThat(again.state()).isEqualTo("unknown");
        }
        try (Edge edge = Edge.open(way, "route.pay", "payments", "route.pay.on-abandoned", "re-execute")) {
            handle(edge, message("id-7f3a01"), Outcome.failed(new IOException("half done")));
            TestExchange again = message("id-7f3a01");
            assertThat(handle(edge, again)).isZero();
            assertThat(again.state()).isEqualTo("re-executed");
            assertThat(handle(edge, message("id-7f3a01"))).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_that_failed_without_effect_is_handled_again(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            TestExchange exchange = message("id-7f3a01");
            Call call = edge.begin(exchange);
            try (var scope = call.attach()) {
                IdempotentRun.current().orElseThrow().noEffect();
            }
            call.end(Outcome.failed(new IOException("no connection")));
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_that_is_being_handled_is_refused_elsewhere_until_then_and_also_once_its_handler_was_cut_off(
            Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments", "route.pay.lease", "10s")) {
            Call call = edge.begin(message("id-7f3a01"));
            TestExchange other = message("id-7f3a01");
            assertThat(handle(edge, other)).isEqualTo(409);
            assertThat(other.state()).isEqualTo("conflict");
            call.end(Outcome.cancelled("the consumer was stopped"));
            assertThat(handle(edge, message("id-7f3a01"))).isEqualTo(409);
            edge.store.pass(Duration.ofSeconds(10));
            TestExchange later = message("id-7f3a01");
            assertThat(handle(edge, later)).isEqualTo(409);
            assertThat(later.state()).isEqualTo("unknown");
            assertThat(edge.effects).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_batch_is_left_to_its_handler(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            for (int i = 0; i < 2; i++) {
                TestExchange batch =
                        message("id-7f3a01").with(message("id-7f3a01")).with(message("id-7f3a02"));
                assertThat(handle(edge, batch)).isZero();
                assertThat(batch.state()).isEmpty();
            }
            assertThat(edge.store.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_without_an_id_is_refused_where_it_is_required(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            for (TestExchange exchange : new TestExchange[] {TestExchange.message("payments"), message("")}) {
                Call call = edge.begin(exchange);
                assertThat(call.answer().orElseThrow().status()).isEqualTo(400);
                assertThat(exchange.answered(call.answer().orElseThrow()).text())
                        .contains("There is none; expected a message id (messaging.message.id) that is not empty");
                assertThat(exchange.state()).isEqualTo("missing");
                call.end(Outcome.completed());
            }
            assertThat(edge.store.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void and_handled_each_time_where_it_is_optional(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments", "route.pay.key", "optional")) {
            assertThat(handle(edge, TestExchange.message("payments"))).isZero();
            assertThat(handle(edge, TestExchange.message("payments"))).isZero();
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
            assertThat(handle(edge, message("id-7f3a01"))).isEqualTo(200);
        }
        try (Edge edge = Edge.open(way, "route.pay", "payments", "route.pay.key", "off")) {
            handle(edge, message("id-7f3a01"));
            assertThat(handle(edge, message("id-7f3a01"))).isZero();
        }
    }

    @Test
    void a_message_with_two_ids_is_refused() {
        try (Edge edge = Edge.open(
                Way.BLOCKING, "route.pay", "payments", "route.pay.header", "event-id", "route.pay.key", "optional")) {
            TestExchange exchange = message("id-7f3a01").sending("event-id", "event-1", "event-2");
            Call call = edge.begin(exchange);
            assertThat(exchange.answered(call.answer().orElseThrow()).text())
                    .contains("There is a header of 2 values; expected one header event-id");
            assertThat(exchange.state()).isEqualTo("invalid");
            call.end(Outcome.completed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void while_the_store_is_down_a_message_is_refused(Way way) {
        try (Edge edge = Edge.open(way, "route.pay", "payments")) {
            edge.store.fail("claim");
            TestExchange exchange = message("id-7f3a01");
            assertThat(handle(edge, exchange)).isEqualTo(503);
            assertThat(exchange.state()).isEqualTo("unavailable");
            assertThat(edge.log().warnings()).isNotEmpty();
        }
    }
}
