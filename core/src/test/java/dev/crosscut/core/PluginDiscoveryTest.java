package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugins in jars on the class path; each is compiled here, into a folder of its own, as a stranger would write it. */
@Guarantees
class PluginDiscoveryTest {

    @TempDir
    private Path folder;

    private Path jar(String type, String name) throws Exception {
        return jar(type, name, type);
    }

    /** A folder with a plugin's class and its declaration as a service. */
    private Path jar(String type, String name, String declared) throws Exception {
        Path jar = Files.createDirectories(folder.resolve(type + name));
        compile(jar, Files.writeString(jar.resolve(type + ".java"), source(type, "implements Plugin", name)));
        return declaring(jar, declared);
    }

    /** A folder with a plugin's class that extends another, and its declaration. */
    private Path heir(String type, Path base) throws Exception {
        Path jar = Files.createDirectories(folder.resolve(type));
        compile(
                jar,
                base,
                Files.writeString(jar.resolve(type + ".java"), source(type, "extends Base implements Plugin", "heir")));
        return declaring(jar, type);
    }

    private static String source(String type, String heritage, String name) {
        return """
                import dev.crosscut.core.*;
                public class %s %s {
                    public String name() { return "%s"; }
                    public void install(Crosscut.Builder builder, Settings settings) {}
                }
                """.formatted(type, heritage, name);
    }

    private static void compile(Path jar, Path... sources) throws Exception {
        String core = Path.of(Plugin.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-cp", core, "-d", jar.toString()));
        for (Path source : sources) {
            arguments.add(source.toString());
        }
        StringWriter output = new StringWriter();
        PrintWriter printer = new PrintWriter(output);
        int result =
                ToolProvider.findFirst("javac").orElseThrow().run(printer, printer, arguments.toArray(new String[0]));
        assertThat(result).as("%s", output).isZero();
    }

    private static Path declaring(Path jar, String declared) throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF").resolve("services"));
        Files.writeString(services.resolve(Plugin.class.getName()), declared);
        return jar;
    }

    private static <T> T withClassPath(List<Path> jars, Callable<T> work) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            urls.add(jar.toUri().toURL());
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]), before)) {
            thread.setContextClassLoader(loader);
            return work.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Crosscut build() {
        return Crosscut.builder().source(Source.of("test", Map.of())).build();
    }

    @Test
    void a_jar_is_switched_on_by_being_there_in_the_order_of_class_names(Log log) throws Exception {
        List<Path> jars = List.of(jar("Zeta", "first"), jar("Alpha", "second"));

        withClassPath(jars, PluginDiscoveryTest::build);

        assertThat(log.everything()).contains("Plugins: [correlation, second, first]");
    }

    @Test
    void nobody_is_looked_for_where_that_is_switched_off(Log log) throws Exception {
        withClassPath(
                List.of(jar("Alpha", "second")),
                () -> Crosscut.builder()
                        .source(Source.of("test", Map.of()))
                        .discoverPlugins(false)
                        .build());

        assertThat(log.everything()).contains("Plugins: [correlation]");
    }

    @Test
    void one_that_is_given_stands_in_place_of_the_one_of_its_class(Log log) throws Exception {
        withClassPath(List.of(jar("Alpha", "first")), () -> {
            Plugin given = Class.forName("Alpha", true, Thread.currentThread().getContextClassLoader())
                    .asSubclass(Plugin.class)
                    .getDeclaredConstructor()
                    .newInstance();
            return Crosscut.builder()
                    .source(Source.of("test", Map.of()))
                    .plugin(given)
                    .build();
        });

        assertThat(log.everything()).contains("Plugins: [correlation, first]");
    }

    @Test
    void two_jars_with_plugins_of_one_name_are_both_named_with_where_they_are() throws Exception {
        Path one = jar("One", "twin");
        Path other = jar("Other", "twin");

        assertThatThrownBy(() -> withClassPath(List.of(other, one), PluginDiscoveryTest::build))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("two plugins are named twin: One ("
                        + one.toUri().toURL() + ") and Other (" + other.toUri().toURL() + ")");
    }

    @Test
    void a_plugin_that_cannot_be_loaded_is_a_problem_like_any_other() throws Exception {
        Path broken = jar("Some", "some", "Missing");

        assertThatThrownBy(() -> withClassPath(List.of(broken), PluginDiscoveryTest::build))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("a plugin on the class path cannot be loaded: ")
                .hasMessageContaining("Missing");
    }

    @Test
    void one_that_cannot_be_loaded_hides_none_of_the_others() throws Exception {
        List<Path> jars = List.of(
                jar("Alpha", "twin"),
                jar("Some", "some", "Missing"),
                jar("Other", "other", "Gone"),
                jar("Zeta", "twin"));

        assertThatThrownBy(() -> withClassPath(jars, PluginDiscoveryTest::build))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        refused -> assertThat(refused.problems())
                                .satisfiesExactly(
                                        first -> assertThat(first).contains("cannot be loaded: ", "Missing"),
                                        second -> assertThat(second).contains("cannot be loaded: ", "Gone"),
                                        third -> assertThat(third)
                                                .contains("two plugins are named twin: Alpha ", " Zeta ")));
    }

    @Test
    void two_that_lack_the_same_class_hide_none_of_the_others_and_are_said_once() throws Exception {
        Path base = Files.writeString(folder.resolve("Base.java"), "public class Base {}");
        List<Path> jars = List.of(jar("Alpha", "twin"), heir("Some", base), heir("Other", base), jar("Zeta", "twin"));
        for (Path heir : jars.subList(1, 3)) {
            Files.delete(heir.resolve("Base.class"));
        }

        assertThatThrownBy(() -> withClassPath(jars, PluginDiscoveryTest::build))
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        refused -> assertThat(refused.problems())
                                .satisfiesExactly(
                                        first -> assertThat(first)
                                                .contains("cannot be loaded: ", "NoClassDefFoundError: Base"),
                                        second -> assertThat(second)
                                                .contains("two plugins are named twin: Alpha ", " Zeta ")));
    }

    /** A class path that cannot be read is no reason to try for ever. */
    @Test
    @Timeout(20)
    void a_class_path_that_cannot_be_read_is_a_problem() {
        ClassLoader unreadable = new ClassLoader(getClass().getClassLoader()) {
            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                if (name.startsWith("META-INF/services/")) {
                    throw new IOException("made");
                }
                return super.getResources(name);
            }
        };
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(unreadable);
        try {
            assertThatThrownBy(PluginDiscoveryTest::build)
                    .isInstanceOfSatisfying(
                            SettingsException.class,
                            refused -> assertThat(refused.problems())
                                    .singleElement()
                                    .asString()
                                    .contains("cannot be loaded: ", "configuration files"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void one_that_was_compiled_for_a_newer_jvm_is_a_problem_like_any_other() throws Exception {
        Path newer = jar("Newer", "newer");
        Path type = newer.resolve("Newer.class");
        byte[] bytes = Files.readAllBytes(type);
        bytes[6] = 0x7f; // the major version of the class file
        Files.write(type, bytes);

        assertThatThrownBy(() -> withClassPath(List.of(newer), PluginDiscoveryTest::build))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("a plugin on the class path cannot be loaded: ")
                .hasMessageContaining("UnsupportedClassVersionError");
    }
}
