package dev.crosscut.idempotency;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Reads a structured field that is an Item whose value is a String (RFC 9651, 4.2), as the Idempotency-Key header field is.
 * Parameters must be well-formed and say nothing. For one thread.
 */
final class StructuredString {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~:/";
    private static final String BASE64_MARKS = "+/=";
    private static final String HEX = "0123456789abcdef";
    private static final String MALFORMED = "a parameter that is malformed";

    private final String text;
    private int at;

    private StructuredString(String text) {
        this.text = text;
    }

    /**
     * The value of the String.
     *
     * @throws IllegalArgumentException if the field is anything else; the message says what, and nothing of the value
     */
    static String parse(String field) {
        return new StructuredString(field).item();
    }

    private String item() {
        skipSpaces();
        String value = string();
        parameters();
        skipSpaces();
        if (at < text.length()) {
            throw wrong(text.charAt(at) == ',' ? "a list of values" : "something after the closing quotation mark");
        }
        return value;
    }

    private String string() {
        if (next() != '"') {
            throw wrong("a value that does not begin with a quotation mark");
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\') {
                c = next();
                if (c != '"' && c != '\\') {
                    throw wrong("a backslash before something other than a quotation mark or a backslash");
                }
                at++;
            } else if (c < ' ' || c > '~') {
                throw wrong("a character that is not visible ASCII");
            }
            value.append(c);
        }
        throw wrong("no closing quotation mark");
    }

    private void parameters() {
        while (next() == ';') {
            at++;
            skipSpaces();
            if (!isLower(next()) && next() != '*') {
                throw wrong("a parameter without a name");
            }
            while (isLower(next()) || isDigit(next()) || "_-.*".indexOf(next()) >= 0) {
                at++;
            }
            if (next() == '=') {
                at++;
                bareItem();
            }
        }
    }

    private void bareItem() {
        char first = next();
        if (first == '"') {
            string();
        } else if (first == '-' || isDigit(first)) {
            number();
        } else if (first == '?') {
            at++;
            one("01");
        } else if (first == '@') {
            at++;
            if (number()) {
                throw wrong("a date with a fraction");
            }
        } else if (first == ':') {
            bytes();
        } else if (first == '%') {
            displayString();
        } else if (first == '*' || isLetter(first)) {
            while (isLetter(next()) || isDigit(next()) || TOKEN_MARKS.indexOf(next()) >= 0) {
                at++;
            }
        } else {
            throw wrong("a parameter without a value");
        }
    }

    /** Whether it is a Decimal: at most 12 digits, a dot and at most 3 digits; an Integer has at most 15. */
    private boolean number() {
        if (next() == '-') {
            at++;
        }
        int digits = digits();
        if (digits == 0 || digits > 15) {
            throw wrong("a number that is none");
        }
        if (next() != '.') {
            return false;
        }
        at++;
        int fraction = digits();
        if (digits > 12 || fraction == 0 || fraction > 3) {
            throw wrong("a decimal that is none");
        }
        return true;
    }

    private int digits() {
        int first = at;
        while (isDigit(next())) {
            at++;
        }
        return at - first;
    }

    /** Padding may be missing, which a recipient then puts in; anywhere but at the end it is malformed. */
    private void bytes() {
        int first = ++at;
        while (isLetter(next()) || isDigit(next()) || BASE64_MARKS.indexOf(next()) >= 0) {
            at++;
        }
        String encoded = text.substring(first, at);
        one(":");
        try {
            Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            throw wrong(MALFORMED);
        }
    }

    private void displayString() {
        at++;
        one("\"");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (next() != '"') {
            char c = next();
            if (c < ' ' || c > '~') {
                throw wrong("a character that is not visible ASCII");
            }
            at++;
            if (c == '%') {
                one(HEX);
                one(HEX);
                c = (char) HexFormat.fromHexDigits(text, at - 2, at);
            }
            bytes.write(c);
        }
        at++;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
        } catch (CharacterCodingException e) {
            throw wrong(MALFORMED);
        }
    }

    private void one(String allowed) {
        if (at == text.length() || allowed.indexOf(next()) < 0) {
            throw wrong(MALFORMED);
        }
        at++;
    }

    private void skipSpaces() {
        while (next() == ' ') {
            at++;
        }
    }

    /** The next character; NUL, which nothing allows, at the end. */
    private char next() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isLetter(char c) {
        return isLower(c) || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " at character " + (at + 1));
    }
}
