package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header field Idempotency-Key of a request, strict and lenient. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestKeysTest {

    private static Response sent(Edge edge, String... field) {
        for (String value : field) {
            edge.keep(value);
        }
        return edge.send(
                TestExchange.request("POST", "/payments").sending(TestExchange.HEADER, field),
                () -> Response.of(201, "done"));
    }

    private static void refuses(Edge edge, String what, String... field) {
        Response response = sent(edge, field);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.problem()).isEqualTo("idempotency-key-invalid");
        assertThat(response.text()).contains(what).contains("Idempotency-Key").contains("RFC 9651");
        assertThat(edge.effects).hasValue(0);
        assertThat(edge.store.calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_request_with_a_key_is_done_once(Way way) {
        try (Edge edge = Edge.open(way)) {
            assertThat(sent(edge, "\"key-7f3a\"").isReplayed()).isFalse();
            assertThat(sent(edge, "\"key-7f3a\"").isReplayed()).isTrue();
            assertThat(edge.effects).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_wrong_with_a_key_is_said_and_the_key_is_not(Way way) {
        try (Edge edge = Edge.open(way)) {
            refuses(edge, "There is a value that does not begin with a quotation mark at character 1", "key-7f3a");
            refuses(edge, "There is no closing quotation mark at character 10", "\"key-7f3a");
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', textBlock = """
            "key-7f3a                 | no closing quotation mark
            'key-7f3a'                | a value that does not begin with a quotation mark
            3f29bb1c-77aa-4c0e        | a value that does not begin with a quotation mark
            1234567                   | a value that does not begin with a quotation mark
            :aGVsbG8=:                | a value that does not begin with a quotation mark
            ?1                        | a value that does not begin with a quotation mark
            "key-7f3a", "key-7f3b"    | a list of values
            "key-7f3a" key-7f3b       | something after the closing quotation mark
            "key-\\7f3a"              | a backslash before something other than a quotation mark or a backslash
            "key-7f3a-\u00fc"         | a character that is not visible ASCII
            "key-7f3a";               | a parameter without a name
            "key-7f3a";a=             | a parameter without a value
            "key-7f3a";a=1.           | a decimal that is none
            ""                        | an empty key
            """)
    void each_kind_of_malformed_key_is_refused(String field, String what) {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            refuses(edge, what, field);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\t\"key-7f3a\"",
                "\"key-7f3a\"\t",
                "\u001f\"key-7f3a\"",
                "\"key-7f3a\"\u2028",
                "\u00a0\"key-7f3a\""
            })
    void only_spaces_are_put_up_with_around_a_key(String field) {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            refuses(edge, " at character ", field);
        }
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            sent(edge, "  \"key-7f3a\" ");
            assertThat(sent(edge, "\"key-7f3a\"").isReplayed()).isTrue();
        }
    }

    @Test
    void a_field_that_is_there_and_empty_is_no_missing_key() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            refuses(edge, "a value that does not begin with a quotation mark", "");
        }
    }

    @Test
    void a_field_that_comes_twice_is_refused_also_where_its_halves_make_a_string() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            refuses(edge, "a field of 2 values", "\"key-7f3a\"", "\"key-7f3a\"");
            refuses(edge, "a field of 2 values", "\"key-7f3a", "key-7f3b\"");
        }
    }

    @Test
    void a_key_of_255_characters_is_taken_and_one_of_256_is_not() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            refuses(edge, "a key of 256 characters, of at most 255", "\"" + "k".repeat(256) + "\"");
            assertThat(sent(edge, "\"" + "k".repeat(255) + "\"").status()).isEqualTo(201);
        }
    }

    @Test
    void characters_are_counted_as_they_are_without_escapes_and_by_the_setting() {
        try (Edge edge = Edge.open(Way.BLOCKING, "max-key-length", "3")) {
            refuses(edge, "a key of 4 characters, of at most 3", "\"abcd\"");
            assertThat(sent(edge, "\"\\\"\\\\\\\"\";a=\"long\"").status()).isEqualTo(201);
        }
    }

    @Test
    void parameters_are_no_part_of_the_key() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            sent(edge, "\"key-7f3a\"");
            assertThat(sent(edge, "\"key-7f3a\";v=2").isReplayed()).isTrue();
        }
    }

    @Test
    void keys_that_differ_by_case_or_spaces_are_two() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            sent(edge, "\"key-7f3a\"");
            sent(edge, "\"KEY-7f3a\"");
            sent(edge, "\"key-7f3a \"");
            assertThat(edge.effects).hasValue(3);
        }
    }

    @Test
    void where_that_is_set_a_bare_key_is_the_same_as_one_in_quotation_marks() {
        try (Edge edge = Edge.open(Way.BLOCKING, "lenient-keys", "true")) {
            sent(edge, "8e03978e-40d5-43dd-bc93-6894a57f9324");
            assertThat(sent(edge, "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"").isReplayed())
                    .isTrue();
            assertThat(sent(edge, " \"8e03978e-40d5-43dd-bc93-6894a57f9324\" ").isReplayed())
                    .isTrue();
            assertThat(sent(edge, "1234567").status()).isEqualTo(201);
            assertThat(sent(edge, "a=b/c+d:e").status()).isEqualTo(201);
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            key-7f3a,key-7f3b|a bare key with a character that it cannot have at character 9
            key-7f3a;a=1|a bare key with a character that it cannot have at character 9
            key 7f3a|a bare key with a character that it cannot have at character 4
            key-7f3a |a bare key with a character that it cannot have at character 9
            key-\\7f3a|a bare key with a character that it cannot have at character 5
            key-\u00fc-7f3a|a bare key with a character that it cannot have at character 5
            key-7f3a"|a value that does not begin with a quotation mark at character 1
            "key-7f3a|no closing quotation mark
            """)
    void a_bare_key_is_one_word_all_the_same(String field, String what) {
        try (Edge edge = Edge.open(Way.BLOCKING, "lenient-keys", "true")) {
            refuses(edge, what, field);
        }
    }

    @Test
    void a_bare_key_is_neither_empty_nor_longer_nor_sent_twice() {
        try (Edge edge = Edge.open(Way.BLOCKING, "lenient-keys", "true")) {
            refuses(edge, "an empty key", "");
            refuses(edge, "a key of 256 characters, of at most 255", "k".repeat(256));
            refuses(edge, "a field of 2 values", "key-7f3a", "key-7f3b");
        }
    }

    @Test
    void the_header_field_is_the_one_that_is_set_and_that_of_the_route_before_it() {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "header",
                "X-Key",
                "route.orders",
                "POST /orders",
                "route.orders.header",
                "X-Order-Key")) {
            Response refused = edge.send(
                    TestExchange.request("POST", "/orders").sending("X-Key", "\"key-7f3a\""),
                    () -> Response.of(200, ""));
            assertThat(refused.problem()).isEqualTo("idempotency-key-missing");
            assertThat(refused.text()).contains("the header field X-Order-Key");
            for (int i = 0; i < 2; i++) {
                edge.send(
                        TestExchange.request("POST", "/orders").sending("X-Order-Key", "\"key-7f3a\""),
                        () -> Response.of(200, ""));
                edge.send(
                        TestExchange.request("POST", "/other").sending("X-Key", "\"key-7f3a\""),
                        () -> Response.of(200, ""));
            }
            assertThat(edge.effects).hasValue(2);
        }
    }
}
