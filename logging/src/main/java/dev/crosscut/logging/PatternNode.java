package dev.crosscut.logging;

import java.util.BitSet;
import java.util.List;

/** A part of a pattern. */
sealed interface PatternNode {

    /** One character of a set. */
    record One(CharSet set) implements PatternNode {}

    record InOrder(List<PatternNode> parts) implements PatternNode {}

    record AnyOf(List<PatternNode> parts) implements PatternNode {}

    /** From least to most times; without a bound where most is negative. */
    record Repeated(PatternNode part, int least, int most) implements PatternNode {}

    /** A place in the text, and no character. */
    enum Edge implements PatternNode {
        START,
        END,
        WORD,
        NO_WORD
    }

    /** Characters of the basic plane, in one bit each. */
    final class CharSet {

        private static final int SIZE = 0x10000;

        private final BitSet members = new BitSet();

        static CharSet of(char c) {
            return new CharSet().add(c, c);
        }

        CharSet add(char from, char to) {
            members.set(from, to + 1);
            return this;
        }

        CharSet addAll(CharSet others) {
            members.or(others.members);
            return this;
        }

        CharSet complement() {
            members.flip(0, SIZE);
            return this;
        }

        /** With the other case of each letter that it has, where the other case is one character. */
        CharSet ignoringCase() {
            for (int c : members.stream().toArray()) {
                members.set(Character.toUpperCase((char) c));
                members.set(Character.toLowerCase((char) c));
            }
            return this;
        }

        boolean has(char c) {
            return members.get(c);
        }
    }
}
