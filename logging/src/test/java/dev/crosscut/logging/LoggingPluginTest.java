package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.SettingsException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LoggingPluginTest {

    private static final LoggerContext LOGBACK = (LoggerContext) LoggerFactory.getILoggerFactory();

    @Test
    void a_jar_on_the_path_is_enough() {
        try (Crosscut crosscut = Crosscut.builder().build()) {
            assertThat(crosscut.settings().declared()).contains(AccessSettings.KINDS);
        }
    }

    @Test
    void levels_are_set_when_a_crosscut_is_built() {
        Logger root = LOGBACK.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        try (Crosscut crosscut = Crosscuts.with("levels", "root=ERROR, test.levels.a = debug ,test.levels.b=OFF")) {
            assertThat(crosscut.faults()).isEmpty();
            assertThat(root.getLevel()).isEqualTo(Level.ERROR);
            assertThat(LOGBACK.getLogger("test.levels.a").getLevel()).isEqualTo(Level.DEBUG);
            assertThat(LOGBACK.getLogger("test.levels.b").getLevel()).isEqualTo(Level.OFF);
            assertThat(LOGBACK.getLogger("test.levels.c").getLevel()).isNull();
        } finally {
            root.setLevel(before);
            LOGBACK.getLogger("test.levels.a").setLevel(null);
            LOGBACK.getLogger("test.levels.b").setLevel(null);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEBUG", "a=LOUD", "=DEBUG", " = DEBUG", "a=", "a=DEBUG,,b=DEBUG", "a=FATAL"})
    void a_level_that_is_none_is_refused_with_what_was_expected(String value) {
        assertThatThrownBy(() -> Crosscuts.with("levels", value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging.levels (builder) is '" + value + "'")
                .hasMessageContaining("logger=LEVEL");
    }

    @Test
    void a_kind_that_is_none_is_refused_with_those_that_there_are() {
        assertThatThrownBy(() -> Crosscuts.with("access", "server,klient"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("server, client, producer, consumer, local");
    }

    @Test
    void a_blank_name_is_refused() {
        assertThatThrownBy(() -> Crosscuts.with("service-name", " "))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("not blank");
    }

    @ParameterizedTest
    @CsvSource({
        "schema, xml",
        "max-line, 1KB",
        "mask.patterns, 'card,kard'",
        "mask.names, pass*",
        "mask.paths, *",
        "mask.custom.a, (a",
        "mask.custom.a, .*",
        "file, /dev/null/app.log",
        "levels, test.refused=LOUD",
        "debug-key, short"
    })
    void a_setting_that_is_refused_leaves_lines_as_they_were_and_logging_goes_on(String key, String value) {
        try (CapturedLog captured = CapturedLog.of("test.refused")) {
            captured.logger().info("before, card 4111111111111111");
            assertThatThrownBy(() -> Crosscuts.with(key, value)).isInstanceOf(SettingsException.class);
            captured.logger()
                    .atWarn()
                    .addKeyValue("password", "q7-Tr0ub4dor")
                    .setCause(SampleLines.exception())
                    .log("after, card 4111111111111111");

            JsonNode before = captured.lines().get(0);
            JsonNode after = captured.lines().get(1);
            assertThat(captured.lines()).hasSize(2);
            assertThat(before.get("message").asString()).isEqualTo("before, card ***1111");
            assertThat(after.get("message").asString()).isEqualTo("after, card ***1111");
            assertThat(after.get("password").asString()).isEqualTo("***");
            assertThat(after.get("log.level").asString()).isEqualTo("WARN");
            assertThat(after.get("error.stack_trace").asString())
                    .startsWith(
                            "java.lang.IllegalStateException: no connection\n\tat com.acme.Pool.take(Pool.java:12)\n");
            assertThat(after.propertyNames())
                    .containsAll(before.propertyNames())
                    .doesNotContain("log.truncated", "log.encoding_fault");
        }
    }

    @Test
    void switched_off_it_adds_nothing() {
        try (CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);
                Crosscut crosscut = Crosscuts.with("enabled", "false")) {
            crosscut.begin(TestExchange.http("GET", "/x")).end(dev.crosscut.core.Outcome.completed(500));

            assertThat(captured.text()).isEmpty();
        }
    }

    @Test
    void the_mdc_of_a_context_is_extended_once_and_keeps_its_status_clean() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new ch.qos.logback.classic.util.LogbackMDCAdapter());

        ExchangeMdc first = ExchangeMdc.of(context);

        assertThat(ExchangeMdc.of(context)).isSameAs(first).isSameAs(context.getMDCAdapter());
        context.reset();
        assertThat(ExchangeMdc.of(context)).as("after a reset").isSameAs(first);
        assertThat(context.getStatusManager().getCopyOfStatusList())
                .noneMatch(status -> status.getMessage().contains("mdcAdapter"));
    }

    @Test
    void what_is_done_to_the_adapter_is_done_to_that_of_the_user() {
        ExchangeMdc adapter = ExchangeMdc.of(new LoggerContext());
        try {
            adapter.put("k", "v");
            adapter.pushByKey("stack", "s");
            assertThat(org.slf4j.MDC.get("k")).isEqualTo("v");
            assertThat(adapter.get("k")).isEqualTo("v");
            assertThat(adapter.getKeys()).containsExactly("k");
            assertThat(adapter.getCopyOfContextMap()).containsEntry("k", "v");
            assertThat(adapter.getCopyOfDequeByKey("stack")).containsExactly("s");
            assertThat(adapter.popByKey("stack")).isEqualTo("s");
            adapter.clearDequeByKey("stack");
            adapter.remove("k");
            assertThat(org.slf4j.MDC.get("k")).isNull();
            adapter.setContextMap(java.util.Map.of("m", "n"));
            assertThat(org.slf4j.MDC.get("m")).isEqualTo("n");
        } finally {
            adapter.clear();
        }
        assertThat(org.slf4j.MDC.get("m")).isNull();
    }
}
