package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Attributes are named, and typed, as the published conventions have them. */
class SemanticTest {

    private static final String STABLE = "io.opentelemetry.semconv.";
    private static final String INCUBATING = "io.opentelemetry.semconv.incubating.";

    private static List<AttributeKey<?>> keys(Class<?> type) throws IllegalAccessException {
        List<AttributeKey<?>> keys = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (AttributeKey.class.isAssignableFrom(field.getType())) {
                keys.add((AttributeKey<?>) field.get(null));
            }
        }
        return keys;
    }

    private static Set<AttributeKey<?>> published(String prefix, String... groups) {
        return Stream.of(groups)
                .flatMap(group -> {
                    try {
                        return keys(Class.forName(prefix + group)).stream();
                    } catch (ReflectiveOperationException e) {
                        throw new LinkageError(e.getMessage(), e);
                    }
                })
                .collect(Collectors.toSet());
    }

    private static List<AttributeKey<?>> ours(boolean isStable) throws IllegalAccessException {
        return keys(Semantic.class).stream()
                .filter(key -> isStable
                        != (key.getKey().startsWith("rpc.") || key.getKey().startsWith("messaging.")))
                .toList();
    }

    @Test
    void whatIsOnByDefaultIsStable() throws IllegalAccessException {
        Set<AttributeKey<?>> stable = published(
                STABLE,
                "ClientAttributes",
                "DbAttributes",
                "ErrorAttributes",
                "ExceptionAttributes",
                "HttpAttributes",
                "NetworkAttributes",
                "ServerAttributes",
                "UrlAttributes",
                "UserAgentAttributes");

        assertThat(ours(true)).hasSizeGreaterThan(25).allMatch(stable::contains);
    }

    @Test
    void whatIsExperimentalIsPublishedAsThat() throws IllegalAccessException {
        Set<AttributeKey<?>> incubating =
                published(INCUBATING, "RpcIncubatingAttributes", "MessagingIncubatingAttributes");

        assertThat(ours(false)).hasSizeGreaterThan(12).allMatch(incubating::contains);
    }
}
