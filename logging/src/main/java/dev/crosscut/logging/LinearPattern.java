package dev.crosscut.logging;

import dev.crosscut.logging.PatternNode.AnyOf;
import dev.crosscut.logging.PatternNode.CharSet;
import dev.crosscut.logging.PatternNode.Edge;
import dev.crosscut.logging.PatternNode.InOrder;
import dev.crosscut.logging.PatternNode.One;
import dev.crosscut.logging.PatternNode.Repeated;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * A pattern of a user's, as an automaton that hides every character that is part of any match.
 *
 * Matching. All threads of a nondeterministic automaton advance together, one character at a time (Thompson, "Regular
 * Expression Search Algorithm", 1968). A new thread begins at each character; threads are kept in the order in which they
 * began, and of two in the same state the later is dropped. So a thread that arrives at the end of the pattern ends the
 * longest match that ends there, and all of these together cover what any match covers. There is no first or greedy match
 * to choose and nothing is tried again, also not behind a match: searching for all matches one by one can take quadratic
 * time in automata too.
 *
 * Cost. At most the length of the text times the number of states, which has a bound. Where no thread is alive, characters
 * with which no match can begin are passed over by one look into a set; a text of such costs no allocation.
 *
 * Not java.util.regex, which backtracks: (a+)+b costs it 2^n steps. Not RE2/J: its jar has no module name that stays.
 */
final class LinearPattern {

    /** What a setting may have. */
    static final String EXPECTED =
            "a regular expression without references, lookaround and lazy quantifiers, that matches"
                    + " neither the empty text nor everything";

    private static final int LONGEST = 1000;
    private static final int MOST_STATES = 1000;
    private static final int ASCII = 0x80;

    /** A pattern that hides something in each of these hides everything. */
    private static final List<String> HARMLESS = List.of(
            "order accepted",
            "GET /orders/17 200 in 12.5 ms",
            "2026-01-01T10:15:30.000042Z",
            "0190163d-8694-739b-aea5-966c26f8ad91",
            "17",
            "main");

    /** One of: a character of the set, then next; the edge, then next; next or other; the end of the pattern. */
    static final class State {

        final @Nullable CharSet set;
        final @Nullable Edge edge;
        int next = -1;
        int other = -1;

        State(@Nullable CharSet set, @Nullable Edge edge) {
            this.set = set;
            this.edge = edge;
        }
    }

    private final List<State> states = new ArrayList<>();
    private final int start;
    private final int end;
    private final CharSet first = new CharSet();
    private final boolean[] isFirst = new boolean[ASCII];

    private LinearPattern(PatternNode pattern) {
        end = add(null, null);
        start = compile(pattern, end);
        collectFirst(start, new boolean[states.size()]);
        for (char c = 0; c < ASCII; c++) {
            isFirst[c] = first.has(c);
        }
    }

    static LinearPattern parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a pattern of " + text.length() + " characters; expected at most " + LONGEST);
        }
        return new LinearPattern(PatternParser.parse(text));
    }

    /** Whether a setting may have this. */
    static boolean isUsable(String text) {
        try {
            LinearPattern pattern = parse(text);
            return !pattern.matchesNothing()
                    && !pattern.hidesSomethingIn(TextMasking.MASK)
                    && !HARMLESS.stream().allMatch(pattern::hidesSomethingIn);
        } catch (IllegalArgumentException notUnderstood) {
            return false;
        }
    }

    private boolean hidesSomethingIn(String text) {
        return !replaceAll(text, "").equals(text);
    }

    /** Whether some text has a match of no characters. */
    private boolean matchesNothing() {
        return reachesEnd(start, new boolean[states.size()]);
    }

    private boolean reachesEnd(int state, boolean[] seen) {
        if (state < 0 || seen[state]) {
            return false;
        }
        seen[state] = true;
        State here = states.get(state);
        return state == end || (here.set == null && (reachesEnd(here.next, seen) || reachesEnd(here.other, seen)));
    }

    private void collectFirst(int state, boolean[] seen) {
        if (state < 0 || seen[state]) {
            return;
        }
        seen[state] = true;
        State here = states.get(state);
        if (here.set != null) {
            first.addAll(here.set);
        } else {
            collectFirst(here.next, seen);
            collectFirst(here.other, seen);
        }
    }

    private int add(@Nullable CharSet set, @Nullable Edge edge) {
        if (states.size() == MOST_STATES) {
            throw new IllegalArgumentException("a pattern of more than " + MOST_STATES + " states");
        }
        states.add(new State(set, edge));
        return states.size() - 1;
    }

    private int add(@Nullable CharSet set, @Nullable Edge edge, int next) {
        int state = add(set, edge);
        states.get(state).next = next;
        return state;
    }

    private int either(int one, int other) {
        int state = add(null, null, one);
        states.get(state).other = other;
        return state;
    }

    /** The state with which a part begins that is followed by the next. */
    private int compile(PatternNode node, int next) {
        if (node instanceof One one) {
            return add(one.set(), null, next);
        }
        if (node instanceof Edge edge) {
            return add(null, edge, next);
        }
        if (node instanceof InOrder sequence) {
            int first = next;
            for (int i = sequence.parts().size() - 1; i >= 0; i--) {
                first = compile(sequence.parts().get(i), first);
            }
            return first;
        }
        if (node instanceof AnyOf alternatives) {
            int first = -1;
            for (PatternNode part : alternatives.parts()) {
                int one = compile(part, next);
                first = first < 0 ? one : either(first, one);
            }
            return first;
        }
        return compile((Repeated) node, next);
    }

    private int compile(Repeated repeated, int next) {
        int first = next;
        if (repeated.most() < 0) {
            first = either(next, -1);
            states.get(first).other = compile(repeated.part(), first);
        }
        for (int i = repeated.least(); i < repeated.most(); i++) {
            first = either(next, compile(repeated.part(), first));
        }
        for (int i = 0; i < repeated.least(); i++) {
            first = compile(repeated.part(), first);
        }
        return first;
    }

    /** The text with each run of characters that are part of a match replaced; the same instance where none is. */
    String replaceAll(String text, String replacement) {
        int at = nextFirst(text, 0);
        return at == text.length()
                ? text
                : new LinearMatching(this, text).run(at).replace(replacement);
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    int size() {
        return states.size();
    }

    State state(int index) {
        return states.get(index);
    }

    /** Where a match may begin next. */
    int nextFirst(String text, int from) {
        int at = from;
        while (at < text.length() && !canBegin(text.charAt(at))) {
            at++;
        }
        return at;
    }

    boolean canBegin(char c) {
        return c < ASCII ? isFirst[c] : first.has(c);
    }
}
