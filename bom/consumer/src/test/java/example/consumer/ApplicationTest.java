package example.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.tck.AdapterContract;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ApplicationTest {
    private static final String FOUND =
            "correlation idempotency logging metrics servlet tracing; a correlation id of 36 characters";

    @Test
    void everyModuleIsANamedModuleHere() throws Exception {
        Set<String> expected = new TreeSet<>();
        Application.class.getModule().getDescriptor().requires().stream()
                .map(requires -> requires.name())
                .filter(name -> name.startsWith("dev.crosscut."))
                .forEach(expected::add);
        Set<String> seen = new TreeSet<>();
        ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(name -> name.startsWith("dev.crosscut."))
                .forEach(seen::add);

        assertEquals(expected, seen);
        assertTrue(AdapterContract.class.getModule().isNamed());
        assertEquals(FOUND, Application.run());
    }

    @Test
    void runsWithEverythingOnTheModulePath() throws Exception {
        String output =
                java("--module-path", everything(), "--module", "example.consumer/" + Application.class.getName());

        assertTrue(output.contains("\"message\":\"module path: " + FOUND + "\""), output);
    }

    @Test
    void runsWithEverythingOnTheClassPath() throws Exception {
        String output = java("--class-path", everything(), Application.class.getName());

        assertTrue(output.contains("\"message\":\"class path: " + FOUND + "\""), output);
    }

    /** Every path of this test run but that of the tests. */
    private static String everything() {
        Set<String> paths = new LinkedHashSet<>();
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            for (String path : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!path.isEmpty() && !path.contains("surefire") && !path.endsWith("test-classes")) {
                    paths.add(path);
                }
            }
        }
        return String.join(File.pathSeparator, paths);
    }

    private static String java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
