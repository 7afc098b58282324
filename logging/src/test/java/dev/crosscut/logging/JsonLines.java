package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads what a consumer reads: lines that end in a line feed, each one JSON object in which no name comes twice. */
final class JsonLines {

    static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonLines() {}

    static List<JsonNode> parse(String text) {
        List<JsonNode> lines = new ArrayList<>();
        if (text.isEmpty()) {
            return lines;
        }
        assertThat(text).endsWith("\n");
        for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
            lines.add(parseLine(line));
        }
        return lines;
    }

    private static JsonNode parseLine(String line) {
        // Nothing else that some viewer or shipper takes for the end of a line, and nothing that reorders one.
        assertThat(line.codePoints().anyMatch(c -> c < ' ' || (c >= 127 && isUnsafe(c))))
                .as(line)
                .isFalse();
        JsonNode node;
        try {
            node = STRICT.readTree(line);
        } catch (JacksonException e) {
            throw new AssertionError("not one JSON object without duplicate names: " + line, e);
        }
        assertThat(node.isObject()).as(line).isTrue();
        assertThat(hasEscapedHalf(line))
                .as("an escape that is half a character: %s", line)
                .isFalse();
        return node;
    }

    private static boolean isUnsafe(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE
                || isBidirectional(c);
    }

    /** The characters that Unicode has for reordering text: marks, embeddings, overrides and isolates. */
    static boolean isBidirectional(int c) {
        return c == 0x061c
                || c == 0x200e
                || c == 0x200f
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }

    private static boolean hasEscapedHalf(String line) {
        for (int i = line.indexOf('\\'); i >= 0; i = line.indexOf('\\', i + 2)) {
            if (line.startsWith("ud", i + 1) && line.charAt(i + 3) >= '8') {
                return true;
            }
        }
        return false;
    }
}
