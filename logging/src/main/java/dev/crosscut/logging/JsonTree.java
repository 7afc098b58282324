package dev.crosscut.logging;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Writes JSON that was read to a line, up to a number of bytes. */
final class JsonTree {

    private final LineBuffer line;
    private final long end;

    JsonTree(LineBuffer line, int bound) {
        this.line = line;
        this.end = (long) line.size() + bound;
    }

    /** The JSON of a value as text; only its beginning where it is longer than a bound. */
    static String text(JsonNode node, int bound) {
        LineBuffer aside = new LineBuffer();
        new JsonTree(aside, bound).write(node);
        return aside.toString();
    }

    /** Appends a value; whether all of it was within the bound. */
    boolean write(JsonNode node) {
        if (node.isObject()) {
            object(node);
        } else if (node.isArray()) {
            array(node);
        } else if (node.isString()) {
            line.write('"');
            line.text(node.stringValue(), (int) Math.max(0, end - line.size() + 1));
            line.write('"');
        } else if (node.isNumber()) {
            line.ascii(node.numberValue().toString());
        } else {
            line.ascii(node.isNull() ? "null" : String.valueOf(node.booleanValue()));
        }
        return line.size() <= end;
    }

    private void object(JsonNode object) {
        String separator = "{";
        Set<String> repaired = null;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = Texts.wellFormed(field.getKey());
            if (!name.equals(field.getKey())) {
                Set<String> others = repaired == null ? new HashSet<>() : repaired;
                name = Names.free(name, taken -> object.has(taken) || others.contains(taken));
                others.add(name);
                repaired = others;
            }
            line.ascii(separator);
            line.quoted(name);
            line.write(':');
            if (!write(field.getValue())) {
                return;
            }
            separator = ",";
        }
        line.ascii(object.isEmpty() ? "{}" : "}");
    }

    private void array(JsonNode array) {
        String separator = "[";
        for (JsonNode element : array) {
            line.ascii(separator);
            if (!write(element)) {
                return;
            }
            separator = ",";
        }
        line.ascii(array.isEmpty() ? "[]" : "]");
    }
}
