package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static net.logstash.logback.argument.StructuredArguments.array;
import static net.logstash.logback.argument.StructuredArguments.defer;
import static net.logstash.logback.argument.StructuredArguments.entries;
import static net.logstash.logback.argument.StructuredArguments.fields;
import static net.logstash.logback.argument.StructuredArguments.kv;
import static net.logstash.logback.argument.StructuredArguments.raw;
import static net.logstash.logback.argument.StructuredArguments.value;
import static net.logstash.logback.marker.Markers.append;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Secret;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.logstash.logback.argument.StructuredArgument;
import net.logstash.logback.marker.Markers;
import net.logstash.logback.marker.RawJsonAppendingMarker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Nothing that is hidden is on any line, wherever an event has it, in any schema. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings({"DoNotCallSuggester", "UnnecessaryStringBuilder"}) // a getter that throws, text that is no String
class MaskedLinesTest {

    private static final String PASSWORD = "q7-Tr0ub4dor";
    private static final String CARD = "4111111111111111";
    private static final String EMAIL = "bob@example.com";
    private static final String JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl";
    private static final List<String> HIDDEN =
            List.of(PASSWORD, CARD, "4111 1111 1111 1111", EMAIL, JWT, "c2lnbmF0dXJl");

    private static final Key<Object> CREDENTIALS =
            Key.of("credentials", Object.class).loggable();
    private static final Key<Object> NOTE = Key.of("note", Object.class).loggable();
    private static final Key<Object> LOGIN = Key.of("login", Object.class).loggable();

    private final CapturedLog captured = CapturedLog.of("test.masked");
    private final Logger log = captured.logger();

    record Login(String user, String password, Card card, Secret secret, List<Map<String, Object>> more) {}

    record Card(String pan, long number, String text) {}

    static final class Credential implements StructuredArgument {
        @Override
        public void writeTo(JsonGenerator generator) {
            generator.writeStringProperty("user", "bob");
            generator.writeStringProperty("password", PASSWORD);
        }

        @Override
        public String toString() {
            return "bob/" + PASSWORD;
        }
    }

    static final class Bean {
        public String getApiKey() {
            return PASSWORD;
        }

        public Secret getSecretOfIts() {
            return Secret.of(PASSWORD);
        }

        @Override
        public String toString() {
            return "Bean[apiKey=" + PASSWORD + "]";
        }
    }

    static final class Unwritable {
        public String getName() {
            throw new IllegalStateException("password=" + PASSWORD);
        }

        @Override
        public String toString() {
            return "Unwritable[password=" + PASSWORD + ", card=" + CARD + "]";
        }
    }

    @AfterEach
    void release() {
        captured.close();
        MDC.clear();
    }

    private static Login login() {
        return new Login(
                EMAIL,
                PASSWORD,
                new Card(CARD, 4111111111111111L, "paid with 4111 1111 1111 1111"),
                Secret.of(PASSWORD),
                List.of(
                        Map.of("token", PASSWORD, "url", "https://app:" + PASSWORD + "@example.com/"),
                        Map.of("jwt", JWT)));
    }

    private static Throwable failure() {
        Throwable root = new IllegalArgumentException("no login with {\"password\":\"" + PASSWORD + "\"} for " + EMAIL);
        IllegalStateException failure = new IllegalStateException("card " + CARD + " refused", root);
        failure.addSuppressed(new IllegalStateException("Authorization: Bearer " + JWT));
        return failure;
    }

