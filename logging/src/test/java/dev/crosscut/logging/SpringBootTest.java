package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** Beside the logging system of Spring Boot, which takes Logback down and sets it up again. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class SpringBootTest {

    private static final String WITH_OUR_APPENDER = """
            <configuration>
              <include resource="META-INF/crosscut/appender.xml"/>
              <root level="INFO"><appender-ref ref="crosscut"/></root>
            </configuration>
            """;

    @TempDir
    Path folder;

    private ChildJvm jvm;

    @BeforeEach
    void prepare() {
        jvm = new ChildJvm(folder);
    }

    /** What is logged when the application is up, and by a bean when it goes down. */
    @Configuration
    public static class Application {

        private static final Logger LOG = LoggerFactory.getLogger("program");

        @Bean
        DisposableBean lastWords() {
            return () -> LOG.info("a bean is closed");
        }

        public static void main(String[] args) throws Exception {
            LOG.info("before Spring");
            SpringApplication application = new SpringApplication(Application.class);
            application.setWebApplicationType(WebApplicationType.NONE);
            application.setDefaultProperties(Map.of(
                    "spring.main.banner-mode", "off",
                    "logging.level.program", "DEBUG",
                    "logging.pattern.level", "%5p [%X{correlation_id:-none}]"));
            application.run(args);
            Crosscut crosscut = Crosscut.builder().build();
            Call call = crosscut.begin(TestExchange.http("GET", "/x").correlationId("order-42"));
            try (Scope scope = call.attach()) {
                LOG.debug("in a request");
            }
            call.end(Outcome.completed(200));
            Files.writeString(Path.of("ready"), "");
            SECONDS.sleep(60);
            crosscut.close();
        }
    }

    private String outputUntilTerminated() throws Exception {
        Process process = jvm.start(Application.class);
        try {
            long deadline = System.nanoTime() + SECONDS.toNanos(60);
            while (!Files.exists(folder.resolve("ready"))) {
                assertThat(process.isAlive() && System.nanoTime() < deadline)
                        .as(jvm.stderr())
                        .isTrue();
                Thread.sleep(10);
            }
            process.toHandle().destroy();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void with_the_include_in_a_logback_spring_xml_every_line_is_json_to_the_last_word_of_a_bean() throws Exception {
        jvm.file("logback-spring.xml", WITH_OUR_APPENDER);
        String output = outputUntilTerminated();

        Stream<JsonNode> request = JsonLines.parse(output).stream()
                .filter(line -> line.path("correlation_id").asString("").equals("order-42"));
        assertThat(request.map(line -> line.get("message").asString()))
                .hasSize(2)
                .startsWith("in a request")
                .anyMatch(message -> message.startsWith("GET /x 200 in "));
        assertThat(JsonLines.parse(output).stream()
                        .map(line -> line.get("message").asString()))
                .startsWith("before Spring")
                .anyMatch(message -> message.startsWith("Starting "))
                .endsWith("a bean is closed");
        assertThat(jvm.stderr()).isEmpty();
    }

    @Test
    void without_a_configuration_its_own_lines_stay_as_they_are_and_know_the_id() throws Exception {
        String output = outputUntilTerminated();

        assertThat(output.lines().filter(line -> line.startsWith("{")))
                .as("what was logged before Spring was there")
                .hasSize(1);
        assertThat(output)
                .containsPattern("DEBUG \\[order-42] .*in a request")
                .containsPattern("INFO \\[order-42] .*GET /x 200 in ")
                .containsPattern("INFO \\[none] .*a bean is closed");
        assertThat(jvm.stderr()).isEmpty();
    }

    @Test
    void a_file_that_cannot_be_written_stops_the_start_with_a_message() throws Exception {
        ChildJvm.Result result = jvm.file("logback-spring.xml", """
                        <configuration>
                          <appender name="out" class="dev.crosscut.logging.CrosscutAppender">
                            <file>/dev/null/app.log</file>
                          </appender>
                          <root level="INFO"><appender-ref ref="out"/></root>
                        </configuration>
                        """).run(Application.class);

        assertThat(result.exit()).isNotZero();
        assertThat(result.stderr()).contains("cannot write to /dev/null/app.log");
    }
}
