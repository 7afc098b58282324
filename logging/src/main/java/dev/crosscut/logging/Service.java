package dev.crosscut.logging;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a line says of the service: what is set, or else what the environment of OpenTelemetry or Spring says. A system
 * property, {@code otel.service.name}, comes before the environment variable, {@code OTEL_SERVICE_NAME}.
 */
final class Service {

    private static final String NAME = "service.name";

    private final EnumMap<Field, String> values = new EnumMap<>(Field.class);
    private final String host;

    /** The fields that are set, and how the environment is asked for a variable. */
    Service(Map<Field, String> set, UnaryOperator<@Nullable String> environment) {
        Map<String, String> attributes = attributes(environment.apply("OTEL_RESOURCE_ATTRIBUTES"));
        put(
                Field.SERVICE_NAME,
                set,
                environment.apply("OTEL_SERVICE_NAME"),
                attributes.get(NAME),
                environment.apply("SPRING_APPLICATION_NAME"));
        put(Field.SERVICE_VERSION, set, attributes.get("service.version"));
        put(
                Field.SERVICE_ENVIRONMENT,
                set,
                attributes.get("deployment.environment.name"),
                attributes.get("deployment.environment"));
        put(Field.SERVICE_INSTANCE, set, attributes.get("service.instance.id"));
        host = first(
                environment.apply("HOSTNAME"),
                environment.apply("COMPUTERNAME"),
                values.get(Field.SERVICE_INSTANCE),
                values.get(Field.SERVICE_NAME),
                "unknown");
    }

    /** System properties, and the environment variables that they are named after. */
    static @Nullable String environment(@Nullable String variable) {
        if (variable == null) {
            return null;
        }
        String property = System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.'));
        return property == null ? System.getenv(variable) : property;
    }

    private void put(Field field, Map<Field, String> set, @Nullable String... others) {
        String value = set.getOrDefault(field, first(others));
        if (!value.isEmpty()) {
            values.put(field, value);
        }
    }

    private static String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return Texts.beginning(value.strip(), FormatSettings.LONGEST_TEXT);
            }
        }
        return "";
    }

    /** As the specification of resources has them: {@code service.version=1.2,deployment.environment.name=test%20eu}. */
    private static Map<String, String> attributes(@Nullable String text) {
        Map<String, String> attributes = new HashMap<>();
        for (String attribute : text == null ? new String[0] : text.split(",")) {
            int equals = attribute.indexOf('=');
            if (equals > 0) {
                attributes.put(attribute.substring(0, equals).strip(), decoded(attribute.substring(equals + 1)));
            }
        }
        return attributes;
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value; // percent signs that encode nothing stand for themselves
        }
    }

    /** The fields that are known, in their order. */
    Map<Field, String> values() {
        return values;
    }

    /** The name of the host, never empty. */
    String host() {
        return host;
    }
}
