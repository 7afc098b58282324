package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a response, and what of it is given again. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReplayTest {

    private static final String KEY = "key-7f3a";

    private static final List<String> KEPT = List.of(
            "Content-Type",
            "Content-Language",
            "Content-Encoding",
            "Content-Disposition",
            "Content-Location",
            "Location",
            "ETag",
            "Last-Modified",
            "Link",
            "Vary",
            "Cache-Control");

    private static final List<String> NEVER = List.of(
            "Set-Cookie",
            "set-cookie2",
            "WWW-Authenticate",
            "Proxy-Authenticate",
            "Authentication-Info",
            "Proxy-Authentication-Info",
            "Clear-Site-Data",
            "Date",
            "Age",
            "Expires",
            "Connection",
            "Proxy-Connection",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Content-Length",
            "Server-Timing",
            "traceresponse",
            "traceparent",
            "TraceState",
            "b3",
            "X-B3-TraceId",
            "X-B3-SpanId",
            "X-Trace-Id",
            "X-Amzn-Trace-Id",
            "X-Cloud-Trace-Context",
            "uber-trace-id",
            "X-Correlation-ID",
            "X-Request-ID",
            "Idempotent-Replayed");

    private static Response first(Edge edge, Response response) {
        return edge.send(TestExchange.payment(KEY), () -> response);
    }

    private static Response again(Edge edge) {
        int before = edge.effects.get();
        TestExchange exchange = TestExchange.payment(KEY);
        Response response = edge.send(exchange, () -> Response.of(200, "again"));
        assertThat(exchange.state()).isEqualTo("replayed");
        assertThat(edge.effects).hasValue(before);
        return response;
    }

    static Stream<Named<byte[]>> bodies() {
        byte[] random = new byte[1 << 20];
        new Random(1).nextBytes(random);
        byte[] each = new byte[256];
        for (int i = 0; i < each.length; i++) {
            each[i] = (byte) i;
        }
        return Stream.of(
                Named.of("empty", new byte[0]),
                Named.of("NUL", new byte[1]),
                Named.of("each byte", each),
                Named.of("1 MiB", random));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void the_body_is_the_same_byte_by_byte(byte[] body) {
        for (Way way : Way.values()) {
            for (String above : List.of("0B", "64MB")) {
                try (Edge edge = Edge.open(way, "max-outcome", "2MB", "compress-above", above)) {
                    assertThat(first(edge, Response.of(201, body)).isReplayed()).isFalse();
                    Response replayed = again(edge);
                    assertThat(replayed.status()).isEqualTo(201);
                    assertThat(replayed.body()).isEqualTo(body);
                    assertThat(replayed.header("Idempotent-Replayed")).contains("true");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_header_fields_of_the_list_are_the_same_and_no_other_is_there(Way way) {
        try (Edge edge = Edge.open(way)) {
            Response response = Response.of(201, "done");
            for (String name : KEPT) {
                response = response.with(name, name + " of it, \"quoted\"; \u00e9", "and another");
            }
            for (String name : NEVER) {
                response = response.with(name, "of the first");
            }
            first(edge, response.with("X-Own", "of the first"));

            Response replayed = again(edge);
            for (String name : KEPT) {
                assertThat(replayed.headers())
                        .containsEntry(name, List.of(name + " of it, \"quoted\"; \u00e9", "and another"));
            }
            assertThat(replayed.headers().keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(KEPT.stream(), Stream.of("Idempotent-Replayed", "X-Correlation-ID"))
                                    .toList());
            assertThat(replayed.headers().values()).doesNotContain(List.of("of the first"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void each_exchange_has_its_own_correlation_id(Way way) {
        try (Edge edge = Edge.open(way)) {
            edge.send(TestExchange.payment(KEY).sending("X-Correlation-ID", "first"), () -> Response.of(201, ""));
            Response replayed = edge.send(
                    TestExchange.payment(KEY).sending("X-Correlation-ID", "second"), () -> Response.of(201, ""));
            assertThat(replayed.isReplayed()).isTrue();
            assertThat(replayed.header("X-Correlation-ID")).contains("second");
        }
    }

    @Test
    void the_list_is_the_one_that_is_set_each_name_once_whatever_its_case() {
        try (Edge edge = Edge.open(Way.BLOCKING, "headers", "x-own, X-Own,location,X-None")) {
            first(edge, Response.of(201, "").with("X-Own", "1", "2").with("Content-Type", "text/plain"));
            assertThat(again(edge).headers())
                    .containsOnlyKeys("X-Own", "Idempotent-Replayed", "X-Correlation-ID")
                    .containsEntry("x-own", List.of("1", "2"));
        }
        try (Edge edge = Edge.open(Way.BLOCKING, "headers", "")) {
            first(edge, Response.of(201, "").with("Content-Type", "text/plain"));
            assertThat(again(edge).headers()).containsOnlyKeys("Idempotent-Replayed", "X-Correlation-ID");
        }
    }

    static List<String> never() {
        return NEVER;
    }

    @ParameterizedTest
    @MethodSource("never")
    void a_list_with_what_is_of_one_response_alone_refuses_to_start(String name) {
        for (String spelled : List.of(name, name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT))) {
            assertThatThrownBy(() -> Edge.open(Way.BLOCKING, "headers", "ETag," + spelled))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("crosscut.idempotency.headers")
                    .hasMessageContaining("ETag," + spelled)
                    .hasMessageContaining("not of one response alone");
        }
    }

    @Test
    void so_does_one_with_the_header_field_of_the_correlation_id_that_is_set() {
        assertThatThrownBy(() -> Edge.open(
                        Way.BLOCKING, "headers", "ETag,x-cause", "crosscut.correlation.headers", "X-Id,X-Cause"))
                .hasMessageContaining("crosscut.idempotency.headers has X-Cause")
                .hasMessageContaining("crosscut.correlation.headers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"line\r\nSet-Cookie: a=b", "nul\u0000", "\u2603"})
    void a_header_value_that_cannot_be_sent_again_blocks_the_replay_and_the_work(String value) {
        for (Way way : Way.values()) {
            try (Edge edge = Edge.open(way)) {
                first(edge, Response.of(201, "done").with("Location", value));
                TestExchange exchange = TestExchange.payment(KEY);
                Response response = edge.send(exchange, () -> Response.of(201, "again"));
                assertThat(response.problem()).isEqualTo("idempotency-not-replayable");
                assertThat(exchange.state()).isEqualTo("not-replayable");
                assertThat(edge.effects).hasValue(1);
                assertThat(edge.log().everything()).contains("the value of the header field Location");
            }
        }
    }

    @Test
    void a_header_value_that_is_too_long_does_so_too() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            first(edge, Response.of(201, "done").with("Link", "x".repeat(65_535)));
            assertThat(again(edge).header("Link")).contains("x".repeat(65_535));
        }
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            first(edge, Response.of(201, "done").with("Link", "x".repeat(65_536)));
            assertThat(edge.send(TestExchange.payment(KEY), () -> Response.of(201, "again"))
                            .problem())
                    .isEqualTo("idempotency-not-replayable");
            assertThat(edge.effects).hasValue(1);
        }
    }

    @Test
    void what_is_stored_does_not_change_with_what_the_handler_does_to_its_buffer() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            byte[] body = {1, 2, 3};
            first(edge, Response.of(201, body));
            body[0] = 9;
            assertThat(again(edge).body()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void a_record_that_somebody_has_cut_off_is_not_replayed_and_not_done_again() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            TestExchange exchange = TestExchange.payment(KEY);
            Call call = edge.begin(exchange);
            Ticket ticket = edge.store.takeOver(
                    exchange, edge.store.find(exchange).orElseThrow().fingerprint());
            byte[] whole = StoredReply.write(Reply.problem(400, "x", "y").reply());
            byte[] half = Arrays.copyOf(whole, 9);
            RecordKey key = RecordKey.parse(exchange.recordKey().orElseThrow());
            edge.store.finish(
                    ticket,
                    new OutcomeFormat(Integer.MAX_VALUE, Optional.empty(), Map.of())
                            .write(key, OutcomeFormat.Kind.REPLY, half));
            call.end(Outcome.cancelled("over"));
            TestExchange second = TestExchange.payment(KEY);
            assertThat(edge.send(second, () -> Response.of(201, "again")).problem())
                    .isEqualTo("idempotency-not-replayable");
            assertThat(edge.effects).hasValue(0);
        }
    }

    @Test
    void encrypted_outcomes_are_replayed_also_once_none_is_encrypted_any_more() {
        String keys = "encryption-keys.old";
        String secret = "MDEyMzQ1Njc4OWFiY2RlZg==";
        try (Edge edge = Edge.open(Way.BLOCKING, "encryption-key", "old", keys, secret)) {
            first(edge, Response.of(201, "a private thing"));
            assertThat(again(edge).text()).isEqualTo("a private thing");
            try (Crosscut later = Crosscut.builder()
                    .discoverPlugins(false)
                    .source(Source.of("later", Edge.named(keys, secret)))
                    .plugin(new IdempotencyPlugin(edge.store))
                    .build()) {
                TestExchange exchange = TestExchange.payment(KEY);
                Call call = later.begin(exchange);
                assertThat(exchange.get(Key.IDEMPOTENCY)).contains("replayed");
                call.end(Outcome.completed());
            }
        }
    }
}
