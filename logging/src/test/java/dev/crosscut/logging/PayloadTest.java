package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.SettingsException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What of bodies is logged: of the routes that are named, as far as types, a bound and masking allow. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class PayloadTest {

    private static final String CARD = "4111 1111 1111 1111";

    private final CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);

    @AfterEach
    void release() {
        captured.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void add(BodyCopy copy, byte[] bytes) {
        copy.add(bytes, 0, bytes.length);
    }

    /** The access line of an exchange with these bodies. */
    private JsonNode line(TestExchange exchange, byte[] request, byte[] response, String... settings) {
        try (Crosscut crosscut = Crosscuts.with(settings)) {
            Call call = crosscut.begin(exchange);
            add(call.exchange().requestCopy().orElseThrow(), request);
            add(call.exchange().responseCopy().orElseThrow(), response);
            call.end(Outcome.completed(200));
            assertThat(crosscut.faults()).isEmpty();
        }
        JsonNode line = captured.onlyLine();
        captured.forget();
        return line;
    }

    private String logged(String contentType, String body) {
        return logged(contentType, utf8(body));
    }

    /** What of a body is shown, whether it is that of a request or that of a response, beside another of another type. */
    private String logged(String contentType, byte[] body, String... more) {
        String[] settings = Stream.concat(Stream.of("payload", "POST /payments"), Stream.of(more))
                .toArray(String[]::new);
        byte[] other = utf8("o");
        JsonNode ofRequest = line(
                TestExchange.http("POST", "/payments")
                        .header("Content-Type", contentType)
                        .answerHeader("Content-Type", "text/plain"),
                body,
                other,
                settings);
        assertBodies(ofRequest, "request", body, "response", other);
        JsonNode ofResponse = line(
                TestExchange.http("POST", "/payments")
                        .header("Content-Type", "text/plain")
                        .answerHeader("Content-Type", contentType),
                other,
                body,
                settings);
        assertBodies(ofResponse, "response", body, "request", other);
        String content = ofRequest.path("http.request.body.content").asString("absent");
        assertThat(ofResponse.path("http.response.body.content").asString("absent"))
                .isEqualTo(content);
        return content;
    }

    private static void assertBodies(JsonNode line, String one, byte[] body, String two, byte[] other) {
        assertThat(line.path("http." + one + ".body.bytes").asInt(-1)).isEqualTo(body.length);
        assertThat(line.path("http." + two + ".body.bytes").asInt(-1)).isEqualTo(other.length);
        assertThat(line.path("http." + two + ".body.content").asString("absent"))
                .isEqualTo("o");
    }

    @Test
    void nothing_is_copied_of_a_route_that_is_not_named() {
        JsonNode line = line(
                TestExchange.http("GET", "/payments")
                        .header("Content-Type", "application/json")
                        .answerHeader("Content-Type", "application/json"),
                utf8("{}"),
                utf8("[{}]"),
                "payload",
                "POST /payments");

        assertThat(line.has("http.request.body.content")).isFalse();
        assertThat(line.has("http.response.body.content")).isFalse();
        assertThat(line.path("http.request.body.bytes").asInt(-1)).isEqualTo(2);
        assertThat(line.path("http.response.body.bytes").asInt(-1)).isEqualTo(4);
    }

    @Test
    void a_body_without_content_is_not_shown() {
        assertThat(logged("application/json", "")).isEqualTo("absent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "Application/JSON; charset=utf-8", "application/vnd.acme+json"})
    void json_is_masked_by_name_and_by_pattern_at_any_depth(String type) {
        String json = "{ \"to\": \"acct-2\", \"auth\": {\"password\": \"hunter2\", \"pin\": [1, 2]},"
                + " \"note\": \"card " + CARD + "\", \"amount\": 12.50 }";

        assertThat(logged(type, json))
                .isEqualTo("{\"to\":\"acct-2\",\"auth\":{\"password\":\"***\",\"pin\":\"***\"},"
                        + "\"note\":\"card ***1111\",\"amount\":12.50}");
    }

    @Test
    void json_is_masked_by_the_paths_of_the_settings() {
        String json = "{\"card\":{\"holder\":\"Ann Smith\",\"brand\":\"visa\"},\"holder\":\"Ann Smith\","
                + "\"cards\":[{\"card\":{\"holder\":\"Bob Smith\"}}]}";

        assertThat(logged("application/json", utf8(json), "mask.paths", "card.holder"))
                .isEqualTo("{\"card\":{\"holder\":\"***\",\"brand\":\"visa\"},\"holder\":\"Ann Smith\","
                        + "\"cards\":[{\"card\":{\"holder\":\"***\"}}]}");
    }

    @ParameterizedTest
    @CsvSource({"*/*, application/pdf", "*/*, image/png", "text/*, text/html", "*/xml, application/xml"})
    void a_star_in_a_type_stands_for_any_text(String allowed, String type) {
        assertThat(logged(type, utf8("some text"), "payload-types", allowed + ", text/plain"))
                .isEqualTo("some text");
    }

    @ParameterizedTest
    @CsvSource({"text/*, application/text", "application/*+json, application/json", "*/xml, application/soap+xml"})
    void and_what_is_around_it_for_itself(String allowed, String type) {
        assertThat(logged(type, utf8("some text"), "payload-types", allowed + ", text/plain"))
                .isEqualTo("<" + type + ">");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json|{\"password\":\"hunter2\",",
                "application/json|{\"password\":\"hunter2\"} trailing",
                "application/json|{\"a\":1,\"a\":2,\"password\":\"hunter2\"}",
                "application/x-www-form-urlencoded|user=ann&password=hunter2",
                "text/plain|password: hunter2"
            })
    void what_is_no_json_is_masked_as_text(String type, String body) {
        assertThat(logged(type, body)).doesNotContain("hunter2").contains("password");
    }

    @Test
    void a_body_over_the_bound_is_cut_masked_and_says_how_long_it_was() {
        byte[] body = ("{\"password\":\"hunter2\",\"text\":\"" + "\u20ac".repeat(100) + "\"}")
                .getBytes(StandardCharsets.UTF_8);

        String content = logged("application/json", body, "payload-max", "64B");

        assertThat(content)
                .startsWith("{\"password\":")
                .endsWith("\u20ac… <" + body.length + " bytes>")
                .doesNotContain("hunter2", "\ufffd");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain|0123456789 card 4111 1111 1111 1111 and more",
                "application/json|{\"text\":\"card 4111 1111 1111 1111 and more\"}",
                "text/plain|mail to somebody.quite.long@example.com and more",
                "application/xml|<a><password>q7-Tr0ub4dor-4711</password></a>",
                "application/json|{\"to\":\"x\",\"password\":\"q7-Tr0ub4dor-4711\"}"
            })
    void half_of_a_secret_that_is_cut_is_not_shown(String type, String body) {
        for (int length = 1; length < body.length(); length++) {
            String content = logged(type, utf8(body), "payload-max", length + "B");
            assertThat(content).doesNotContain("4111", "somebody", "q7-", "Tr0ub");
        }
    }

    @Test
    void of_prose_that_is_cut_all_but_the_last_word_is_shown() {
        String prose = "It was paid on Monday. The goods were sent on the next day, and arrived ".repeat(10);

        assertThat(logged("text/plain", utf8(prose), "payload-max", "100B"))
                .isEqualTo(prose.substring(0, 99) + "… <" + prose.length() + " bytes>");
    }

    @ParameterizedTest
    @CsvSource({
        "application/pdf, <application/pdf>",
        "multipart/form-data; boundary=x, <multipart/form-data>",
        "application/jsonp, <application/jsonp>",
        "'', <no content type>",
        "'x\",\"forged\":\"1', '<x\",\"forged\":\"1>'"
    })
    void of_other_types_only_the_type_is_shown(String type, String shown) {
        assertThat(logged(type, "%PDF")).isEqualTo(shown);
    }

    @Test
    void a_compressed_body_is_not_shown() {
        JsonNode line = line(
                TestExchange.http("POST", "/payments")
                        .header("Content-Type", "application/json")
                        .header("Content-Encoding", "gzip")
                        .answerHeader("Content-Type", "application/json")
                        .answerHeader("Content-Encoding", "br"),
                new byte[] {31, -117, 8},
                new byte[] {27, 1},
                "payload",
                "/**");

        assertThat(line.path("http.request.body.content").asString()).isEqualTo("<gzip>");
        assertThat(line.path("http.response.body.content").asString()).isEqualTo("<br>");
    }

    @ParameterizedTest
    @CsvSource({"utf-8", "iso-8859-1", "utf-16", "\"UTF-8\"", "no-such-charset", "' '"})
    void the_charset_is_that_of_the_content_type(String name) {
        boolean isKnown = name.matches("\"?[a-zA-Z]+-[0-9-]+\"?");
        Charset charset = isKnown ? Charset.forName(name.replace("\"", "")) : StandardCharsets.ISO_8859_1;

        assertThat(logged("text/plain; charset=" + name + "; x=y", "caf\u00e9".getBytes(charset)))
                .isEqualTo("caf\u00e9");
    }

    @Test
    void a_hostile_body_costs_its_line_nothing() {
        String body = "[".repeat(4_000) + "\u0000\n\u202e";

        assertThat(logged("application/json", body)).startsWith("[[[");
    }

    @ParameterizedTest
    @CsvSource({"payload, a b c", "payload-types, json", "payload-types, a/b c", "payload-max, 2MB", "payload-max, many"
    })
    void what_cannot_be_read_is_refused(String key, String value) {
        assertThatThrownBy(() -> Crosscuts.with(key, value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.logging." + key + " (builder) is '" + value + "'; expected ");
    }
}
