package dev.crosscut.servlet;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of an HTML form in a buffered body (Servlet 6.1, section 3.1: those of the query come first). */
final class FormParameters {

    private FormParameters() {}

    static boolean isForm(@Nullable String contentType) {
        return contentType != null
                && contentType
                        .split(";", 2)[0]
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .equals("application/x-www-form-urlencoded");
    }

    static Map<String, String[]> parse(Map<String, String[]> ofQuery, byte[] body, @Nullable String encoding) {
        Charset charset = encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding);
        Map<String, String[]> all = new LinkedHashMap<>(ofQuery);
        for (String pair : new String(body, charset).split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                String value = parts.length == 2 ? URLDecoder.decode(parts[1], charset) : "";
                all.merge(URLDecoder.decode(parts[0], charset), new String[] {value}, FormParameters::joined);
            }
        }
        return Collections.unmodifiableMap(all);
    }

    private static String[] joined(String[] former, String[] added) {
        String[] both = Arrays.copyOf(former, former.length + added.length);
        System.arraycopy(added, 0, both, former.length, added.length);
        return both;
    }
}
