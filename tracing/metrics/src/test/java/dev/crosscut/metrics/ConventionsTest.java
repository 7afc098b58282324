package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.semconv.DbAttributes;
import io.opentelemetry.semconv.ErrorAttributes;
import io.opentelemetry.semconv.HttpAttributes;
import io.opentelemetry.semconv.NetworkAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.UrlAttributes;
import io.opentelemetry.semconv.incubating.DbIncubatingMetrics;
import io.opentelemetry.semconv.incubating.HttpIncubatingMetrics;
import io.opentelemetry.semconv.incubating.MessagingIncubatingAttributes;
import io.opentelemetry.semconv.incubating.MessagingIncubatingMetrics;
import io.opentelemetry.semconv.incubating.RpcIncubatingAttributes;
import io.opentelemetry.semconv.incubating.RpcIncubatingMetrics;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The names are those that OpenTelemetry publishes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConventionsTest {

    /** The conventions have renamed it from rpc.response.status_code, which the artifact still has. */
    private static final String RENAMED = "rpc.status_code";

    private static Set<String> constants(Class<?>... holders) throws IllegalAccessException {
        Set<String> values = new TreeSet<>();
        for (Class<?> holder : holders) {
            for (Field field : holder.getFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    Object value = field.get(null);
                    values.add(value instanceof AttributeKey<?> key ? key.getKey() : String.valueOf(value));
                }
            }
        }
        return values;
    }

    private static Stream<Convention> published() {
        return Conventions.ALL.stream().filter(convention -> !convention.name().startsWith("crosscut."));
    }

    @ParameterizedTest
    @MethodSource("published")
    void each_key_is_an_attribute_of_the_conventions_and_a_stable_one_unless_the_meter_is_experimental(
            Convention convention) throws Exception {
        Set<String> known = constants(
                DbAttributes.class,
                ErrorAttributes.class,
                HttpAttributes.class,
                NetworkAttributes.class,
                ServerAttributes.class,
                UrlAttributes.class);
        if (convention.name().startsWith("rpc.") || convention.name().startsWith("messaging.")) {
            known.addAll(constants(RpcIncubatingAttributes.class, MessagingIncubatingAttributes.class));
            known.add(RENAMED);
        }
        known.add(Conventions.TENANT_TIER);

        assertThat(known)
                .as("attributes, of which there are some")
                .hasSizeGreaterThan(30)
                .containsAll(convention.keys());
        assertThat(convention.keys()).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("published")
    void each_meter_is_one_of_the_conventions_in_their_unit(Convention convention) throws Exception {
        Class<?> holder = Stream.of(
                        HttpIncubatingMetrics.class,
                        DbIncubatingMetrics.class,
                        RpcIncubatingMetrics.class,
                        MessagingIncubatingMetrics.class)
                .filter(metrics -> convention.name().startsWith(prefix(metrics)))
                .findFirst()
                .orElseThrow();
        String constant = convention.name().toUpperCase(Locale.ROOT).replace('.', '_');

        assertThat(holder.getField(constant + "_NAME").get(null)).isEqualTo(convention.name());
        assertThat(holder.getField(constant + "_UNIT").get(null)).isEqualTo(convention.isTimer() ? "s" : "{message}");
    }

    private static String prefix(Class<?> metrics) {
        return metrics.getSimpleName().replace("IncubatingMetrics", "").toLowerCase(Locale.ROOT) + ".";
    }

    @Test
    void there_are_nine_of_the_conventions() {
        assertThat(published()).hasSize(9);
        assertThat(Conventions.ALL).containsAll(Conventions.TIMERS);
    }

    @Test
    void the_key_that_was_renamed_has_no_other_name_yet() throws Exception {
        assertThat(constants(RpcIncubatingAttributes.class))
                .as("once the artifact has it, the exception above goes")
                .doesNotContain(RENAMED)
                .contains("rpc.response.status_code");
    }

    @Test
    void buckets_ascend_and_are_what_the_conventions_advise() {
        assertThat(Conventions.HTTP_SERVER.buckets())
                .containsExactly(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);
        assertThat(Conventions.DB_CLIENT.buckets()).containsExactly(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0);
        assertThat(Conventions.DB_CLIENT.bucketNanos()).containsExactly(1e6, 5e6, 1e7, 5e7, 1e8, 5e8, 1e9, 5e9, 1e10);
        assertThat(List.of(Conventions.BUCKETS, Conventions.DB_BUCKETS))
                .allSatisfy(buckets -> assertThat(buckets).isSorted());
    }
}
