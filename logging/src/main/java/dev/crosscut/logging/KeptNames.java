package dev.crosscut.logging;

import org.jspecify.annotations.Nullable;

/**
 * A field whose values are few and come again and again: the names of loggers and of threads. As many as there is room for
 * are kept as the bytes that they are on a line, each in a place of its own that another may take. Safe for use by several
 * threads.
 */
final class KeptNames {

    private static final int PLACES = 1024;

    private static final class Kept {

        final String name;
        final byte[] json;

        Kept(String name, byte[] json) {
            this.name = name;
            this.json = json;
        }
    }

    private final byte[] begin;
    private final int maxName;
    private final @Nullable Kept[] places = new Kept[PLACES]; // raced for: whoever loses makes the bytes once more

    /** A field of which everything before the value is given, with the most bytes of a value. */
    KeptNames(byte[] begin, int maxName) {
        this.begin = begin;
        this.maxName = maxName;
    }

    /** Appends the field. */
    void write(@Nullable String name, LineBuffer line) {
        String known = name == null ? "" : name;
        int hash = known.hashCode();
        int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
        Kept kept = places[place];
        if (kept != null && kept.name.equals(known)) {
            line.raw(kept.json);
            return;
        }
        int from = line.size();
        line.raw(begin);
        boolean isWhole = line.text(known, maxName);
        line.write('"');
        if (!isWhole) {
            line.markShortened();
        } else if (known.length() <= Names.LONGEST) {
            places[place] = new Kept(known, line.toByteArray(from));
        }
    }
}
