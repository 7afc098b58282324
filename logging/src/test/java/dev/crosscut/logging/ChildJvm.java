package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A JVM of its own, with the class path of the tests, in a folder of its own that comes first on it. */
final class ChildJvm {

    private final Path folder;
    private final List<String> options = new ArrayList<>();
    private final List<String> under = new ArrayList<>();
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    ChildJvm(Path folder) {
        this.folder = folder;
    }

    record Result(int exit, String stdout, String stderr) {

        Result succeeded() {
            assertThat(exit).as(stdout + stderr).isZero();
            return this;
        }

        List<JsonNode> lines() {
            return JsonLines.parse(stdout);
        }

        JsonNode line(String message) {
            List<JsonNode> found = lines().stream()
                    .filter(line -> line.path("message").asString("").equals(message))
                    .toList();
            assertThat(found).as(message + " in " + stdout).hasSize(1);
            return found.get(0);
        }
    }

    ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    ChildJvm file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return this;
    }

    /** What runs it, in place of the JVM of the tests. */
    ChildJvm java(Path executable) {
        java = executable;
        return this;
    }

    /** The java of a JDK 25, where there is one. */
    static Optional<Path> jdk25() throws IOException {
        String home = System.getenv("JAVA_HOME_25");
        if (home != null) {
            return Optional.of(Path.of(home, "bin", "java"));
        }
        Path all = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(all)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(all)) {
            return homes.filter(path -> path.getFileName().toString().contains("25"))
                    .map(path -> path.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    /** A command that gets the command line of the JVM as its arguments. */
    ChildJvm under(String... command) {
        under.addAll(List.of(command));
        return this;
    }

    Result run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        Path out = folder.resolve("stdout.txt");
        Process process = start(Redirect.to(out.toFile()), program, arguments);
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running: " + program + Files.readString(out) + stderr());
        }
        return new Result(process.exitValue(), Files.readString(out), stderr());
    }

    /** Started; what it prints is read from it by the test, or by nobody. */
    Process start(Class<?> program, String... arguments) throws IOException {
        return start(Redirect.PIPE, program, arguments);
    }

    Process start(Redirect stdout, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(under);
        command.add(java.toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.add("--class-path");
        command.add(folder + File.pathSeparator + classPath());
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(stdout)
                .redirectError(folder.resolve("stderr.txt").toFile())
                .start();
    }

    String stderr() throws IOException {
        return Files.readString(folder.resolve("stderr.txt"));
    }

    /** The paths of this test run, whether they are on its class path or its module path; the tests themselves too. */
    private static String classPath() {
        Set<String> paths = new LinkedHashSet<>();
        Path target = Path.of(System.getProperty("basedir", ""), "target").toAbsolutePath();
        paths.add(target.resolve("classes").toString());
        paths.add(target.resolve("test-classes").toString());
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            for (String path : System.getProperty(property, "").split(File.pathSeparator, -1)) {
                if (!path.isEmpty() && !path.contains("surefire")) {
                    paths.add(path);
                }
            }
        }
        return String.join(File.pathSeparator, paths);
    }
}
