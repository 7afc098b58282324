package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each type of setting reads, and that it reads nothing else. */
@Guarantees
class SettingTypesTest {

    enum Mode {
        FAIL_OPEN,
        FAIL_CLOSED,
        OFF {
            @Override
            public String toString() {
                return "switched off";
            }
        }
    }

    private static final Setting<String> TEXT = Setting.text("crosscut.x.value", "A text.");
    private static final Setting<Boolean> FLAG = Setting.flag("crosscut.x.value", "A flag.");
    private static final Setting<Integer> INTEGER = Setting.integer("crosscut.x.value", "A number.");
    private static final Setting<Duration> DURATION = Setting.duration("crosscut.x.value", "A time.");
    private static final Setting<Long> SIZE = Setting.size("crosscut.x.value", "A size.");
    private static final Setting<Mode> CHOICE = Setting.choice("crosscut.x.value", "A mode.", Mode.class);

    private static <T> void assertReads(Setting<T> setting, String text, T expected) {
        assertThat(Settable.read(setting, text)).isEqualTo(expected);
        assertThat(Settable.read(setting, "  " + text + "\t")).as("stripped").isEqualTo(expected);
        assertThat(setting.or(expected).defaultText().map(shown -> Settable.read(setting, shown)))
                .as("as it is shown")
                .contains(expected);
    }

    private static void assertRefuses(Setting<?> setting, String text) {
        assertThatThrownBy(() -> Settable.read(setting, text))
                .isInstanceOf(SettingsException.class)
                .hasMessage("1 problem in the configuration:\n  - crosscut.x.value (test) is '"
                        + HeaderFields.printable(text) + "'; expected " + setting.expected());
    }

    @Test
    void a_text_is_what_is_written_without_the_space_around_it() {
        assertReads(TEXT, "a b", "a b");
        assertReads(TEXT, "", "");
        assertReads(TEXT, "\u00e4\ud83d\ude00", "\u00e4\ud83d\ude00");
    }

    @ParameterizedTest
    @CsvSource({"true,true", "false,false", "TRUE,true", "False,false"})
    void a_flag_is_true_or_false(String text, boolean expected) {
        assertReads(FLAG, text, expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yes", "no", "on", "off", "1", "0", "t", "y", "enabled", "true,", "tru\u0435", "null"})
    void a_flag_is_nothing_else(String text) {
        assertRefuses(FLAG, text);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "-1,-1", "+7,7", "007,7", "2147483647,2147483647", "-2147483648,-2147483648"})
    void a_number_is_whole_and_fits_32_bits(String text, int expected) {
        assertReads(INTEGER, text, expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2147483648",
                "1.0",
                "1e3",
                "0x10",
                "1_000",
                "1,000",
                "1 000",
                "--1",
                "one",
                "1L",
                "NaN",
                "٣x"
            })
    void a_number_is_nothing_else(String text) {
        assertRefuses(INTEGER, text);
    }

    @ParameterizedTest
    @CsvSource({
        "0s,PT0S", "0d,PT0S", "1ns,PT0.000000001S", "250us,PT0.00025S", "250ms,PT0.25S", "30s,PT30S", "15m,PT15M",
        "24h,PT24H", "7d,PT168H", "90m,PT90M", "1500ms,PT1.5S", "15 m,PT15M", "PT30S,PT30S", "pt1h30m,PT1H30M",
        "P1D,PT24H", "P1DT1H,PT25H", "PT0.5S,PT0.5S", "-PT-5S,PT5S", "106751d,PT2562024H"
    })
    void a_duration_is_a_number_and_a_unit_or_iso_8601(String text, Duration expected) {
        assertReads(DURATION, text, expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "30",
                "0",
                "-1s",
                "PT-1S",
                "-PT1S",
                "30 seconds",
                "1.5s",
                "30S",
                "5M",
                "1w",
                "1y",
                "s",
                "24 hours",
                "1h30m",
                "P1Y",
                "P1M",
                "P1W",
                "PT",
                "1\u00a0s",
                "\u0661s",
                "30s;",
                "9223372036854775807s",
                "106752d",
                "999999999999999999s",
                "999999999999999999d",
                "999999999999999999us",
                "9999999999999999999s",
                "PT9223372036854775807S",
                "P106752D",
                "PT9223372036.854775808S"
            })
    void a_duration_is_nothing_else_and_not_longer_than_nanoseconds_can_count(String text) {
        assertRefuses(DURATION, text);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "512,512",
        "512B,512",
        "64KB,65536",
        "64 kb,65536",
        "10MB,10485760",
        "1GB,1073741824",
        "1TB,1099511627776",
        "8388607TB,9223370937343148032",
        "999999999999999999,999999999999999999"
    })
    void a_size_is_a_number_of_bytes_or_of_units_of_1024(String text, long expected) {
        assertReads(SIZE, text, expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "-1KB",
                "1.5MB",
                "1KiB",
                "1K",
                "1PB",
                "KB",
                "8388608TB",
                "9999999999999999999",
                "1 M B",
                "ten"
            })
    void a_size_is_nothing_else(String text) {
        assertRefuses(SIZE, text);
    }

