package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settings as environment variables spell them: in upper case, with underscores for dots and dashes. */
@Guarantees
class EnvironmentTest {

    private static final Setting<Integer> RATE = Setting.integer("crosscut.x.per-tenant.max-rate", "How many.");
    private static final Setting<Map<String, Integer>> RATES =
            Setting.integer("crosscut.x.tenants.<name>.max-rate", "How many.").map();
    private static final Setting<Secret> TOKEN = Setting.secret("crosscut.x.api-token", "The token.");

    private static Crosscut build(Map<String, String> variables, Setting<?>... settings) {
        return Settable.build(List.of(MapSource.environment(variables)), new Settable("x", settings));
    }

    @Test
    void a_variable_is_read_and_named_as_it_is_spelled() {
        Crosscut crosscut = build(Map.of("CROSSCUT_X_PER_TENANT_MAX_RATE", "5"), RATE);

        assertThat(crosscut.settings().get(RATE)).isEqualTo(5);
        assertThat(crosscut.settings().describe()).contains("crosscut.x.per-tenant.max-rate = 5 (environment)");
        assertThatThrownBy(() -> build(Map.of("CROSSCUT_X_PER_TENANT_MAX_RATE", "five"), RATE))
                .hasMessageContaining(
                        "CROSSCUT_X_PER_TENANT_MAX_RATE (environment) is 'five'; expected a whole number");
    }

    @Test
    void names_in_the_place_of_a_placeholder_are_in_lower_case_with_dashes() {
        Crosscut crosscut = build(
                Map.of("CROSSCUT_X_TENANTS_ACME_MAX_RATE", "1", "CROSSCUT_X_TENANTS_BIG_CORP_MAX_RATE", "2"), RATES);

        assertThat(crosscut.settings().get(RATES)).isEqualTo(Map.of("acme", 1, "big-corp", 2));
    }

    @Test
    void two_variables_that_mean_the_same_name_are_refused() {
        assertThatThrownBy(() -> build(
                        Map.of("CROSSCUT_X_TENANTS_ACME_MAX_RATE", "1", "CROSSCUT_X_TENANTS_acme_MAX_RATE", "2"),
                        RATES))
                .hasMessageContaining("CROSSCUT_X_TENANTS_ACME_MAX_RATE (environment) and"
                        + " CROSSCUT_X_TENANTS_acme_MAX_RATE (environment) are both set; expected one of them");
    }

    @Test
    void the_variables_of_others_are_left_alone_and_unknown_ones_of_ours_refused() {
        assertThat(build(Map.of("PATH", "/bin", "crosscut.x", "1", "XCROSSCUT_Y", "2", "CROSSCUT", "3"))
                        .settings()
                        .describe())
                .noneMatch(line -> line.contains("environment"));
        assertThatThrownBy(() -> build(
                        Map.of("CROSSCUT_X_PER_TENANT_MAXRATE", "5", "CROSSCUT_LOGGING_FORMAT", "json"), RATE.or(1)))
                .hasMessage("2 problems in the configuration:\n"
                        + "  - CROSSCUT_LOGGING_FORMAT (environment) is not a known setting; crosscut-logging would read"
                        + " it, and is not on the class path\n"
                        + "  - CROSSCUT_X_PER_TENANT_MAXRATE (environment) is not a known setting; did you mean"
                        + " CROSSCUT_X_PER_TENANT_MAX_RATE?");
    }

    @Test
    void a_secret_may_be_given_as_a_file() {
        assertThatThrownBy(() -> build(Map.of("CROSSCUT_X_API_TOKEN_FILE", "/nowhere/at/all"), TOKEN))
                .hasMessageContaining("CROSSCUT_X_API_TOKEN_FILE (environment) names a file that cannot be read");
        assertThat(build(Map.of("CROSSCUT_X_API_TOKEN", "t0ken"), TOKEN)
                        .settings()
                        .get(TOKEN)
                        .reveal())
                .isEqualTo("t0ken");
    }

    @Test
    void keys_that_the_environment_could_not_tell_apart_are_refused_where_they_are_declared() {
        for (List<Setting<?>> same : List.<List<Setting<?>>>of(
                List.of(
                        Setting.flag("crosscut.x.a-b.c", "One.").or(true),
                        Setting.flag("crosscut.x.a.b-c", "Two.").or(true)),
                List.of(
                        Setting.flag("crosscut.x.a", "One.").or(true),
                        Setting.flag("crosscut.x.a", "Two.").or(true)),
                List.of(Setting.flag("crosscut.x.enabled", "It is there already.")
                        .or(true)),
                List.of(
                        TOKEN.optional(),
                        Setting.text("crosscut.x.api-token.file", "It is there already.")
                                .or("")))) {
            assertThatThrownBy(() -> build(Map.of(), same.toArray(new Setting<?>[0])))
                    .as("%s", same)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("are the same in the environment; expected different keys");
        }
    }
}
