package dev.crosscut.tracing;

/** Optional white space, as RFC 9110 has it in 5.6.3: spaces and tabs around a value that are no part of it. */
final class Ows {

    private Ows() {}

    static String trimmed(String text) {
        return trimmed(text, 0, text.length());
    }

    static String trimmed(String text, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && isOws(text.charAt(start))) {
            start++;
        }
        while (end > start && isOws(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isOws(char c) {
        return c == ' ' || c == '\t';
    }
}
