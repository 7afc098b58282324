package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Any text is read as the JDK reads it, or refused with problems of one line each. */
class PropertiesFuzzTest {

    @FuzzTest(maxDuration = "2m")
    void any_text_is_read_as_the_jdk_reads_it(FuzzedDataProvider data) {
        String text = data.consumeRemainingAsString();
        Map<Object, Object> expected = jdk(text.startsWith("\ufeff") ? text.substring(1) : text);
        try {
            Source source = PropertiesReader.read("file", text);
            Map<Object, Object> read = new TreeMap<>();
            source.keys().forEach(key -> read.put(key, source.value(key).orElseThrow()));
            assertThat(read).isEqualTo(expected);
        } catch (SettingsException refused) {
            checkProblems(refused);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void any_bytes_are_read_or_refused(byte[] bytes) {
        try {
            PropertiesReader.read("file", bytes);
        } catch (SettingsException refused) {
            checkProblems(refused);
        } catch (CharacterCodingException refused) {
            assertThat(refused).isNotNull();
        }
    }

    private static Map<Object, Object> jdk(String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException malformed) {
            return Map.of("malformed", text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return properties;
    }

    private static void checkProblems(SettingsException refused) {
        assertThat(refused.problems()).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem).hasSizeLessThan(300);
            assertThat(problem.chars().allMatch(c -> c >= ' ' && c != 0x7f)).isTrue();
        });
    }
}
