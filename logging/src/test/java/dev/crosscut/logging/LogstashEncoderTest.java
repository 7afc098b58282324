package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.Encoder;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.logstash.logback.argument.StructuredArguments;
import net.logstash.logback.composite.loggingevent.StackHashJsonProvider;
import net.logstash.logback.composite.loggingevent.ThrowableClassNameJsonProvider;
import net.logstash.logback.composite.loggingevent.ThrowableMessageJsonProvider;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;

/** In the schema {@code logstash}, a line says what that of the LogstashEncoder says, under the same names. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LogstashEncoderTest {

    /** Which frames are shown, and in what order, is a matter of each; and a hash is of frames. */
    private static final Set<String> OF_FRAMES = Set.of("stack_trace", "stack_hash");

    private final LoggerContext context = new LoggerContext();
    private final LogbackMDCAdapter mdc = new LogbackMDCAdapter();
    private final LogstashEncoder theirs = new LogstashEncoder();
    private final CrosscutEncoder ours = new CrosscutEncoder();

    @BeforeEach
    void prepare() {
        context.setMDCAdapter(mdc);
        ThrowableClassNameJsonProvider className = new ThrowableClassNameJsonProvider();
        className.setUseSimpleClassName(false);
        theirs.addProvider(className);
        theirs.addProvider(new ThrowableMessageJsonProvider());
        theirs.addProvider(new StackHashJsonProvider());
        theirs.setContext(context);
        theirs.start();
        ours.setContext(context);
        ours.start();
        ExchangeMdc.of(context)
                .format(CapturedLog.format(Map.of(
                        "crosscut.logging.schema", "logstash",
                        "crosscut.logging.max-line", "256KB",
                        "crosscut.logging.max-stack", "64KB")));
    }

    @AfterEach
    void release() {
        theirs.stop();
        context.stop();
    }

    private static JsonNode line(Encoder<ILoggingEvent> encoder, LoggingEvent event) {
        List<JsonNode> lines = JsonLines.parse(new String(encoder.encode(event), UTF_8));
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private static Instant instant(JsonNode line) {
        return OffsetDateTime.parse(line.get("@timestamp").asString()).toInstant();
    }

    private void assertSame(LoggingEvent event) {
        JsonNode their = line(theirs, event);
        JsonNode our = line(ours, event);
        assertThat(new TreeSet<>(our.propertyNames())).isEqualTo(new TreeSet<>(their.propertyNames()));
        assertThat(instant(our)).isEqualTo(instant(their).truncatedTo(MICROS));
        their.properties().forEach(field -> {
            if (!field.getKey().equals("@timestamp") && !OF_FRAMES.contains(field.getKey())) {
                assertThat(our.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
            }
        });
    }

    private LoggingEvent event(Level level, String message, Throwable thrown, Object... arguments) {
        return event("worker-1", level, message, thrown, arguments);
    }

    private LoggingEvent event(String thread, Level level, String message, Throwable thrown, Object... arguments) {
        LoggingEvent event =
                new LoggingEvent("fqcn", context.getLogger("com.acme.Payments"), level, message, thrown, arguments);
        event.setThreadName(thread);
        event.setInstant(Instant.parse("2026-11-24T10:15:30.123456789Z"));
        return event;
    }

    @Test
    void a_plain_line() {
        for (Level level : List.of(Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR)) {
            assertSame(event(level, "started in {} ms", null, 12));
        }
        assertThat(line(ours, event(Level.INFO, "x", null)).propertyNames())
                .containsExactlyInAnyOrder(
                        "@timestamp", "@version", "message", "logger_name", "thread_name", "level", "level_value");
    }

    @Test
    void a_line_with_an_exception() {
        assertSame(event(Level.ERROR, "failed", SampleLines.exception()));
        assertSame(event(Level.ERROR, "failed", new IllegalStateException("no message of its cause", new Error())));
    }

    @Test
    void a_line_with_all_that_an_application_can_add() {
        mdc.put("session", "s-1");
        mdc.put("attempt", "3");
        LoggingEvent event = event(
                Level.WARN,
                "paid {} {} {}",
                null,
                StructuredArguments.kv("order_id", 7),
                StructuredArguments.value("amount", 12.5),
                StructuredArguments.entries(Map.of("currency", "EUR")));
        event.setKeyValuePairs(List.of(
                new KeyValuePair("flag", true),
                new KeyValuePair("count", 1L << 40),
                new KeyValuePair("card", Map.of("brand", "visa", "years", List.of(2027, 2028))),
                new KeyValuePair("text", "one \"two\"\n\t\\ three")));
        event.addMarker(MarkerFactory.getMarker("AUDIT"));
        event.addMarker(MarkerFactory.getMarker("BILLING"));
        event.addMarker(Markers.append("ledger", Map.of("id", 17)));

        assertSame(event);
    }

    @RepeatedTest(10)
    void random_text_everywhere() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            LoggingEvent event = event("t" + text(random), Level.INFO, text(random), null);
            event.setKeyValuePairs(List.of(new KeyValuePair("kv", text(random))));
            mdc.put("mdc", text(random));
            try {
                assertSame(event);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            mdc.clear();
        }
    }

    /** Of what the other encoder can write: no halves of characters, and nothing that it lets through and we escape. */
    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> 0x4e00 + random.nextInt(0x1000);
                        case 2 -> 0x1f600 + random.nextInt(0x40);
                        default -> 'a' + random.nextInt(26);
                    });
        }
        return text.toString();
    }
}