    /** Lines with something to hide at every place where an event can have it. */
    private List<Runnable> events() {
        return List.of(
                () -> log.info("password={} card {}", PASSWORD, CARD),
                () -> log.info("login of {} with {}", EMAIL, login()),
                () -> log.info("token {}", JWT),
                () -> log.info("fields {}", kv("password", PASSWORD)),
                () -> log.info("fields {}", kv("login", login())),
                () -> log.info("login {}", value("password", PASSWORD)),
                () -> log.info("login {}", value("password", List.of(1, PASSWORD))),
                () -> log.info("login {}", kv("password", "x " + PASSWORD)),
                () -> log.info("login {}", kv("password", PASSWORD, "{1} is {0}, {1}")),
                () -> log.info("login {}", array("tokens.secret", PASSWORD, "x " + PASSWORD)),
                () -> log.info("login {}", entries(Map.of("secret", "x " + PASSWORD))),
                () -> log.info("login {}", fields(login())),
                () -> log.info("login {}", raw("password", "x " + PASSWORD)),
                () -> log.info("login {}", append("a", 1).and(append("password", "x " + PASSWORD))),
                () -> log.info("login {}", defer(() -> value("password", PASSWORD))),
                () -> log.info("login {}", new Credential()),
                () -> log.atInfo().addArgument(value("password", PASSWORD)).log("login {}"),
                () -> log.info("fields", fields(login())),
                () -> log.info(
                        "raw {}", raw("raw", "{\"a\":[{\"password\":\"" + PASSWORD + "\"}],\"b\":\"" + CARD + "\"}")),
                () -> log.info(Markers.append("secret", PASSWORD), "marker"),
                () -> log.info(Markers.appendFields(login()), "marker"),
                () -> log.info(Markers.append("login", login()), "marker"),
                () -> log.info(Markers.append("password", "x " + PASSWORD), "marker"),
                () -> log.info(Markers.appendRaw("password", "x " + PASSWORD), "marker"),
                () -> log.info(Markers.aggregate(Markers.append("password", "x " + PASSWORD)), "marker"),
                () -> log.info(MarkerFactory.getMarker("password=" + PASSWORD), "marker"),
                () -> log.atInfo().addKeyValue("password", PASSWORD).log("key-value"),
                () -> log.atInfo().addKeyValue("note", "sent to " + EMAIL).log("key-value"),
                () -> log.atInfo().addKeyValue("X-Api-Key", PASSWORD).log("key-value"),
                () -> log.atInfo().addKeyValue("login", login()).log("key-value"),
                () -> log.atInfo().addKeyValue("bean", new Bean()).log("key-value"),
                () -> log.atInfo().addKeyValue("bean", new Unwritable()).log("key-value"),
                () -> log.atInfo()
                        .addKeyValue("map", Map.of("a", Map.of("token", PASSWORD)))
                        .log("key-value"),
                () -> log.atInfo()
                        .addKeyValue("map", Map.of(EMAIL, 1, "password=" + PASSWORD, 2))
                        .log("key-value"),
                () -> log.atInfo().addKeyValue("list", List.of(CARD, EMAIL)).log("key-value"),
                () -> log.atInfo()
                        .addKeyValue("array", new String[] {CARD, EMAIL})
                        .log("key-value"),
                () -> log.atInfo().addKeyValue("number", 4111111111111111L).log("key-value"),
                () -> log.atInfo()
                        .addKeyValue("number", new java.math.BigInteger(CARD))
                        .log("key-value"),
                () -> log.atInfo()
                        .addKeyValue("text", new StringBuilder("pan=" + CARD))
                        .log("key-value"),
                () -> log.atInfo().addKeyValue("secret", Secret.of(PASSWORD)).log("key-value"),
                () -> log.atInfo().addKeyValue("plain", Secret.of(PASSWORD)).log("key-value"),
                () -> log.atInfo().addKeyValue("error", failure()).log("key-value"),
                () -> log.atInfo()
                        .addKeyValue(
                                "node", JsonNodeFactory.instance.objectNode().put("password", PASSWORD))
                        .log("key-value"),
                () -> log.error("failed", failure()),
                () -> log.error("failed: {}", failure().getMessage(), failure()));
    }

    static Stream<Map<String, String>> looks() {
        List<Map<String, String>> looks = new ArrayList<>();
        for (Schema schema : Schema.values()) {
            looks.add(Map.of("crosscut.logging.schema", schema.name().toLowerCase(java.util.Locale.ROOT)));
        }
        looks.add(Map.of("crosscut.logging.development", "true"));
        return looks.stream();
    }

    private static Crosscut with(Map<String, String> settings) {
        Crosscut.Builder builder = Crosscut.builder().discoverPlugins(false).plugin(new LoggingPlugin());
        settings.forEach(builder::property);
        return builder.build();
    }

