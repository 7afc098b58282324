package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crosscut.core.Crosscut;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MarkerFactory;
import tools.jackson.databind.JsonNode;

/** Whatever an exception throws when it is asked, the call that logs it returns, and there is a line. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("OverrideThrowableToString") // that is what is faulty
class FaultyThrowablesTest {

    private final CapturedLog captured = CapturedLog.of("test.faulty");

    @AfterEach
    void release() {
        captured.close();
    }

    private static final class NoMessage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("getMessage");
        }
    }

    private static final class NoText extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoText() {
            super("its message");
        }

        @Override
        public String toString() {
            throw new NoClassDefFoundError("toString");
        }
    }

    private static final class NoStackTrace extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new IllegalStateException("getStackTrace");
        }
    }

    private static final class NoCause extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("getCause");
        }
    }

    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            return "endless " + this;
        }
    }

    private static Throwable suppressing(Throwable suppressed) {
        Throwable thrown = new IllegalStateException("outer");
        thrown.addSuppressed(suppressed);
        return thrown;
    }

    private static Throwable deep() {
        Throwable deep = new IllegalStateException("root");
        for (int i = 0; i < 20_000; i++) {
            deep = new IllegalStateException("wrapped", deep);
        }
        return deep;
    }

    static Stream<Throwable> faulty() {
        return Stream.of(
                new NoMessage(),
                new NoText(),
                new NoStackTrace(),
                new NoCause(),
                new Endless(),
                new IllegalStateException("outer", new NoMessage()),
                suppressing(new NoMessage()),
                deep());
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void an_exception_that_throws_when_asked_is_logged_in_every_way_that_there_is(Throwable thrown) {
        Logger log = captured.logger();
        log.error("plain", thrown);
        log.error("with {}", "argument", thrown);
        log.error("with {} {} {}", 1, 2, 3, thrown);
        log.error(MarkerFactory.getMarker("AUDIT"), "marked", thrown);
        log.atError().setCause(thrown).addKeyValue("order", 7).log("fluent {}", "argument");
        log.atError().addArgument(1).addArgument(thrown).log("as an argument {}");

        List<JsonNode> lines = captured.lines();
        assertThat(lines)
                .extracting(line -> line.get("message").asString())
                .containsExactly(
                        "plain", "with argument", "with 1 2 3", "marked", "fluent argument", "as an argument 1");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("error.type").asString())
                    .isEqualTo(thrown.getClass().getName());
            assertThat(line.get("log.level").asString()).isEqualTo("ERROR");
            assertThat(line.has("log.encoding_fault")).isFalse();
        });
        assertThat(lines.get(3).get("tags").get(0).asString()).isEqualTo("AUDIT");
        assertThat(lines.get(4).get("order").asInt()).isEqualTo(7);
    }

    @Test
    void what_can_be_had_of_it_is_on_the_line() {
        captured.logger().error("failed", new IllegalStateException("outer", new NoMessage()));

        assertThat(captured.onlyLine().get("error.message").asString()).isEqualTo("outer");
        assertThat(captured.onlyLine().get("error.stack_trace").asString())
                .startsWith(NoMessage.class.getName() + ": <java.lang.IllegalStateException>\n\tat "
                        + getClass().getName())
                .contains("Wrapped by: java.lang.IllegalStateException: outer\n\tat ");
    }

    @Test
    void it_is_not_asked_where_its_level_is_off() {
        AtomicInteger asked = new AtomicInteger();
        Throwable thrown = new IllegalStateException() {
            @Override
            public String getMessage() {
                asked.incrementAndGet();
                return "message";
            }

            @Override
            public synchronized Throwable getCause() {
                asked.incrementAndGet();
                return null;
            }
        };
        captured.logger().setLevel(Level.WARN);
        captured.logger().info("off", thrown);
        captured.logger().info("off {}", thrown);
        captured.logger().atInfo().setCause(thrown).log("off");
        try (Crosscut crosscut = Crosscuts.withBuffer()) { // whose filter has nothing to say outside of exchanges
            captured.logger().info("off", thrown);
        }

        assertThat(captured.text()).isEmpty();
        assertThat(asked).hasValue(0);
    }

    @Test
    void a_sound_exception_goes_the_way_of_logback_and_a_reset_of_the_context_changes_nothing() {
        LoggerContext context = new LoggerContext();
        ExchangeMdc.of(context);
        context.reset();
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.setContext(context);
        appender.start();
        Logger log = context.getLogger("x");
        log.addAppender(appender);
        log.error("sound", new IllegalStateException("one", new RuntimeException("two")));
        log.error("faulty", new NoMessage());

        assertThat(appender.list).hasSize(2);
        assertThat(appender.list.get(0).getThrowableProxy())
                .isInstanceOf(ch.qos.logback.classic.spi.ThrowableProxy.class);
        assertThat(appender.list.get(1).getThrowableProxy().getMessage())
                .isEqualTo("<java.lang.IllegalStateException>");
    }
}
