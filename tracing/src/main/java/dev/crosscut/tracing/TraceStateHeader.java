package dev.crosscut.tracing;

import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
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

    private final Map<String, String> members;

    private TraceStateHeader(Map<String, String> members) {
        this.members = Collections.unmodifiableMap(members);
    }

    /** The state that the values of the header make together; empty where one of them is not valid. */
    static TraceState parse(Iterator<String> values) {
        Map<String, String> members = new LinkedHashMap<>();
        int count = 0;
        while (values.hasNext()) {
            String value = values.next();
            int start = 0;
            while (start <= value.length()) {
                int comma = value.indexOf(',', start);
                int end = comma < 0 ? value.length() : comma;
                String member = Ows.trimmed(value, start, end);
                if (!member.isEmpty()) {
                    int equals = member.indexOf('=');
                    if (++count > MOST_MEMBERS
                            || equals < 0
                            || !isKey(member, equals)
                            || !isValue(member, equals + 1)) {
                        return TraceState.getDefault();
                    }
                    members.putIfAbsent(member.substring(0, equals), member.substring(equals + 1));
                }
                start = end + 1;
            }
        }
        return members.isEmpty() ? TraceState.getDefault() : new TraceStateHeader(members);
    }

    private static boolean isKey(String member, int end) {
        if (end == 0 || end > LONGEST) {
            return false;
        }
        for (int i = 0; i < end; i++) {
            char c = member.charAt(i);
            boolean isLetterOrDigit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!isLetterOrDigit && (i == 0 || "_-*/@".indexOf(c) < 0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValue(String member, int start) {
        if (start == member.length() || member.length() - start > LONGEST) {
            return false;
        }
        for (int i = start; i < member.length(); i++) {
            char c = member.charAt(i);
            if (c < ' ' || c > '~' || c == '=') {
                return false;
            }
        }
        return true;
    }

    /** The value of the header for a state, wherever that comes from. */
    static String text(TraceState state) {
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
        return members.get(key);
    }

    @Override
    public int size() {
        return members.size();
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public void forEach(BiConsumer<String, String> visitor) {
        members.forEach(visitor);
    }

    @Override
    public Map<String, String> asMap() {
        return members;
    }

    /** Without the members whose keys OpenTelemetry does not take. */
    @Override
    public TraceStateBuilder toBuilder() {
        TraceStateBuilder builder = TraceState.builder();
        List<Map.Entry<String, String>> last = new ArrayList<>(members.entrySet());
        Collections.reverse(last);
        last.forEach(member -> builder.put(member.getKey(), member.getValue()));
        return builder;
    }

    @Override
    public String toString() {
        return text(this);
    }
}
