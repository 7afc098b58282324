package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What comes from outside at the edge of the service, and what goes out. */
class EdgeFuzzTest {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:+/=-]{1,128}");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final CorrelationIds IDS = new CorrelationIds(128, "");
    private static final Crosscut CROSSCUT = Crosscuts.of().build();

    @FuzzTest(maxDuration = "2m")
    void an_id_is_accepted_where_the_grammar_has_it(FuzzedDataProvider data) {
        String sent = data.consumeRemainingAsString();
        assertThat(IDS.accepts(sent)).isEqualTo(ID.matcher(sent).matches());

        TestExchange exchange = new TestExchange().sending("X-Correlation-ID", sent);
        CROSSCUT.begin(exchange).end(Outcome.completed());

        String id = exchange.get(Key.CORRELATION_ID).orElseThrow();
        assertThat(ID.matcher(id).matches()).isTrue();
        assertThat(exchange.responseHeaders).isEqualTo(Map.of("X-Correlation-ID", id));
    }

    @FuzzTest(maxDuration = "2m")
    void a_header_field_is_accepted_where_the_grammar_has_it(FuzzedDataProvider data) {
        String name = data.consumeBoolean() ? data.consumeString(40) : "X-Name";
        String value = data.consumeRemainingAsString();
        boolean valid = TOKEN.matcher(name).matches()
                && VALUE.matcher(value).matches()
                && !name.equalsIgnoreCase("Content-Type");
        try {
            Reply reply = Reply.problem(400, "t", "T").header(name, value).reply();
            assertThat(valid).isTrue();
            assertThat(reply.headers().get(name)).contains(value);
        } catch (IllegalArgumentException refused) {
            assertThat(valid).isFalse();
            assertThat(refused.getMessage().chars().allMatch(c -> c >= ' ' && c != 0x7f))
                    .isTrue();
        }
    }

    @FuzzTest(maxDuration = "2m")
    void a_problem_is_json_whatever_is_in_it(FuzzedDataProvider data) {
        String name = data.consumeString(20);
        double number = data.consumeDouble();
        String text = data.consumeRemainingAsString();
        Reply.Problem problem = Reply.problem(400, "t", text).detail(text);
        try {
            problem.with(name, List.of(Map.of(text, text), number));
        } catch (IllegalArgumentException refused) {
            assertThat(!Double.isFinite(number)
                            || List.of("type", "title", "status", "detail", "instance")
                                    .contains(name))
                    .isTrue();
        }

        Map<String, Object> read = JsonText.object(
                StandardCharsets.UTF_8.decode(problem.reply().body()).toString());

        assertThat(read).containsEntry("title", wellFormed(text)).containsEntry("detail", wellFormed(text));
    }

    /** With halves of surrogate pairs replaced, as UTF-8 cannot have them. */
    private static String wellFormed(String text) {
        StringBuilder whole = new StringBuilder();
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }
}
