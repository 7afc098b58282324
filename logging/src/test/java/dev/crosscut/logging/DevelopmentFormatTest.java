package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;

@DisplayNameGeneration(ReplaceUnderscores.class)
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

        assertThat(first).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  com\\.acme\\.Payments {15}  one\n");
        assertThat(second).matches("\\S+ ERROR c\\.a\\.p\\.p\\.i\\.PaymentProviderClient +two\n");
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
                                        + "  paid  note=\"two words\"  tenant=acme  order=7  none=null  empty=\"\"  #AUDIT  mine=yes\n");
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
                            "\\S+ INFO  crosscut\\.access +order-42  GET /payments/\\{id} 200 in \\S+ ms  tenant=acme\n");
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
