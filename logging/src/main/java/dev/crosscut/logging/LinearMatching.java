package dev.crosscut.logging;

import dev.crosscut.logging.PatternNode.CharSet;
import dev.crosscut.logging.PatternNode.Edge;
import java.util.Arrays;

/** A pattern at work in a text: the threads of its automaton, and what they have found. For use by one thread. */
final class LinearMatching {

    private static final CharSet WORD_CHARACTERS = PatternParser.wordCharacters();

    private final LinearPattern pattern;
    private final String text;
    private int[] now; // the states of the threads that are alive, the first that began first
    private int[] spare;
    private int alive;
    private int[] began; // of the thread in a state
    private int[] spareBegan;
    private final int[] arrived; // the index at which a state was last reached, and one
    private final int[] open;
    private int[] found = new int[8]; // what is hidden: from, to, from, to, in order and apart
    private int foundLength;

    LinearMatching(LinearPattern pattern, String text) {
        this.pattern = pattern;
        this.text = text;
        int size = pattern.size();
        now = new int[size];
        spare = new int[size];
        began = new int[size];
        spareBegan = new int[size];
        arrived = new int[size];
        open = new int[size * 2 + 1];
    }

    LinearMatching run(int from) {
        int at = from;
        while (at < text.length()) {
            if (alive == 0) {
                at = pattern.nextFirst(text, at);
            }
            if (at < text.length()) {
                if (pattern.canBegin(text.charAt(at))) {
                    arrive(pattern.start(), at, at);
                }
                step(at);
            }
            at++;
        }
        return this;
    }

    private void step(int at) {
        char c = text.charAt(at);
        int[] before = now;
        int count = alive;
        int[] beganBefore = began;
        began = spareBegan;
        spareBegan = beganBefore;
        now = spare;
        spare = before;
        alive = 0;
        for (int i = 0; i < count; i++) {
            LinearPattern.State state = pattern.state(before[i]);
            if (state.set != null && state.set.has(c)) {
                arrive(state.next, beganBefore[before[i]], at + 1);
            }
        }
    }

    /** Puts a thread into a state and all that are reached from there without a character. */
    private void arrive(int first, int since, int at) {
        int count = 0;
        open[count++] = first;
        while (count > 0) {
            int reached = open[--count];
            if (reached < 0 || arrived[reached] == at + 1) {
                continue;
            }
            LinearPattern.State state = pattern.state(reached);
            if (state.edge != null && !holds(state.edge, at)) {
                continue;
            }
            arrived[reached] = at + 1;
            if (reached == pattern.end()) {
                if (since < at) {
                    add(since, at);
                }
            } else if (state.set != null) {
                now[alive++] = reached;
                began[reached] = since;
            } else {
                open[count++] = state.next;
                open[count++] = state.other;
            }
        }
    }

    private boolean holds(Edge edge, int at) {
        return switch (edge) {
            case START -> at == 0;
            case END -> at == text.length();
            case WORD -> isWord(at - 1) != isWord(at);
            case NO_WORD -> isWord(at - 1) == isWord(at);
        };
    }

    private boolean isWord(int at) {
        return at >= 0 && at < text.length() && WORD_CHARACTERS.has(text.charAt(at));
    }

    private void add(int from, int to) {
        int since = from;
        while (foundLength > 0 && found[foundLength - 1] >= since) {
            since = Math.min(since, found[foundLength - 2]);
            foundLength -= 2;
        }
        if (foundLength == found.length) {
            found = Arrays.copyOf(found, foundLength * 2);
        }
        found[foundLength++] = since;
        found[foundLength++] = to;
    }

    /** No half of a character is left of one that is hidden. */
    String replace(String replacement) {
        if (foundLength == 0) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text.length());
        int done = 0;
        for (int i = 0; i < foundLength; i += 2) {
            int from = isInside(found[i]) ? found[i] - 1 : found[i];
            replaced.append(text, done, Math.max(done, from)).append(replacement);
            done = isInside(found[i + 1]) ? found[i + 1] + 1 : found[i + 1];
        }
        return replaced.append(text, done, text.length()).toString();
    }

    private boolean isInside(int at) {
        return at > 0
                && at < text.length()
                && Character.isHighSurrogate(text.charAt(at - 1))
                && Character.isLowSurrogate(text.charAt(at));
    }
}
