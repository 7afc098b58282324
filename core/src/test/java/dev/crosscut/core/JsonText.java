package dev.crosscut.core;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON as RFC 8259 has it and nothing more: no duplicate names, no lone surrogates, nothing after the value. */
final class JsonText {

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** Null is the one value that has no Java object here: {@code null} reads as this text. */
    static final Object NULL = "<null>";

    static Object value(String text) {
        JsonText reader = new JsonText(text);
        Object value = reader.value();
        reader.space();
        if (reader.at != text.length()) {
            throw reader.malformed("the end");
        }
        return value;
    }

    @SuppressWarnings("unchecked") // names are always text
    static Map<String, Object> object(String text) {
        return (Map<String, Object>) value(text);
    }

    private Object value() {
        space();
        return switch (peek()) {
            case '{' -> members();
            case '[' -> elements();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", NULL);
            default -> number();
        };
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        space();
        if (skip('}')) {
            return members;
        }
        do {
            space();
            String name = string();
            space();
            require(':');
            if (members.put(name, value()) != null) {
                throw malformed("no second member named " + name);
            }
            space();
        } while (skip(','));
        require('}');
        return members;
    }

    private List<Object> elements() {
        List<Object> elements = new ArrayList<>();
        at++;
        space();
        if (skip(']')) {
            return elements;
        }
        do {
            elements.add(value());
            space();
        } while (skip(','));
        require(']');
        return elements;
    }

    private String string() {
        require('"');
        StringBuilder string = new StringBuilder();
        while (!skip('"')) {
            char c = peek();
            at++;
            if (c < ' ') {
                throw malformed("an escape in place of a control character");
            }
            string.append(c == '\\' ? escape() : c);
        }
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < string.length()
                    && Character.isLowSurrogate(string.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw malformed("surrogates in pairs");
            }
        }
        return string.toString();
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw malformed("an escape");
        };
    }

    private char unicode() {
        String digits = text.substring(at, Math.min(at + 4, text.length()));
        if (!digits.matches("[0-9a-fA-F]{4}")) {
            throw malformed("four hexadecimal digits");
        }
        at += 4;
        return (char) Integer.parseInt(digits, 16);
    }

    private BigDecimal number() {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw malformed("a number");
        }
        return new BigDecimal(number);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw malformed(word);
        }
        at += word.length();
        return value;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw malformed("more");
        }
        return text.charAt(at);
    }

    private boolean skip(char c) {
        if (peek() == c) {
            at++;
            return true;
        }
        return false;
    }

    private void require(char c) {
        if (!skip(c)) {
            throw malformed(String.valueOf(c));
        }
    }

    private IllegalArgumentException malformed(String expected) {
        return new IllegalArgumentException("at " + at + " of " + text + "; expected " + expected);
    }
}
