package dev.crosscut.logging;

/**
 * What a rule of masking found in a text, in one {@code long}, so that looking costs no allocation: the part that is to be
 * replaced, or how far the rule has looked in vain.
 */
final class Span {

    static final long NONE = ~0L;

    private static final long QUOTED = 1L << 31;

    private Span() {}

    static long of(int start, int end) {
        return (long) start << 32 | end;
    }

    /** A part that is no JSON string, in JSON: what replaces it is one. */
    static long quoted(int start, int end) {
        return of(start, end) | QUOTED;
    }

    /** Nothing, and nothing that begins before this index. */
    static long skip(int to) {
        return ~(long) to;
    }

    static boolean isFound(long span) {
        return span >= 0;
    }

    static int skipped(long nothing) {
        return (int) ~nothing;
    }

    static int start(long span) {
        return (int) (span >>> 32);
    }

    static int end(long span) {
        return (int) (span & Integer.MAX_VALUE);
    }

    static boolean isQuoted(long span) {
        return (span & QUOTED) != 0;
    }
}
