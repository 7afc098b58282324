package dev.crosscut.core;

/** The grammar of header fields (RFC 9110, sections 5.1, 5.5 and 5.6.2). */
final class HeaderFields {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private HeaderFields() {}

    static boolean isName(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0);
    }

    static String requireName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("'" + printable(name)
                    + "' is not the name of a header field; expected letters, digits and " + TOKEN_MARKS);
        }
        return name;
    }

    /** Visible characters, spaces and tabs; nothing that could end the line or confuse who reads it. */
    static void requireValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("the value of the header field " + name + " has the character U+"
                        + String.format("%04X", (int) c) + " at index " + i + "; expected visible ASCII or ISO-8859-1");
            }
        }
    }

    static boolean isLetterOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** At most 64 characters of a text that came from outside, with anything but visible ASCII as a question mark. */
    static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 64); i++) {
            char c = text.charAt(i);
            safe.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.length() > 64
                ? safe.append("… (")
                        .append(text.length())
                        .append(" characters)")
                        .toString()
                : safe.toString();
    }
}
