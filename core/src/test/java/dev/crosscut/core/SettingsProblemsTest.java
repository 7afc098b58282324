package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a configuration is said all at once: the key, where it is from, the value, what was expected. */
@Guarantees
class SettingsProblemsTest {

    enum OnFault {
        FAIL_CLOSED,
        FAIL_OPEN
    }

    private static final Setting<Duration> TTL = Setting.duration("crosscut.pay.ttl", "How long.");
    private static final Setting<OnFault> ON_FAULT =
            Setting.choice("crosscut.pay.when-store-fails", "What then.", OnFault.class);
    private static final Setting<Secret> PASSWORD = Setting.secret("crosscut.pay.redis.password", "The password.");
    private static final Setting<Map<String, Integer>> LIMITS =
            Setting.integer("crosscut.pay.limits.<tenant>.rate", "How many.").map();

    private static List<String> problems(List<Source> sources) {
        return catchThrowableOfType(
                        SettingsException.class,
                        () -> Settable.build(sources, new Settable("pay", TTL, ON_FAULT, PASSWORD, LIMITS)))
                .problems();
    }

    private static List<String> problems(Map<String, String> values) {
        return problems(List.of(Source.of("test", values)));
    }

    @Test
    void all_of_them_at_once_each_with_file_and_line(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("crosscut.properties");
        Files.writeString(file, """
                # payments
                crosscut.pay.ttl = 24 hours

                crosscut.pay.when-store-fails = open
                crosscut.pay.tll = \\
                    24h
                crosscut.pay.limits.acme.rate = many
                crosscut.pay.limits.acme.rat = 5
                crosscut.correlation.ecko = true
                crosscut.logging.format = json
                crosscut.nothing.like.it.here = 1
                server.port = 8080
                """);

        assertThatThrownBy(() -> Settable.build(
                        List.of(Source.file(file)), new Settable("pay", TTL, ON_FAULT, PASSWORD, LIMITS)))
                .hasMessage("""
                        10 problems in the configuration:
                          - crosscut.pay.ttl (FILE:2) is '24 hours'; expected a duration such as 250ms, 30s, 15m, 24h or 7d
                          - crosscut.pay.when-store-fails (FILE:4) is 'open'; expected one of fail-closed, fail-open
                          - crosscut.pay.redis.password is missing; expected a secret (not empty)
                          - crosscut.pay.limits.acme.rate (FILE:7) is 'many'; expected a whole number
                          - crosscut.correlation.ecko (FILE:9) is not a known setting; did you mean crosscut.correlation.echo?
                          - crosscut.logging.format (FILE:10) is not a known setting; crosscut-logging would read it, and is not on the class path
                          - crosscut.nothing.like.it.here (FILE:11) is not a known setting; docs/settings.md lists those that are
                          - crosscut.pay.limits.acme.rat (FILE:8) is not a known setting; docs/settings.md lists those that are
                          - crosscut.pay.tll (FILE:5) is not a known setting; did you mean crosscut.pay.ttl?
                          - server.port (FILE:12) is not a known setting; expected a key that begins with crosscut.
                        """.strip().replace("11 problems", "10 problems").replace("FILE", file.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "crosscut.pay.tt1,crosscut.pay.ttl",
        "crosscut.pay.TTL,crosscut.pay.ttl",
        "crosscut.pay.when.store.fails,crosscut.pay.when-store-fails",
        "crosscut.pay.whenStoreFails,crosscut.pay.when-store-fails",
        "crosscut.pay.redis.pasword,crosscut.pay.redis.password",
        "crosscut.pay.redis.psasword,crosscut.pay.redis.password",
        "crosscut.correlation.enable,crosscut.correlation.enabled",
        "crosscut.leak.detection,crosscut.leak-detection"
    })
    void a_slip_of_the_pen_gets_the_nearest_key(String key, String meant) {
        assertThat(problems(Map.of(key, "1")))
                .contains(key + " (test) is not a known setting; did you mean " + meant + "?");
    }

    @Test
    void a_module_that_is_not_there_is_named_only_where_it_is_not_there() {
        Setting<String> format = Setting.text("crosscut.logging.format", "How.").or("json");

        assertThatThrownBy(
                        () -> Settable.build(Map.of("crosscut.logging.formt", "json"), new Settable("logging", format)))
                .hasMessageEndingWith("did you mean crosscut.logging.format?");
    }

    @Test
    void a_value_and_a_key_that_are_long_or_full_of_control_characters_do_not_flood_the_message() {
        String hostile = "\u001b[31m\r\n  - FAKE".repeat(10_000);

        List<String> problems = problems(Map.of(
                "crosscut.pay.ttl", hostile, "crosscut.pay." + hostile, "1", "crosscut.pay.redis.password", "x"));

        assertThat(problems).hasSize(3).allSatisfy(problem -> {
            assertThat(problem).hasSizeLessThan(400);
            assertThat(problem.chars().allMatch(c -> c >= ' ' && c != 0x7f)).isTrue();
        });
        assertThat(problems.get(0)).contains("… (150000 characters)").hasSizeLessThan(250);
    }

    @Test
    void what_is_right_is_described_with_where_it_is_from() {
        Crosscut crosscut = Settable.build(
                List.of(
                        Source.of("first", Map.of("crosscut.pay.ttl", "1h", "crosscut.pay.limits.acme.rate", "5")),
                        Source.of(
                                "second",
                                Map.of(
                                        "crosscut.pay.ttl", "2h",
                                        "crosscut.pay.when-store-fails", "FAIL-OPEN",
                                        "crosscut.pay.redis.password", "x",
                                        "crosscut.pay.limits.acme.rate", "6",
                                        "crosscut.pay.limits.zeta.rate", "7"))),
                new Settable("pay", TTL, ON_FAULT, PASSWORD, LIMITS));

        assertThat(crosscut.settings().describe())
                .contains(
                        "crosscut.leak-detection = false (default)",
                        "crosscut.pay.enabled = true (default)",
                        "crosscut.pay.ttl = 1h (first)",
                        "crosscut.pay.when-store-fails = fail-open (second)",
                        "crosscut.pay.redis.password = *** (second)",
                        "crosscut.pay.limits.<tenant>.rate = acme: 5; zeta: 7 (first, second)");
        assertThat(crosscut.settings().declared()).contains(TTL, ON_FAULT, PASSWORD, LIMITS);
        assertThatThrownBy(() -> crosscut.settings().get(Setting.text("crosscut.pay.ttl", "Another.")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("crosscut.pay.ttl was not read");
    }

    @ParameterizedTest
    @CsvSource({
        "kitten,sitting,3",
        "abc,abc,0",
        "'',abc,3",
        "ab,ba,1",
        "ca,abc,3",
        "a cat,an act,2",
        "echo,ecko,1",
        "ttl,tll,1"
    })
    void the_distance_of_two_keys_counts_changes_and_swapped_neighbours(String a, String b, int distance) {
        assertThat(SettingsReader.distance(a, b)).isEqualTo(distance);
        assertThat(SettingsReader.distance(b, a)).isEqualTo(distance);
    }
}
