package dev.crosscut.idempotency.processes;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A JVM of its own, with what the JVM of the tests has on its class path and its module path. */
public final class ChildJvm {

    private ChildJvm() {}

    /** Starts a program; what it prints is read from the process, and its errors go to a file. */
    public static Process start(Class<?> program, Path errors, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--class-path",
                classPath(),
                program.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(Redirect.appendTo(errors.toFile()))
                .start();
    }

    private static String classPath() {
        Path target = Path.of(System.getProperty("basedir", ""), "target").toAbsolutePath();
        Set<String> paths = new LinkedHashSet<>();
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
