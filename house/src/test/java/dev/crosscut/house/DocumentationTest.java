package dev.crosscut.house;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.spi.LifeCycle;
import ch.qos.logback.core.status.Status;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** What the documentation shows is true: Java is from sources that are compiled, settings exist, links lead somewhere. */
class DocumentationTest {

    private static final Path ROOT = Reactor.read().root();
    private static final Pattern FENCE = Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");
    private static final Pattern TYPE =
            Pattern.compile("Problem\\(\\d+, \"([a-z-]+)\"|problem\\(\\d+, \"([a-z-]+)\"", Pattern.MULTILINE);

    private static final Pattern GUARANTEED_BY = Pattern.compile("`(\\w+)`");

    @TempDir
    private Path folder;

    private record Block(Path file, String language, String text) {
        @Override
        public String toString() {
            return ROOT.relativize(file) + ": " + text.lines().findFirst().orElse("");
        }
    }

    @TestFactory
    Stream<DynamicTest> everyJavaSnippetIsCompiledSomewhere() {
        List<String> sources = javaSources();
        return blocks("java")
                .map(block -> DynamicTest.dynamicTest(
                        block.toString(),
                        () -> assertThat(sources)
                                .as(
                                        "a compiled source, in samples or house/src/test/java, with these lines: %s",
                                        block.text)
                                .anyMatch(source -> source.contains(stripped(block.text)))));
    }

    @TestFactory
    Stream<DynamicTest> everySettingThatIsShownCanBeSet() {
        return blocks("properties")
                .map(block -> DynamicTest.dynamicTest(block.toString(), () -> {
                    Properties properties = new Properties();
                    properties.load(new StringReader(block.text));
                    Map<String, String> values = new HashMap<>();
                    properties.forEach((key, value) -> values.put((String) key, (String) value));
                    Path file =
                            Files.writeString(folder.resolve("file"), "YSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyEhISE=");
                    values.replaceAll((key, value) -> key.endsWith(".file") ? file.toString() : value);

                    try (Crosscut crosscut = Crosscut.builder()
                            .source(Source.of(block.toString(), values))
                            .build()) {
                        assertThat(crosscut.settings().describe())
                                .filteredOn(line -> line.contains(block.toString()))
                                .hasSameSizeAs(values.keySet());
                    }
                }));
    }

    @TestFactory
    List<DynamicTest> everyLogbackXmlThatIsShownCanBeCopied() {
        List<DynamicTest> tests = blocks("xml")
                .filter(block -> block.text.startsWith("<configuration>"))
                .map(block -> DynamicTest.dynamicTest(block.toString(), () -> {
                    LoggerContext context = new LoggerContext();
                    JoranConfigurator configurator = new JoranConfigurator();
                    configurator.setContext(context);
                    configurator.doConfigure(new InputSource(new StringReader(block.text)));

                    assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                            .toIterable()
                            .as("the appenders of %s", block.text)
                            .hasSize(1)
                            .allMatch(LifeCycle::isStarted);
                    assertThat(context.getStatusManager().getCopyOfStatusList())
                            .noneMatch(status -> status.getEffectiveLevel() >= Status.WARN);
                    context.stop();
                }))
                .toList();
        assertThat(tests).hasSizeGreaterThanOrEqualTo(3);
        return tests;
    }

    @Test
    void everyLinkLeadsToAFile() {
        List<String> broken = new ArrayList<>();
        pages().forEach(page -> {
            Matcher links = LINK.matcher(read(page));
            while (links.find()) {
                if (!Files.exists(page.resolveSibling(links.group(1)))) {
                    broken.add(ROOT.relativize(page) + " -> " + links.group(1));
                }
            }
        });
        assertThat(broken).isEmpty();
    }

    @Test
    void everyProblemTypeIsDocumented() {
        List<String> types = new ArrayList<>();
        Matcher found = TYPE.matcher(read(ROOT.resolve("core/src/main/java/dev/crosscut/core/Problems.java")));
        while (found.find()) {
            types.add(found.group(1) == null ? found.group(2) : found.group(1));
        }
        assertThat(types).hasSizeGreaterThanOrEqualTo(3);
        assertThat(read(ROOT.resolve("docs/problems.md"))).contains(types);
    }

    @Test
    void everyGuaranteeNamesTestsThatExist() {
        Set<String> classes = Stream.of("core", "adapters", "idempotency", "logging", "samples", "tracing")
                .flatMap(folder -> files(ROOT.resolve(folder), ".java").stream())
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        List<String> rows = read(ROOT.resolve("docs/guarantees.md"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| guarantee"))
                .toList();

        assertThat(rows).hasSizeGreaterThan(10).allSatisfy(row -> {
            List<String> named = GUARANTEED_BY
                    .matcher(row.substring(row.lastIndexOf('|', row.length() - 2)))
                    .results()
                    .map(name -> name.group(1))
                    .toList();
            assertThat(named).isNotEmpty().allMatch(classes::contains);
        });
    }

    @Test
    void theReadmeIsShort() {
        assertThat(read(ROOT.resolve("README.md")).lines().count()).isBetween(20L, 150L);
    }

    private static Stream<Block> blocks(String language) {
        List<Block> blocks = new ArrayList<>();
        pages().forEach(page -> {
            Matcher fences = FENCE.matcher(read(page));
            while (fences.find()) {
                if (fences.group(1).equals(language)) {
                    blocks.add(new Block(page, language, fences.group(2)));
                }
            }
        });
        assertThat(blocks).as("blocks of %s in the documentation", language).isNotEmpty();
        return blocks.stream();
    }

    private static List<Path> pages() {
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        try (Stream<Path> top = Files.list(ROOT)) {
            top.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pages;
    }

    private static List<String> javaSources() {
        List<Path> sources = new ArrayList<>(files(ROOT.resolve("samples"), ".java"));
        sources.addAll(files(ROOT.resolve("house/src/test/java"), ".java"));
        sources.addAll(files(ROOT.resolve("core/tck/src/test/java"), ".java"));
        sources.addAll(files(ROOT.resolve("adapters"), "Test.java"));
        sources.addAll(files(ROOT.resolve("idempotency"), "Test.java"));
        return sources.stream().map(file -> stripped(read(file))).toList();
    }

    private static List<Path> files(Path folder, String ending) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines without their indentation. */
    private static String stripped(String text) {
        return String.join("\n", text.lines().map(String::strip).toList());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