    @ParameterizedTest
    @MethodSource("looks")
    void nothing_hidden_is_on_a_line_wherever_an_event_has_it(Map<String, String> look) {
        try (Crosscut crosscut = with(look)) {
            MDC.put("authorization", "Bearer " + PASSWORD);
            MDC.put("user", EMAIL);
            for (Runnable event : events()) {
                event.run();
            }
            crosscut.run("masked", () -> {
                Exchange exchange = Exchange.current().orElseThrow();
                exchange.put(CREDENTIALS, PASSWORD);
                exchange.put(NOTE, "from " + EMAIL + " with " + CARD);
                exchange.put(LOGIN, login());
                events().forEach(Runnable::run);
            });
        }

        String text = captured.text();
        assertThat(text.lines().count()).isGreaterThanOrEqualTo(2L * events().size());
        for (String line : text.split("\n", -1)) {
            assertThat(line).doesNotContain(HIDDEN);
        }
        assertThat(text).contains("***1111", "***@example.com");
    }

    @Test
    void what_is_not_hidden_stays_readable() {
        try (Crosscut crosscut = with(Map.of())) {
            log.atInfo()
                    .addKeyValue("password", PASSWORD)
                    .addKeyValue("pin", 1234)
                    .addKeyValue("token", true)
                    .addKeyValue("secret", (Object) null)
                    .addKeyValue("login", login())
                    .addKeyValue("tokens_used", 17)
                    .log("login of {} with card {}", EMAIL, CARD);
        }

        JsonNode line = captured.onlyLine();
        assertThat(line.get("message").asString()).isEqualTo("login of ***@example.com with card ***1111");
        assertThat(line.get("password").asString()).isEqualTo("***");
        assertThat(line.get("pin").asString()).isEqualTo("***");
        assertThat(line.get("token").asBoolean()).isTrue();
        assertThat(line.get("secret").isNull()).isTrue();
        assertThat(line.get("tokens_used").asInt()).isEqualTo(17);
        JsonNode login = line.get("login");
        assertThat(login.get("user").asString()).isEqualTo("***@example.com");
        assertThat(login.get("password").asString()).isEqualTo("***");
        assertThat(login.get("card").get("pan").asString()).isEqualTo("***");
        assertThat(login.get("card").get("number").asString()).isEqualTo("***1111");
        assertThat(login.get("card").get("text").asString()).isEqualTo("paid with ***1111");
        assertThat(login.get("secret").asString()).isEqualTo("***");
        assertThat(login.get("more").get(0).get("url").asString()).isEqualTo("https://***@example.com/");
    }

    static Stream<Arguments> structuredArguments() {
        Map<String, Object> card = Map.of("card", new TreeMap<>(Map.of("holder", "Jane Doe", "brand", "x")));
        return Stream.of(
                arguments(value("password", "hunter2"), "***"),
                arguments(kv("password", "correct horse battery"), "password=***"),
                arguments(kv("password", "a b", "the {0} is {1}"), "the password is ***"),
                arguments(kv("password", "a b", "the {0}"), "password=***"),
                arguments(value("pin", 1234), "***"),
                arguments(array("secret", "a b", 2), "secret=***"),
                arguments(entries(Map.of("token", "a b")), "{token=***}"),
                arguments(fields(new Account("bob", "a b")), "{user=bob, password=***}"),
                arguments(raw("secret", "{\"a\":1}"), "secret=***"),
                arguments(raw("password", "a b"), "***"),
                arguments(
                        raw("card", "a b"),
                        "<" + RawJsonAppendingMarker.class.getName() + ": tools.jackson.core.exc.StreamReadException>"),
                arguments(append("a", 1).and(append("token", "a b")), "{a=1, token=***}"),
                arguments(value("pay", card), "{\"card\":{\"brand\":\"x\",\"holder\":\"***\"}}"),
                arguments(kv("card", card.get("card")), "card={\"brand\":\"x\",\"holder\":\"***\"}"),
                arguments(entries(card), "{card={\"brand\":\"x\",\"holder\":\"***\"}}"),
                arguments(value("card.holder", "Jane Doe"), "***"),
                arguments(value("note", "to bob@example.com"), "to ***@example.com"),
                arguments(kv("order", new Order(7)), "order=Order[id=7]"),
                arguments(value("order", new Order(7)), "Order[id=7]"),
                arguments(kv("order", 7, "<{0}|{1}>"), "<order|7>"),
                arguments(value("password", null), "null"),
                arguments(value("token", true), "true"),
                arguments(value("password", ""), ""));
    }

