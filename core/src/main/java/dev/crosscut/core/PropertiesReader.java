package dev.crosscut.core;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Reads the format of {@link Properties} and remembers the line of each key. Only the splitting into logical lines is done
 * here; keys, values and escapes are left to the JDK. A byte order mark at the beginning is skipped.
 */
final class PropertiesReader {

    private PropertiesReader() {}

    static Source read(String name, byte[] utf8) throws CharacterCodingException {
        return read(name, text(utf8));
    }

    static Source read(String name, String text) {
        List<String> problems = new ArrayList<>();
        Source source = read(name, text, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return source;
    }

    /** What the file sets; the lines that cannot be read are added to the problems and left out. */
    static Source read(String name, byte[] utf8, List<String> problems) throws CharacterCodingException {
        return read(name, text(utf8), problems);
    }

    private static String text(byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }

    private static Source read(String name, String text, List<String> problems) {
        Map<String, String> values = new HashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        String[] all = text.substring(text.startsWith("\ufeff") ? 1 : 0).split("(?<=\n)|(?<=\r)(?!\n)", -1);
        for (int i = 0; i < all.length; i++) {
            int first = i + 1;
            StringBuilder logical = new StringBuilder(all[i]);
            while (!isComment(all[first - 1]) && endsInBackslash(all[i]) && i + 1 < all.length) {
                logical.append(all[++i]);
            }
            for (Map.Entry<String, String> entry :
                    parse(logical.toString(), name + ":" + first, problems).entrySet()) {
                Integer before = lines.putIfAbsent(entry.getKey(), first);
                if (before != null) {
                    problems.add(HeaderFields.printable(entry.getKey()) + " (" + name + ":" + first
                            + ") is set already in line " + before + "; expected each key once");
                }
                values.put(entry.getKey(), entry.getValue());
            }
        }
        return new MapSource(name, values, lines);
    }

    private static boolean isComment(String line) {
        int first = 0;
        while (first < line.length() && " \t\f".indexOf(line.charAt(first)) >= 0) {
            first++;
        }
        return line.startsWith("#", first) || line.startsWith("!", first);
    }

    private static boolean endsInBackslash(String line) {
        int end = line.length();
        while (end > 0 && "\r\n".indexOf(line.charAt(end - 1)) >= 0) {
            end--;
        }
        int backslashes = 0;
        while (backslashes < end && line.charAt(end - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static Map<String, String> parse(String line, String where, List<String> problems) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(line));
        } catch (IllegalArgumentException e) {
            problems.add("the line at " + where + " has a malformed escape; expected \\u and four hexadecimal digits");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> entries = new HashMap<>();
        properties.forEach((key, value) -> entries.put((String) key, (String) value));
        return entries;
    }
}
