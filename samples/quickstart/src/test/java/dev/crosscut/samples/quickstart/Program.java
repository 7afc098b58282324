package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that ran to its end: its exit code, and what it said. */
record Program(int exit, String stdout, String stderr) {

    /** Runs a main class in a JVM of its own. */
    static Program java(Map<String, String> environment, Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return run(environment, command);
    }

    static Program run(Map<String, String> environment, List<String> command) throws Exception {
        Path stdout = Files.createTempFile("quickstart", ".out");
        Path stderr = Files.createTempFile("quickstart", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("CROSSCUT_"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS))
                        .as("%s ended; it said: %s%s", command, read(stdout), read(stderr))
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
            return new Program(process.exitValue(), read(stdout), read(stderr));
        } finally {
            Files.delete(stdout);
            Files.delete(stderr);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
