package dev.crosscut.logging;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes a line that is too long fit, and leaves all of it that is not a part as it is: what says when, where and in which
 * exchange it was logged.
 *
 * <p>Taken away, in this order and only as much as is needed: the end of the stack trace; the ends of texts of users, the
 * longest first; fields of users, the longest first; the end of the exception's message; the end of the message. A text
 * ends where a character ends, and an escape.
 */
final class Cap {

    /** So much of a user's text is kept before whole fields are left out. */
    private static final int KEPT = 64;

    private final LineBuffer line;
    private final int[] ends; // where a part now ends, which is where it starts if it is left out
    private int excess;

    private Cap(LineBuffer line, int excess) {
        this.line = line;
        this.excess = excess;
        this.ends = new int[line.parts()];
        for (int part = 0; part < ends.length; part++) {
            ends[part] = line.end(part);
        }
    }

    /** Takes away at least a number of bytes, where there are so many that can be taken. */
    static void shorten(LineBuffer line, int excess) {
        Cap cap = new Cap(line, excess);
        cap.shorten(LineBuffer.STACK_TRACE, 0);
        List<Integer> longestFirst = IntStream.range(LineBuffer.FIELDS, line.parts())
                .boxed()
                .sorted(Comparator.comparingInt(part -> line.start(part) - line.end(part)))
                .collect(Collectors.toList());
        longestFirst.forEach(part -> cap.shorten(part, KEPT));
        longestFirst.forEach(cap::leaveOut);
        cap.shorten(LineBuffer.ERROR_MESSAGE, 0);
        cap.shorten(LineBuffer.MESSAGE, 0);
        cap.compact();
    }

    private void shorten(int part, int kept) {
        int from = line.textStart(part);
        int length = ends[part] - from;
        if (excess > 0 && from >= 0 && length > kept) {
            int end = from + boundary(from, Math.max(kept, length - excess));
            excess -= ends[part] - end;
            ends[part] = end;
        }
    }

    private void leaveOut(int part) {
        if (excess > 0) {
            // What is after a text is its closing quote.
            int close = line.textStart(part) < 0 ? 0 : 1;
            excess -= ends[part] + close - line.start(part);
            ends[part] = line.start(part);
        }
    }

    /** The length of the longest beginning of a text, up to a bound, after which neither a character nor an escape is open. */
    private int boundary(int from, int bound) {
        byte[] bytes = line.bytes();
        int at = 0;
        while (true) {
            byte b = bytes[from + at];
            int length;
            if (b == '\\') {
                length = bytes[from + at + 1] == 'u' ? 6 : 2;
            } else if (b >= 0) {
                length = 1;
            } else {
                length = (b & 0xe0) == 0xc0 ? 2 : (b & 0xf0) == 0xe0 ? 3 : 4;
            }
            if (at + length > bound) {
                return at;
            }
            at += length;
        }
    }

    private void compact() {
        int size = 0;
        int copied = 0;
        int[] inOrder = IntStream.range(0, ends.length)
                .boxed()
                .sorted(Comparator.comparingInt(line::start))
                .mapToInt(part -> part)
                .toArray();
        for (int part : inOrder) {
            boolean isLeftOut = part >= LineBuffer.FIELDS && ends[part] == line.start(part);
            int end = line.end(part) + (isLeftOut && line.textStart(part) >= 0 ? 1 : 0);
            if (end > copied) {
                size = line.move(copied, ends[part], size);
                copied = end;
            }
        }
        size = line.move(copied, line.size(), size);
        line.rewind(size);
        line.markShortened();
    }
}
