package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Any text is a value of a type, and reads as the same value when it is written back, or is a problem of one line. */
class SettingsFuzzTest {

    enum Mode {
        FAIL_OPEN,
        FAIL_CLOSED
    }

    private static final List<Setting<?>> TYPES = List.of(
            Setting.text("crosscut.x.value", "A text."),
            Setting.flag("crosscut.x.value", "A flag."),
            Setting.integer("crosscut.x.value", "A number."),
            Setting.duration("crosscut.x.value", "A time."),
            Setting.size("crosscut.x.value", "A size."),
            Setting.choice("crosscut.x.value", "A mode.", Mode.class),
            Setting.secret("crosscut.x.value", "A secret."),
            Setting.duration("crosscut.x.value", "Times.").list(),
            Setting.size("crosscut.x.value", "Sizes.").list(),
            Setting.integer("crosscut.x.value", "A number.").check("even", value -> value % 2 == 0),
            Setting.duration("crosscut.x.value", "A time.").optional());

    @FuzzTest(maxDuration = "2m")
    void any_text_is_a_value_or_a_problem(FuzzedDataProvider data) {
        Setting<?> setting = data.pickValue(TYPES);
        readAndCheck(setting, data.consumeRemainingAsString());
    }

    private static <T> void readAndCheck(Setting<T> setting, String text) {
        List<String> problems = new ArrayList<>();
        Settings settings = read(setting, "crosscut.x.value", text, problems);
        if (problems.isEmpty()) {
            T value = settings.get(setting);
            String written = setting.type().format(value);
            if (!setting.type().isSecret()) {
                List<String> none = new ArrayList<>();
                assertThat(read(setting, "crosscut.x.value", written, none).get(setting))
                        .isEqualTo(value);
                assertThat(none).isEmpty();
            } else {
                assertThat(settings.describe()).containsExactly("crosscut.x.value = *** (test)");
            }
        } else {
            assertThat(problems).singleElement().satisfies(SettingsFuzzTest::checkProblem);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void any_key_is_read_or_refused(FuzzedDataProvider data) {
        Setting<Map<String, Integer>> map =
                Setting.integer("crosscut.x.limits.<name>.rate", "Limits.").map();
        boolean asVariable = data.consumeBoolean();
        String key = data.consumeBoolean() ? data.consumeRemainingAsString() : near(data);
        List<String> problems = new ArrayList<>();
        Source source = asVariable
                ? MapSource.environment(Map.of("CROSSCUT_" + key, "1"))
                : Source.of("test", Map.of(key, "1"));

        Settings settings = new SettingsReader(List.of(map), List.of(), List.of(source), problems).read();

        assertThat(settings.get(map).size() + problems.size()).isEqualTo(1);
        problems.forEach(SettingsFuzzTest::checkProblem);
    }

    private static String near(FuzzedDataProvider data) {
        return data.pickValue(List.of("crosscut.x.limits.", "X_LIMITS_", "crosscut.", "crosscut.logging."))
                + data.consumeString(20)
                + data.pickValue(List.of(".rate", "_RATE", ""));
    }

    private static Settings read(Setting<?> setting, String key, String text, List<String> problems) {
        Source source = Source.of("test", Map.of(key, text));
        return new SettingsReader(List.of(setting), List.of(), List.of(source), problems).read();
    }

    private static void checkProblem(String problem) {
        assertThat(problem).hasSizeLessThan(400);
        assertThat(problem.chars().allMatch(c -> c >= ' ' && c != 0x7f)).isTrue();
    }
}
