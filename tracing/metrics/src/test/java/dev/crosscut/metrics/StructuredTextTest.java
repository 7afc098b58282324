package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/** What is written, read by others. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StructuredTextTest {

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "true",
            "null",
            "no",
            "1",
            "1.5",
            "5m",
            "~",
            "- a",
            "a: b",
            "a #b",
            "a:",
            "'a'",
            "\"a\"",
            "{a}",
            "[a]",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "a\nb",
            "a\n\nb\n",
            "\na",
            " a\nb",
            "a \nb",
            "a\tb",
            "a\u0000b",
            "a\u0085b",
            "a\u2028b",
            "é\ud83d\ude00",
            "\\n",
            "a\r\nb",
            "---",
            "slo:sli_error:ratio_rate5m",
            "(\n  a\n)\n/\n(\n  b\n)");

    private static Object generated(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 3 : 5);
        return switch (kind) {
            case 0 -> TEXTS.get(random.nextInt(TEXTS.size()));
            case 1 -> random.nextInt(1000);
            case 2 -> random.nextBoolean();
            case 3 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(generated(random, depth - 1));
                }
                yield list;
            }
            default -> map(random, depth);
        };
    }

    private static Map<String, Object> map(Random random, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4) + 1; i > 0; i--) {
            map.put("key" + i, generated(random, depth - 1));
        }
        return map;
    }

    private static Object yaml(String text) {
        return new Load(LoadSettings.builder().build()).loadFromString(text);
    }

    @Test
    void every_text_comes_back_as_it_was() {
        for (String text : TEXTS) {
            Map<String, Object> value = Map.of("a", text, "b", List.of(text, Map.of("c", text)));
            assertThat(yaml(StructuredText.yaml(value))).as(text).isEqualTo(value);
            assertThat(JsonMapper.shared().readValue(StructuredText.json(value), Object.class))
                    .as(text)
                    .isEqualTo(value);
        }
    }

    @Test
    void every_structure_comes_back_as_it_was() {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            Map<String, Object> value = map(random, 4);
            String yaml = StructuredText.yaml(value);
            assertThat(yaml(yaml)).as(yaml).isEqualTo(value);
            assertThat(JsonMapper.shared().readValue(StructuredText.json(value), Object.class))
                    .isEqualTo(value);
        }
    }

    @Test
    void a_decimal_is_written_without_an_exponent() {
        assertThat(StructuredText.yaml(Map.of("a", new BigDecimal("9E+1")))).isEqualTo("a: 90\n");
        assertThat(StructuredText.json(new BigDecimal("1E-9"))).isEqualTo("0.000000001\n");
    }
}
