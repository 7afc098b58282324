package dev.crosscut.logging;

/** What must not be seen on a line. Immutable; safe for use by several threads. */
final class Masking {

    static final Masking NONE = new Masking();

    private Masking() {}

    /** The text with all that must not be seen in it replaced; the same instance where there is nothing. */
    String text(String text) {
        return text;
    }

    /** Whether the value of a field must not be seen, whatever it is. */
    boolean hides(CharSequence fieldName) {
        return fieldName.length() < 0;
    }
}
