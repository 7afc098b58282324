package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.logstash.logback.argument.StructuredArgument;
import net.logstash.logback.argument.StructuredArguments;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;

/**
 * A stream of random events, hostile in all they carry. {@code -Dfuzz.events=1000000} makes it longer, {@code
 * -Dfuzz.seed} repeats one.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("UnnecessaryStringBuilder") // a value that is like text
class AnyEventTest {

    private static final int EVENTS = Integer.getInteger("fuzz.events", 500);
    private static final Key<Object> ANYTHING = Key.of("anything", Object.class).loggable();
    private static final Key<Object> MESSAGE = Key.of("message", Object.class).loggable();
    private static final Key<String> TRACE_ID = Key.of("trace_id", String.class).loggable();
    private static final Key<String> SPAN_ID = Key.of("span_id", String.class).loggable();
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    private static final String PASSWORD = "q7Tr0ub4dor";
    private static final String CARD = "4111111111111111";
    private static final String EMAIL = "bob.q7@example.com";
    private static final String JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl";
    private static final List<String> HIDDEN = List.of(PASSWORD, CARD, EMAIL, "c2lnbmF0dXJl");
    private static final String[] SECRETS = {
        "password=" + PASSWORD, "card " + CARD, "mail to " + EMAIL, "Authorization: Bearer " + JWT, "token " + JWT
    };

    private static final String[] NAMES = {
        "@timestamp", "message", "body", "short_message", "level", "log.level", "correlation_id", "id", "_id", "host",
        "error.type", "service.name", "tags", "trace_id", "traceId", "trace.id", "log.truncated", "order id", "a",
                "a_2",
        "", "\ud800", "x\"y", "line\nfeed", "\u202eright", "n\u00e4me"
    };

    private final PrintStream stderr = System.err;
    private Random random = new Random();

    /** SLF4J and logstash-logback-encoder print there what an argument throws when it is asked for its text. */
    @BeforeEach
    void silence() {
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    }

    @AfterEach
    void release() {
        System.setErr(stderr);
    }

    @ParameterizedTest
    @CsvSource({"ecs, 4096", "ecs, 16384", "otel, 5000", "logstash, 16384", "gelf, 4096"})
    void any_event_is_one_line_of_strict_json_within_the_cap_that_shows_its_ids_and_nothing_hidden(
            String schema, int maxLine) {
        long seed = Long.getLong("fuzz.seed", new Random().nextLong());
        random = new Random(seed);
        LoggerContext context = new LoggerContext();
        LogbackMDCAdapter mdc = new LogbackMDCAdapter();
        context.setMDCAdapter(mdc);
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(context);
        encoder.start();
        ExchangeMdc.of(context)
                .format(CapturedLog.format(Map.of(
                        "crosscut.logging.schema",
                        schema,
                        "crosscut.logging.max-line",
                        String.valueOf(maxLine),
                        "crosscut.logging.max-stack",
                        String.valueOf(maxLine),
                        "crosscut.logging.fields.team",
                        "pay\"ments")));
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            for (int i = 0; i < EVENTS; i++) {
                int number = i;
                crosscut.run("job", () -> {
                    Exchange exchange = Exchange.current().orElseThrow();
                    exchange.put(TRACE_ID, TRACE);
                    exchange.put(SPAN_ID, SPAN);
                    putSome(exchange, mdc);
                    LoggingEvent event = event(context);
                    byte[] line = encoder.encode(event);
                    check(schema, maxLine, line, event, exchange, "seed " + seed + ", event " + number);
                });
                mdc.clear();
            }
        }
    }

    private static void check(
            String schema, int maxLine, byte[] line, LoggingEvent event, Exchange exchange, String which) {
        String text = new String(line, StandardCharsets.UTF_8);
        assertThat(line).as(which).hasSizeLessThanOrEqualTo(maxLine);
        assertThat(text.getBytes(StandardCharsets.UTF_8)).as("UTF-8, " + which).isEqualTo(line);
        List<JsonNode> lines = JsonLines.parse(text);
        assertThat(lines).as(which).hasSize(1);
        JsonNode json = lines.get(0);
        boolean isGelf = schema.equals("gelf");
        Schema names = Schema.valueOf(schema.toUpperCase(java.util.Locale.ROOT));
        assertThat(json.path(isGelf ? "_correlation_id" : "correlation_id").asString("none"))
                .as(which)
                .isEqualTo(exchange.get(Key.CORRELATION_ID).orElseThrow());
        assertThat(json.path(isGelf ? "_trace_id" : names.trace("trace_id")).asString("none"))
                .as(which)
                .isEqualTo(TRACE);
        assertThat(json.path(isGelf ? "_span_id" : names.trace("span_id")).asString("none"))
                .as(which)
                .isEqualTo(SPAN);
        assertThat(text).as(which).doesNotContain(HIDDEN);
        assertThat(json.path(isGelf ? "_team" : "team").asString("none")).isEqualTo("pay\"ments");
        assertThat(json.propertyNames()).as(which).noneMatch(name -> name.contains("encoding_fault"));
        boolean isTruncated = json.propertyNames().stream().anyMatch(name -> name.matches("_?log[._]truncated"));
        String message = json.get(names.name(Field.MESSAGE)).asString();
        String expected = event.getFormattedMessage() == null
                ? ""
                : Texts.wellFormed(Masking.DEFAULT.text(event.getFormattedMessage()));
        if (isGelf && expected.isBlank()) {
            expected = "-";
        }
        // Where something is hidden in a structured argument, its text is made of what is left.
        boolean isPlain = Arrays.stream(event.getArgumentArray()).noneMatch(StructuredArgument.class::isInstance);
        if (isTruncated) {
            assertThat(isPlain ? expected : message).as(which).startsWith(message);
        } else {
            assertThat(message).as(which).isEqualTo(isPlain ? expected : message);
            assertThat(json.size())
                    .as("every key-value has its field, " + which)
                    .isGreaterThanOrEqualTo(6 + event.getKeyValuePairs().size());
        }
        if (isGelf) {
            json.properties().forEach(field -> {
                assertThat(field.getKey())
                        .as(which)
                        .matches("version|host|level|timestamp|(full|short)_message|_[\\w.-]*");
                assertThat(field.getKey()).as(which).isNotEqualTo("_id");
                assertThat(field.getValue().isString() || field.getValue().isNumber())
                        .as(which)
                        .isTrue();
            });
        }
    }

    private void putSome(Exchange exchange, LogbackMDCAdapter mdc) {
        if (random.nextInt(3) == 0) {
            exchange.put(ANYTHING, value(0));
        }
        if (random.nextInt(5) == 0) {
            exchange.put(MESSAGE, value(0));
            exchange.put(Key.TENANT, text());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            mdc.put(name(), text());
        }
    }

    private LoggingEvent event(LoggerContext context) {
        Level[] levels = {Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR};
        LoggingEvent event = new LoggingEvent(
                "fqcn",
                context.getLogger(random.nextInt(10) == 0 ? "x".repeat(random.nextInt(5_000)) : "com.acme.Some"),
                levels[random.nextInt(levels.length)],
                random.nextInt(50) == 0 ? null : text().replace("{}", "{ }") + "{}",
                random.nextInt(3) == 0 ? throwable(0) : null,
                random.nextInt(3) == 0 ? new Object[] {argument(), argument()} : new Object[] {text()});
        event.setThreadName(plainText());
        event.setInstant(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
        List<KeyValuePair> pairs = new ArrayList<>();
        for (int i = random.nextInt(random.nextInt(50) == 0 ? 300 : 6); i > 0; i--) {
            pairs.add(new KeyValuePair(name(), value(0)));
        }
        event.setKeyValuePairs(pairs);
        for (int i = random.nextInt(3); i > 0; i--) {
            event.addMarker(marker());
        }
        return event;
    }

    private Object argument() {
        return random.nextBoolean()
                ? StructuredArguments.keyValue(name(), value(0))
                : StructuredArguments.raw(name(), random.nextBoolean() ? "{\"raw\": [1,\n2]}" : text());
    }

    private Marker marker() {
        return switch (random.nextInt(3)) {
            case 0 -> Markers.append(name(), value(0));
            case 1 -> Markers.appendFields(value(0));
            default -> MarkerFactory.getDetachedMarker(text());
        };
    }

    private Throwable throwable(int depth) {
        Throwable thrown = new IllegalStateException(random.nextInt(5) == 0 ? null : text());
        if (random.nextInt(10) == 0) {
            thrown.initCause(new IllegalArgumentException(thrown)); // a circle
        } else if (depth < 3 && random.nextBoolean()) {
            thrown.initCause(throwable(depth + 1));
        }
        if (random.nextInt(4) == 0) {
            thrown.addSuppressed(new RuntimeException(text()));
        }
        return thrown;
    }

    private String name() {
        return random.nextInt(3) > 0 ? NAMES[random.nextInt(NAMES.length)] : plainText();
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth < 3 ? 19 : 10)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextLong();
            case 2 -> random.nextBoolean();
            case 3 -> Double.longBitsToDouble(random.nextLong());
            case 4 -> Float.intBitsToFloat(random.nextInt());
            case 5 -> new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(50) - 25);
            case 6 -> new StringBuilder(text());
            case 7 -> Level.WARN;
            case 8 -> text().toCharArray();
            case 9 -> new HostileValues.ThrowsEverywhere();
            case 10 -> Arrays.asList(value(depth + 1), value(depth + 1), null);
            case 11 -> {
                Map<String, Object> map = new HashMap<>();
                map.put(name(), value(depth + 1));
                map.put(name(), value(depth + 1));
                yield map;
            }
            case 12 -> new HostileValues.Cyclic();
            case 13 -> new HostileValues.Raw(text());
            case 14 -> new int[random.nextInt(6_000)];
            case 15 -> Long.parseLong(CARD);
            default -> text();
        };
    }

    /** Some have a secret, where no letter or digit beside it makes it something else. */
    private String text() {
        return random.nextInt(4) > 0
                ? plainText()
                : plainText() + " a " + SECRETS[random.nextInt(SECRETS.length)] + " z " + plainText();
    }

    private String plainText() {
        int length =
                random.nextInt(20) > 0 ? random.nextInt(40) : random.nextInt(random.nextInt(10) == 0 ? 40_000 : 3_000);
        StringBuilder text = new StringBuilder(length);
        int kind = random.nextInt(6);
        for (int i = 0; i < length; i++) {
            text.append((char)
                    switch (kind) {
                        case 0 -> ' ' + random.nextInt(95);
                        case 1 -> random.nextInt(0x20);
                        case 2 -> Character.MIN_SURROGATE + random.nextInt(0x800);
                        case 3 -> random.nextInt(0x10000);
                        case 4 -> 0x2000 + random.nextInt(0x80);
                        default -> 'a' + random.nextInt(26);
                    });
        }
        return text.toString();
    }
}
