package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reply: checked when it is made, and the same for ever after. */
@Guarantees
class ReplyTest {

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    private static Reply with(String name, String... values) {
        return new Reply(200, Map.of(name, Arrays.asList(values)), ByteBuffer.allocate(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 301, 404, 599})
    void a_status_is_from_200_to_599(int status) {
        assertThat(Reply.of(status).status()).isEqualTo(status);
        assertThat(Reply.of(status).headers()).isEmpty();
        assertThat(Reply.of(status).body().remaining()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 100, 101, 199, 600, 999})
    void a_status_is_nothing_else(int status) {
        assertThatThrownBy(() -> Reply.of(status))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the status of a reply is " + status + "; expected 200 to 599");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "Content-Type", "x_y", "!#$%&'*+-.^_`|~", "0"})
    void a_name_of_a_header_field_is_a_token(String name) {
        assertThat(with(name, "v").headers()).containsEntry(name, List.of("v"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "A B", "A:", "A\r\nB", "A\u0000", "\u00c4", "A,B", "(A)", "A/B", "\"A\"", "A\u007f"})
    void a_name_of_a_header_field_is_nothing_else(String name) {
        assertThatThrownBy(() -> with(name, "v"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + HeaderFields.printable(name) + "' is not the name of a header field");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\tb", "\u00e9", "\"quoted\"", "a,b;c=d"})
    void a_value_of_a_header_field_is_visible_text(String value) {
        assertThat(with("A", value).headers()).containsEntry("A", List.of(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\nSet-Cookie: x",
                "a\nb",
                "a\rb",
                "\u0000",
                "\u001b[31m",
                "a\u007fb",
                "a\u0100b",
                "\u560a",
                "\u2028",
                "\ud83d\ude00"
            })
    void a_value_of_a_header_field_ends_no_line(String value) {
        assertThatThrownBy(() -> with("A", "good", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("the value of the header field A has the character U\\+[0-9A-F]{4} at index \\d+;"
                        + " expected visible ASCII or ISO-8859-1");
    }

    @Test
    void nothing_that_it_was_made_of_can_change_it() {
        List<String> values = new ArrayList<>(List.of("a"));
        Map<String, List<String>> headers = new LinkedHashMap<>(Map.of("A", values));
        byte[] content = "0123".getBytes(StandardCharsets.UTF_8);
        Reply reply = new Reply(200, headers, ByteBuffer.wrap(content, 1, 2));

        values.set(0, "b\r\n");
        headers.put("B", List.of("c"));
        content[1] = 'x';

        assertThat(reply.headers()).isEqualTo(Map.of("A", List.of("a")));
        assertThat(text(reply.body())).isEqualTo("12");
        assertThatThrownBy(() -> reply.headers().put("B", List.of())).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> reply.headers().get("A").add("b")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> reply.body().put(0, (byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void its_values_are_checked_as_they_are_kept() {
        AtomicInteger reads = new AtomicInteger();
        List<String> changing = new AbstractList<>() {
            @Override
            public String get(int index) {
                return reads.getAndIncrement() == 0 ? "good" : "bad\r\n";
            }

            @Override
            public int size() {
                return 1;
            }
        };

        try {
            Reply reply = new Reply(200, Map.of("A", changing), ByteBuffer.allocate(0));
            assertThat(reply.headers()).isEqualTo(Map.of("A", List.of("good")));
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("U+000D");
        }
    }

    @Test
    void each_view_of_the_body_begins_anew() {
        Reply reply = new Reply(200, Map.of(), bytes("body"));
        reply.body().get(new byte[4]);

        assertThat(text(reply.body())).isEqualTo("body");
    }

    @Test
    void a_body_of_any_kind_of_buffer_is_taken_from_its_position_to_its_limit() {
        ByteBuffer direct = ByteBuffer.allocateDirect(8);
        direct.put(bytes("..body")).flip().position(2);

        Reply reply = new Reply(200, Map.of(), direct.asReadOnlyBuffer());

        assertThat(text(reply.body())).isEqualTo("body");
        assertThat(direct.position()).as("the buffer that was given").isEqualTo(2);
    }

    @Test
    void header_fields_keep_their_order() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String name : List.of("Z", "A", "M", "B")) {
            headers.put(name, List.of(name));
        }

        assertThat(new Reply(200, headers, ByteBuffer.allocate(0)).headers().keySet())
                .containsExactly("Z", "A", "M", "B");
    }

    @Test
    void two_are_equal_where_all_that_they_say_is() {
        Reply reply = new Reply(201, Map.of("A", List.of("a")), bytes("body"));

        assertThat(reply)
                .isEqualTo(new Reply(201, Map.of("A", List.of("a")), bytes("body")))
                .hasSameHashCodeAs(new Reply(201, Map.of("A", List.of("a")), bytes("body")))
                .isNotEqualTo(new Reply(200, Map.of("A", List.of("a")), bytes("body")))
                .isNotEqualTo(new Reply(201, Map.of("A", List.of("b")), bytes("body")))
                .isNotEqualTo(new Reply(201, Map.of("A", List.of("a")), bytes("other")));
        reply.body().get();
        assertThat(reply).isEqualTo(new Reply(201, Map.of("A", List.of("a")), bytes("body")));
    }

    @Test
    void nothing_is_refused_where_something_is_due() {
        assertThatNullPointerException().isThrownBy(() -> new Reply(200, null, ByteBuffer.allocate(0)));
        assertThatNullPointerException().isThrownBy(() -> new Reply(200, Map.of(), null));
        assertThatNullPointerException().isThrownBy(() -> with("A", "a", null));
        assertThatNullPointerException().isThrownBy(() -> Decision.answer(null));
    }
}
