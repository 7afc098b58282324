package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.status.Status;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.SettingsException;
import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The appender in a context of its own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class CrosscutAppenderTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final PrintStream before = System.out;
    private LoggerContext context;
    private Logger log;

    @BeforeEach
    void prepare() {
        System.setOut(new PrintStream(stdout, true, StandardCharsets.UTF_8));
        context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        log = context.getLogger("test");
    }

    @AfterEach
    void restore() {
        context.stop();
        System.setOut(before);
    }

    private void configure(String appender) throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(new ByteArrayInputStream(("<configuration>" + appender
                        + "<root level='INFO'><appender-ref ref='crosscut'/></root></configuration>")
                .getBytes(StandardCharsets.UTF_8)));
    }

    private static String to(Path file) {
        return "<appender name='crosscut' class='dev.crosscut.logging.CrosscutAppender'><file>" + file
                + "</file></appender>";
    }

    private static final String INCLUDE = "<include resource='META-INF/crosscut/appender.xml'/>";

    private static List<String> messages(String text) {
        return JsonLines.parse(text).stream()
                .map(line -> line.get("message").asString())
                .toList();
    }

    private String printed() {
        return stdout.toString(StandardCharsets.UTF_8);
    }

    private static AppenderSettings toFile(Path file) {
        return new AppenderSettings(Optional.of(file), 1 << 20, WhenFull.BLOCK, Duration.ofSeconds(10));
    }

    @Test
    void an_include_is_enough_and_stdout_is_what_System_out_is_at_the_moment() throws Exception {
        configure(INCLUDE);
        log.info("first");
        ExchangeMdc.of(context).appenders().flush();
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        System.setOut(new PrintStream(other, false, StandardCharsets.UTF_8));
        log.info("second");
        context.stop();

        assertThat(messages(printed())).containsExactly("first");
        assertThat(messages(other.toString(StandardCharsets.UTF_8))).containsExactly("second");
        assertThat(context.getStatusManager().getCopyOfStatusList())
                .allMatch(status -> status.getEffectiveLevel() == Status.INFO);
    }

    @Test
    void a_file_of_its_own_is_appended_to_whatever_the_settings_say() throws Exception {
        Path own = folder.resolve("own.log");
        Files.writeString(own, "{\"message\":\"before\"}\n");
        configure(to(own));
        log.info("first");
        ExchangeMdc.of(context).appenders().apply(toFile(folder.resolve("other.log")));
        log.info("second");
        context.stop();

        assertThat(messages(Files.readString(own))).containsExactly("before", "first", "second");
        assertThat(folder.resolve("other.log")).doesNotExist();
        assertThat(printed()).isEmpty();
    }

    @Test
    void settings_move_what_runs_and_what_a_reload_starts_later() throws Exception {
        Path file = folder.resolve("app.log");
        configure(INCLUDE);
        log.info("to stdout");
        ExchangeMdc.of(context).appenders().flush();
        ExchangeMdc.of(context).appenders().apply(toFile(file));
        log.info("to the file");
        context.reset();
        configure(INCLUDE);
        log.info("after a reload");
        context.stop();

        assertThat(messages(printed())).containsExactly("to stdout");
        assertThat(messages(Files.readString(file))).containsExactly("to the file", "after a reload");
    }

    @Test
    void settings_that_name_a_file_which_cannot_be_opened_change_nothing() throws Exception {
        configure(INCLUDE);
        Files.writeString(folder.resolve("file"), "");
        Path impossible = folder.resolve("file/app.log");
        assertThatThrownBy(() -> ExchangeMdc.of(context).appenders().apply(toFile(impossible)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.logging.file is " + impossible)
                .hasMessageContaining("expected");
        log.info("as before");
        context.stop();

        assertThat(messages(printed())).containsExactly("as before");
    }

    @Test
    void settings_that_one_appender_cannot_follow_change_no_other() throws Exception {
        configure(INCLUDE);
        Path own = folder.resolve("own/own.log");
        CrosscutAppender second = new CrosscutAppender();
        second.setContext(context);
        second.setFile(own.toString());
        second.start();
        log.addAppender(second);
        log.info("first");
        ExchangeMdc.of(context).appenders().flush();
        Path moved = Files.move(own.getParent(), folder.resolve("moved"));
        Files.writeString(own.getParent(), "no folder");
        Path file = folder.resolve("app.log");
        assertThatThrownBy(() -> ExchangeMdc.of(context).appenders().apply(toFile(file)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(own.toString());
        log.info("as before");
        ExchangeMdc.of(context).appenders().flush();
        CrosscutAppender third = new CrosscutAppender();
        third.setContext(context);
        third.start();
        log.addAppender(third);
        log.info("of three");
        context.stop();

        assertThat(messages(printed())).containsExactly("first", "as before", "of three", "of three");
        assertThat(file).isEmptyFile();
        assertThat(messages(Files.readString(moved.resolve("own.log")))).startsWith("first");
    }

    @Test
    void a_file_of_its_own_that_cannot_be_opened_is_an_error_and_logging_goes_on_when_it_can() throws Exception {
        Path parent = Files.writeString(folder.resolve("parent"), "no folder");
        Path file = parent.resolve("app.log");
        configure(to(file));
        assertThat(context.getStatusManager().getCopyOfStatusList())
                .filteredOn(status -> status.getEffectiveLevel() == Status.ERROR)
                .singleElement()
                .satisfies(status -> assertThat(status.getMessage())
                        .contains("cannot write to " + file)
                        .contains("stderr"));
        Files.delete(parent);
        log.info("now it can");
        context.stop();

        assertThat(messages(Files.readString(file))).containsExactly("now it can");
    }

    @Test
    void a_value_that_logs_while_it_is_printed_makes_a_line_of_its_own_in_each_policy() throws Exception {
        for (WhenFull whenFull : WhenFull.values()) {
            stdout.reset();
            configure(INCLUDE);
            ExchangeMdc.of(context)
                    .appenders()
                    .apply(new AppenderSettings(Optional.empty(), 1 << 16, whenFull, Duration.ofSeconds(10)));
            Object chatty = new Object() {
                @Override
                public String toString() {
                    log.info("inner");
                    return "chatty";
                }
            };
            log.info("outer {}", chatty);
            context.reset();

            assertThat(messages(printed())).containsExactly("inner", "outer chatty");
        }
    }

    @Test
    void a_context_that_stops_leaves_no_thread_behind() throws Exception {
        Set<Thread> before = writers();
        for (int i = 0; i < 20; i++) {
            configure(INCLUDE);
            log.info("line {}", i);
            Set<Thread> own = writers();
            own.removeAll(before);
            assertThat(own).hasSize(1);
            context.reset();
            for (Thread thread : own) {
                thread.join(20_000);
            }
            assertThat(own).noneMatch(Thread::isAlive);
        }
        assertThat(JsonLines.parse(printed())).hasSize(20);
    }

    @Test
    void an_appender_that_has_stopped_is_held_by_nobody() throws Exception {
        WeakReference<CrosscutAppender> stopped = new WeakReference<>(startedAndStopped());
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (stopped.get() != null && System.nanoTime() < deadline) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(stopped.get()).isNull();
    }

    private CrosscutAppender startedAndStopped() {
        CrosscutAppender appender = new CrosscutAppender();
        appender.setContext(context);
        appender.start();
        appender.stop();
        return appender;
    }

    private static Set<Thread> writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crosscut-log-writer"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    @Test
    void two_contexts_do_not_meet() throws Exception {
        configure(INCLUDE);
        LoggerContext other = new LoggerContext();
        other.setMDCAdapter(new LogbackMDCAdapter());
        ExchangeMdc.of(other).appenders().apply(toFile(folder.resolve("other.log")));
        log.info("here");
        context.stop();

        assertThat(messages(printed())).containsExactly("here");
    }

    @Test
    void closing_a_crosscut_lets_out_what_was_logged_before() throws Exception {
        LoggerContext shared = (LoggerContext) LoggerFactory.getILoggerFactory();
        CrosscutAppender appender = new CrosscutAppender();
        appender.setContext(shared);
        Path file = folder.resolve("shared.log");
        appender.setFile(file.toString());
        appender.start();
        Logger logger = shared.getLogger("test.closing");
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        try {
            Crosscut crosscut = Crosscut.builder()
                    .discoverPlugins(false)
                    .plugin(new LoggingPlugin())
                    .build();
            logger.info("before the end");
            crosscut.close();
            assertThat(messages(Files.readString(file))).containsExactly("before the end");
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(null);
            appender.stop();
        }
    }

    @Test
    void without_a_context_it_says_what_it_expects() {
        assertThatThrownBy(() -> new CrosscutAppender().start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected setContext");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "crosscut.logging.queue         | 1KB           | 64KB to 1GB",
                "crosscut.logging.queue         | 2GB           | 64KB to 1GB",
                "crosscut.logging.when-full     | wait          | block, drop-below-warn, drop-newest",
                "crosscut.logging.flush-timeout | 11m           | at most 10m",
                "crosscut.logging.flush-timeout | 5             | a duration",
                "crosscut.logging.file          | /             | a file that can be written or created",
                "crosscut.logging.file          | /dev/null/log | a file that can be written or created",
            })
    void a_setting_that_is_none_is_refused_with_what_was_expected(String key, String value, String expected) {
        assertThatThrownBy(() -> Crosscut.builder()
                        .discoverPlugins(false)
                        .plugin(new LoggingPlugin())
                        .property(key, value)
                        .build())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(key + " (builder) is '" + value + "'; expected")
                .hasMessageContaining(expected);
    }

    @Test
    void what_is_dropped_is_counted_by_level_for_meters_also_when_its_appender_has_stopped() throws Exception {
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .build()) {
            assertThat(crosscut.counters().keySet())
                    .containsExactly(
                            "crosscut.logging.dropped.debug",
                            "crosscut.logging.dropped.error",
                            "crosscut.logging.dropped.info",
                            "crosscut.logging.dropped.trace",
                            "crosscut.logging.dropped.warn");
            LoggerContext used = (LoggerContext) LoggerFactory.getILoggerFactory();
            long before = crosscut.counters().get("crosscut.logging.dropped.warn");
            CrosscutAppender appender = new CrosscutAppender();
            appender.setContext(used);
            appender.start();
            appender.stop();
            appender.write(new byte[] {'\n'}, QueuedLine.index(Level.WARN));

            assertThat(crosscut.counters().get("crosscut.logging.dropped.warn")).isEqualTo(before + 1);
            assertThat(appender.dropped(Level.WARN)).isEqualTo(1);
        }
    }

    @Test
    void the_memory_of_lines_that_wait_is_there_for_meters_until_they_are_written() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        System.setOut(new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int one) {
                        awaitUninterruptibly(read);
                    }
                },
                true,
                StandardCharsets.UTF_8));
        CrosscutAppender appender = new CrosscutAppender();
        appender.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .build()) {
            appender.start();
            assertThat(crosscut.gauges()).containsEntry("crosscut.logging.queue", 0L);
            byte[] line = "x".repeat(999).concat("\n").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 100; i++) {
                appender.write(line, QueuedLine.index(Level.INFO));
            }
            assertThat(crosscut.gauges().get("crosscut.logging.queue")).isGreaterThan(30_000L);
            read.countDown();
            appender.flush(System.nanoTime() + SECONDS.toNanos(30));
            while (crosscut.gauges().get("crosscut.logging.queue") > 0) {
                Thread.onSpinWait();
            }
        } finally {
            read.countDown();
            appender.stop();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void the_line_that_reports_drops_is_one_of_a_logger_that_can_be_switched_off() throws IOException {
        assertThat(report(true)).hasSize(1).allSatisfy(line -> {
            assertThat(line.get("message").asString()).isEqualTo("lines dropped: 3 (2 WARN, 1 TRACE)");
            assertThat(line.get("dropped_lines").asInt()).isEqualTo(3);
            assertThat(line.get("log.logger").asString()).isEqualTo("dev.crosscut.logging");
        });
        assertThat(report(false)).isEmpty();
    }

    private List<JsonNode> report(boolean isOn) throws IOException {
        context.getLogger("dev.crosscut.logging").setLevel(isOn ? Level.WARN : Level.OFF);
        CrosscutAppender appender = new CrosscutAppender();
        appender.setContext(context);
        appender.start();
        try {
            byte[] line = appender.new News(context).dropped(new long[] {1, 0, 0, 2, 0});
            return JsonLines.parse(new String(line, StandardCharsets.UTF_8));
        } finally {
            appender.stop();
        }
    }
}
