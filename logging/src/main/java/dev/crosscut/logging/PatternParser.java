package dev.crosscut.logging;

import dev.crosscut.logging.PatternNode.AnyOf;
import dev.crosscut.logging.PatternNode.CharSet;
import dev.crosscut.logging.PatternNode.Edge;
import dev.crosscut.logging.PatternNode.InOrder;
import dev.crosscut.logging.PatternNode.One;
import dev.crosscut.logging.PatternNode.Repeated;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the part of the usual language of regular expressions that is regular: characters, classes, groups, alternatives,
 * counted repetition, {@code ^ $ \b \B}, and {@code (?i)} at the beginning. Throws {@link IllegalArgumentException} for
 * all else.
 */
final class PatternParser {

    private static final int DEEPEST = 50;
    private static final int MOST = 1000;

    private final String text;
    private final boolean ignoresCase;
    private int at;
    private int depth;

    private PatternParser(String text) {
        this.text = text;
        this.ignoresCase = text.startsWith("(?i)");
        this.at = ignoresCase ? 4 : 0;
    }

    static PatternNode parse(String text) {
        PatternParser parser = new PatternParser(text);
        PatternNode all = parser.alternatives();
        if (parser.at < text.length()) {
            throw parser.wrong();
        }
        return all;
    }

    private PatternNode alternatives() {
        List<PatternNode> parts = new ArrayList<>();
        do {
            parts.add(sequence());
        } while (take('|'));
        return parts.size() == 1 ? parts.get(0) : new AnyOf(List.copyOf(parts));
    }

    private PatternNode sequence() {
        List<PatternNode> parts = new ArrayList<>();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            parts.add(repeated(atom()));
        }
        return new InOrder(List.copyOf(parts));
    }

    private PatternNode repeated(PatternNode part) {
        PatternNode repeated = part;
        if (take('*')) {
            repeated = new Repeated(part, 0, -1);
        } else if (take('+')) {
            repeated = new Repeated(part, 1, -1);
        } else if (take('?')) {
            repeated = new Repeated(part, 0, 1);
        } else if (take('{')) {
            int least = number();
            int most = !take(',') ? least : peek() == '}' ? -1 : number();
            expect('}');
            if (most >= 0 && most < least) {
                throw wrong();
            }
            repeated = new Repeated(part, least, most);
        } else {
            return part;
        }
        if ("*+?{".indexOf(peek()) >= 0) {
            throw wrong(); // lazy, possessive, or repeated twice
        }
        return repeated;
    }

    private int number() {
        int start = at;
        while (Chars.isDigit(text, at) && at - start < 5) {
            at++;
        }
        if (start == at || Integer.parseInt(text, start, at, 10) > MOST) {
            throw wrong();
        }
        return Integer.parseInt(text, start, at, 10);
    }

    private PatternNode atom() {
        char c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> one(charClass());
            case '.' -> one(CharSet.of('\n').complement());
            case '^' -> Edge.START;
            case '$' -> Edge.END;
            case '\\' -> escaped();
            case '*', '+', '?', '{', '}', ']' -> throw wrong();
            default -> one(CharSet.of(c));
        };
    }

    private One one(CharSet set) {
        return new One(ignoresCase ? set.ignoringCase() : set);
    }

    private PatternNode group() {
        depth++;
        if (depth > DEEPEST) {
            throw wrong();
        }
        if (take('?')) {
            expect(':');
        }
        PatternNode inside = alternatives();
        expect(')');
        depth--;
        return inside;
    }

    private PatternNode escaped() {
        if (take('b')) {
            return Edge.WORD;
        }
        return take('B') ? Edge.NO_WORD : one(escapedSet());
    }

    private CharSet escapedSet() {
        char c = next();
        return switch (c) {
            case 'd' -> digits();
            case 'D' -> digits().complement();
            case 'w' -> wordCharacters();
            case 'W' -> wordCharacters().complement();
            case 's' -> spaces();
            case 'S' -> spaces().complement();
            default -> CharSet.of(escapedCharacter(c));
        };
    }

    private char escapedCharacter(char c) {
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            default -> {
                if (Chars.isLetterOrDigit(c)) {
                    throw wrong(); // a reference, or what this language does not have
                }
                yield c;
            }
        };
    }

    private char hexadecimal(int digits) {
        if (at + digits > text.length()) {
            throw wrong();
        }
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw wrong();
            }
            value = value * 16 + digit;
        }
        return (char) value;
    }

    private CharSet charClass() {
        boolean isNegated = take('^');
        CharSet set = new CharSet();
        do {
            char c = next();
            if (c == '[' || c == '&') {
                throw wrong(); // nested classes and intersections of Java: to be escaped where they are meant as
                // characters
            }
            if (c == '\\' && "dDwWsS".indexOf(peek()) >= 0) {
                set.addAll(escapedSet());
                continue;
            }
            char from = c == '\\' ? escapedCharacter(next()) : c;
            char to = from;
            if (peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                char last = next();
                to = last == '\\' ? escapedCharacter(next()) : last;
                if (to < from || (last == '[')) {
                    throw wrong();
                }
            }
            set.add(from, to);
        } while (peek() != ']');
        at++;
        if (ignoresCase) {
            set.ignoringCase();
        }
        return isNegated ? set.complement() : set;
    }

    static CharSet digits() {
        return new CharSet().add('0', '9');
    }

    static CharSet wordCharacters() {
        return digits().add('a', 'z').add('A', 'Z').add('_', '_');
    }

    private static CharSet spaces() {
        return new CharSet().add('\t', '\r').add(' ', ' ');
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char next() {
        if (at == text.length()) {
            throw wrong();
        }
        return text.charAt(at++);
    }

    private boolean take(char c) {
        if (peek() == c && at < text.length()) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw wrong();
        }
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("not understood at index " + at + " of '" + text + "'");
    }
}
