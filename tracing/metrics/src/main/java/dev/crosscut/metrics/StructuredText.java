package dev.crosscut.metrics;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes maps, lists, text, numbers and booleans as JSON, and as YAML for people to read. What is not ASCII is escaped. */
final class StructuredText {

    private static final String STEP = "  ";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_.:/-]*[A-Za-z0-9]");
    private static final Pattern LINES = Pattern.compile("[!-~][ -~\\n]*[!-~]");

    /** What one version of YAML or another takes for something other than text. */
    private static final Set<String> WORDS = Set.of("true", "false", "null", "yes", "no", "on", "off");

    private final StringBuilder out = new StringBuilder();

    private StructuredText() {}

    static String json(Object value) {
        StructuredText text = new StructuredText();
        text.json(value, "\n");
        return text.out.append('\n').toString();
    }

    static String yaml(Object value) {
        StructuredText text = new StructuredText();
        text.yaml(value, "");
        return text.out.toString();
    }

    private void json(Object value, String newLine) {
        String inner = newLine + STEP;
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            String before = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(before).append(inner);
                quote(String.valueOf(entry.getKey()));
                out.append(": ");
                json(entry.getValue(), inner);
                before = ",";
            }
            out.append(newLine).append('}');
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            String before = "[";
            for (Object each : list) {
                out.append(before).append(inner);
                json(each, inner);
                before = ",";
            }
            out.append(newLine).append(']');
        } else {
            leaf(value);
        }
    }

    /** What has no parts. */
    private void leaf(Object value) {
        if (value instanceof Map) {
            out.append("{}");
        } else if (value instanceof List) {
            out.append("[]");
        } else if (value instanceof BigDecimal number) {
            out.append(number.toPlainString());
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            quote(String.valueOf(value));
        }
    }

    /** The entries of a map or list, each on a line of its own that is begun. */
    private void yaml(Object value, String indent) {
        if (value instanceof Map<?, ?> map) {
            String before = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(before).append(entry.getKey()).append(':');
                yamlValue(entry.getValue(), indent);
                before = indent;
            }
        } else if (value instanceof List<?> list) {
            String before = "";
            for (Object each : list) {
                out.append(before).append("- ");
                if (isBranch(each)) {
                    yaml(each, indent + STEP);
                } else {
                    yamlLeaf(each);
                }
                before = indent;
            }
        }
    }

    private void yamlValue(Object value, String indent) {
        String inner = indent + STEP;
        if (isBranch(value)) {
            out.append('\n').append(inner);
            yaml(value, inner);
        } else if (value instanceof String text
                && text.indexOf('\n') > 0
                && LINES.matcher(text).matches()) {
            out.append(" |-");
            text.lines()
                    .forEach(line ->
                            out.append('\n').append(line.isEmpty() ? "" : inner).append(line));
            out.append('\n');
        } else {
            out.append(' ');
            yamlLeaf(value);
        }
    }

    private static boolean isBranch(Object value) {
        return (value instanceof Map<?, ?> map && !map.isEmpty()) || (value instanceof List<?> list && !list.isEmpty());
    }

    private void yamlLeaf(Object value) {
        if (value instanceof String text && PLAIN.matcher(text).matches() && !WORDS.contains(text)) {
            out.append(text);
        } else {
            leaf(value);
        }
        out.append('\n');
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
