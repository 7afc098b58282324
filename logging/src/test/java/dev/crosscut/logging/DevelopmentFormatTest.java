package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("DoNotCallSuggester") // a getter that throws
class DevelopmentFormatTest {

    private static final Key<String> NOTE = Key.of("note", String.class).loggable();

    /** What ends a line somewhere, moves a cursor, reorders the text around it, or is not seen. */
    private static final String UNSAFE = unsafe();

    private static final LoggerContext LOGBACK = (LoggerContext) LoggerFactory.getILoggerFactory();

    private final FormatSettings settings =
            CapturedLog.formatSettings(Map.of("crosscut.logging.development", "true"), Map.of());
    private final DevelopmentFormat plain = new DevelopmentFormat(settings, Masking.DEFAULT, false);

    private static String unsafe() {
        StringBuilder unsafe = new StringBuilder();
        for (char c = 0; c < 0x20; c++) {
            unsafe.append(c);
        }
        for (char c = 0x7f; c < 0xa0; c++) {
            unsafe.append(c);
        }
        return unsafe.append("\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e")
                .append("\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff")
                .toString();
    }

    @AfterEach
    void release() {
        MDC.clear();
    }

    private static LoggingEvent event(Level level, String logger, String message, Throwable thrown) {
        return new LoggingEvent("fqcn", LOGBACK.getLogger(logger), level, message, thrown, null);
    }

    private static String text(Format format, ILoggingEvent event) {
        LineBuffer line = new LineBuffer();
        format.write(event, line);
        return line.toString();
    }

    @Test
    void a_line_has_time_level_logger_and_message_in_columns() {
        String first = text(plain, event(Level.INFO, "com.acme.Payments", "one", null));
        String second = text(
                plain, event(Level.ERROR, "com.acme.payments.provider.internal.PaymentProviderClient", "two", null));

        assertThat(first).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  com\\.acme\\.Payments {15} ┃ one\n");
        assertThat(second).matches("\\S+ ERROR c\\.a\\.p\\.p\\.i\\.PaymentProviderClient +┃ two\n");
        assertThat(first.indexOf("one")).isEqualTo(second.indexOf("two"));
    }

