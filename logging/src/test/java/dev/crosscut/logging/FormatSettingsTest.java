package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FormatSettingsTest {

    private static Map<String, String> service(Map<String, String> settings, Map<String, String> environment) {
        Map<String, String> service = new HashMap<>();
        CapturedLog.formatSettings(settings, environment)
                .service()
                .values()
                .forEach((field, value) -> service.put(Schema.OTEL.name(field), value));
        return service;
    }

    @Test
    void the_service_is_what_is_set_or_else_what_the_environment_says() {
        Map<String, String> environment = new HashMap<>();
        assertThat(service(Map.of(), environment)).isEmpty();

        environment.put("SPRING_APPLICATION_NAME", "spring");
        assertThat(service(Map.of(), environment)).containsExactly(Map.entry("service.name", "spring"));

        environment.put(
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=attribute, service.version=1.2%2C3+4,deployment.environment.name=test%20eu,"
                        + "service.instance.id=i-1,,broken,other=x,service.namespace=%zz");
        assertThat(service(Map.of(), environment))
                .containsOnly(
                        Map.entry("service.name", "attribute"),
                        Map.entry("service.version", "1.2,3+4"),
                        Map.entry("deployment.environment.name", "test eu"),
                        Map.entry("service.instance.id", "i-1"));

        environment.put("OTEL_SERVICE_NAME", "otel");
        assertThat(service(Map.of(), environment)).containsEntry("service.name", "otel");

        assertThat(service(
                        Map.of(
                                "crosscut.logging.service-name", "set",
                                "crosscut.logging.service-version", "2",
                                "crosscut.logging.service-environment", "prod",
                                "crosscut.logging.service-instance", "i-2"),
                        environment))
                .containsOnly(
                        Map.entry("service.name", "set"),
                        Map.entry("service.version", "2"),
                        Map.entry("deployment.environment.name", "prod"),
                        Map.entry("service.instance.id", "i-2"));
    }

    @Test
    void attributes_that_encode_nothing_are_taken_as_they_are() {
        assertThat(service(Map.of(), Map.of("OTEL_RESOURCE_ATTRIBUTES", "service.name=100%,service.version=%zz")))
                .containsOnly(Map.entry("service.name", "100%"), Map.entry("service.version", "%zz"));
    }

    @Test
    void a_variable_has_the_name_of_a_system_property_too() {
        System.setProperty("otel.service.name", "from property");
        try {
            assertThat(Service.environment("OTEL_SERVICE_NAME")).isEqualTo("from property");
        } finally {
            System.clearProperty("otel.service.name");
        }
        assertThat(Service.environment("CROSSCUT_NO_SUCH_VARIABLE")).isNull();
    }

    /** Reads settings as they are read when a Crosscut is built. */
    private static FormatSettings built(Source source) {
        List<FormatSettings> read = new ArrayList<>();
        Plugin reader = new Plugin() {
            @Override
            public String name() {
                return "logging";
            }

            @Override
            public List<Setting<?>> settings() {
                return FormatSettings.all();
            }

            @Override
            public void install(Crosscut.Builder builder, Settings settings) {
                read.add(FormatSettings.of(settings));
            }
        };
        Crosscut.builder()
                .discoverPlugins(false)
                .plugin(reader)
                .source(source)
                .build()
                .close();
        return read.get(0);
    }

    private static FormatSettings early(Source source) {
        return FormatSettings.early(List.of(source), Service::environment);
    }

    @Test
    void what_holds_from_the_first_line_is_what_a_crosscut_will_say() {
        Map<String, String> all = new HashMap<>();
        all.put("crosscut.logging.schema", "OTel");
        all.put("crosscut.logging.development", "TRUE");
        all.put("crosscut.logging.service-name", " payments ");
        all.put("crosscut.logging.service-version", "1");
        all.put("crosscut.logging.service-environment", "test");
        all.put("crosscut.logging.service-instance", "i-1");
        all.put("crosscut.logging.fields.team", "core");
        all.put("crosscut.logging.fields.data-center", "eu");
        all.put("crosscut.logging.rename.log-level", "level");
        all.put("crosscut.logging.max-line", "8kb");
        all.put("crosscut.logging.max-stack", "512 B");
        all.put("crosscut.logging.stack-order", "root-last");
        all.put("crosscut.logging.stack-fold", "java., org.spring.");
        all.put("crosscut.logging.stack-abbreviate", "true");
        assertThat(all).as("every setting").hasSize(FormatSettings.all().size() + 1);
        Source source = Source.of("test", all);

        assertThat(early(source)).usingRecursiveComparison().isEqualTo(built(source));
        assertThat(early(source).maxLine()).isEqualTo(8_192);
        assertThat(early(source).schema()).isEqualTo(Schema.OTEL);
        assertThat(early(source).fields()).containsOnly(Map.entry("team", "core"), Map.entry("data-center", "eu"));
        Source nothing = Source.of("test", Map.of());
        assertThat(early(nothing)).usingRecursiveComparison().isEqualTo(built(nothing));
    }

    @ParameterizedTest
    @CsvSource({
        "schema, xml",
        "development, yes",
        "service-name, ' '",
        "max-line, 1KB",
        "max-line, 1TB",
        "max-line, much",
        "max-stack, -1",
        "stack-order, best",
        "rename.level, 'a\"b'",
        "rename.level, ''"
    })
    void a_value_that_is_none_is_passed_over_at_first_and_refused_when_a_crosscut_is_built(String key, String value) {
        Source source = Source.of("test", Map.of("crosscut.logging." + key, value));
        Source nothing = Source.of("test", Map.of());

        assertThat(early(source)).usingRecursiveComparison().isEqualTo(early(nothing));
        assertThatThrownBy(() -> built(source))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging." + key)
                .hasMessageContaining("expected");
    }

    /** The environment, where keys are spelled otherwise. */
    private record Variables(Map<String, String> values) implements Source {

        @Override
        public String name() {
            return "environment";
        }

        @Override
        public Set<String> keys() {
            return values.keySet();
        }

        @Override
        public Optional<String> value(String key) {
            return Optional.ofNullable(values.get(key));
        }

        @Override
        public String spelling(String key) {
            return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        }
    }

    @Test
    void variables_of_the_environment_are_read_as_a_crosscut_reads_them() {
        Source variables = new Variables(Map.of(
                "CROSSCUT_LOGGING_SCHEMA", "gelf",
                "CROSSCUT_LOGGING_FIELDS_DATA_CENTER", "eu",
                "CROSSCUT_LOGGING_RENAME_LOG_LEVEL", "level"));

        assertThat(early(variables)).usingRecursiveComparison().isEqualTo(built(variables));
        assertThat(early(variables).fields()).containsOnly(Map.entry("data-center", "eu"));
        assertThat(early(variables).renames()).containsOnly(Map.entry("log-level", "level"));
    }

    @Test
    void the_first_source_that_has_a_setting_wins() {
        Source first = Source.of("first", Map.of("crosscut.logging.schema", "gelf", "crosscut.logging.fields.a", "1"));
        Source second = Source.of(
                "second",
                Map.of(
                        "crosscut.logging.schema", "otel",
                        "crosscut.logging.fields.a", "2",
                        "crosscut.logging.fields.b", "3"));
        FormatSettings read = FormatSettings.early(List.of(first, second), Service::environment);

        assertThat(read.schema()).isEqualTo(Schema.GELF);
        assertThat(read.fields()).containsOnly(Map.entry("a", "1"), Map.entry("b", "3"));
    }
}
