package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must be the same for each use of a key. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestFingerprintTest {

    private static final String KEY = "key-7f3a";

    private static String send(Edge edge, TestExchange exchange) {
        edge.send(exchange, () -> Response.of(201, "done"));
        return exchange.state();
    }

    private static TestExchange json(String body) {
        return TestExchange.payment(KEY).carrying(body);
    }

    private static void sameIf(boolean same, Edge edge, TestExchange first, TestExchange second) {
        assertThat(send(edge, first)).isEqualTo("executed");
        assertThat(send(edge, second)).isEqualTo(same ? "replayed" : "mismatch");
    }

    @ParameterizedTest
    @EnumSource
    void method_path_query_content_type_and_each_byte_of_the_body_count(Way way) {
        try (Edge edge = Edge.open(way, "scope", "tenant", "route.all", "/**")) {
            assertThat(send(edge, TestExchange.payment(KEY).asking("a=1"))).isEqualTo("executed");
            for (TestExchange other : List.of(
                    TestExchange.payment(KEY),
                    TestExchange.payment(KEY).asking(""),
                    TestExchange.payment(KEY).asking("a=2"),
                    TestExchange.payment(KEY).asking("a=1").sending("Content-Type"),
                    TestExchange.payment(KEY).asking("a=1").sending("Content-Type", "text/plain"),
                    TestExchange.payment(KEY).asking("a=1").carrying(""),
                    TestExchange.payment(KEY).asking("a=1").carrying("{\"amount\":500} "),
                    TestExchange.payment(KEY).asking("a=1").carrying("{\"amount\":501}"),
                    TestExchange.request("PATCH", "/payments")
                            .key(KEY)
                            .asking("a=1")
                            .sending("Content-Type", "application/json")
                            .carrying("{\"amount\":500}"),
                    TestExchange.request("POST", "/payments/")
                            .key(KEY)
                            .asking("a=1")
                            .sending("Content-Type", "application/json")
                            .carrying("{\"amount\":500}"))) {
                assertThat(send(edge, other)).isEqualTo("mismatch");
            }
            assertThat(send(edge, TestExchange.payment(KEY).asking("a=1").sending("User-Agent", "another")))
                    .isEqualTo("replayed");
            assertThat(edge.effects).hasValue(1);
        }
    }

    @Test
    void what_moves_from_one_part_to_the_next_is_something_else() {
        try (Edge edge = Edge.open(Way.BLOCKING, "scope", "tenant")) {
            TestExchange first =
                    TestExchange.request("POST", "/a").key(KEY).asking("b").sending("Content-Type", "c");
            assertThat(send(edge, first.carrying("d"))).isEqualTo("executed");
            TestExchange second = TestExchange.request("POST", "/ab").key(KEY).sending("Content-Type", "c");
            assertThat(send(edge, second.carrying("d"))).isEqualTo("mismatch");
            TestExchange third =
                    TestExchange.request("POST", "/a").key(KEY).asking("b").sending("Content-Type", "cd");
            assertThat(send(edge, third.carrying(""))).isEqualTo("mismatch");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"a":1,"b":2}             | {"b":2,"a":1}
            {"a":1}                   | { "a" : 1 }
            {"a":{"b":1,"c":2}}       | {"a":{"c":2,"b":1}}
            [{"a":1,"b":2}]           | [{"b":2,"a":1}]
            {"a":1.0}                 | {"a":1.00}
            {"a":1.0}                 | {"a":1}
            {"a":100}                 | {"a":1e2}
            {"a":1E2}                 | {"a":1e+2}
            {"a":0}                   | {"a":-0}
            {"a":0}                   | {"a":0.00}
            {"a":0}                   | {"a":0e5}
            {"a":1e400}               | {"a":10e399}
            {"a":1e-400}              | {"a":0.01e-398}
            {"a":"\\u0041"}           | {"a":"A"}
            {"a":"/"}                 | {"a":"\\/"}
            """)
    void where_that_is_set_json_of_the_same_value_is_the_same(String first, String second) {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            sameIf(false, edge, json(first), json(second));
        }
        try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
            sameIf(true, edge, json(first), json(second));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"a":1}                   | {"a":2}
            {"a":1}                   | {"a":"1"}
            {"a":1}                   | {"b":1}
            {"a":1}                   | {"a":1,"b":null}
            {"a":null}                | {}
            {"a":null}                | {"a":"null"}
            {"a":null}                | {"a":false}
            [1,2]                     | [2,1]
            [[1],2]                   | [1,[2]]
            {"a":[]}                  | {"a":{}}
            {"a":0.1}                 | {"a":0.10000000000000001}
            {"a":9007199254740993}    | {"a":9007199254740992}
            {"a":1e400}               | {"a":1e401}
            {"a":"\\ud800"}           | {"a":"\\ud801"}
            {"a":"\\ud800"}           | {"a":"?"}
            {"a":"\u00e9"}            | {"a":"e\u0301"}
            {"a":1,"a":2}             | {"a":2}
            {"a":1,"a":2}             | {"a":2,"a":1}
            """)
    void json_of_another_value_is_something_else(String first, String second) {
        try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
            sameIf(false, edge, json(first), json(second));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1,\"a\":1}",
                "{\"a\":1",
                "{\"a\":1}}",
                "{\"a\":1} {\"a\":1}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "amount=500",
                "\u0000",
            })
    void what_is_no_json_or_has_a_member_twice_counts_byte_by_byte(String body) {
        try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
            sameIf(true, edge, json(body), json(body));
            assertThat(send(edge, json(body + " "))).isEqualTo("mismatch");
        }
    }

    @Test
    void json_that_is_too_deep_or_has_too_long_a_number_counts_byte_by_byte_too() {
        for (String body : List.of("[".repeat(20_000) + "]".repeat(20_000), "[" + "1".repeat(20_000) + "]")) {
            try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
                sameIf(true, edge, json(body), json(body));
                assertThat(send(edge, json(body + " "))).isEqualTo("mismatch");
            }
        }
    }

    /** Written out, each of these numbers would have ten thousand digits. */
    @Test
    void numbers_take_no_more_room_than_they_have() {
        CanonicalJson json = new CanonicalJson();
        for (String number :
                List.of("1e9999", "-1.5E-9999", "1e999999999", "1e-999999999", "0." + "0".repeat(90) + "1")) {
            byte[] body = ("[" + (number + ",").repeat(1000) + "1]").getBytes(StandardCharsets.UTF_8);
            assertThat(json.of(ByteBuffer.wrap(body)).orElseThrow().length)
                    .as(number)
                    .isLessThan(body.length + 4_000);
        }
        assertThat(json.of(ByteBuffer.wrap("1".repeat(101).getBytes(StandardCharsets.UTF_8))))
                .isEmpty();
    }

    @Test
    void an_empty_body_is_something_else_than_null_and_the_same_as_itself() {
        try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
            sameIf(true, edge, json(""), json(""));
            for (String other : List.of("null", "{}", "\"\"", "[]", " ")) {
                assertThat(send(edge, json(other))).as("'%s'", other).isEqualTo("mismatch");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, true",
        "application/json; charset=utf-8, true",
        "Application/JSON ;x=y, true",
        "application/vnd.bank+json, true",
        "application/problem+json;a=b, true",
        "text/plain, false",
        "application/jsonx, false",
        "application/xml;a=application/json, false",
        "'', false"
    })
    void only_what_says_that_it_is_json_is_taken_for_json(String type, boolean isJson) {
        try (Edge edge = Edge.open(Way.BLOCKING, "canonical-json", "true")) {
            sameIf(
                    isJson,
                    edge,
                    json("{\"a\":1,\"b\":2}").sending("Content-Type", type),
                    json("{\"b\":2,\"a\":1}").sending("Content-Type", type));
        }
    }
}
