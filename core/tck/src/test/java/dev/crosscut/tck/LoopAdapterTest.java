package dev.crosscut.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** How much an adapter is to write. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LoopAdapterTest {

    @Test
    void an_adapter_for_a_framework_of_callbacks_is_at_most_60_lines_of_code() throws IOException {
        Path source = Path.of("src/test/java/dev/crosscut/tck/LoopAdapter.java");
        List<String> code = Files.readString(source)
                .replaceAll("(?s)/\\*.*?\\*/", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.matches("(//|package |import ).*"))
                .toList();

        assertThat(code).startsWith("record LoopAdapter(Crosscut crosscut) implements LoopServer.Handler {");
        assertThat(code).hasSizeBetween(30, 60);
    }
}
