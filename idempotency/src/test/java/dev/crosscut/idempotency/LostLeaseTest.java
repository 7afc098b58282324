package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An owner that learns, when its handler is done, that another one has its key. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LostLeaseTest {

    private static final String KEY = "key-7f3a";

    private static ByteBuffer stored(TestExchange exchange) {
        Reply reply = new Reply(
                201,
                Map.of("Location", List.of("/payments/2")),
                ByteBuffer.wrap("of the other".getBytes(StandardCharsets.UTF_8)));
        return new OutcomeFormat(Integer.MAX_VALUE, Optional.empty(), Map.of())
                .write(
                        RecordKey.parse(exchange.recordKey().orElseThrow()),
                        OutcomeFormat.Kind.REPLY,
                        StoredReply.write(reply));
    }

    private static Ticket takenOver(Edge edge, TestExchange exchange) {
        Fingerprint fingerprint = edge.store.find(exchange).orElseThrow().fingerprint();
        return edge.store.takeOver(exchange, fingerprint);
    }

    private static void isTold(Edge edge, TestExchange exchange) {
        assertThat(exchange.state()).isEqualTo("lost");
        assertThat(edge.crosscut.counters()).containsEntry("crosscut.idempotency.lost", 1L);
        assertThat(edge.crosscut.gauges()).containsEntry("crosscut.idempotency.owned", 0L);
        assertThat(edge.log().warnings())
                .singleElement()
                .asString()
                .contains("lost " + exchange.recordKey().orElseThrow());
    }

    @ParameterizedTest
    @EnumSource
    void its_client_gets_what_the_other_has_stored(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            edge.store.finish(takenOver(edge, exchange), stored(exchange));

            Response response = edge.ended(call, exchange, Response.of(201, "of the first"));
            assertThat(response.text()).isEqualTo("of the other");
            assertThat(response.header("Location")).contains("/payments/2");
            assertThat(response.isReplayed()).isTrue();
            isTold(edge, exchange);
            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"))
                            .text())
                    .isEqualTo("of the other");
        }
    }

    @ParameterizedTest
    @EnumSource
    void its_client_is_told_to_come_again_while_the_other_is_at_work(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            Ticket other = takenOver(edge, exchange);

            Response response = edge.ended(call, exchange, Response.of(201, "of the first"));
            assertThat(response.status()).isEqualTo(409);
            assertThat(response.problem()).isEqualTo("idempotency-conflict");
            isTold(edge, exchange);

            edge.store.finish(other, stored(exchange));
            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"))
                            .text())
                    .isEqualTo("of the other");
        }
    }

    @ParameterizedTest
    @EnumSource
    void so_it_is_where_the_store_cannot_be_asked_what_the_other_has_stored(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            takenOver(edge, exchange);
            edge.store.fail("claim");

            assertThat(edge.ended(call, exchange, Response.of(201, "of the first"))
                            .problem())
                    .isEqualTo("idempotency-conflict");
            assertThat(exchange.state()).isEqualTo("lost");
            assertThat(edge.log().warnings()).anyMatch(text -> text.contains("lost "));
            edge.store.fail();
        }
    }

    /** Its record was expired by hand, and the key has been used for something else since. */
    @ParameterizedTest
    @EnumSource
    void what_another_request_has_stored_is_not_given(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            edge.store.expire(RecordKey.parse(exchange.recordKey().orElseThrow()));
            edge.send(TestExchange.payment(KEY).carrying("{\"amount\":1}"), () -> Response.of(201, "of another"));

            assertThat(edge.ended(call, exchange, Response.of(201, "of the first"))
                            .problem())
                    .isEqualTo("idempotency-conflict");
            isTold(edge, exchange);
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_that_fails_after_all_does_not_take_the_key_from_the_other(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            Ticket other = takenOver(edge, exchange);
            assertThat(edge.ended(call, exchange, Response.of(500, "oops")).text())
                    .isEqualTo("oops");

            edge.store.finish(other, stored(exchange));
            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"))
                            .text())
                    .isEqualTo("of the other");
            edge.log();
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_that_has_had_no_effect_does_not_release_the_key_of_the_other(Way way) {
        try (Edge edge = Edge.open(way)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            takenOver(edge, exchange);
            edge.ended(call, exchange, Response.of(429, "later"));

            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"))
                            .problem())
                    .isEqualTo("idempotency-conflict");
            assertThat(edge.effects).hasValue(0);
            edge.log();
        }
    }
}
