package dev.crosscut.tracing;

import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of a {@code tracestate} that was received, as W3C Trace Context, level 2, has them in 3.3.1: in their order,
 * each key once. OpenTelemetry's own type does not take all keys of level 2.
 */
final class TraceStateHeader implements TraceState {

    private static final int MOST_MEMBERS = 32;
    private static final int LONGEST = 256;

    /** Longer headers lose members, those over {@link #LONG_MEMBER} first (3.3.1.5). */
    private static final int LONGEST_HEADER = 2048;

    private static final int LONG_MEMBER = 128;

    /** The members, with nothing but a comma between two of them. */
    private final String text;

    private volatile @Nullable Map<String, String> members;

    private TraceStateHeader(String text) {
        this.text = text;
    }

    /** The state that a list of members makes; empty where one of them is not valid. */
    static TraceState parse(String list) {
        if (isPlain(list)) {
            return new TraceStateHeader(list);
        }
        Map<String, String> members = members(list);
        return members.isEmpty() ? TraceState.getDefault() : new TraceStateHeader(joined(members));
    }

    /** Whether this is valid, and as it would be written again. Not told of some that are: where two keys may be equal. */
    private static boolean isPlain(String list) {
        long keys = 0;
        int start = 0;
        for (int count = 1; count <= MOST_MEMBERS; count++) {
            int comma = list.indexOf(',', start);
            int end = comma < 0 ? list.length() : comma;
            int equals = list.indexOf('=', start);
            if (equals < 0
                    || !isKey(list, start, equals)
                    || !isValue(list, equals + 1, end)
                    || list.charAt(end - 1) == ' ') {
                return false;
            }
            long key = 1L << (31 * (31 * list.charAt(start) + list.charAt(equals - 1)) + equals - start);
            if ((keys & key) != 0) {
                return false;
            }
            keys |= key;
            if (comma < 0) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    /** The members of a list, each key once; none where one of them is not valid, or they are too many. */
    private static Map<String, String> members(String list) {
        Map<String, String> members = new LinkedHashMap<>();
        int count = 0;
        int start = 0;
        while (start <= list.length()) {
            int comma = list.indexOf(',', start);
            int end = comma < 0 ? list.length() : comma;
            String member = Ows.trimmed(list, start, end);
            if (!member.isEmpty()) {
                int equals = member.indexOf('=');
                if (++count > MOST_MEMBERS
                        || equals < 0
                        || !isKey(member, 0, equals)
                        || !isValue(member, equals + 1, member.length())) {
                    return Map.of();
                }
                members.putIfAbsent(member.substring(0, equals), member.substring(equals + 1));
            }
            start = end + 1;
        }
        return Collections.unmodifiableMap(members);
    }

    private static String joined(Map<String, String> members) {
        StringBuilder list = new StringBuilder();
        members.forEach((key, value) ->
                list.append(list.isEmpty() ? "" : ",").append(key).append('=').append(value));
        return list.toString();
    }

    private static boolean isKey(String list, int start, int end) {
        if (end == start || end - start > LONGEST) {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = list.charAt(i);
            boolean isLetterOrDigit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!isLetterOrDigit && (i == start || "_-*/@".indexOf(c) < 0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValue(String list, int start, int end) {
        if (start >= end || end - start > LONGEST) {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = list.charAt(i);
            if (c < ' ' || c > '~' || c == '=') {
                return false;
            }
        }
        return true;
    }

    /** The value of the header for a state, wherever that comes from. */
    static String text(TraceState state) {
        if (state instanceof TraceStateHeader received && received.text.length() <= LONGEST_HEADER) {
            return received.text;
        }
        if (state.isEmpty()) {
            return "";
        }
        List<String> members = new ArrayList<>(state.size());
        int[] length = {-1};
        state.forEach((key, value) -> {
            members.add(key + '=' + value);
            length[0] += key.length() + value.length() + 2;
        });
        int excess = length[0] - LONGEST_HEADER;
        for (int i = members.size() - 1; i >= 0 && excess > 0; i--) {
            if (members.get(i).length() > LONG_MEMBER) {
                excess -= members.remove(i).length() + 1;
            }
        }
        while (excess > 0) {
            excess -= members.remove(members.size() - 1).length() + 1;
        }
        return String.join(",", members);
    }

    @Override
    public @Nullable String get(String key) {
        return asMap().get(key);
    }

    @Override
    public int size() {
        return asMap().size();
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public void forEach(BiConsumer<String, String> visitor) {
        asMap().forEach(visitor);
    }

    @Override
    public Map<String, String> asMap() {
        Map<String, String> known = members;
        if (known == null) {
            known = members(text);
            members = known;
        }
        return known;
    }

    /** Without the members whose keys OpenTelemetry does not take. */
    @Override
    public TraceStateBuilder toBuilder() {
        TraceStateBuilder builder = TraceState.builder();
        List<Map.Entry<String, String>> last = new ArrayList<>(asMap().entrySet());
        Collections.reverse(last);
        last.forEach(member -> builder.put(member.getKey(), member.getValue()));
        return builder;
    }

    @Override
    public String toString() {
        return text(this);
    }
}
