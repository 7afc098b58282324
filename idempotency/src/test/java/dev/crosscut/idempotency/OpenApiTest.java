package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/** What crosscut-idempotency openapi says of keys, read back as a tool reads it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OpenApiTest {

    private static final String BASE = "https://crosscut.dev/problems/";

    @TempDir
    private Path folder;

    private String stdout = "";
    private String stderr = "";

    private void run(List<String> settings, String... options) throws IOException {
        Path config = Files.write(folder.resolve("service.properties"), settings);
        List<String> arguments = new ArrayList<>(List.of("openapi", "--config", config.toString()));
        arguments.addAll(List.of(options));
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = IdempotencyCommand.run(
                arguments.toArray(String[]::new),
                InputStream.nullInputStream(),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        stdout = outBytes.toString(StandardCharsets.UTF_8);
        stderr = errBytes.toString(StandardCharsets.UTF_8);
        assertThat(code).as(stderr).isZero();
    }

    /** The document, in which every rule of OpenAPI that it could break is kept. */
    private Map<?, ?> contract(String... settings) throws IOException {
        run(List.of(settings));
        Map<?, ?> document = (Map<?, ?>)
                new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadFromString(stdout);
        check(document);
        return document;
    }

    private static Map<?, ?> map(Object value, Object... path) {
        return (Map<?, ?>) at(value, path);
    }

    private static Object at(Object value, Object... path) {
        Object found = value;
        for (Object step : path) {
            found = step instanceof Integer index ? ((List<?>) found).get(index) : ((Map<?, ?>) found).get(step);
            assertThat(found).as("%s of %s in %s", step, List.of(path), value).isNotNull();
        }
        return found;
    }

    private static void check(Map<?, ?> document) {
        assertThat(document.get("openapi")).isEqualTo("3.1.0");
        assertThat(map(document, "info").get("title")).isInstanceOf(String.class);
        assertThat(map(document, "info").get("version")).isInstanceOf(String.class);
        checkReferences(document, document);
        Set<String> shapes = new TreeSet<>();
        map(document, "paths").forEach((path, item) -> {
            assertThat(shapes.add(((String) path).replaceAll("\\{[^}]*}", "{}")))
                    .as("paths of the shape of %s: one", path)
                    .isTrue();
            checkItem((String) path, (Map<?, ?>) item);
        });
        map(document, "components", "responses").values().forEach(response -> checkResponse((Map<?, ?>) response));
    }

    private static void checkItem(String path, Map<?, ?> item) {
        Set<String> wanted = new TreeSet<>();
        Matcher templates = Pattern.compile("\\{([^}]+)}").matcher(path);
        while (templates.find()) {
            wanted.add(templates.group(1));
        }
        Set<String> declared = new TreeSet<>();
        item.forEach((name, value) -> {
            if (name.equals("parameters")) {
                for (Object parameter : (List<?>) value) {
                    assertThat(at(parameter, "in")).isEqualTo("path");
                    assertThat(at(parameter, "required")).isEqualTo(true);
                    assertThat(at(parameter, "schema", "type")).isEqualTo("string");
                    declared.add((String) at(parameter, "name"));
                }
            } else {
                assertThat(name).isIn("get", "put", "post", "delete", "options", "head", "patch", "trace");
                checkOperation((Map<?, ?>) value);
            }
        });
        assertThat(declared).as("path parameters of %s", path).isEqualTo(wanted);
    }

    private static void checkOperation(Map<?, ?> operation) {
        for (Object parameter : (List<?>) at(operation, "parameters")) {
            assertThat(at(parameter, "in")).isEqualTo("header");
            assertThat(at(parameter, "required")).isInstanceOf(Boolean.class);
            assertThat((String) at(parameter, "example"))
                    .matches((String) at(parameter, "schema", "pattern"))
                    .hasSizeLessThanOrEqualTo((Integer) at(parameter, "schema", "maxLength"));
        }
        map(operation, "responses").forEach((status, response) -> {
            assertThat(status).isInstanceOf(String.class);
            assertThat((String) status).matches("[1-5](\\d\\d|XX)");
            checkResponse((Map<?, ?>) response);
        });
    }

    private static void checkResponse(Map<?, ?> response) {
        assertThat(response.containsKey("$ref") || response.get("description") instanceof String)
                .as("a description, which each response has: %s", response)
                .isTrue();
    }

    private static void checkReferences(Object value, Map<?, ?> document) {
        if (value instanceof Map<?, ?> map) {
            if (map.get("$ref") instanceof String reference) {
                assertThat(reference).startsWith("#/");
                at(document, (Object[]) reference.substring(2).split("/", -1));
            }
            map.values().forEach(each -> checkReferences(each, document));
        } else if (value instanceof List<?> list) {
            list.forEach(each -> checkReferences(each, document));
        }
    }

    private static List<?> types(Map<?, ?> response) {
        return (List<?>)
                at(response, "content", "application/problem+json", "schema", "allOf", 1, "properties", "type", "enum");
    }

    private List<String> comments() {
        return stdout.lines()
                .takeWhile(line -> line.startsWith("# "))
                .map(line -> line.substring(2))
                .toList();
    }

    @Test
    void a_route_says_its_key_its_retention_and_each_reply() throws IOException {
        Map<?, ?> document = contract(
                "crosscut.idempotency.route.pay=POST /payments",
                "crosscut.idempotency.route.pay.retention=7d",
                "crosscut.idempotency.route.pay.wait=5s",
                "crosscut.idempotency.route.pay.max-request=64KB");

        Map<?, ?> operation = map(document, "paths", "/payments", "post");
        Map<?, ?> key = map(operation, "parameters", 0);
        assertThat(key.get("name")).isEqualTo("Idempotency-Key");
        assertThat(key.get("required")).isEqualTo(true);
        assertThat((String) key.get("description"))
                .contains("a string in quotation marks (RFC 9651, 3.3.3) of at most 255 characters")
                .contains("kept for 7 d.");
        assertThat(at(key, "schema", "maxLength")).isEqualTo(257);
        Map<?, ?> responses = map(operation, "responses");
        assertThat(responses.keySet().stream().map(String::valueOf))
                .containsExactly("2XX", "400", "409", "413", "422", "503");
        assertThat(at(responses, "2XX", "headers", "Idempotent-Replayed", "$ref"))
                .isEqualTo("#/components/headers/IdempotentReplayed");
        assertThat((String) at(responses, "409", "description")).contains("waited for up to 5 s");
        assertThat((String) at(responses, "413", "description")).contains("65536 bytes");
    }

    @Test
    void the_types_of_problems_and_retry_after_are_those_of_the_replies() throws IOException {
        Map<?, ?> document = contract("crosscut.idempotency.route.pay=POST /payments");

        Map<?, ?> shared = map(document, "components", "responses");
        assertThat(types(map(document, "paths", "/payments", "post", "responses", "400"))
                        .toString())
                .isEqualTo("[" + BASE + "idempotency-key-missing, " + BASE + "idempotency-key-invalid]");
        assertThat(types(map(shared, "IdempotencyConflict")).toString())
                .isEqualTo("[" + BASE + "idempotency-conflict, " + BASE + "idempotency-outcome-unknown, " + BASE
                        + "idempotency-not-replayable]");
        assertThat(types(map(shared, "IdempotencyMismatch")).toString())
                .isEqualTo("[" + BASE + "idempotency-mismatch]");
        assertThat(types(map(shared, "IdempotencyContentTooLarge")).toString())
                .isEqualTo("[" + BASE + "content-too-large]");
        assertThat(types(map(shared, "IdempotencyUnavailable")).toString())
                .isEqualTo("[" + BASE + "idempotency-unavailable]");
        for (String name : List.of("IdempotencyConflict", "IdempotencyUnavailable")) {
            assertThat(at(shared, name, "headers", "Retry-After", "$ref")).isEqualTo("#/components/headers/RetryAfter");
        }
        assertThat(at(
                        shared,
                        "IdempotencyConflict",
                        "content",
                        "application/problem+json",
                        "examples",
                        "idempotency-conflict",
                        "value",
                        "status"))
                .isEqualTo(409);
    }

    @Test
    void an_optional_key_is_never_missing_and_a_route_that_proceeds_is_never_unavailable() throws IOException {
        Map<?, ?> document = contract(
                "crosscut.idempotency.route.pay=POST /payments",
                "crosscut.idempotency.route.pay.key=optional",
                "crosscut.idempotency.route.pay.header=Request-Key",
                "crosscut.idempotency.route.pay.on-store-failure=proceed");

        Map<?, ?> operation = map(document, "paths", "/payments", "post");
        assertThat(at(operation, "parameters", 0, "required")).isEqualTo(false);
        assertThat(at(operation, "parameters", 0, "name")).isEqualTo("Request-Key");
        assertThat(types(map(operation, "responses", "400")).toString())
                .isEqualTo("[" + BASE + "idempotency-key-invalid]");
        assertThat(map(operation, "responses").containsKey("503")).isFalse();
    }

    @Test
    void requests_of_no_route_have_parts_to_refer_to() throws IOException {
        Map<?, ?> document = contract("crosscut.idempotency.retention=36h");

        assertThat(map(document, "paths")).isEmpty();
        Map<?, ?> key = map(document, "components", "parameters", "IdempotencyKey");
        assertThat(key.get("required")).isEqualTo(false);
        assertThat((String) key.get("description")).contains("kept for 1 d 12 h.");
        assertThat(map(document, "components", "responses").containsKey("IdempotencyKeyRejected"))
                .isTrue();
        assertThat(comments())
                .containsExactly(
                        "A POST or PATCH of no route: refer to the parameter IdempotencyKey and the responses in"
                                + " components");

        Map<?, ?> off = contract("crosscut.idempotency.key=off");
        assertThat(map(off, "components").containsKey("parameters")).isFalse();
        assertThat(comments())
                .containsExactly("A POST or PATCH of no route is left out: crosscut.idempotency.key is off");
    }

    @Test
    void any_segment_is_a_parameter_that_is_declared_and_any_method_is_each_that_does_something() throws IOException {
        Map<?, ?> document = contract(
                "crosscut.idempotency.route.a=POST /payments/*/refunds/*",
                "crosscut.idempotency.route.b=/orders/{id}",
                "crosscut.idempotency.route.c=PUT /orders/*",
                "crosscut.idempotency.route.d=GET /reports/{param2}/*");

        assertThat(map(document, "paths").keySet().stream().map(String::valueOf))
                .containsExactly("/payments/{param1}/refunds/{param2}", "/orders/{id}", "/reports/{param2}/{param3}");
        assertThat(map(document, "paths", "/orders/{id}").keySet().stream().map(String::valueOf))
                .containsExactly("parameters", "put", "post", "delete", "patch");
        assertThat(comments())
                .contains("Route c (PUT /orders/*) is left out: OpenAPI cannot tell PUT /orders/{param1}"
                        + " from /orders/{id}");
    }

    @Test
    void a_route_that_another_comes_before_is_not_promised_what_it_does_not_get() throws IOException {
        Map<?, ?> document = contract(
                "crosscut.idempotency.route.a=POST /payments/*",
                "crosscut.idempotency.route.b=/payments/cards",
                "crosscut.idempotency.route.b.key=optional");

        assertThat(map(document, "paths", "/payments/cards").containsKey("post"))
                .isFalse();
        assertThat(at(document, "paths", "/payments/cards", "put", "parameters", 0, "required"))
                .isEqualTo(false);
        assertThat(comments())
                .contains("Route b (/payments/cards) is left out: route a comes first for POST" + " /payments/cards");
    }

    @Test
    void what_openapi_cannot_say_is_said_in_a_comment_with_the_reason() throws IOException {
        Map<?, ?> document = contract(
                "crosscut.idempotency.route.a=POST /files/**",
                "crosscut.idempotency.route.b=orders.created",
                "crosscut.idempotency.route.c=LOCK /payments",
                "crosscut.idempotency.route.d=POST /health",
                "crosscut.idempotency.route.d.key=off",
                "crosscut.idempotency.route.e=POST /users/{id:[0-9]+}");

        assertThat(map(document, "paths")).isEmpty();
        assertThat(comments())
                .contains(
                        "Route a (POST /files/**) is left out: OpenAPI has no path with any number of segments",
                        "Route b (orders.created) is left out: it has no path, so it is of messages or methods, or of"
                                + " requests with any path",
                        "Route c (LOCK /payments) is left out: OpenAPI has no method LOCK",
                        "Route d (POST /health) is left out: its keys are not looked at",
                        "Route e (POST /users/{id:[0-9]+}) is left out: a segment of it is a template, but not a parameter"
                                + " alone");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "\"a\"",
                "\"a b\"",
                "\"\"",
                "\"abcdefghi\"",
                "abcdefghi",
                "\"abcdefgh\"",
                "a,b",
                "a b",
                "\"a"
            })
    void the_pattern_takes_what_the_service_takes(String field) throws IOException {
        for (boolean isLenient : List.of(false, true)) {
            Map<?, ?> document = contract(
                    "crosscut.idempotency.route.pay=POST /payments",
                    "crosscut.idempotency.max-key-length=8",
                    "crosscut.idempotency.lenient-keys=" + isLenient);
            Map<?, ?> schema = map(document, "paths", "/payments", "post", "parameters", 0, "schema");
            assertThat(field.matches((String) schema.get("pattern")))
                    .as("%s by the contract; lenient: %s", field, isLenient)
                    .isEqualTo(isTaken(
                            field,
                            "max-key-length",
                            "8",
                            "lenient-keys",
                            "" + isLenient,
                            "route.pay",
                            "POST /payments"));
        }
    }

    private static boolean isTaken(String field, String... named) {
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new IdempotencyPlugin(IdempotencyStore.embedded(1024)))
                .source(Source.of("test", Edge.named(named)))
                .build()) {
            List<Rule> rules = IdempotencySettings.rules(crosscut.settings());
            HttpRequests http =
                    IdempotencyPlugin.http(crosscut.settings(), rules, IdempotencySettings.others(crosscut.settings()));
            return http.key(TestExchange.request("POST", "/payments").sending(TestExchange.HEADER, field), rules.get(0))
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void as_json_it_is_the_same_contract_with_the_notes_on_stderr() throws IOException {
        String[] settings = {
            "crosscut.idempotency.route.pay=POST /payments/*", "crosscut.idempotency.route.files=POST /files/**"
        };
        Map<?, ?> yaml = contract(settings);

        run(List.of(settings), "--json");

        Map<?, ?> json = JsonMapper.builder().build().readValue(stdout, Map.class);
        assertThat((Object) json).isEqualTo(yaml);
        assertThat(stderr).contains("Note: Route files (POST /files/**) is left out");
    }
}
