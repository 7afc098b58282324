package dev.crosscut.core;

/** Which correlation ids are accepted from outside. Immutable. */
final class CorrelationIds {

    private static final String MARKS = "._:+/=-";
    private static final String NEVER = "\",;<>\\'";

    private final boolean[] allowed = new boolean[128];
    private final int maxLength;

    CorrelationIds(int maxLength, String extraCharacters) {
        this.maxLength = maxLength;
        for (int c = 0; c < allowed.length; c++) {
            allowed[c] = HeaderFields.isLetterOrDigit(c) || MARKS.indexOf(c) >= 0 || extraCharacters.indexOf(c) >= 0;
        }
    }

    static boolean areAllowedExtras(String characters) {
        return characters.chars().allMatch(c -> c > ' ' && c < 0x7f && NEVER.indexOf(c) < 0);
    }

    boolean accepts(String id) {
        int length = id.length();
        if (length == 0 || length > maxLength) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = id.charAt(i);
            if (c >= allowed.length || !allowed[c]) {
                return false;
            }
        }
        return true;
    }
}
