package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each line of {@code masking-corpus.txt}: what is masked, what looks like it and is not, and what is ordinary. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MaskingCorpusTest {

    private static final int FLOOR = 400;

    record Entry(String kind, String input, String expected) {

        boolean isClean() {
            return expected.equals(input);
        }
    }

    static List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (InputStream in =
                Objects.requireNonNull(MaskingCorpusTest.class.getResourceAsStream("masking-corpus.txt"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.replace('⏎', '\r').split("\n", -1)) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    String[] cells = line.replace('\r', '\n').replace('⇥', '\t').split(" \\| ", -1);
                    assertThat(cells).as(line).hasSize(3);
                    entries.add(new Entry(cells[0], cells[1], cells[2].equals("=") ? cells[1] : cells[2]));
                }
            }
        }
        return entries;
    }

    @ParameterizedTest
    @MethodSource("entries")
    void a_text_is_masked_as_the_corpus_has_it(Entry entry) {
        assertThat(Masking.DEFAULT.text(entry.input)).as(entry.kind).isEqualTo(entry.expected);
    }

    @ParameterizedTest
    @MethodSource("entries")
    void masking_what_is_masked_changes_nothing(Entry entry) {
        assertThat(Masking.DEFAULT.text(entry.expected)).as(entry.kind).isEqualTo(entry.expected);
    }

    @Test
    void a_text_in_which_nothing_is_masked_is_the_same_instance() throws IOException {
        assertThat(entries())
                .filteredOn(entry -> entry.isClean() && !entry.input.contains("***"))
                .hasSizeGreaterThan(150)
                .allSatisfy(entry -> assertThat(Masking.DEFAULT.text(entry.input))
                        .as(entry.input)
                        .isSameAs(entry.input));
    }

    static MaskPattern[] patterns() {
        return MaskPattern.values();
    }

    /** Most of what a pattern hides, no other does. */
    @ParameterizedTest
    @MethodSource("patterns")
    void a_pattern_that_is_switched_off_hides_nothing(MaskPattern pattern) throws IOException {
        Masking without = new Masking(
                EnumSet.complementOf(EnumSet.of(pattern)), HiddenNames.BUILT_IN, HiddenPaths.NONE, List.of());
        String kind = pattern == MaskPattern.NAMED_VALUE
                ? "named"
                : pattern.name().toLowerCase(Locale.ROOT).replace('_', '-');
        List<Entry> hidden = entries().stream()
                .filter(entry -> entry.kind.equals(kind) && !entry.isClean())
                .toList();

        assertThat(hidden).hasSizeGreaterThan(5);
        assertThat(hidden.stream().filter(entry -> !without.text(entry.input).equals(entry.expected)))
                .hasSizeGreaterThan(hidden.size() * 3 / 4);
        assertThat(hidden)
                .allSatisfy(entry -> assertThat(Masking.NONE.text(entry.input)).isSameAs(entry.input));
    }

    @Test
    void the_corpus_is_whole() throws IOException {
        assertThat(entries()).hasSizeGreaterThan(FLOOR).doesNotHaveDuplicates();
    }
}
