package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Problem details as RFC 9457 has them, in JSON that a strict reader accepts, whatever is put into them. */
@Guarantees
class ProblemTest {

    private static Map<String, Object> json(Reply reply) {
        return JsonText.object(StandardCharsets.UTF_8.decode(reply.body()).toString());
    }

    private static Object written(Object value) {
        return json(Reply.problem(400, "t", "T").with("value", value).reply()).get("value");
    }

    @Test
    void it_has_the_standard_members_and_its_media_type() {
        Reply reply = Reply.problem(422, "out-of-credit", "You do not have enough credit.")
                .detail("Your balance is 30, but that costs 50.")
                .with("balance", 30)
                .reply();

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.headers()).isEqualTo(Map.of("Content-Type", List.of("application/problem+json")));
        assertThat(json(reply))
                .containsExactly(
                        Map.entry("type", "https://crosscut.dev/problems/out-of-credit"),
                        Map.entry("title", "You do not have enough credit."),
                        Map.entry("status", new BigDecimal(422)),
                        Map.entry("detail", "Your balance is 30, but that costs 50."),
                        Map.entry("balance", new BigDecimal(30)));
    }

    @ParameterizedTest
    @CsvSource({"https://example.com/p,https://example.com/p", "about:blank,about:blank", "urn:x:y,urn:x:y"})
    void a_type_of_ones_own_is_kept(String type, String expected) {
        assertThat(json(Reply.problem(400, type, "T").reply())).containsEntry("type", expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"type", "title", "status", "detail", "instance"})
    void a_standard_member_is_no_extension(String name) {
        assertThatThrownBy(() -> Reply.problem(400, "t", "T").with(name, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + " is a standard member of a problem");
    }

    static Stream<String> hostileTexts() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0x180; c++) {
            all.append(c);
        }
        return Stream.of(
                all.toString(),
                "\"",
                "\\",
                "\\\"",
                "\\u0041",
                "/",
                "</script>",
                "\u2028\u2029",
                "\ufeff",
                "\uffff",
                "\ud83d\ude00",
                "");
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void any_text_arrives_as_it_was(String text) {
        Reply reply = Reply.problem(400, "t", text)
                .detail(text)
                .with("text", text)
                .with("in", Map.of(text, List.of(text)))
                .reply();

        assertThat(json(reply))
                .containsEntry("title", text)
                .containsEntry("detail", text)
                .containsEntry("text", text)
                .containsEntry("in", Map.of(text, List.of(text)));
    }

    @ParameterizedTest
    @CsvSource({
        "a\\ud800,a\\ufffd",
        "\\udc00a,\\ufffda",
        "\\ud800\\ud800,\\ufffd\\ufffd",
        "\\udc00\\ud800,\\ufffd\\ufffd",
        "\\ud800\\ud83d\\ude00,\\ufffd\\ud83d\\ude00"
    })
    void half_of_a_surrogate_pair_becomes_the_replacement_character(String text, String expected) {
        assertThat(written(unescape(text))).isEqualTo(unescape(expected));
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("\\u", i)) {
                plain.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(true, true),
                Arguments.of(false, false),
                Arguments.of(Long.MIN_VALUE, new BigDecimal(Long.MIN_VALUE)),
                Arguments.of((byte) -1, new BigDecimal(-1)),
                Arguments.of(0.1, new BigDecimal("0.1")),
                Arguments.of(-0.0, new BigDecimal("0.0")),
                Arguments.of(1e300, new BigDecimal("1.0E300")),
                Arguments.of(1e-7f, new BigDecimal("1.0E-7")),
                Arguments.of(new BigDecimal("1E+400"), new BigDecimal("1E+400")),
                Arguments.of(new BigDecimal("0.00"), new BigDecimal("0.00")),
                Arguments.of(BigInteger.TEN.pow(400), new BigDecimal(BigInteger.TEN.pow(400))),
                Arguments.of(new AtomicLong(7), new BigDecimal(7)),
                Arguments.of(CharBuffer.wrap("built"), "built"),
                Arguments.of(List.of(), List.of()),
                Arguments.of(Map.of(), Map.of()),
                Arguments.of(List.of(1, "a", List.of(true)), List.of(new BigDecimal(1), "a", List.of(true))),
                Arguments.of(Map.of("a", Map.of("b", List.of())), Map.of("a", Map.of("b", List.of()))),
                Arguments.of(Map.of(1, 2), Map.of("1", new BigDecimal(2))));
    }

    @ParameterizedTest
    @MethodSource("values")
    void a_value_is_written_as_json_has_it(Object value, Object expected) {
        assertThat(written(value)).isEqualTo(expected);
    }

    /** A number to Java, and none to JSON. */
    private static final class Fraction extends Number {
        private static final long serialVersionUID = 1L;
        private final String text;

        Fraction(String text) {
            this.text = text;
        }

        @Override
        public int intValue() {
            return 0;
        }

        @Override
        public long longValue() {
            return 0;
        }

        @Override
        public float floatValue() {
            return 0.5f;
        }

        @Override
        public double doubleValue() {
            return 0.5;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static Stream<Object> unwritable() {
        return Stream.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                'c',
                new Object(),
                new int[] {1},
                Stream.of(1),
                new Fraction("1/2"),
                new Fraction("0,\"admin\":true"),
                List.of(List.of(Double.NaN)),
                Map.of("a", new Object()),
                Arrays.asList("a", null),
                new HashMap<>(java.util.Collections.singletonMap("a", null)));
    }

    @ParameterizedTest
    @MethodSource("unwritable")
    void a_value_that_is_none_in_json_is_refused_where_it_is_given(Object value) {
        Reply.Problem problem = Reply.problem(400, "t", "T");

        assertThatThrownBy(() -> problem.with("value", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "cannot be written as JSON; expected text, a finite number, a boolean, a list or a map");
        assertThat(json(problem.reply())).doesNotContainKey("value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+1", ".5", "1.", "\u0661", "-.5", "+.5E+7"})
    void a_number_in_a_spelling_of_its_own_is_written_as_json_has_it(String text) {
        assertThat(written(new Fraction(text))).isEqualTo(new BigDecimal(text));
    }

    @Test
    void header_fields_are_added_and_checked() {
        Reply reply = Reply.problem(429, "t", "T")
                .header("Retry-After", "3")
                .header("Link", "<a>")
                .header("Link", "<b>")
                .reply();

        assertThat(reply.headers())
                .containsEntry("Retry-After", List.of("3"))
                .containsEntry("Link", List.of("<a>", "<b>"));
        assertThatThrownBy(
                        () -> Reply.problem(429, "t", "T").header("A", "b\r\nc").reply())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Reply.problem(100, "t", "T").reply()).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type", "content-type", "CONTENT-TYPE"})
    void it_has_one_media_type(String name) {
        assertThatThrownBy(() -> Reply.problem(400, "t", "T").header(name, "text/html"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("application/problem+json");
    }

    @Test
    void the_replies_of_the_pipeline_are_problems_too() {
        for (Reply reply : List.of(Problems.contentTooLarge(10), Problems.unreadableBody(), Problems.guardFailed())) {
            assertThat(json(reply))
                    .containsKeys("type", "title", "status", "detail")
                    .containsEntry("status", new BigDecimal(reply.status()));
            assertThat(reply.headers()).containsEntry("Content-Type", List.of("application/problem+json"));
        }
        assertThat(json(Problems.contentTooLarge(10))).containsEntry("limit", new BigDecimal(10));
    }
}
