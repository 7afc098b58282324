package dev.crosscut.logging;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.RoutePattern;
import dev.crosscut.core.Settings;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The bodies of requests and responses as they may be logged: of the routes that are named, of the media types that are
 * allowed, up to a bound, masked. Immutable; safe for use by several threads.
 */
final class Payloads {

    private static final String NAME_WITH_A_STAR = "(?:[A-Za-z0-9!#$&^_.+-]+\\*?|\\*)[A-Za-z0-9!#$&^_.+-]*";
    private static final String CHARSET = "charset=";
    private static final String IN_SECRETS = "+/_.@%:~<-" + Texts.REPLACEMENT;

    private final List<RoutePattern> routes;
    private final List<String> types;
    private final int bound;
    private final Masking masking;
    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    Payloads(Settings settings, Masking masking) {
        this.routes = settings.get(AccessSettings.PAYLOAD).stream()
                .map(RoutePattern::parse)
                .toList();
        this.types = settings.get(AccessSettings.PAYLOAD_TYPES).stream()
                .map(type -> type.toLowerCase(Locale.ROOT))
                .toList();
        this.bound = Math.toIntExact(settings.get(AccessSettings.PAYLOAD_MAX));
        this.masking = masking;
    }

    /** How much of the bodies of an exchange to copy: nothing but their lengths where its route is not named. */
    int bound(Exchange exchange) {
        return routes.stream().anyMatch(route -> route.matches(exchange)) ? bound : 0;
    }

    /** The text of a body, or what is said in place of it; empty where none was copied. */
    Optional<String> text(BodyCopy copy, Function<String, List<String>> headers) {
        ByteBuffer bytes = copy.bytes();
        if (!bytes.hasRemaining()) {
            return Optional.empty();
        }
        List<String> contentType = headers.apply("Content-Type");
        List<String> contentEncoding = headers.apply("Content-Encoding");
        String type = contentType.isEmpty() ? "" : mediaType(contentType.get(0));
        if (!contentEncoding.isEmpty() && !contentEncoding.get(0).equalsIgnoreCase("identity")) {
            return Optional.of("<" + contentEncoding.get(0) + ">");
        }
        if (types.stream().noneMatch(allowed -> isA(type, allowed))) {
            return Optional.of("<" + (type.isEmpty() ? "no content type" : type) + ">");
        }
        boolean isWhole = bytes.remaining() == copy.size();
        String text = charset(contentType.get(0)).decode(bytes).toString();
        if (isWhole) {
            return Optional.of(isJson(type) ? maskedJson(text) : masking.text(text));
        }
        int end = text.length();
        while (end > 0 && mayBeOfSecret(text, end - 1)) {
            end--; // half of one is not told from other text
        }
        return Optional.of(masking.text(text.substring(0, end)) + "… <" + copy.size() + " bytes>");
    }

    /** Only groups of digits go across a space. */
    private static boolean mayBeOfSecret(String text, int at) {
        char c = text.charAt(at);
        return c == ' '
                ? at > 0 && Chars.isDigit(text.charAt(at - 1))
                : Chars.isLetterOrDigit(c) || IN_SECRETS.indexOf(c) >= 0;
    }

    /** By names and places too, which in text that is no JSON can only be guessed at. */
    private String maskedJson(String text) {
        try {
            JsonNode tree = json.readTree(text);
            return tree.isMissingNode() ? "" : json.writeValueAsString(masking.tree("", tree));
        } catch (JacksonException e) {
            return masking.text(text);
        }
    }

    static boolean isMediaType(String text) {
        return text.length() <= 128 && text.matches(NAME_WITH_A_STAR + "/" + NAME_WITH_A_STAR);
    }

    private static boolean isA(String type, String allowed) {
        int slash = type.indexOf('/');
        int allowedSlash = allowed.indexOf('/');
        return slash > 0
                && isLike(type.substring(0, slash), allowed.substring(0, allowedSlash))
                && isLike(type.substring(slash + 1), allowed.substring(allowedSlash + 1));
    }

    private static boolean isLike(String name, String allowed) {
        int star = allowed.indexOf('*');
        return star < 0
                ? name.equals(allowed)
                : name.length() >= allowed.length() - 1
                        && name.startsWith(allowed.substring(0, star))
                        && name.endsWith(allowed.substring(star + 1));
    }

    private static boolean isJson(String type) {
        return type.endsWith("/json") || type.endsWith("+json");
    }

    private static String mediaType(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static Charset charset(String contentType) {
        for (String parameter : contentType.split(";", -1)) {
            String stripped = parameter.strip();
            if (stripped.regionMatches(true, 0, CHARSET, 0, CHARSET.length())) {
                return named(
                        stripped.substring(CHARSET.length()).replace("\"", "").strip());
            }
        }
        return StandardCharsets.UTF_8;
    }

    private static Charset named(String charset) {
        try {
            return Charset.forName(charset);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.ISO_8859_1; // shows something of any bytes
        }
    }
}
