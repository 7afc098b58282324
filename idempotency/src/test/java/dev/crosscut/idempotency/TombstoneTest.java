package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Responses that are not kept: what was done is done, and not done again. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TombstoneTest {

    private static final String KEY = "key-7f3a";

    private static void isNeitherReplayedNorDoneAgain(Edge edge, String path, String why) {
        int before = edge.effects.get();
        for (int i = 0; i < 2; i++) {
            TestExchange exchange = TestExchange.request("POST", path).key(KEY);
            Response response = edge.send(exchange, () -> Response.of(201, "again"));
            assertThat(response.status()).isEqualTo(409);
            assertThat(response.problem()).isEqualTo("idempotency-not-replayable");
            assertThat(response.header("Retry-After")).isEmpty();
            assertThat(exchange.state()).isEqualTo("not-replayable");
        }
        assertThat(edge.effects).hasValue(before);
        assertThat(edge.log().everything()).contains(why);
        assertThat(edge.log().warnings()).isEmpty();
        assertThat(edge.crosscut.counters()).containsEntry("crosscut.idempotency.not_replayable", 2L);
        assertThat(edge.store.calls()).contains("complete").doesNotContain("release", "renew");
    }

    private static Response first(Edge edge, String path, Response response) {
        return edge.send(TestExchange.request("POST", path).key(KEY), () -> response);
    }

    @ParameterizedTest
    @EnumSource
    void a_response_that_is_longer_than_is_kept(Way way) {
        try (Edge edge = Edge.open(way, "max-outcome", "100B")) {
            Response response = Response.of(201, new byte[101]);
            assertThat(first(edge, "/payments", response)).isSameAs(response);
            isNeitherReplayedNorDoneAgain(
                    edge, "/payments", "longer than 100 bytes (crosscut.idempotency.max-outcome)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_response_that_is_too_long_with_its_header_fields(Way way) {
        try (Edge edge = Edge.open(way, "max-outcome", "100B")) {
            Response response = Response.of(201, new byte[60]).with("Location", "/payments/" + "1".repeat(60));
            assertThat(first(edge, "/payments", response)).isSameAs(response);
            isNeitherReplayedNorDoneAgain(edge, "/payments", "and at most 100 are kept");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_stream(Way way) {
        try (Edge edge = Edge.open(way)) {
            first(
                    edge,
                    "/payments",
                    Response.of(200, "data: 1")
                            .with("Content-Type", "text/event-stream")
                            .streamed());
            isNeitherReplayedNorDoneAgain(edge, "/payments", "its response was a stream");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_response_that_nobody_held(Way way) {
        try (Edge edge = Edge.open(way)) {
            Call call = edge.begin(TestExchange.request("POST", "/payments").key(KEY));
            call.end(Outcome.completed(201));
            isNeitherReplayedNorDoneAgain(edge, "/payments", "its response was a stream");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_response_of_a_route_that_keeps_none(Way way) {
        try (Edge edge = Edge.open(way, "route.secret", "POST /secret", "route.secret.max-outcome", "0B")) {
            first(edge, "/secret", Response.of(204, ""));
            isNeitherReplayedNorDoneAgain(edge, "/secret", "at most 0 are kept");
        }
    }
}
