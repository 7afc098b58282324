package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where settings come from when nobody says otherwise. Each test is a JVM of its own, with real environment variables,
 * system properties, a working directory and a class path.
 */
@Guarantees
class SourcesTest {

    @TempDir
    private Path folder;

    private Path working;
    private Path classes;

    /** What each JVM runs: says what is in effect, or what is wrong. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws IOException {
            List<String> lines;
            try {
                lines = Crosscut.builder().build().settings().describe();
            } catch (SettingsException e) {
                lines = e.problems();
            }
            Files.write(Path.of(arguments[0]), lines);
        }
    }

    @BeforeEach
    void folders() throws IOException {
        working = Files.createDirectory(folder.resolve("working"));
        classes = Files.createDirectory(folder.resolve("classes"));
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        String file = type.getName().replace('.', '/') + ".class";
        String url = type.getClassLoader().getResource(file).toString();
        return Path.of(new java.net.URI(url.substring(0, url.length() - file.length())));
    }

    private List<String> run(Map<String, String> environment, List<String> options, Path... more) throws Exception {
        List<String> classPath = new ArrayList<>();
        classPath.add(location(Crosscut.class).toString());
        classPath.add(location(SourcesTest.class).toString());
        classPath.add(classes.toString());
        List.of(more).forEach(path -> classPath.add(path.toString()));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), Main.class.getName()));
        Path output = folder.resolve("output");
        command.add(output.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(working.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CROSSCUT_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(() -> folder.resolve("log").toString())
                .isZero();
        return Files.readAllLines(output);
    }

    private static void write(Path directory, String... lines) throws IOException {
        Files.write(directory.resolve("crosscut.properties"), List.of(lines), StandardCharsets.UTF_8);
    }

    @Test
    void a_system_property_wins_over_the_environment_over_a_file_over_one_on_the_class_path() throws Exception {
        write(
                classes,
                "crosscut.correlation.max-length=1",
                "crosscut.correlation.extra-characters=1",
                "crosscut.correlation.headers=X-1",
                "crosscut.correlation.trust=record");
        write(
                working,
                "crosscut.correlation.max-length=2",
                "crosscut.correlation.extra-characters=2",
                "crosscut.correlation.headers=X-2");

        assertThat(run(
                        Map.of("CROSSCUT_CORRELATION_MAX_LENGTH", "3", "CROSSCUT_CORRELATION_EXTRA_CHARACTERS", "3"),
                        List.of("-Dcrosscut.correlation.max-length=4")))
                .containsExactly(
                        "crosscut.leak-detection = false (default)",
                        "crosscut.correlation.enabled = true (default)",
                        "crosscut.correlation.headers = X-2 (crosscut.properties:3)",
                        "crosscut.correlation.trust = record (crosscut.properties on the class path:4)",
                        "crosscut.correlation.echo = true (default)",
                        "crosscut.correlation.max-length = 4 (system property)",
                        "crosscut.correlation.extra-characters = 3 (environment)");
    }

    @Test
    void problems_in_all_of_them_are_said_at_once() throws Exception {
        write(classes, "crosscut.correlation.ecko=true");
        write(working, "crosscut.correlation.trust=\\u12", "a=1", "a=2");
        Path second = Files.createDirectory(folder.resolve("second"));

        assertThat(run(Map.of("CROSSCUT_NOTHING", "1"), List.of("-Dcrosscut.correlation.echo=yes"), second))
                .containsExactly(
                        "the line at crosscut.properties:1 has a malformed escape; expected \\u and four hexadecimal"
                                + " digits",
                        "a (crosscut.properties:3) is set already in line 2; expected each key once",
                        "crosscut.correlation.echo (system property) is 'yes'; expected true or false",
                        "CROSSCUT_NOTHING (environment) is not a known setting; docs/settings.md lists those that are",
                        "a (crosscut.properties:2) is not a known setting; expected a key that begins with crosscut.",
                        "crosscut.correlation.ecko (crosscut.properties on the class path:1) is not a known setting; did"
                                + " you mean crosscut.correlation.echo?");
    }

    @Test
    void two_files_on_the_class_path_are_one_too_many() throws Exception {
        Path second = Files.createDirectory(folder.resolve("second"));
        write(classes, "crosscut.correlation.echo=true");
        write(second, "crosscut.correlation.echo=false");

        assertThat(run(Map.of(), List.of(), second))
                .singleElement()
                .asString()
                .startsWith("crosscut.properties is on the class path 2 times: ")
                .contains(classes.toString(), second.toString())
                .endsWith("; expected one");
    }

    @Test
    void a_file_that_is_not_utf_8_is_refused_wherever_it_is() throws Exception {
        byte[] latin = "crosscut.correlation.echo=tr\u00fce".getBytes(StandardCharsets.ISO_8859_1);
        for (Path directory : List.of(working, classes)) {
            Path file = Files.write(directory.resolve("crosscut.properties"), latin);

            assertThat(run(Map.of(), List.of()))
                    .singleElement()
                    .asString()
                    .startsWith("crosscut.properties")
                    .contains(" cannot be read: ")
                    .endsWith("; expected a readable file of UTF-8 text");
            Files.delete(file);
        }
    }
}
