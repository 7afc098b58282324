package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MaskingSettingsTest {

    private final CapturedLog captured = CapturedLog.of("test.masking-settings");

    /** A Crosscut leaves its settings to Logback. */
    @AfterEach
    void release() {
        captured.close();
    }

    private static Masking masking(Map<String, String> settings) {
        String[] pairs = settings.entrySet().stream()
                .flatMap(setting -> Stream.of("mask." + setting.getKey(), setting.getValue()))
                .toArray(String[]::new);
        try (Crosscut crosscut = Crosscuts.with(pairs)) {
            return Masking.of(crosscut.settings());
        }
    }

    @Test
    void without_settings_all_that_is_built_in_is_hidden() {
        Masking masking = masking(Map.of());

        for (String text : new String[] {
            "4111111111111111", "password=abc", "bob@example.com", "DE89370400440532013000", "Bearer abcdef0123456789"
        }) {
            assertThat(masking.text(text)).isEqualTo(Masking.DEFAULT.text(text)).isNotEqualTo(text);
        }
        assertThat(masking.hides("password")).isTrue();
    }

    @Test
    void patterns_are_those_that_are_set() {
        Masking masking = masking(Map.of("patterns", "card, IBAN"));

        assertThat(masking.text("4111111111111111 DE89370400440532013000 bob@example.com password=abc"))
                .isEqualTo("***1111 DE***3000 bob@example.com password=abc");
        assertThat(masking.hides("password")).isTrue();
    }

    @Test
    void no_patterns_leave_text_alone() {
        String text = "4111111111111111 password=abc";

        assertThat(masking(Map.of("patterns", "")).text(text)).isSameAs(text);
    }

    @Test
    void names_paths_and_custom_patterns_are_added_to_what_is_built_in() {
        Masking masking = masking(Map.of(
                "names", "customer_number, !pin",
                "paths", "card.holder,items[*].note",
                "custom.order", "ORD-\\d{4}",
                "custom.badge", "(?i)badge \\w+"));

        assertThat(masking.hides("customerNumber")).isTrue();
        assertThat(masking.hides("pin")).isFalse();
        assertThat(masking.hides("card.holder")).isTrue();
        assertThat(masking.text("customerNumber=17 pin=1 ORD-1234 Badge x9 4111111111111111 password=ORD-1234"))
                .isEqualTo("customerNumber=*** pin=1 *** *** ***1111 password=***");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            patterns     | card,kard   | one of named-value, credentials, jwt, aws-key, private-key, url-user, card, iban, email
            names        | x           | the name of a field
            names        | pass*       | the name of a field
            paths        | *           | a path such as card.number
            paths        | a[0].b      | a path such as card.number
            custom.a     | (a          | a regular expression without references
            custom.a     | .*          | neither the empty text nor everything
            custom.a     | \\S+        | neither the empty text nor everything
            custom.a     | (a)\\1      | a regular expression without references
            custom.a     | (?=a)b      | a regular expression without references
            custom.a     | a+?         | lazy quantifiers
            """)
    void what_is_wrong_is_refused_at_start_with_what_was_expected(String key, String value, String expected) {
        assertThatThrownBy(() -> masking(Map.of(key, value)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging.mask." + key + " (builder) is '" + value + "'")
                .hasMessageContaining(expected);
    }

    @Test
    void all_that_is_wrong_is_said_at_once() {
        assertThatThrownBy(() -> masking(Map.of("custom.a", "(", "custom.b", ".*", "paths", "*", "patterns", "x")))
                .isInstanceOfSatisfying(
                        SettingsException.class, e -> assertThat(e.problems()).hasSize(4));
    }

    private static Masking early(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("crosscut.logging.mask." + key, value));
        return Masking.early(List.of(Source.of("test", full)));
    }

    @Test
    void what_is_set_holds_before_a_crosscut_is_built() {
        Masking masking = early(Map.of("patterns", "card , iban", "names", "dob,!pin", "custom.order", "ORD-\\d{4}"));

        assertThat(masking.text("4111111111111111 bob@example.com ORD-1234")).isEqualTo("***1111 bob@example.com ***");
        assertThat(masking.hides("dob")).isTrue();
        assertThat(masking.hides("pin")).isFalse();
        assertThat(early(Map.of("patterns", "")).text("4111111111111111")).isEqualTo("4111111111111111");
    }

    @Test
    void what_cannot_be_read_hides_no_less_before_a_crosscut_is_built() {
        Masking masking = early(Map.of(
                "patterns", "card,kard", "names", "x,dob", "paths", "*,a.b", "custom.a", "(a", "custom.b", ".*"));

        assertThat(masking.text("4111111111111111 bob@example.com")).isEqualTo("***1111 ***@example.com");
        assertThat(masking.hides("dob")).isTrue();
        assertThat(masking.hides("a.b")).isTrue();
        assertThat(masking.hides("a")).isFalse();
    }
}
