package dev.crosscut.idempotency;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes maps, lists, text, numbers and booleans as YAML for people to read. What is not ASCII is escaped. */
final class Yaml {

    private static final String STEP = "  ";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z$/][A-Za-z0-9_./{}:-]*[A-Za-z0-9}]");
    private static final Pattern LINES = Pattern.compile("[!-~][ -~\\n]*[!-~]");

    /** What one version of YAML or another takes for something other than text. */
    private static final Set<String> WORDS = Set.of("true", "false", "null", "yes", "no", "on", "off");

    private final StringBuilder out = new StringBuilder();

    private Yaml() {}

    static String of(Map<String, ?> document) {
        Yaml yaml = new Yaml();
        yaml.entries(document, "");
        return yaml.out.toString();
    }

    /** The entries of a map or list, each on a line of its own that is begun. */
    private void entries(Object value, String indent) {
        String before = "";
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(before).append(scalar(entry.getKey())).append(':');
                value(entry.getValue(), indent);
                before = indent;
            }
        } else if (value instanceof List<?> list) {
            for (Object each : list) {
                out.append(before).append("- ");
                if (isBranch(each)) {
                    entries(each, indent + STEP);
                } else {
                    out.append(scalar(each)).append('\n');
                }
                before = indent;
            }
        }
    }

    private void value(Object value, String indent) {
        String inner = indent + STEP;
        if (isBranch(value)) {
            out.append('\n').append(inner);
            entries(value, inner);
        } else if (value instanceof String text
                && text.indexOf('\n') > 0
                && LINES.matcher(text).matches()) {
            out.append(" |-\n");
            text.lines().forEach(line -> out.append(inner).append(line).append('\n'));
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static boolean isBranch(Object value) {
        return (value instanceof Map<?, ?> map && !map.isEmpty()) || (value instanceof List<?> list && !list.isEmpty());
    }

    private static String scalar(Object value) {
        if (value instanceof Map) {
            return "{}";
        }
        if (value instanceof List) {
            return "[]";
        }
        String text = String.valueOf(value);
        boolean isPlain = value instanceof Number
                || value instanceof Boolean
                || (PLAIN.matcher(text).matches() && !WORDS.contains(text));
        return isPlain ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