    record Account(String user, String password) {}

    record Order(int id) {}

    @ParameterizedTest
    @MethodSource("structuredArguments")
    void a_message_shows_no_more_of_a_structured_argument_than_its_field(StructuredArgument argument, String shown) {
        for (String development : List.of("false", "true")) {
            try (Crosscut crosscut = with(Map.of(
                    "crosscut.logging.mask.paths", "card.holder", "crosscut.logging.development", development))) {
                log.info("{} login {} of {}", 1, argument, "bob");
            }
        }

        String json = captured.text().lines().findFirst().orElseThrow();
        assertThat(JsonLines.STRICT.readTree(json).get("message").asString()).isEqualTo("1 login " + shown + " of bob");
        assertThat(captured.text().lines().skip(1))
                .singleElement()
                .asString()
                .satisfies(line ->
                        assertThat(line.replaceAll("\u001b\\[\\d+m", "")).endsWith(" ┃ 1 login " + shown + " of bob"));
    }

    @Test
    void a_message_has_a_structured_argument_where_it_has_a_place_for_it() {
        try (Crosscut crosscut = with(Map.of())) {
            log.info("\\{} {} {}", value("a", 1), value("password", "x"), kv("b", 2), new IllegalStateException());
        }

        assertThat(captured.onlyLine().get("message").asString()).isEqualTo("{} 1 ***");
    }

    @Test
    void an_exception_says_what_it_is_without_what_is_hidden() {
        try (Crosscut crosscut =
                with(Map.of("crosscut.logging.max-line", "128KB", "crosscut.logging.max-stack", "64KB"))) {
            log.error("failed", failure());
        }

        JsonNode line = captured.onlyLine();
        assertThat(line.get("error.message").asString()).isEqualTo("card ***1111 refused");
        assertThat(line.get("error.stack_trace").asString())
                .contains("card ***1111 refused")
                .contains("no login with {\"password\":\"***\"} for ***@example.com")
                .contains("Authorization: Bearer ***")
                .contains("MaskedLinesTest.failure");
    }

    @Test
    void paths_and_custom_patterns_of_the_settings_hold_on_lines() {
        try (Crosscut crosscut = with(Map.of(
                "crosscut.logging.mask.paths", "login.card.text, *.user",
                "crosscut.logging.mask.names", "badge",
                "crosscut.logging.mask.custom.order", "ORD-\\d{4}"))) {
            log.atInfo()
                    .addKeyValue("login", login())
                    .addKeyValue("user", "bob")
                    .addKeyValue("badge", 17)
                    .addKeyValue("order", Map.of("id", "ORD-1234"))
                    .log("order ORD-5678, badge=17");
        }

        JsonNode line = captured.onlyLine();
        assertThat(line.get("message").asString()).isEqualTo("order ***, badge=***");
        assertThat(line.get("login").get("card").get("text").asString()).isEqualTo("***");
        assertThat(line.get("login").get("user").asString()).isEqualTo("***");
        assertThat(line.get("user_2").asString()).isEqualTo("bob");
        assertThat(line.get("badge").asString()).isEqualTo("***");
        assertThat(line.get("order").get("id").asString()).isEqualTo("***");
    }

    @Test
    void what_is_logged_before_a_crosscut_is_built_is_masked() {
        LoggerContext fresh = new LoggerContext();
        fresh.setMDCAdapter(new LogbackMDCAdapter());
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(fresh);
        encoder.start();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(fresh);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        Logger early = fresh.getLogger("early");
        fresh.getLogger("early").addAppender(appender);
        early.info("password={} card {}", PASSWORD, CARD);
        early.atInfo().addKeyValue("secret", PASSWORD).log("early");
        fresh.stop();

        assertThat(written.toString(UTF_8)).doesNotContain(HIDDEN).contains("password=*** card ***1111");
    }
}