    @Test
    void a_line_of_an_exchange_has_its_id_and_its_fields_and_what_the_line_carries() {
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            crosscut.run("job", () -> {
                Exchange.current().orElseThrow().put(NOTE, "two words");
                Exchange.current().orElseThrow().put(Key.TENANT, "acme");
                MDC.put("mine", "yes");
                LoggingEvent event = event(Level.WARN, "x", "paid", null);
                event.setKeyValuePairs(List.of(
                        new KeyValuePair("order", 7), new KeyValuePair("none", null), new KeyValuePair("empty", "")));
                event.addMarker(MarkerFactory.getMarker("AUDIT"));

                assertThat(text(plain, event))
                        .endsWith(
                                "  " + Correlation.current().orElseThrow()
                                        + " ┃ paid ┃ note=\"two words\"  tenant=acme  order=7  none=null  empty=\"\"  #AUDIT  mine=yes\n");
            });
        }
    }

    @Test
    void an_exception_is_below_its_line() {
        assertThat(text(plain, event(Level.ERROR, "x", "failed", new IllegalStateException("why")))
                        .lines())
                .hasSizeGreaterThan(2)
                .element(1)
                .isEqualTo("java.lang.IllegalStateException: why");
    }

    @Test
    void nothing_that_is_logged_begins_a_line_or_shows_it_otherwise_than_it_is() {
        String hostile = "x\r\n12:00:00.000 INFO  forged\u001b[2J\u202e\u2028\u0085" + UNSAFE;
        LoggingEvent event = event(Level.INFO, "x", hostile, new IllegalStateException(hostile));
        event.setKeyValuePairs(List.of(new KeyValuePair("k" + hostile, hostile)));
        event.addMarker(MarkerFactory.getDetachedMarker(hostile));
        MDC.put("m" + hostile, hostile);
        String text = text(plain, event);

        assertThat(text.lines().filter(line -> line.startsWith("12:00:00.000 INFO")))
                .isEmpty();
        assertThat(text.replaceAll("[\n\t]", "").chars().filter(c -> UNSAFE.indexOf(c) >= 0))
                .isEmpty();
        assertThat(text)
                .startsWith(text.lines().findFirst().orElseThrow() + "\njava.lang.IllegalStateException: x\\r\\n12:");
    }

    static Stream<Arguments> values() {
        return Stream.of(
                arguments("word", "word"),
                arguments("", "\"\""),
                arguments("two words", "\"two words\""),
                arguments("bob  user.id=admin", "\"bob  user.id=admin\""),
                arguments("a=b", "\"a=b\""),
                arguments("a\u2003b", "\"a\u2003b\""),
                arguments("a\u00a0b", "\"a\u00a0b\""),
                arguments("a\u3000b", "\"a\u3000b\""),
                arguments("a\tb\nc", "\"a\\tb\\nc\""),
                arguments("a\\nb", "\"a\\\\nb\""),
                arguments("say \"x\"", "\"say \\\"x\\\"\""),
                arguments("a\\\" b=c", "\"a\\\\\\\" b=c\""),
                arguments("a\u202eb", "a\\u202eb"),
                arguments("a┃b", "a\\u2503b"),
                arguments("{a}", "{a}"),
                arguments(true, "true"),
                arguments(12.5, "12.5"),
                arguments(Map.of("a b", List.of(1, "x=\"┃\"")), "{\"a b\":[1,\"x=\\\"\\u2503\\\"\"]}"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void a_value_is_in_quotes_where_it_could_be_taken_for_more_than_one(Object value, String shown) {
        LoggingEvent event = event(Level.INFO, "x", "message", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("k", value), new KeyValuePair("last", 1)));

        assertThat(text(plain, event)).endsWith(" ┃ message ┃ k=" + shown + "  last=1\n");
    }

    @Test
    void no_name_and_no_marker_is_taken_for_more_than_one() {
        LoggingEvent event = event(Level.INFO, "x", "message", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("a=1  b", 2)));
        event.addMarker(MarkerFactory.getDetachedMarker("A  tenant=evil"));

        assertThat(text(plain, event)).endsWith(" ┃ message ┃ \"a=1  b\"=2  #\"A  tenant=evil\"\n");
    }

    @Test
    void no_message_forges_a_field_or_an_id() {
        LoggingEvent event = event(Level.INFO, "x", "order-42 ┃ paid ┃ tenant=evil  user.id=admin", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("tenant", "acme")));
        String text = text(plain, event);

        assertThat(text.strip().split(" ┃ ", -1))
                .hasSize(3)
                .endsWith("order-42 \\u2503 paid \\u2503 tenant=evil  user.id=admin", "tenant=acme");
    }

    @Test
    void what_a_line_break_was_is_seen_as_its_escape() {
        assertThat(text(plain, event(Level.INFO, "x", "SELECT *\r\n\tFROM orders", null)))
                .endsWith(" ┃ SELECT *\\r\\n\\tFROM orders\n");
    }

    @Test
    void values_with_fields_are_json_with_what_is_hidden_by_its_place_or_name_replaced() {
        DevelopmentFormat masked = new DevelopmentFormat(
                settings,
                new Masking(
                        EnumSet.allOf(MaskPattern.class),
                        HiddenNames.BUILT_IN,
                        new HiddenPaths(List.of("card.holder")),
                        List.of()),
                false);
        LoggingEvent event = event(Level.INFO, "x", "message", null);
        event.setKeyValuePairs(List.of(
                new KeyValuePair("pay", Map.of("card", Map.of("holder", "Jane Doe"))),
                new KeyValuePair("card.holder", "Jane Doe"),
                new KeyValuePair("login", new TreeMap<>(Map.of("password", "a b", "user", "x y"))),
                new KeyValuePair("broken", new Unwritable()),
                new KeyValuePair("pin", 1234)));

        assertThat(text(masked, event))
                .endsWith(" ┃ message ┃ pay={\"card\":{\"holder\":\"***\"}}  card.holder=***"
                        + "  login={\"password\":\"***\",\"user\":\"x y\"}"
                        + "  broken=\"<" + Unwritable.class.getName()
                        + ": tools.jackson.databind.DatabindException>\"  pin=***\n");
    }

    static final class Unwritable {
        public String getName() {
            throw new IllegalStateException("Jane Doe");
        }

        @Override
        public String toString() {
            return "Unwritable[card=Card[holder=Jane Doe]]";
        }
    }

    @Test
    void values_with_fields_are_bounded() {
        LoggingEvent event = event(Level.INFO, "x", "message", null);
        event.setKeyValuePairs(List.of(
                new KeyValuePair("long", List.of("x".repeat(settings.maxLine() * 2))),
                new KeyValuePair("longer", List.of("x".repeat(settings.maxLine() * 8)))));

        assertThat(text(plain, event))
                .contains(" ┃ long=[\"xxx", "  longer=")
                .hasSizeBetween(settings.maxLine(), settings.maxLine() * 2 + 1_000);
    }

    @Test
    void structured_markers_are_fields() {
        LoggingEvent event = event(Level.INFO, "x", "message", null);
        event.addMarker(Markers.append("password", "a b").and(Markers.append("order", 7)));
        event.addMarker(Markers.appendEntries(Map.of("token", "c d")));
        event.addMarker(Markers.appendRaw("raw", "{\"pin\":1234"));
        event.addMarker(MarkerFactory.getDetachedMarker("AUDIT"));

        assertThat(text(new DevelopmentFormat(settings, Masking.DEFAULT, false), event))
                .endsWith(" ┃ message ┃ password=***  order=7  token=***"
                        + "  unwritable=\"raw={\\\"pin\\\":\\\"***\\\"\"  #AUDIT\n");
    }

    @Test
    void colours_are_there_unless_they_are_not_wanted_and_change_nothing_else() {
        LoggingEvent event = event(Level.WARN, "com.acme.Payments", "message", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("k", "v")));
        String coloured = text(new DevelopmentFormat(settings, Masking.DEFAULT, true), event);

        assertThat(coloured).contains("\u001b[33mWARN \u001b[0m");
        assertThat(coloured.replaceAll("\u001b\\[\\d+m", "")).isEqualTo(text(plain, event));
    }

    @Test
    void the_line_of_an_exchange_that_ended_repeats_nothing_that_its_message_says() {
        try (CapturedLog captured = CapturedLog.of(AccessLine.LOGGER, Map.of());
                Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .plugin(new LoggingPlugin())
                        .property("crosscut.logging.development", "true")
                        .build()) {
            Exchange exchange = TestExchange.http("GET", "/payments/42").correlationId("order-42");
            var call = crosscut.begin(exchange);
            exchange.put(Key.ROUTE, "/payments/{id}");
            exchange.put(Key.TENANT, "acme");
            call.end(Outcome.completed(200));

            assertThat(captured.text().replaceAll("\u001b\\[\\d+m", ""))
                    .matches(
                            "\\S+ INFO  crosscut\\.access +order-42 ┃ GET /payments/\\{id} 200 in \\S+ ms ┃ tenant=acme\n");
        }
    }

    @Test
    void an_event_that_is_itself_broken_makes_a_line_that_says_so() {
        ILoggingEvent broken = (ILoggingEvent) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ILoggingEvent.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("broken\n" + method.getName());
                });
        LineBuffer line = new LineBuffer();
        plain.writeFault(broken, new IllegalStateException("broken\nmore"), line);

        assertThat(line.toString())
                .endsWith("java.lang.IllegalStateException: broken\\nmore\n")
                .hasLineCount(1);
    }
}
