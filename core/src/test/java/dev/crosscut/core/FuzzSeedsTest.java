package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where a fuzz test has no seeds, it passes with an empty input; each has some, in the folder where Jazzer looks. */
class FuzzSeedsTest {

    private static final Path CLASSES = Path.of("src/test/java/dev/crosscut/core");
    private static final Path SEEDS = Path.of("src/test/resources/dev/crosscut/core");

    private static List<String> namesIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The folders that Jazzer reads, one for each fuzz test. */
    private static List<Path> folders() throws Exception {
        List<Path> folders = new ArrayList<>();
        for (String file : namesIn(CLASSES)) {
            if (file.endsWith("FuzzTest.java")) {
                String name = file.substring(0, file.length() - ".java".length());
                Class<?> type = Class.forName(FuzzSeedsTest.class.getPackageName() + "." + name);
                Stream.of(type.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(FuzzTest.class))
                        .forEach(method -> folders.add(Path.of(name + "Inputs", method.getName())));
            }
        }
        return folders;
    }

    @Test
    void each_fuzz_test_has_seeds() throws Exception {
        assertThat(folders())
                .hasSizeGreaterThanOrEqualTo(7)
                .allSatisfy(folder -> assertThat(namesIn(SEEDS.resolve(folder)))
                        .as("the seeds in %s", SEEDS.resolve(folder))
                        .hasSizeGreaterThanOrEqualTo(5));
    }

    @Test
    void each_folder_of_seeds_has_a_fuzz_test() throws Exception {
        List<Path> found = new ArrayList<>();
        for (String inputs : namesIn(SEEDS)) {
            for (String method : namesIn(SEEDS.resolve(inputs))) {
                found.add(Path.of(inputs, method));
            }
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(folders());
    }
}
