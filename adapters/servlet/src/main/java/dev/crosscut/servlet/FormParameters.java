package dev.crosscut.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of an HTML form in a buffered body (Servlet 6.1, section 3.1: those of the query come first). */
final class FormParameters {

    private FormParameters() {}

    /** The client's mistake; what the parameters of a request throw where they cannot be read (Servlet 6.1). */
    private static final class MalformedFormException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        MalformedFormException(String what) {
            super("the form in the request content is malformed: " + what);
        }
    }

    /** Whether it was thrown here, or by a handler that passes on what was. */
    static boolean isMalformed(Throwable thrown) {
        return thrown instanceof MalformedFormException || thrown.getCause() instanceof MalformedFormException;
    }

    static boolean isForm(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null
                && request.getMethod().equals("POST")
                && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/x-www-form-urlencoded");
    }

    static Map<String, String[]> parse(Map<String, String[]> ofQuery, byte[] body, @Nullable String encoding) {
        Charset charset =
                encoding != null && Charset.isSupported(encoding) ? Charset.forName(encoding) : StandardCharsets.UTF_8;
        Map<String, List<String>> all = new LinkedHashMap<>();
        ofQuery.forEach((name, values) -> all.put(name, new ArrayList<>(Arrays.asList(values))));
        for (int start = 0; start < body.length; ) {
            int end = indexOf('&', body, start, body.length);
            if (end > start) {
                int equals = indexOf('=', body, start, end);
                String value = decoded(body, Math.min(equals + 1, end), end, charset);
                all.computeIfAbsent(decoded(body, start, equals, charset), name -> new ArrayList<>(1))
                        .add(value);
            }
            start = end + 1;
        }
        Map<String, String[]> arrays = new LinkedHashMap<>();
        all.forEach((name, values) -> arrays.put(name, values.toArray(String[]::new)));
        return Collections.unmodifiableMap(arrays);
    }

    private static int indexOf(char wanted, byte[] body, int start, int end) {
        int i = start;
        while (i < end && body[i] != wanted) {
            i++;
        }
        return i;
    }

    private static String decoded(byte[] body, int start, int end, Charset charset) {
        ByteBuffer bytes = ByteBuffer.allocate(end - start);
        for (int i = start; i < end; i++) {
            if (body[i] == '%') {
                int high = end - i > 2 ? Character.digit(body[i + 1], 16) : -1;
                int low = end - i > 2 ? Character.digit(body[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new MalformedFormException("a % is not followed by two hexadecimal digits");
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put(body[i] == '+' ? (byte) ' ' : body[i]);
            }
        }
        try {
            return charset.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFormException("a name or a value is not text in " + charset);
        }
    }
}
