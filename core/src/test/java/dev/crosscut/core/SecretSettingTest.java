package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings that must not be seen, and are not, whatever is wrong with them. */
@Guarantees
class SecretSettingTest {

    private static final String VALUE = "hunter2-s3cr3t";
    private static final Setting<Secret> TOKEN = Setting.secret("crosscut.x.token", "The token.");
    private static final Setting<Map<String, Secret>> KEYS =
            Setting.secret("crosscut.x.keys.<name>", "The keys.").map();

    @TempDir
    private Path folder;

    @Test
    void it_is_given_as_it_is_with_the_space_around_it() {
        assertThat(Settable.read(TOKEN, " a b ").reveal()).isEqualTo(" a b ");
    }

    @Test
    void it_is_given_as_a_file() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), VALUE + "\n");

        assertThat(Settable.read(TOKEN, Map.of("crosscut.x.token.file", " " + file + " "))
                        .reveal())
                .isEqualTo(VALUE);
        assertThat(Settable.read(TOKEN.optional(), Map.of("crosscut.x.token.file", file.toString()))
                        .map(Secret::reveal))
                .contains(VALUE);
        assertThat(Settable.read(TOKEN.optional(), Map.of())).isEqualTo(Optional.empty());
    }

    @Test
    void each_of_many_is_given_either_way() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "in a file");

        Map<String, Secret> keys = Settable.read(
                KEYS, Map.of("crosscut.x.keys.old", "as it is", "crosscut.x.keys.new.file", file.toString()));

        assertThat(keys).containsOnlyKeys("old", "new");
        assertThat(keys.get("old").reveal()).isEqualTo("as it is");
        assertThat(keys.get("new").reveal()).isEqualTo("in a file");
    }

    @Test
    void a_file_in_an_earlier_source_wins_over_a_value_in_a_later_one() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "in a file");
        Crosscut crosscut = Settable.build(
                List.of(
                        Source.of("first", Map.of("crosscut.x.token.file", file.toString())),
                        Source.of("second", Map.of("crosscut.x.token", "as it is"))),
                new Settable("x", TOKEN));

        assertThat(crosscut.settings().get(TOKEN).reveal()).isEqualTo("in a file");
    }

    @Test
    void both_at_once_in_one_source_are_refused() {
        assertThatThrownBy(() ->
                        Settable.read(TOKEN, Map.of("crosscut.x.token", VALUE, "crosscut.x.token.file", "/run/token")))
                .hasMessage("1 problem in the configuration:\n  - crosscut.x.token (test) and crosscut.x.token.file"
                        + " (test) are both set; expected one of them");
    }

    @Test
    void a_list_of_secrets_is_refused_where_it_is_declared() {
        assertThatThrownBy(TOKEN::list)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("crosscut.x.token is a secret; expected a map of secrets in place of a list");
    }

    @Test
    void an_empty_one_is_none() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        for (Map<String, String> values :
                List.of(Map.of("crosscut.x.token", ""), Map.of("crosscut.x.token.file", empty.toString()))) {
            assertThatThrownBy(() -> Settable.read(TOKEN, values))
                    .hasMessageEndingWith("(test) is not usable; expected a secret (not empty)");
        }
    }

    static Stream<Arguments> wrong() {
        Setting<Secret> checked =
                TOKEN.check("32 characters", secret -> secret.reveal().length() == 32);
        Setting<Map<String, Secret>> checkedKeys = Setting.secret("crosscut.x.keys.<name>", "The keys.")
                .check("32 characters", secret -> secret.reveal().length() == 32)
                .map();
        Setting<Map<String, Secret>> fewKeys = KEYS.check("none", Map::isEmpty);
        return Stream.of(
                Arguments.of(checked, Map.of("crosscut.x.token", VALUE)),
                Arguments.of(checked.optional(), Map.of("crosscut.x.token", VALUE)),
                Arguments.of(checkedKeys, Map.of("crosscut.x.keys.a", VALUE)),
                Arguments.of(fewKeys, Map.of("crosscut.x.keys.a", VALUE)),
                Arguments.of(TOKEN, Map.of("crosscut.x.token.file", VALUE)),
                Arguments.of(TOKEN, Map.of("crosscut.x.token.file", VALUE + "\u0000")),
                Arguments.of(KEYS, Map.of("crosscut.x.keys.a.file", VALUE)),
                Arguments.of(TOKEN, Map.of("crosscut.x.token", VALUE, "crosscut.x.token.file", VALUE)),
                Arguments.of(TOKEN, Map.of("crosscut.x.tokn", VALUE)),
                Arguments.of(KEYS, Map.of("crosscut.x.keys.a.b", VALUE)),
                Arguments.of(TOKEN, Map.of("crosscut.x.token", VALUE, "crosscut.x.other", "1")));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatever_is_wrong_with_it_nothing_shows_it(Setting<?> setting, Map<String, String> values, Log log) {
        Throwable problem = catchThrowable(() -> Settable.read(setting, values));

        assertThat(problem).isInstanceOf(SettingsException.class);
        StringWriter printed = new StringWriter();
        problem.printStackTrace(new PrintWriter(printed));
        assertThat(printed.toString()).contains("crosscut.x.").doesNotContain(VALUE);
        assertThat(log.everything()).doesNotContain(VALUE);
    }

    @Test
    void nothing_shows_a_good_one_either(Log log) throws Exception {
        Path file = Files.writeString(folder.resolve("key"), VALUE);
        Settable plugin = new Settable("x", TOKEN, KEYS);
        Crosscut crosscut = Settable.build(
                Map.of(
                        "crosscut.x.token",
                        VALUE,
                        "crosscut.x.keys.a.file",
                        file.toString(),
                        "crosscut.x.keys.b",
                        VALUE),
                plugin);

        assertThat(String.join("\n", crosscut.settings().describe()))
                .contains("crosscut.x.token = *** (test)", "crosscut.x.keys.<name> = a: ***; b: *** (test)")
                .doesNotContain(VALUE);
        assertThat(log.everything()).contains("Crosscut is ready").doesNotContain(VALUE);
        assertThat(crosscut.settings().get(KEYS).toString()).doesNotContain(VALUE);
    }

    @Test
    void a_line_of_a_file_that_is_malformed_or_repeated_does_not_show_it(Log log) {
        for (String text : List.of(
                "crosscut.x.token=" + VALUE + "\\u12",
                "crosscut.x.token=" + VALUE + "\ncrosscut.x.token=" + VALUE,
                VALUE + "\\uzzzz")) {
            assertThatThrownBy(() -> PropertiesReader.read("file", text))
                    .isInstanceOf(SettingsException.class)
                    .satisfies(problem -> assertThat(problem.toString()).doesNotContain(VALUE));
        }
        assertThat(log.everything()).isEmpty();
    }

    @Test
    void a_default_that_is_too_short_is_refused_without_showing_it() {
        assertThatThrownBy(() -> TOKEN.check(
                                "32 characters", secret -> secret.reveal().length() == 32)
                        .or(Secret.of(VALUE)))
                .hasMessage("the default of crosscut.x.token is '***'; expected a secret (not empty) (32 characters)");
    }
}