    @ParameterizedTest
    @CsvSource({"fail-open,FAIL_OPEN", "fail-closed,FAIL_CLOSED", "FAIL-CLOSED,FAIL_CLOSED", "off,OFF"})
    void a_choice_is_one_of_a_closed_set(String text, Mode expected) {
        assertReads(CHOICE, text, expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "open", "fail_open", "failopen", "switched off", "fail-open,off", "fa\u0131l-open"})
    void a_choice_is_nothing_else(String text) {
        assertRefuses(CHOICE, text);
        assertThat(CHOICE.expected()).isEqualTo("one of fail-open, fail-closed, off");
    }

    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("", List.of()),
                Arguments.of("1s", List.of(Duration.ofSeconds(1))),
                Arguments.of("1s,2m", List.of(Duration.ofSeconds(1), Duration.ofMinutes(2))),
                Arguments.of(" 1s ,\t2m ", List.of(Duration.ofSeconds(1), Duration.ofMinutes(2))),
                Arguments.of("1s,1s", List.of(Duration.ofSeconds(1), Duration.ofSeconds(1))));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void a_list_is_separated_by_commas(String text, List<Duration> expected) {
        assertReads(DURATION.list(), text, expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "1s,", ",1s", "1s,,2s", "1s, ,2s", "1s;2s", "1s,two"})
    void a_list_has_no_empty_and_no_wrong_element(String text) {
        assertRefuses(DURATION.list(), text);
    }

    @Test
    void a_list_cannot_be_changed() {
        List<Duration> list = Settable.read(DURATION.list(), "1s");

        assertThatThrownBy(() -> list.add(Duration.ZERO)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_bound_holds_for_values_for_elements_and_for_the_default() {
        Setting<Integer> even = INTEGER.check("an even one", value -> value % 2 == 0);
        assertReads(even, "4", 4);
        assertRefuses(even, "5");
        assertThat(even.expected()).isEqualTo("a whole number (an even one)");
        assertRefuses(even.list(), "4,5");
        assertRefuses(even.list().check("two of them", list -> list.size() == 2), "4");
        assertRefuses(even.optional(), "5");
        assertThatThrownBy(() -> even.or(5))
                .hasMessage("the default of crosscut.x.value is '5'; expected a whole number (an even one)");
        assertThatThrownBy(() -> INTEGER.or(5).check("an even one", value -> value % 2 == 0))
                .hasMessageContaining("the default of crosscut.x.value is '5'");
    }

    @Test
    void a_default_that_could_not_be_written_is_refused() {
        assertThatThrownBy(() -> DURATION.or(Duration.ofSeconds(-1)))
                .hasMessageStartingWith("the default of crosscut.x.value is 'PT-1S'; expected a duration");
        assertThatThrownBy(() -> DURATION.or(Duration.ofSeconds(Long.MAX_VALUE)))
                .hasMessageStartingWith("the default of crosscut.x.value is 'PT");
        assertThatThrownBy(() -> SIZE.or(-1L)).hasMessageContaining("is '-1'; expected a size");
    }

    @Test
    void an_optional_one_may_be_missing_and_a_default_stands_in() {
        assertThat(Settable.read(DURATION.optional(), java.util.Map.of())).isEmpty();
        assertThat(Settable.read(DURATION.optional(), "1s")).contains(Duration.ofSeconds(1));
        assertRefuses(DURATION.optional(), "one");
        assertThat(Settable.read(INTEGER.or(3), java.util.Map.of())).isEqualTo(3);
        assertThatThrownBy(() -> Settable.read(INTEGER, java.util.Map.of()))
                .hasMessage(
                        "1 problem in the configuration:\n  - crosscut.x.value is missing; expected a whole number");
    }

    @Test
    void a_declaration_says_what_it_is() {
        assertThat(INTEGER.isRequired()).isTrue();
        assertThat(INTEGER.or(3).isRequired()).isFalse();
        assertThat(INTEGER.optional().isRequired()).isFalse();
        assertThat(INTEGER.or(3).defaultText()).contains("3");
        assertThat(INTEGER.optional().defaultText()).isEqualTo(Optional.empty());
        assertThat(INTEGER).hasToString("crosscut.x.value");
        assertThat(INTEGER.description()).isEqualTo("A number.");
        assertThat(INTEGER.javaType()).isEqualTo("java.lang.Integer");
        assertThat(DURATION.list().javaType()).isEqualTo("java.util.List<java.time.Duration>");
        assertThat(DURATION.or(Duration.ofDays(1)).defaultText()).contains("24h");
        assertThat(DURATION.or(Duration.ofDays(7)).defaultText()).contains("7d");
        assertThat(SIZE.or(64L << 10).defaultText()).contains("64KB");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "crosscut",
                "crosscut.",
                "x.value",
                "crosscut.X",
                "crosscut.a_b",
                "crosscut..a",
                "crosscut.1a",
                "crosscut.-a",
                "crosscut.a.",
                "crosscut.<a>.<b>",
                "crosscut.<A>",
                "crosscut.<>",
                "crosscut.a b",
                "Crosscut.a",
                "crosscut.\u00e4"
            })
    void a_key_has_one_way_to_be_written(String key) {
        assertThatThrownBy(() -> Setting.text(key, "A text."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + key + "' cannot be the key of a setting");
    }
}
