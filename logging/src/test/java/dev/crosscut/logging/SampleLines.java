package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.logstash.logback.argument.StructuredArguments;
import org.slf4j.LoggerFactory;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;

/** Lines that together have every field that there is, the same each time. */
final class SampleLines {

    static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    static final String SPAN = "b7ad6b7169203331";

    private static final Key<String> TRACE_ID = Key.of("trace_id", String.class).loggable();
    private static final Key<String> SPAN_ID = Key.of("span_id", String.class).loggable();
    private static final Key<Integer> ITEMS = Key.of("items", Integer.class).loggable();

    private SampleLines() {}

    static Map<String, String> settings(Schema schema) {
        Map<String, String> settings = new HashMap<>();
        settings.put("crosscut.logging.schema", schema.name().toLowerCase(Locale.ROOT));
        settings.put("crosscut.logging.service-name", "payments");
        settings.put("crosscut.logging.service-version", "1.2.3");
        settings.put("crosscut.logging.service-environment", "test");
        settings.put("crosscut.logging.service-instance", "payments-0");
        settings.put("crosscut.logging.fields.team", "core");
        return settings;
    }

    /** With frames that do not depend on who calls. */
    static Throwable exception() {
        IllegalStateException root = new IllegalStateException("no connection");
        root.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("com.acme.Pool", "take", "Pool.java", 12),
            new StackTraceElement("com.acme.Main", "main", "Main.java", 3)
        });
        RuntimeException outer = new RuntimeException("payment \"p-1\" failed", root);
        outer.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("com.acme.Payments", "pay", "Payments.java", 7),
            new StackTraceElement("com.acme.Main", "main", "Main.java", 3)
        });
        return outer;
    }

    private static LoggingEvent event(LoggerContext context, Level level, String message, Object... arguments) {
        LoggingEvent event =
                new LoggingEvent("fqcn", context.getLogger("com.acme.Payments"), level, message, null, arguments);
        event.setThreadName("worker-1");
        event.setInstant(Instant.parse("2026-11-24T10:15:30.123456789Z"));
        return event;
    }

    /** Three lines that an application logs: a plain one, one within an exchange, one with an exception. */
    static String ofApplication(Schema schema) {
        LoggerContext context = new LoggerContext();
        LogbackMDCAdapter mdc = new LogbackMDCAdapter();
        context.setMDCAdapter(mdc);
        CrosscutEncoder encoder = new CrosscutEncoder();
        encoder.setContext(context);
        encoder.start();
        ExchangeMdc.of(context).format(CapturedLog.format(settings(schema)));
        StringBuilder lines = new StringBuilder();
        lines.append(line(encoder, event(context, Level.INFO, "started in {} ms", 12)));
        try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
            crosscut.run("job", () -> {
                Exchange exchange = Exchange.current().orElseThrow();
                exchange.put(Key.CORRELATION_ID, "order-42");
                exchange.put(Key.ROUTE, "/payments/{id}");
                exchange.put(Key.CALLER, "ann");
                exchange.put(Key.TENANT, "acme");
                exchange.put(ITEMS, 3);
                exchange.put(TRACE_ID, TRACE);
                exchange.put(SPAN_ID, SPAN);
                mdc.put("session", "s-1");
                mdc.put("traceId", "hidden by the exchange");
                LoggingEvent event = event(
                        context,
                        Level.WARN,
                        "paid {} {}",
                        StructuredArguments.kv("order_id", 7),
                        StructuredArguments.kv("amount", new BigDecimal("12.50")));
                event.setKeyValuePairs(List.of(
                        new KeyValuePair("flag", true),
                        new KeyValuePair("nothing", null),
                        new KeyValuePair("message", "taken in some"),
                        new KeyValuePair("card", Map.of("brand", "visa"))));
                event.addMarker(MarkerFactory.getMarker("AUDIT"));
                event.addMarker(MarkerFactory.getMarker("BILLING"));
                lines.append(line(encoder, event));
            });
        }
        mdc.clear();
        mdc.put("traceId", TRACE);
        mdc.put("spanId", SPAN);
        LoggingEvent failed = new LoggingEvent(
                "fqcn", context.getLogger("com.acme.Payments"), Level.ERROR, "failed", exception(), null);
        failed.setThreadName("worker-1");
        failed.setInstant(Instant.parse("2026-11-24T10:15:30Z"));
        return lines.append(line(encoder, failed)).toString();
    }

    private static String line(CrosscutEncoder encoder, LoggingEvent event) {
        return new String(encoder.encode(event), UTF_8);
    }

    private static final class Refusing implements Guard {

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return exchange.operation().equals("DELETE") ? Decision.answer(Reply.of(403)) : Decision.proceed();
        }
    }

    /**
     * Access lines: of a request with bodies, of one that failed, of one that a guard answered, of a
     * message that was given up, of a job, of a request that is one of a sample. What differs each time, instants and
     * durations, is replaced.
     */
    static String ofAccess(Schema schema) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        Thread worker = new Thread(() -> text.append(accessLines(schema)), "worker-1");
        worker.start();
        worker.join();
        return text.toString()
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "2026-11-24T10:15:30.123456Z")
                .replaceAll("\"timestamp\":\\d+\\.\\d{3}", "\"timestamp\":1795515330.123")
                .replaceAll("event\\.duration\":\\d+", "event.duration\":1234567")
                .replaceAll(" in [\\d.]+ ms\"", " in 1.2 ms\"");
    }

    private static String accessLines(Schema schema) {
        try (CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);
                Crosscut crosscut = Crosscuts.builder(
                                "payload",
                                "/payments",
                                "query-parameters",
                                "page",
                                "access-sample",
                                "GET /products/**=0.5")
                        .guard(new Refusing())
                        .build()) {
            ExchangeMdc.of((LoggerContext) LoggerFactory.getILoggerFactory())
                    .format(CapturedLog.format(settings(schema)));
            TestExchange paid = TestExchange.http("POST", "/payments")
                    .query("page=2&token=t-1")
                    .header("Content-Type", "application/json")
                    .answerHeader("Content-Type", "text/plain");
            Call call = begin(crosscut, paid);
            copy(call.exchange().requestCopy(), "{\"card\":\"4111111111111111\"}");
            copy(call.exchange().responseCopy(), "paid");
            paid.put(Key.ROUTE, "/payments");
            paid.put(Key.CALLER, "ann");
            paid.put(Key.TENANT, "acme");
            paid.put(Key.TENANT_TIER, "gold");
            paid.put(Key.DECISION, "allow");
            paid.put(Key.IDEMPOTENCY, "first");
            paid.put(TRACE_ID, TRACE);
            paid.put(SPAN_ID, SPAN);
            call.end(Outcome.completed(201));
            begin(crosscut, TestExchange.http("PUT", "/payments/42")).end(Outcome.failed(exception(), 500));
            begin(crosscut, TestExchange.http("DELETE", "/payments/42")).end(Outcome.completed(403));
            begin(crosscut, new TestExchange(Exchange.Kind.CONSUMER, "kafka", "payments", Optional.empty()))
                    .end(Outcome.cancelled("the broker went away"));
            begin(crosscut, TestExchange.local("nightly-report")).end(Outcome.completed());
            while (captured.lines().size() < 6) {
                begin(crosscut, TestExchange.http("GET", "/products/7")).end(Outcome.completed(200));
            }
            return captured.text();
        }
    }

    private static Call begin(Crosscut crosscut, TestExchange exchange) {
        Call call = crosscut.begin(exchange);
        exchange.put(Key.CORRELATION_ID, "order-42");
        return call;
    }

    private static void copy(Optional<BodyCopy> to, String text) {
        to.orElseThrow().add(text.getBytes(UTF_8), 0, text.length());
    }
}
