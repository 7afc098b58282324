package dev.crosscut.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import co.elastic.logging.logback.EcsEncoder;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.logging.CrosscutEncoder;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.logstash.logback.encoder.LogstashEncoder;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;
import org.apache.logging.log4j.message.ParameterizedMessage;
import org.apache.logging.log4j.util.SortedArrayStringMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/**
 * Lines of JSON with a message, two arguments and ten fields of a request: each encoded by itself, logged to a stream that
 * keeps nothing, and five of them in a request that sets the fields first.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class LoggingBenchmark {

    private static final String MESSAGE = "paid {} to {}";
    private static final String ACCOUNT = "acct-2";
    private static final int LINES = 5;

    /** Names as each library takes them, and values, of the ten fields. */
    private static final List<String> NAMES = List.of(
            "correlation_id",
            "trace_id",
            "span_id",
            "caller",
            "tenant",
            "tenant_tier",
            "route",
            "idempotency",
            "decision",
            "order_id");

    private static final List<String> VALUES = List.of(
            Pipelines.CORRELATION_ID,
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00f067aa0ba902b7",
            "user-1234",
            "acme",
            "gold",
            "/payments/{id}",
            "executed",
            "permit",
            "order-4711");

    private static final List<Key<String>> KEYS =
            NAMES.stream().map(name -> Key.of(name, String.class).loggable()).toList();

    /** A logger with one appender, whose encoder is what is measured, and the fields of a request around it. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // JMH calls start first
    public abstract static class Logging {

        Logger log;
        Encoder<ILoggingEvent> encoder;
        ILoggingEvent event;
        int amount = 1250;

        abstract Encoder<ILoggingEvent> encoder(LoggerContext context);

        @Setup
        public void start() {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            encoder = encoder(context);
            encoder.setContext(context);
            encoder.start();
            OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
            appender.setContext(context);
            appender.setEncoder(encoder);
            appender.setOutputStream(OutputStream.nullOutputStream());
            appender.start();
            log = context.getLogger("com.acme.payments.PaymentService");
            log.setAdditive(false);
            log.setLevel(Level.INFO);
            log.addAppender(appender);
            beginRequest();
            LoggingEvent made = new LoggingEvent(
                    LoggingBenchmark.class.getName(), log, Level.INFO, MESSAGE, null, new Object[] {amount, ACCOUNT});
            made.prepareForDeferredProcessing();
            event = made;
            require(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }

        @TearDown
        public void stop() {
            endRequest();
            log.detachAndStopAllAppenders();
        }

        void beginRequest() {
            for (int i = 0; i < NAMES.size(); i++) {
                MDC.put(NAMES.get(i), VALUES.get(i));
            }
        }

        void endRequest() {
            MDC.clear();
        }

        void line() {
            log.info(MESSAGE, amount, ACCOUNT);
        }
    }

    /** Nothing is measured of what does not write the message and all fields. */
    private static void require(String encoded) {
        String line = encoded.replace("\\/", "/");
        if (!line.contains("paid 1250 to acct-2") && !line.contains(MESSAGE)) {
            throw new IllegalStateException("no message in " + line);
        }
        for (String value : VALUES) {
            if (!line.contains(value)) {
                throw new IllegalStateException("no " + value + " in " + line);
            }
        }
    }

    /** Crosscut: the fields are on an exchange. */
    @SuppressWarnings("NullAway.Init") // as above
    public static class Ours extends Logging {

        private final Crosscut crosscut = Pipelines.bare().build();
        private Call call;
        private dev.crosscut.core.Scope scope;

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            return new CrosscutEncoder();
        }

        @Override
        void beginRequest() {
            Exchange exchange = new Request(List.of());
            call = crosscut.begin(exchange);
            scope = call.attach();
            for (int i = 0; i < NAMES.size(); i++) {
                exchange.put(KEYS.get(i), VALUES.get(i));
            }
        }

        @Override
        void endRequest() {
            scope.close();
            call.end(Outcome.completed());
        }
    }

    /** logstash-logback-encoder. */
    public static class Logstash extends Logging {

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            return new LogstashEncoder();
        }
    }

    /** Elastic's encoder. */
    public static class Ecs extends Logging {

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            return new EcsEncoder();
        }
    }

    /** Logback's own encoder. */
    public static class Logback extends Logging {

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            return new JsonEncoder();
        }
    }

    /** Spring Boot's encoder. */
    public abstract static class Boot extends Logging {

        private final String format;

        Boot(String format) {
            this.format = format;
        }

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            context.putObject(Environment.class.getName(), new StandardEnvironment());
            StructuredLogEncoder encoder = new StructuredLogEncoder();
            encoder.setFormat(format);
            return encoder;
        }
    }

    /** In the format of Logstash. */
    public static class BootLogstash extends Boot {

        public BootLogstash() {
            super("logstash");
        }
    }

    /** In the format of Elastic. */
    public static class BootEcs extends Boot {

        public BootEcs() {
            super("ecs");
        }
    }

    /** Log4j's layout, which is no encoder of Logback's. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init") // as above
    public static class Log4j {

        private JsonTemplateLayout layout;
        private LogEvent event;

        @Setup
        public void start() {
            layout = JsonTemplateLayout.newBuilder()
                    .setConfiguration(new DefaultConfiguration())
                    .setCharset(StandardCharsets.UTF_8)
                    .setEventTemplateUri("classpath:EcsLayout.json")
                    .build();
            SortedArrayStringMap fields = new SortedArrayStringMap();
            IntStream.range(0, NAMES.size()).forEach(i -> fields.putValue(NAMES.get(i), VALUES.get(i)));
            event = Log4jLogEvent.newBuilder()
                    .setLoggerName("com.acme.payments.PaymentService")
                    .setLevel(org.apache.logging.log4j.Level.INFO)
                    .setMessage(new ParameterizedMessage(MESSAGE, 1250, ACCOUNT))
                    .setThreadName(Thread.currentThread().getName())
                    .setTimeMillis(System.currentTimeMillis())
                    .setContextData(fields)
                    .build();
            require(new String(layout.toByteArray(event), StandardCharsets.UTF_8));
        }
    }

    @Benchmark
    public byte[] encode(Ours ours) {
        return ours.encoder.encode(ours.event);
    }

    @Benchmark
    public byte[] encodeLogstash(Logstash peer) {
        return peer.encoder.encode(peer.event);
    }

    @Benchmark
    public byte[] encodeEcs(Ecs peer) {
        return peer.encoder.encode(peer.event);
    }

    @Benchmark
    public byte[] encodeLogback(Logback peer) {
        return peer.encoder.encode(peer.event);
    }

    @Benchmark
    public byte[] encodeBootLogstash(BootLogstash peer) {
        return peer.encoder.encode(peer.event);
    }

    @Benchmark
    public byte[] encodeBootEcs(BootEcs peer) {
        return peer.encoder.encode(peer.event);
    }

    @Benchmark
    public byte[] encodeLog4j(Log4j peer) {
        return peer.layout.toByteArray(peer.event);
    }

    @Benchmark
    public void line(Ours ours) {
        ours.line();
    }

    @Benchmark
    public void lineLogstash(Logstash peer) {
        peer.line();
    }

    @Benchmark
    public void lineEcs(Ecs peer) {
        peer.line();
    }

    @Benchmark
    public void lineLogback(Logback peer) {
        peer.line();
    }

    @Benchmark
    public void lineBootEcs(BootEcs peer) {
        peer.line();
    }

    @Benchmark
    public void request(Ours ours) {
        request((Logging) ours);
    }

    @Benchmark
    public void requestLogstash(Logstash peer) {
        request(peer);
    }

    @Benchmark
    public void requestEcs(Ecs peer) {
        request(peer);
    }

    @Benchmark
    public void requestBootEcs(BootEcs peer) {
        request(peer);
    }

    private static void request(Logging logging) {
        logging.beginRequest();
        for (int i = 0; i < LINES; i++) {
            logging.line();
        }
        logging.endRequest();
    }
}
