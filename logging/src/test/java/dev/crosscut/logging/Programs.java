package dev.crosscut.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.crosscut.core.Call;
import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the tests run in JVMs of their own. */
final class Programs {

    private Programs() {}

    /** Logs in all ways that there are, without a Crosscut. */
    static final class Standalone {
        public static void main(String[] args) {
            Logger log = LoggerFactory.getLogger("program");
            log.debug("slf4j debug");
            log.info("slf4j {}", "info");
            System.getLogger("program").log(System.Logger.Level.INFO, "system logger {0}", "info");
            System.getLogger("program").log(System.Logger.Level.DEBUG, "system logger debug");
            java.util.logging.Logger jul = java.util.logging.Logger.getLogger("program.jul");
            jul.info("java.util.logging info");
            jul.fine("java.util.logging debug");
            jul.log(java.util.logging.Level.SEVERE, "java.util.logging severe", new IllegalStateException("boom"));
            ((LoggerContext) LoggerFactory.getILoggerFactory())
                    .getLogger("program.jul")
                    .setLevel(ch.qos.logback.classic.Level.DEBUG);
            jul.fine("java.util.logging on demand");
        }
    }

    /** One request with hops, one line before it and one after it. */
    static final class Service {
        public static void main(String[] args) throws Exception {
            Logger log = LoggerFactory.getLogger("program");
            ExecutorService pool = Executors.newFixedThreadPool(2);
            log.info("before");
            try (Crosscut crosscut = Crosscut.builder().build()) {
                Call call =
                        crosscut.begin(TestExchange.http("GET", "/payments/42").correlationId("order-42"));
                try (Scope scope = call.attach()) {
                    log.debug("debug");
                    log.info("handler");
                    CompletableFuture.runAsync(() -> log.info("executor"), Propagation.wrap(pool))
                            .get();
                    Propagation.wrap(CompletableFuture.supplyAsync(() -> "x", pool))
                            .thenAcceptAsync(x -> log.info("future"), pool)
                            .get();
                    CompletableFuture.runAsync(() -> log.info("not wrapped"), pool)
                            .get();
                    if (!Correlation.current().orElse("").equals("order-42")) {
                        throw new AssertionError(Correlation.current());
                    }
                }
                call.end(Outcome.completed(200));
            }
            log.info("after");
            pool.shutdown();
            ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
        }
    }

    /** A configurator of the user's own. */
    public static final class OwnConfigurator extends ContextAwareBase implements Configurator {
        @Override
        public ExecutionStatus configure(LoggerContext context) {
            PatternLayoutEncoder encoder = new PatternLayoutEncoder();
            encoder.setContext(context);
            encoder.setPattern("own [%X{correlation_id:-none}] %msg%n");
            encoder.start();
            ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
            console.setContext(context);
            console.setEncoder(encoder);
            console.start();
            context.getLogger("program").addAppender(console);
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
            context.getLogger("program").setAdditive(false);
            return ExecutionStatus.NEUTRAL;
        }
    }
}
