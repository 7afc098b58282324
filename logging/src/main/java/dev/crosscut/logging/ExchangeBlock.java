package dev.crosscut.logging;

import dev.crosscut.core.Key;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of an exchange as one format writes them: each with a comma before it, those that correlate first and whole
 * whatever the bound, of the others what is within it. Immutable.
 */
final class ExchangeBlock {

    private static final List<String> CORRELATING = List.of(
            Key.CORRELATION_ID.name(), Key.EXTERNAL_CORRELATION_ID.name(), "trace_id", "span_id", "trace_flags");

    /** Core accepts none that is longer. */
    private static final int LONGEST_ID = 1024;

    private final JsonFormat format;
    private final byte[] json;
    private final Set<String> names;
    private final boolean isShortened;

    private ExchangeBlock(JsonFormat format, byte[] json, Set<String> names, boolean isShortened) {
        this.format = format;
        this.json = json;
        this.names = names;
        this.isShortened = isShortened;
    }

    static ExchangeBlock of(Map<String, Object> byName, JsonFormat format) {
        List<String> inOrder = new ArrayList<>();
        CORRELATING.stream().filter(byName::containsKey).forEach(inOrder::add);
        byName.keySet().stream().filter(name -> !CORRELATING.contains(name)).forEach(inOrder::add);
        Set<String> names = new HashSet<>();
        LineBuffer line = new LineBuffer();
        for (String key : inOrder) {
            String name = Names.free(
                    format.names().ofKey(key), taken -> format.parts().isOurs(taken) || names.contains(taken));
            Object value = byName.getOrDefault(key, "");
            if (CORRELATING.contains(key)) {
                format.writeCorrelating(line, name, Values.text(value), bound(key, format));
                names.add(name);
            } else if (format.values().write(line, key, name, value, format.maxExchange() - line.size())) {
                names.add(name);
            }
        }
        return new ExchangeBlock(format, line.toByteArray(), names, line.isShortened());
    }

    private static int bound(String key, JsonFormat format) {
        return key.equals(Key.CORRELATION_ID.name()) ? LONGEST_ID : format.maxLine() / 8;
    }

    JsonFormat format() {
        return format;
    }

    byte[] json() {
        return json;
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** Whether not all of the exchange is here. */
    boolean isShortened() {
        return isShortened;
    }
}
