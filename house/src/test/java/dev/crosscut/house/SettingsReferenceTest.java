package dev.crosscut.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The reference of all settings, for people and for IDEs, is made from their declarations. Where a committed file differs,
 * {@code mvn test -pl house -am -Dhouse.generate=true} writes it anew.
 */
class SettingsReferenceTest {

    private static final Path ROOT = Reactor.read().root();
    private static final boolean GENERATE = Boolean.getBoolean("house.generate");

    /** Which module reads the settings under which first segment; everything else is core's. */
    private static final Map<String, String> MODULES = Map.of(
            "idempotency",
            "idempotency",
            "servlet",
            "adapters/servlet",
            "logging",
            "logging",
            "metrics",
            "tracing/metrics",
            "tracing",
            "tracing");

    /** Stores that declare settings of their own, which the plugin of idempotency reads for them. */
    private static final Map<String, String> STORES = Map.of(
            "crosscut.idempotency.jdbc.", "idempotency/jdbc", "crosscut.idempotency.redis.", "idempotency/redis");

    private static final ObjectWriter JSON = JsonMapper.builder()
            .build()
            .writer()
            .with(new DefaultPrettyPrinter()
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")));

    @TestFactory
    List<DynamicTest> theCommittedFilesSayWhatIsDeclared() {
        Map<String, List<Setting<?>>> bySegment = new TreeMap<>();
        for (Setting<?> setting : declared()) {
            bySegment
                    .computeIfAbsent(segment(setting), name -> new ArrayList<>())
                    .add(setting);
        }
        Map<String, List<Setting<?>>> byModule = new TreeMap<>();
        bySegment.forEach((segment, settings) -> settings.forEach(
                setting -> byModule.computeIfAbsent(module(segment, setting), module -> new ArrayList<>())
                        .add(setting)));
        Map<Path, String> files = new LinkedHashMap<>();
        files.put(ROOT.resolve("docs/settings.md"), markdown(bySegment));
        byModule.forEach((module, settings) -> files.put(
                ROOT.resolve(module).resolve("src/main/resources/META-INF/spring-configuration-metadata.json"),
                metadata(settings)));
        return files.entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(
                        ROOT.relativize(file.getKey()).toString(), () -> compare(file.getKey(), file.getValue())))
                .toList();
    }

    /** Core knows by name who else reads settings, and cannot see who is there. */
    @TestFactory
    List<DynamicTest> aModuleThatIsMissingIsNamedWhereItsSettingsAreFound() {
        return MODULES.entrySet().stream()
                .map(module -> DynamicTest.dynamicTest(module.getValue(), () -> {
                    String key = "crosscut." + module.getKey() + ".anything";
                    Crosscut.Builder alone =
                            Crosscut.builder().discoverPlugins(false).source(Source.of("test", Map.of(key, "1")));

                    assertThatThrownBy(alone::build)
                            .hasMessageContaining(key + " (test) is not a known setting; "
                                    + Reactor.read().pom(module.getValue()).text("artifactId")
                                    + " would read it, and is not on the class path");
                }))
                .toList();
    }

    private static List<Setting<?>> declared() {
        try (Crosscut crosscut =
                Crosscut.builder().source(Source.of("none", Map.of())).build()) {
            return crosscut.settings().declared();
        }
    }

    private static String segment(Setting<?> setting) {
        String[] segments = setting.key().split("[.]", -1);
        return segments.length > 2 ? segments[1] : "";
    }

    private static String module(String segment, Setting<?> setting) {
        return STORES.entrySet().stream()
                .filter(store -> setting.key().startsWith(store.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(MODULES.getOrDefault(segment, "core"));
    }

    private static void compare(Path file, String expected) throws IOException {
        if (GENERATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, expected);
        }
        assertThat(file)
                .as("generated from the declarations; -Dhouse.generate=true writes it anew")
                .hasContent(expected);
    }

    private static String markdown(Map<String, List<Setting<?>>> bySegment) {
        StringBuilder out = new StringBuilder("""
                # Settings

                Generated from the declarations in the code; a test compares the two.

                Each setting is read from the first of these that has it: what the program gave the builder, the system
                property of that name, the environment variable (`crosscut.correlation.max-length` is
                `CROSSCUT_CORRELATION_MAX_LENGTH`), the file `crosscut.properties` in the working directory, the same file on
                the class path. A secret may be given as the file that holds it, under its key with `.file` added; the file is
                read again when it changes. A key under `crosscut.` that nobody reads, a value that cannot be read and a
                missing one are all reported together, and nothing starts.
                """);
        bySegment.forEach((segment, settings) -> {
            out.append("\n## ").append(segment.isEmpty() ? "crosscut" : segment).append("\n\n");
            out.append("| key | default | expected | meaning |\n|---|---|---|---|\n");
            for (Setting<?> setting : settings) {
                String fallback = setting.isRequired()
                        ? "*required*"
                        : setting.defaultText()
                                .filter(text -> !text.isEmpty())
                                .map(text -> "`" + text + "`")
                                .orElse("");
                out.append("| `")
                        .append(setting.key())
                        .append("` | ")
                        .append(fallback)
                        .append(" | ");
                out.append(cell(setting.expected()))
                        .append(" | ")
                        .append(cell(setting.description()))
                        .append(" |\n");
            }
        });
        return out.toString();
    }

    private static String cell(String text) {
        return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<");
    }

    private static String metadata(List<Setting<?>> settings) {
        List<Map<String, Object>> properties = new ArrayList<>();
        for (Setting<?> setting : settings) {
            Map<String, Object> property = new LinkedHashMap<>();
            property.put("name", setting.key());
            property.put("type", setting.javaType());
            property.put("description", setting.description());
            setting.defaultText().ifPresent(text -> property.put("defaultValue", text));
            properties.add(property);
        }
        return JSON.writeValueAsString(Map.of("properties", properties)) + "\n";
    }
}
