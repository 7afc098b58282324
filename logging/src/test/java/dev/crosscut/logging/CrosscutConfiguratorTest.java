package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a program prints, with and without a configuration of its own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrosscutConfiguratorTest {

    private static final String PLAIN_ENCODER = "<encoder class='dev.crosscut.logging.CrosscutEncoder'/>";
    private static final String PATTERN =
            "<encoder><pattern>[%X{correlation_id:-none}] %logger %msg%n</pattern></encoder>";

    @TempDir
    Path folder;

    private ChildJvm jvm;

    @BeforeEach
    void prepare() {
        jvm = new ChildJvm(folder);
    }

    private static String logback(String encoder) {
        return """
                <configuration>
                  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">%s</appender>
                  <root level="INFO"><appender-ref ref="console"/></root>
                </configuration>
                """.formatted(encoder);
    }

    private static List<String> messages(ChildJvm.Result result) {
        return result.lines().stream()
                .map(line -> line.get("message").asString())
                .toList();
    }

    private static String id(JsonNode line) {
        return line.path("correlation_id").asString("none");
    }

    @Test
    void without_a_configuration_all_that_is_logged_is_json_on_stdout_and_nothing_else_is() throws Exception {
        ChildJvm.Result result = jvm.run(Programs.Standalone.class).succeeded();

        assertThat(messages(result))
                .containsExactly(
                        "slf4j info",
                        "system logger info",
                        "java.util.logging info",
                        "java.util.logging severe",
                        "java.util.logging on demand");
        assertThat(result.line("java.util.logging severe").get("error.type").asString())
                .isEqualTo("java.lang.IllegalStateException");
        assertThat(result.line("java.util.logging severe").get("log.level").asString())
                .isEqualTo("ERROR");
        assertThat(result.lines()).allSatisfy(line -> assertThat(id(line)).isEqualTo("none"));
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void a_schema_that_does_not_exist_is_told_on_stderr_once_and_logging_goes_on() throws Exception {
        ChildJvm.Result result = jvm.option("-Dcrosscut.logging.schema=esc").run(Programs.Standalone.class);

        assertThat(result.line("slf4j info").get("log.level").asString()).isEqualTo("INFO");
        assertThat(result.stderr().lines())
                .singleElement()
                .asString()
                .endsWith(
                        "crosscut.logging.schema is 'esc'; expected one of ecs, otel, logstash, gelf; lines are those of the"
                                + " default");
    }

    @Test
    void without_a_configuration_lines_of_a_request_carry_its_id_on_whatever_thread() throws Exception {
        ChildJvm.Result result = jvm.run(Programs.Service.class).succeeded();

        for (String message : List.of("handler", "executor", "future")) {
            assertThat(id(result.line(message))).as(message).isEqualTo("order-42");
        }
        for (String message : List.of("before", "not wrapped", "after")) {
            assertThat(id(result.line(message))).as(message).isEqualTo("none");
        }
        JsonNode access = result.lines().stream()
                .filter(line -> line.get("log.logger").asString().equals("crosscut.access"))
                .findFirst()
                .orElseThrow();
        assertThat(id(access)).isEqualTo("order-42");
        assertThat(access.get("http.response.status_code").asInt()).isEqualTo(200);
        assertThat(messages(result))
                .as("core speaks through System.Logger")
                .anyMatch(message -> message.startsWith("Crosscut is ready. Plugins: [correlation, logging]"))
                .doesNotContain("debug");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void settings_name_the_service_from_the_first_line_on_and_set_levels_when_a_crosscut_is_built() throws Exception {
        ChildJvm.Result result = jvm.file("crosscut.properties", """
                        crosscut.logging.service-name=payments
                        crosscut.logging.levels=program=DEBUG, crosscut.access=OFF, dev.crosscut=WARN
                        """).run(Programs.Service.class);

        assertThat(result.exit())
                .as("a file both in the working directory and on the class path")
                .isZero();
        assertThat(messages(result))
                .containsExactly("before", "debug", "handler", "executor", "future", "not wrapped", "after");
        assertThat(result.lines())
                .allSatisfy(
                        line -> assertThat(line.get("service.name").asString()).isEqualTo("payments"));
    }

    @Test
    void what_lines_look_like_holds_from_the_first_line_of_a_program_that_builds_no_crosscut() throws Exception {
        ChildJvm.Result result = jvm.file("crosscut.properties", """
                        crosscut.logging.schema=gelf
                        crosscut.logging.rename.thread-name=thread
                        """)
                .option("-Dcrosscut.logging.schema=otel")
                .option("-Dotel.service.name=payments")
                .run(Programs.Standalone.class)
                .succeeded();

        assertThat(result.lines())
                .hasSize(5)
                .allSatisfy(line -> assertThat(List.copyOf(line.propertyNames()))
                        .startsWith(
                                "timestamp",
                                "severity_text",
                                "severity_number",
                                "body",
                                "otel.scope.name",
                                "thread",
                                "service.name"));
    }

    @Test
    void in_development_lines_are_for_people_from_the_first_one() throws Exception {
        ChildJvm.Result result = jvm.option("-Dcrosscut.logging.development=true")
                .run(Programs.Service.class)
                .succeeded();

        assertThat(result.stdout().replaceAll("\u001b\\[\\d+m", "").lines())
                .anyMatch(line -> line.matches("\\S+ INFO  program +┃ before"))
                .anyMatch(line -> line.matches("\\S+ INFO  program +order-42 ┃ handler"))
                .anyMatch(line ->
                        line.matches("\\S+ INFO  crosscut\\.access +order-42 ┃ GET /payments/42 200 in \\S+ ms"));
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void a_plain_encoder_in_a_logback_xml_prints_the_same_lines() throws Exception {
        ChildJvm.Result result = jvm.file("logback.xml", logback(PLAIN_ENCODER))
                .run(Programs.Service.class)
                .succeeded();

        assertThat(id(result.line("handler"))).isEqualTo("order-42");
        assertThat(id(result.line("executor"))).isEqualTo("order-42");
        assertThat(id(result.line("after"))).isEqualTo("none");
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void an_asynchronous_appender_in_a_logback_xml_keeps_ids_and_loses_no_line() throws Exception {
        ChildJvm.Result result = jvm.file("logback.xml", """
                        <configuration>
                          <appender name="console" class="ch.qos.logback.core.ConsoleAppender">%s</appender>
                          <appender name="async" class="ch.qos.logback.classic.AsyncAppender">
                            <appender-ref ref="console"/>
                          </appender>
                          <root level="INFO"><appender-ref ref="async"/></root>
                        </configuration>
                        """.formatted(PLAIN_ENCODER))
                .run(Programs.Service.class)
                .succeeded();

        for (String message : List.of("handler", "executor", "future")) {
            assertThat(id(result.line(message))).as(message).isEqualTo("order-42");
        }
        assertThat(id(result.line("after"))).isEqualTo("none");
    }

    @Test
    void a_pattern_in_a_logback_xml_finds_the_id_in_the_mdc() throws Exception {
        ChildJvm.Result result = jvm.file("logback.xml", logback(PATTERN))
                .run(Programs.Service.class)
                .succeeded();

        assertThat(result.stdout().lines())
                .contains(
                        "[none] program before",
                        "[order-42] program handler",
                        "[order-42] program executor",
                        "[none] program not wrapped",
                        "[none] program after")
                .anyMatch(line -> line.matches("\\[order-42] crosscut\\.access GET /payments/42 200 in .* ms"));
        assertThat(result.stderr()).isEmpty();
    }

    @Test
    void a_logback_test_xml_and_a_file_that_is_named_count_as_a_configuration_too() throws Exception {
        ChildJvm.Result test = jvm.file("logback-test.xml", logback(PATTERN)).run(Programs.Standalone.class);
        assertThat(test.stdout()).startsWith("[none] program slf4j info");

        ChildJvm.Result named = new ChildJvm(folder)
                .file("other/own.xml", logback("<encoder><pattern>named %msg%n</pattern></encoder>"))
                .option("-Dlogback.configurationFile=other/own.xml")
                .run(Programs.Standalone.class);
        assertThat(named.stdout()).startsWith("named slf4j info");
    }

    @Test
    void a_configuration_of_ones_own_keeps_java_util_logging_as_it_was() throws Exception {
        ChildJvm.Result result = jvm.file("logback.xml", logback(PLAIN_ENCODER)).run(Programs.Standalone.class);

        assertThat(messages(result)).containsExactly("slf4j info", "system logger info");
        assertThat(result.stderr()).contains("java.util.logging info");
    }

    @Test
    void who_has_configured_java_util_logging_keeps_that() throws Exception {
        ChildJvm.Result result = jvm.file("jul.properties", """
                        handlers=java.util.logging.ConsoleHandler
                        .level=INFO
                        """)
                .option("-Djava.util.logging.config.file=jul.properties")
                .run(Programs.Standalone.class);

        assertThat(messages(result)).containsExactly("slf4j info", "system logger info");
        assertThat(result.stderr()).contains("java.util.logging info");
    }

    @Test
    void warnings_of_logback_of_itself_go_to_stderr() throws Exception {
        ChildJvm.Result result = jvm.file(
                        "logback.xml",
                        logback(
                                "<encoder class='dev.crosscut.logging.CrosscutEncoder'><nonsense>1</nonsense></encoder>"))
                .run(Programs.Standalone.class)
                .succeeded();

        assertThat(messages(result)).containsExactly("slf4j info", "system logger info");
        assertThat(result.stderr()).contains("|-WARN").contains("nonsense").doesNotContain("|-INFO");
    }

    @Test
    void another_configurator_that_adds_an_appender_is_left_alone_and_knows_the_id() throws Exception {
        ChildJvm.Result result = jvm.file(
                        "META-INF/services/ch.qos.logback.classic.spi.Configurator",
                        Programs.OwnConfigurator.class.getName())
                .run(Programs.Service.class)
                .succeeded();

        assertThat(result.stdout().lines())
                .contains("own [none] before", "own [order-42] handler", "own [order-42] executor", "own [none] after")
                .noneMatch(line -> line.startsWith("{"));
    }

    @Test
    void a_setting_that_is_none_stops_the_program_with_a_message() throws IOException, InterruptedException {
        ChildJvm.Result result =
                jvm.option("-Dcrosscut.logging.levels=program=LOUD").run(Programs.Service.class);

        assertThat(result.exit()).isNotZero();
        assertThat(result.stderr())
                .contains("crosscut.logging.levels (system property) is 'program=LOUD'; expected a list");
    }
}
