package dev.crosscut.logging;

import dev.crosscut.core.Key;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What the keys of exchanges are called on the lines of one format. Those of the first keys are kept, and of the sets of keys
 * that were seen last how they are laid out, as long as an exchange has them: nothing here keeps a key, and with it the
 * classes of an application. Safe for use by several threads.
 */
final class KeyNames {

    /** The names of keys whose values are never left out and never masked, in the order in which lines have them. */
    static final List<String> CORRELATING = List.of(
            Key.CORRELATION_ID.name(), Key.EXTERNAL_CORRELATION_ID.name(), "trace_id", "span_id", "trace_flags");

    private static final int KEPT = 1024;
    private static final int LAYOUTS = 64;

    /** Core accepts none that is longer. */
    private static final int LONGEST_ID = 1024;

    /**
     * A key as a format has it.
     *
     * @param key what the key itself is called
     * @param name what it is called on a line
     * @param start the bytes before its value, from the comma on
     * @param rank its place among those that correlate, or -1
     * @param bound the most bytes that its value has where it correlates
     * @param isHidden whether its value is masked as a whole
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record KeyName(String key, String name, byte[] start, int rank, int bound, boolean isHidden) {

        boolean isCorrelating() {
            return rank >= 0;
        }

        /** Its place among all fields of an exchange. */
        int order() {
            return isCorrelating() ? rank : CORRELATING.size();
        }

        /** The same under another name. */
        KeyName named(String other) {
            return other.equals(name)
                    ? this
                    : new KeyName(key, other, LineBuffer.encoded(",\"", other, "\":"), rank, bound, isHidden);
        }
    }

    private final Names names;
    private final JsonParts parts;
    private final Masking masking;
    private final int maxLine;
    private final ConcurrentHashMap<String, KeyName> kept = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable WeakReference<KeyLayout>> layouts =
            new AtomicReferenceArray<>(LAYOUTS);

    KeyNames(Names names, JsonParts parts, Masking masking, int maxLine) {
        this.names = names;
        this.parts = parts;
        this.masking = masking;
        this.maxLine = maxLine;
    }

    KeyName of(String key) {
        KeyName known = kept.get(key);
        if (known != null) {
            return known;
        }
        String name = Names.free(names.ofKey(key), parts::isOurs);
        KeyName made = new KeyName(
                key,
                name,
                LineBuffer.encoded(",\"", name, "\":"),
                CORRELATING.indexOf(key),
                key.equals(Key.CORRELATION_ID.name()) ? LONGEST_ID : maxLine / 8,
                masking.hides(key));
        if (kept.size() < KEPT) {
            kept.put(key, made);
        }
        return made;
    }

    /** How the values of keys are on lines, the keys as an exchange shows them. */
    KeyLayout layout(Key<?>[] keys) {
        int slot = keys.length == 0 ? 0 : (System.identityHashCode(keys[0]) + keys.length) & (LAYOUTS - 1);
        WeakReference<KeyLayout> last = layouts.get(slot);
        KeyLayout known = last == null ? null : last.get();
        if (known != null && known.isOf(keys)) {
            return known;
        }
        KeyLayout made = new KeyLayout(keys, this);
        layouts.set(slot, new WeakReference<>(made));
        return made;
    }

    /** Whether a field that is none of an exchange may have the name. */
    boolean isOurs(String name) {
        return parts.isOurs(name);
    }
}
