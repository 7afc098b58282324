package dev.crosscut.benchmarks;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.BasicStatusManager;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import co.elastic.logging.logback.EcsEncoder;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.logging.CrosscutAppender;
import dev.crosscut.logging.CrosscutEncoder;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.logstash.logback.encoder.LogstashEncoder;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.ByteBufferDestination;
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
import tools.jackson.databind.json.JsonMapper;

/**
 * Lines of JSON with a message, two arguments and ten fields of a request: each encoded by itself, logged to a stream that
 * keeps nothing, five of them in a request that sets the fields first, and ten in a whole exchange with its access line.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class LoggingBenchmark {

    private static final String LOGGER = "com.acme.payments.PaymentService";
    private static final String MESSAGE = "paid {} to {}";
    private static final String ACCOUNT = "acct-2";
    private static final String NOWHERE = "/dev/null";
    private static final int LINES = 5;
    private static final int LINES_OF_EXCHANGE = 10;

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
        private boolean isInRequest;

        abstract Encoder<ILoggingEvent> encoder(LoggerContext context);

        /** Crosscut is on the class path, and must not weigh on others. */
        void prepare(LoggerContext context) {
            context.getTurboFilterList().clear();
            context.setStatusManager(new BasicStatusManager()); // to which a second adapter is worth a warning
            context.setMDCAdapter(MDC.getMDCAdapter());
        }

        Appender<ILoggingEvent> appender(LoggerContext context) {
            OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
            appender.setContext(context);
            appender.setEncoder(encoder);
            appender.setOutputStream(OutputStream.nullOutputStream());
            appender.start();
            return appender;
        }

        @Setup
        public void start() {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            prepare(context);
            encoder = encoder(context);
            encoder.setContext(context);
            encoder.start();
            log = context.getLogger(LOGGER);
            log.setAdditive(false);
            log.setLevel(Level.INFO);
            log.addAppender(appender(context));
            beginRequest();
            isInRequest = true;
            LoggingEvent made = new LoggingEvent(
                    LoggingBenchmark.class.getName(), log, Level.INFO, MESSAGE, null, new Object[] {amount, ACCOUNT});
            made.prepareForDeferredProcessing();
            event = made;
            require(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }

        /** Appenders go on until the JVM ends: the time of a thread that has ended would be lost to the last iteration. */
        @TearDown
        public void stop() {
            endFirstRequest();
        }

        /** The one in which the lines are that belong to no request of their own. */
        void endFirstRequest() {
            if (isInRequest) {
                isInRequest = false;
                endRequest();
            }
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

        /** What Crosscut writes of its own accord at the end. */
        void accessLine() {
            log.atInfo()
                    .addKeyValue("event.action", "benchmark.server")
                    .addKeyValue("event.duration", 12_345L)
                    .addKeyValue("event.outcome", "success")
                    .addKeyValue("outcome", "completed")
                    .addKeyValue("operation", "request")
                    .log("request /payments/{id} completed in 0.1 ms");
        }
    }

    /** Nothing is measured of what is not one line of JSON with the time, the level, the logger, the message and all fields. */
    private static void require(String encoded) {
        String line = encoded.replace("\\/", "/");
        new JsonMapper().readTree(encoded);
        if (encoded.strip().indexOf('\n') >= 0) {
            throw new IllegalStateException("more than a line: " + line);
        }
        if (!line.contains("paid 1250 to acct-2") && !line.contains(MESSAGE)) {
            throw new IllegalStateException("no message in " + line);
        }
        Stream.concat(
                        VALUES.stream(),
                        Stream.of("time", "INFO", LOGGER, Thread.currentThread().getName()))
                .filter(part -> !line.contains(part))
                .forEach(part -> {
                    throw new IllegalStateException("no " + part + " in " + line);
                });
    }

    /** Crosscut: the fields are on an exchange. */
    @SuppressWarnings("NullAway.Init") // as above
    public static class Ours extends Logging {

        private final Crosscut crosscut;
        private final List<String> correlationId;
        private Call call;
        private dev.crosscut.core.Scope scope;

        public Ours() {
            this(Pipelines.bare(), List.of());
        }

        /** Where the request brings its correlation id, that is put by Crosscut, and the other nine here. */
        Ours(Crosscut.Builder builder, List<String> correlationId) {
            crosscut = builder.build();
            this.correlationId = correlationId;
        }

        @Override
        void prepare(LoggerContext context) {
            // As it comes.
        }

        @Override
        Encoder<ILoggingEvent> encoder(LoggerContext context) {
            return new CrosscutEncoder();
        }

        @Override
        void beginRequest() {
            Exchange exchange = new Request(correlationId);
            call = crosscut.begin(exchange);
            scope = call.attach();
            for (int i = correlationId.size(); i < KEYS.size(); i++) {
                exchange.put(KEYS.get(i), VALUES.get(i));
            }
        }

        @Override
        void endRequest() {
            scope.close();
            call.end(Outcome.completed());
        }
    }

    /** Crosscut as a service has it: correlation, and its own access line after those of the request. */
    public static class Service extends Ours {

        public Service() {
            super(Pipelines.logged(), List.of(Pipelines.CORRELATION_ID));
        }

        @Override
        @Setup
        public void start() {
            super.start();
            Logger access = log.getLoggerContext().getLogger("crosscut.access");
            access.setAdditive(false);
            access.addAppender(log.iteratorForAppenders().next());
        }

        @Override
        void accessLine() {
            // At the end of the exchange, by Crosscut.
        }
    }

    /** Crosscut with correlation, and no access line. */
    public static class Correlated extends Ours {

        public Correlated() {
            this("false");
        }

        Correlated(String isMirrored) {
            super(
                    Pipelines.logged()
                            .property("crosscut.logging.access", "")
                            .property("crosscut.logging.mdc", isMirrored),
                    List.of(Pipelines.CORRELATION_ID));
        }
    }

    /** What a service has by default: lines are made on the thread that logs, and another one writes them, here to nowhere. */
    public static class InBackground extends Ours {

        public InBackground() {
            super(
                    Pipelines.logged()
                            .property("crosscut.correlation.enabled", "false")
                            .property("crosscut.logging.file", NOWHERE)
                            .property("crosscut.logging.when-full", "block"),
                    List.of());
        }

        @Override
        Appender<ILoggingEvent> appender(LoggerContext context) {
            CrosscutAppender appender = new CrosscutAppender();
            appender.setContext(context);
            appender.start();
            return appender;
        }
    }

    /** Logback's appender that makes and writes lines on another thread, with logstash-logback-encoder. */
    public static class LogstashInBackground extends Logstash {

        @Override
        Appender<ILoggingEvent> appender(LoggerContext context) {
            FileAppender<ILoggingEvent> file = new FileAppender<>();
            file.setContext(context);
            file.setEncoder(encoder);
            file.setFile(NOWHERE);
            file.start();
            AsyncAppender appender = new AsyncAppender();
            appender.setContext(context);
            appender.setDiscardingThreshold(0);
            appender.addAppender(file);
            appender.start();
            return appender;
        }
    }

    /** The same, with the id in the MDC too. */
    public static class Mirrored extends Correlated {

        public Mirrored() {
            super("true");
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
    public static class Log4j implements ByteBufferDestination {

        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        private JsonTemplateLayout layout;
        private LogEvent event;

        @Override
        public ByteBuffer getByteBuffer() {
            return buffer;
        }

        @Override
        public ByteBuffer drain(ByteBuffer full) {
            throw new IllegalStateException("a line of more than " + full.capacity() + " bytes");
        }

        @Override
        public void writeBytes(ByteBuffer data) {
            buffer.put(data);
        }

        @Override
        public void writeBytes(byte[] data, int offset, int length) {
            buffer.put(data, offset, length);
        }

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
                    .setLoggerName(LOGGER)
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
    public int encodeLog4j(Log4j peer) {
        peer.buffer.clear();
        peer.layout.encode(peer.event, peer);
        return peer.buffer.position();
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
    public void lineInBackground(InBackground ours) {
        ours.line();
    }

    @Benchmark
    public void lineLogstashInBackground(LogstashInBackground peer) {
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

    @Benchmark
    public void requestCorrelated(Correlated ours) {
        request(ours);
    }

    @Benchmark
    public void requestMirrored(Mirrored ours) {
        request(ours);
    }

    private static void request(Logging logging) {
        logging.endFirstRequest();
        logging.beginRequest();
        for (int i = 0; i < LINES; i++) {
            logging.line();
        }
        logging.endRequest();
    }

    @Benchmark
    public void exchange(Service ours) {
        exchange((Logging) ours);
    }

    @Benchmark
    public void exchangeLogstash(Logstash peer) {
        exchange(peer);
    }

    @Benchmark
    public void exchangeBootEcs(BootEcs peer) {
        exchange(peer);
    }

    private static void exchange(Logging logging) {
        logging.endFirstRequest();
        logging.beginRequest();
        for (int i = 0; i < LINES_OF_EXCHANGE; i++) {
            logging.line();
        }
        logging.accessLine();
        logging.endRequest();
    }
}
