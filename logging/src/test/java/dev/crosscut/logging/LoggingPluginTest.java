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
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LoggingPluginTest {

    private static final LoggerContext LOGBACK = (LoggerContext) LoggerFactory.getILoggerFactory();

    private static Crosscut.Builder with(String key, String value) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property(key, value);
    }

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
        try (Crosscut crosscut = with("crosscut.logging.levels", "root=ERROR, test.levels.a = debug ,test.levels.b=OFF")
                .build()) {
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
        assertThatThrownBy(() -> with("crosscut.logging.levels", value).build())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging.levels (builder) is '" + value + "'")
                .hasMessageContaining("logger=LEVEL");
    }

    @Test
    void a_kind_that_is_none_is_refused_with_those_that_there_are() {
        assertThatThrownBy(
                        () -> with("crosscut.logging.access", "server,klient").build())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("server, client, producer, consumer, local");
    }

    @Test
    void a_blank_name_is_refused() {
        assertThatThrownBy(() -> with("crosscut.logging.service-name", " ").build())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("not blank");
    }

    @Test
    void switched_off_it_adds_nothing() {
        try (CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);
                Crosscut crosscut = with("crosscut.logging.enabled", "false").build()) {
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
