package dev.crosscut.logging;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Settings;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

    private static final char REPLACEMENT = '\ufffd';

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
    Optional<String> text(BodyCopy copy, List<String> contentType, List<String> contentEncoding) {
        ByteBuffer bytes = copy.bytes();
        if (!bytes.hasRemaining()) {
            return Optional.empty();
        }
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
        while (end > 0 && text.charAt(end - 1) == REPLACEMENT) {
            end--; // a character that was cut in two
        }
        return Optional.of(masking.text(text.substring(0, end)) + "… <" + copy.size() + " bytes>");
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
        return text.matches("[A-Za-z0-9!#$&^_.*+-]{1,64}/[A-Za-z0-9!#$&^_.*+-]{1,64}");
    }

    private static boolean isA(String type, String allowed) {
        int star = allowed.indexOf('*');
        return star < 0
                ? type.equals(allowed)
                : type.length() >= allowed.length()
                        && type.startsWith(allowed.substring(0, star))
                        && type.endsWith(allowed.substring(star + 1));
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
        int parameter = contentType.toLowerCase(Locale.ROOT).indexOf("charset=");
        if (parameter < 0) {
            return StandardCharsets.UTF_8;
        }
        String rest = contentType.substring(parameter + "charset=".length());
        int semicolon = rest.indexOf(';');
        String name =
                (semicolon < 0 ? rest : rest.substring(0, semicolon)).strip().replace("\"", "");
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.ISO_8859_1; // shows something of any bytes
        }
    }
}
