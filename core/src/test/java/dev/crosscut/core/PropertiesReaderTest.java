package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of properties, read as the JDK reads them, with the line of each key, and no key twice. */
@Guarantees
class PropertiesReaderTest {

    @TempDir
    private Path folder;

    private static Map<String, String> values(String text) {
        Source source = PropertiesReader.read("file", text);
        Map<String, String> values = new TreeMap<>();
        source.keys().forEach(key -> values.put(key, source.value(key).orElseThrow()));
        return values;
    }

    private static String origin(String text, String key) {
        return PropertiesReader.read("file", text).origin(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void lines_end_as_they_do_on_any_system(String end) {
        String text = String.join(end, "# comment", "a=1", "", "  b : 2", "! c = 3 \\", "d 4", "e");

        assertThat(values(text)).isEqualTo(Map.of("a", "1", "b", "2", "d", "4", "e", ""));
        assertThat(origin(text, "a")).isEqualTo("file:2");
        assertThat(origin(text, "b")).isEqualTo("file:4");
        assertThat(origin(text, "d")).isEqualTo("file:6");
        assertThat(origin(text, "e")).isEqualTo("file:7");
        assertThat(origin(text, "none")).isEqualTo("file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void a_backslash_at_the_end_continues_a_line_where_it_began(String end) {
        String text = String.join(end, "a = 1,\\", "    2,\\", "    # 3", "b=x\\\\", "c=y\\\\\\", "z", "d=\\");

        assertThat(values(text)).isEqualTo(Map.of("a", "1,2,# 3", "b", "x\\", "c", "y\\z", "d", ""));
        assertThat(origin(text, "a")).isEqualTo("file:1");
        assertThat(origin(text, "b")).isEqualTo("file:4");
        assertThat(origin(text, "c")).isEqualTo("file:5");
        assertThat(origin(text, "d")).isEqualTo("file:7");
    }

    @Test
    void escapes_are_those_of_properties() {
        assertThat(values("a\\ b\\:c = \\u00e4\\t\\n\\q\\=\\\\")).isEqualTo(Map.of("a b:c", "\u00e4\t\nq=\\"));
    }

    @Test
    void a_byte_order_mark_at_the_beginning_is_no_part_of_the_first_key() throws IOException {
        Path file = folder.resolve("crosscut.properties");
        Files.write(file, "\ufeffcrosscut.a=1\r\ncrosscut.b=\ufeff2\r\n".getBytes(StandardCharsets.UTF_8));

        Source source = Source.file(file);

        assertThat(source.keys()).containsExactlyInAnyOrder("crosscut.a", "crosscut.b");
        assertThat(source.value("crosscut.b")).contains("\ufeff2");
        assertThat(source.origin("crosscut.a")).isEqualTo(file + ":1");
        assertThat(values("\ufeff# crosscut.a=1\\\nb=2")).isEqualTo(Map.of("b", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \t\f \n", "#", "!", "\ufeff", "#\\\n", "\n\n\n"})
    void nothing_is_nothing(String text) {
        assertThat(values(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\",
                "a\\\nb\n\\\r\n",
                "\\\r",
                "a\\\r\nb",
                "\\\n",
                "\\\n\\",
                "\\\n\na",
                "\\\n#a",
                "a\\\n\\\n\\\nb",
                "=",
                ":=",
                " \\\n b",
                "\\ "
            })
    void what_looks_odd_is_what_it_is_to_the_jdk(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));

        assertThat(values(text)).isEqualTo(properties);
    }

    @Test
    void all_that_is_malformed_or_repeated_is_said_with_its_line() {
        assertThatThrownBy(() -> values("a=1\nb=\\u12\nc=3\na=2\nd=\\uxyzw\n\\u0061=5\nc=\\\n6"))
                .isInstanceOf(SettingsException.class)
                .hasMessage("""
                        5 problems in the configuration:
                          - the line at file:2 has a malformed escape; expected \\u and four hexadecimal digits
                          - a (file:4) is set already in line 1; expected each key once
                          - the line at file:5 has a malformed escape; expected \\u and four hexadecimal digits
                          - a (file:6) is set already in line 1; expected each key once
                          - c (file:7) is set already in line 3; expected each key once""".strip());
    }

    @Test
    void a_repeated_key_full_of_control_characters_stays_in_its_line() {
        assertThatThrownBy(() -> values("a\\n\\ \\ -\\ FAKE=1\na\\n\\ \\ -\\ FAKE=2"))
                .hasMessage("1 problem in the configuration:\n"
                        + "  - a?  - FAKE (file:2) is set already in line 1; expected each key once");
    }

    @Test
    void a_comment_is_what_the_jdk_takes_for_one() {
        assertThat(values(" \t\f#a=1\n\u2003#b=2\\\n=3")).isEqualTo(Map.of("\u2003#b", "2=3"));
    }

    @Test
    void a_file_that_is_not_there_or_no_text_is_the_caller_s_to_handle() throws IOException {
        assertThatThrownBy(() -> Source.file(folder.resolve("nowhere"))).isInstanceOf(NoSuchFileException.class);
        Path latin = Files.write(folder.resolve("latin"), "a=\u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Source.file(latin)).isInstanceOf(IOException.class);
    }

    @Test
    void a_long_file_is_read_in_good_time() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            text.append("k").append(i).append(" = \\\n  ").append(i).append('\n');
        }
        assertThat(values(text.toString())).hasSize(50_000).containsEntry("k49999", "49999");
        assertThat(values("a=" + "x\\\n".repeat(50_000)).get("a")).hasSize(50_000);
    }
}
