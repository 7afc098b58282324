package dev.crosscut.logging;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One line while it is written: UTF-8 in a buffer that grows, and where the parts are that can be shortened. Used by one
 * thread at a time, and again for another line.
 *
 * <p>Text becomes JSON and UTF-8 in one pass. Beside what JSON demands, all that {@link Texts#isUnsafe} names is escaped;
 * half of a surrogate pair becomes U+FFFD, since a parser may refuse its escape.
 */
final class LineBuffer {

    /** The parts of a line that are shortened when it is too long; the fields of users come after these. */
    static final int MESSAGE = 0;

    static final int ERROR_MESSAGE = 1;
    static final int STACK_TRACE = 2;
    static final int FIELDS = 3;

    private static final int LONGEST_ESCAPE = 6;
    private static final int FIRST_CAPACITY = 1024;
    private static final int FEW = 16;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** For each character of ASCII 0, or the letter of its escape. */
    private static final byte[] ESCAPES = escapes();

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int size;
    private boolean shortened;

    // For each part the offsets of its beginning, of its text (or -1 for a value of another kind) and of its end.
    private int[] starts = new int[FEW];
    private int[] texts = new int[FEW];
    private int[] ends = new int[FEW];
    private int parts = FIELDS;

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        Arrays.fill(escapes, 0, ' ', (byte) 'u');
        escapes['\b'] = 'b';
        escapes['\t'] = 't';
        escapes['\n'] = 'n';
        escapes['\f'] = 'f';
        escapes['\r'] = 'r';
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        escapes[Texts.DELETE] = 'u';
        return escapes;
    }

    int size() {
        return size;
    }

    byte[] bytes() {
        return bytes;
    }

    int capacity() {
        return bytes.length;
    }

    byte[] toByteArray() {
        return toByteArray(0);
    }

    byte[] toByteArray(int from) {
        return Arrays.copyOfRange(bytes, from, size);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    void clear() {
        size = 0;
        shortened = false;
        parts = FIELDS;
        Arrays.fill(ends, 0, FIELDS, 0);
        Arrays.fill(starts, 0, FIELDS, 0);
        Arrays.fill(texts, 0, FIELDS, 0);
    }

    /** Takes back all that was written from an offset on. */
    void rewind(int offset) {
        size = offset;
    }

    /** Moves bytes to the front; the offset after them there. */
    int move(int from, int to, int target) {
        System.arraycopy(bytes, from, bytes, target, to - from);
        return target + to - from;
    }

    /** Whether something that belongs on the line is not, or not whole. */
    boolean isShortened() {
        return shortened;
    }

    void markShortened() {
        shortened = true;
    }

    /** Says where one of the three fixed parts has its text. */
    void part(int which, int from) {
        starts[which] = from;
        texts[which] = from;
        ends[which] = size;
    }

    /** Says where a field of a user is: from its comma on, with its text from an offset on, or another value if -1. */
    void field(int start, int text) {
        if (parts == ends.length) {
            starts = Arrays.copyOf(starts, parts * 2);
            texts = Arrays.copyOf(texts, parts * 2);
            ends = Arrays.copyOf(ends, parts * 2);
        }
        starts[parts] = start;
        texts[parts] = text;
        ends[parts] = text < 0 ? size : size - 1;
        parts++;
    }

    int parts() {
        return parts;
    }

    int start(int part) {
        return starts[part];
    }

    int textStart(int part) {
        return texts[part];
    }

    int end(int part) {
        return ends[part];
    }

    void write(int b) {
        ensure(1);
        bytes[size++] = (byte) b;
    }

    void raw(byte[] source) {
        ensure(source.length);
        System.arraycopy(source, 0, bytes, size, source.length);
        size += source.length;
    }

    /** Appends text that is ASCII and needs no escape. */
    void ascii(String text) {
        int length = text.length();
        ensure(length);
        byte[] to = bytes;
        int at = size;
        for (int i = 0; i < length; i++) {
            to[at++] = (byte) text.charAt(i);
        }
        size = at;
    }

    void number(long value) {
        if (value < 0 || value > 999_999_999) {
            ascii(Long.toString(value));
            return;
        }
        int digits = 1;
        for (int bound = 10; digits < 9 && value >= bound; bound *= 10) {
            digits++;
        }
        digits((int) value, digits);
    }

    /** Appends the last digits of a number. */
    void digits(int value, int digits) {
        ensure(digits);
        int rest = value;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    /** Appends a value in quotes. */
    void quoted(String text) {
        write('"');
        text(text, Integer.MAX_VALUE);
        write('"');
    }

    /**
     * Appends text as JSON has it between quotes, up to a number of bytes.
     *
     * @return whether all of it was appended
     */
    boolean text(String text, int limit) {
        int length = text.length();
        int plain = Math.min(length, limit);
        ensure(plain);
        byte[] to = bytes;
        int base = size;
        for (int i = 0; i < plain; i++) {
            char c = text.charAt(i);
            if (c >= 128 || ESCAPES[c] != 0) {
                size = base + i;
                return escaped(text, i, limit - i);
            }
            to[base + i] = (byte) c;
        }
        size = base + plain;
        return plain == length;
    }

    private boolean escaped(String text, int from, int limit) {
        int length = text.length();
        long end = (long) size + limit;
        for (int i = from; i < length; i++) {
            ensure(LONGEST_ESCAPE);
            int before = size;
            char c = text.charAt(i);
            if (c < 128) {
                ascii(c);
            } else if (!Character.isSurrogate(c)) {
                wide(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                pair(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                wide(Texts.REPLACEMENT);
            }
            if (size > end) {
                size = before;
                return false;
            }
        }
        return true;
    }

    private void ascii(char c) {
        byte escape = ESCAPES[c];
        if (escape == 0) {
            bytes[size++] = (byte) c;
        } else if (escape == 'u') {
            unicode(c);
        } else {
            bytes[size++] = '\\';
            bytes[size++] = escape;
        }
    }

    private void unicode(char c) {
        bytes[size++] = '\\';
        bytes[size++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) {
            bytes[size++] = HEX[(c >> shift) & 0xf];
        }
    }

    private void wide(char c) {
        if (Texts.isUnsafe(c)) {
            unicode(c);
        } else if (c < 0x800) {
            bytes[size++] = (byte) (0xc0 | (c >> 6));
            bytes[size++] = (byte) (0x80 | (c & 0x3f));
        } else {
            bytes[size++] = (byte) (0xe0 | (c >> 12));
            bytes[size++] = (byte) (0x80 | ((c >> 6) & 0x3f));
            bytes[size++] = (byte) (0x80 | (c & 0x3f));
        }
    }

    private void pair(int codePoint) {
        bytes[size++] = (byte) (0xf0 | (codePoint >> 18));
        bytes[size++] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
        bytes[size++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
        bytes[size++] = (byte) (0x80 | (codePoint & 0x3f));
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }

    /** What a name or a constant looks like on a line, made once. */
    static byte[] encoded(String before, String text, String after) {
        LineBuffer line = new LineBuffer();
        line.ascii(before);
        line.text(text, Integer.MAX_VALUE);
        line.ascii(after);
        return line.toByteArray();
    }
}
