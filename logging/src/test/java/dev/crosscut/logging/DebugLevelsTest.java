package dev.crosscut.logging;

import static dev.crosscut.logging.Crosscuts.handle;
import static dev.crosscut.logging.Crosscuts.withBuffer;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MarkerFactory;

/** Which loggers take part, who decides, and who sees the lines. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DebugLevelsTest {

    @TempDir
    Path folder;

    private KeptLog log;

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.levels");
    }

    @AfterEach
    void close() {
        log.close();
        assertThat(KeptLog.filters()).isEmpty();
    }

    @Test
    void no_appender_but_ours_ever_sees_a_line_that_levels_discard_whenever_it_was_added() {
        ListAppender<ILoggingEvent> late = new ListAppender<>();
        try (Crosscut crosscut = withBuffer()) {
            Call call = crosscut.begin(TestExchange.http("GET", "/x"));
            try (Scope scope = call.attach()) {
                log.logger().debug("before");
                late.setContext(KeptLog.CONTEXT);
                late.start();
                log.logger().addAppender(late);
                log.logger().debug("after");
                log.logger().atDebug().log("fluent");
                log.logger().info("info");
            }
            org.slf4j.spi.LoggingEventBuilder builder;
            try (Scope scope = call.attach()) {
                builder = log.logger().atDebug();
            }
            builder.log("made within, logged outside");
            call.end(Outcome.completed(500));
        } finally {
            log.logger().detachAppender(late);
        }

        assertThat(log.seen()).extracting(ILoggingEvent::getLevel).containsOnly(Level.INFO, Level.ERROR);
        assertThat(late.list).extracting(ILoggingEvent::getMessage).containsExactly("info");
        assertThat(log.messages()).containsExactly("info", "before", "after", "fluent");
    }

    @Test
    void outside_of_exchanges_and_after_them_levels_are_what_they_are() {
        try (Crosscut crosscut = withBuffer()) {
            assertThat(log.logger().isDebugEnabled()).isFalse();
            log.logger().debug("before");
            Call call = crosscut.begin(TestExchange.http("GET", "/x"));
            try (Scope scope = call.attach()) {
                assertThat(log.logger().isDebugEnabled()).isTrue();
                call.end(Outcome.completed(500));
                assertThat(log.logger().isDebugEnabled()).isFalse();
                log.logger().debug("after the end");
            }
            log.logger().debug("after");
            assertThat(KeptLog.memory().used()).isZero();
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void levels_may_change_at_any_time_and_each_line_is_written_once() {
        try (Crosscut crosscut = withBuffer()) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("kept");
                        log.logger().setLevel(Level.DEBUG);
                        log.logger().debug("written");
                        log.logger().setLevel(Level.ERROR);
                        log.logger().warn("kept too");
                        log.logger().setLevel(Level.OFF);
                        log.logger().error("off is off");
                        log.logger().setLevel(Level.INFO);
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("written", "kept", "kept too");
    }

    @Test
    void loggers_take_part_as_far_down_as_is_set() {
        try (Crosscut crosscut = withBuffer("debug-levels", "root=OFF, kept.levels=DEBUG, kept.levels.wire=OFF")) {
            handle(
                    crosscut,
                    () -> {
                        assertThat(log.logger().isTraceEnabled()).isFalse();
                        log.logger().trace("too low");
                        log.logger().debug("debug");
                        KeptLog.CONTEXT.getLogger("kept.levels.wire.content").debug("wire");
                        KeptLog.CONTEXT.getLogger("kept.levels.Outer$Inner").debug("inner");
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("debug", "inner");
    }

    @Test
    void a_filter_of_the_appender_decides_over_kept_lines_too() {
        ThresholdFilter threshold = new ThresholdFilter();
        threshold.setLevel("DEBUG");
        threshold.start();
        log.appender().addFilter(threshold);
        try (Crosscut crosscut = withBuffer()) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().trace("filtered");
                        log.logger().debug("passed");
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("passed");
    }

    @Test
    void a_logger_without_an_appender_of_ours_keeps_nothing_and_asks_nobody() {
        try (Crosscut crosscut = withBuffer()) {
            handle(
                    crosscut,
                    () -> {
                        ch.qos.logback.classic.Logger other = KeptLog.CONTEXT.getLogger("kept.elsewhere");
                        other.setLevel(Level.INFO);
                        assertThat(other.isDebugEnabled()).isFalse();
                        AtomicBoolean wasAsked = new AtomicBoolean();
                        other.debug("{}", new Object() {
                            @Override
                            public String toString() {
                                wasAsked.set(true);
                                return "asked";
                            }
                        });
                        assertThat(wasAsked).isFalse();
                        assertThat(KeptLog.memory().used()).isZero();
                    },
                    Outcome.completed(500));
        }
    }

    @Test
    void a_reset_of_the_context_is_survived_from_the_next_exchange_on() {
        try (Crosscut crosscut = withBuffer()) {
            KeptLog.CONTEXT.getTurboFilterList().removeIf(DebugFilter.class::isInstance); // as a reset does
            handle(crosscut, () -> log.logger().debug("kept"), Outcome.completed(500));
            assertThat(KeptLog.filters()).hasSize(1);
        }

        assertThat(log.messages()).containsExactly("kept");
    }

    @Test
    void a_filter_of_the_user_decides_first_also_one_that_came_later() {
        ch.qos.logback.classic.turbo.MarkerFilter secret = new ch.qos.logback.classic.turbo.MarkerFilter();
        secret.setMarker("SECRET");
        secret.setOnMatch("DENY");
        secret.setOnMismatch("NEUTRAL");
        secret.start();
        try (Crosscut crosscut = withBuffer()) {
            KeptLog.CONTEXT.addTurboFilter(secret);
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug(MarkerFactory.getMarker("SECRET"), "denied");
                        log.logger().debug("kept");
                    },
                    Outcome.completed(500));
        } finally {
            KeptLog.CONTEXT.getTurboFilterList().remove(secret);
        }

        assertThat(log.messages()).containsExactly("kept");
    }

    @Test
    void two_crosscuts_keep_each_line_once() {
        try (Crosscut one = withBuffer();
                Crosscut other = withBuffer()) {
            handle(one, () -> log.logger().debug("one"), Outcome.completed(500));
            handle(other, () -> log.logger().debug("other"), Outcome.completed(500));
            assertThat(KeptLog.filters()).hasSize(2);
        }

        assertThat(log.messages()).containsExactly("one", "other");
    }

    @Test
    void off_it_adds_neither_a_filter_nor_anything_to_an_exchange() {
        try (Crosscut crosscut = Crosscuts.with()) {
            assertThat(KeptLog.filters()).isEmpty();
            Call call = crosscut.begin(TestExchange.http("GET", "/x"));
            assertThat(call.exchange().get(DebugTrail.KEY)).isEmpty();
            try (Scope scope = call.attach()) {
                assertThat(log.logger().isDebugEnabled()).isFalse();
            }
            call.end(Outcome.completed(500));
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void without_an_appender_of_ours_it_says_that_it_keeps_nothing() {
        log.logger().detachAppender(log.appender());
        KeptLog.CONTEXT.getLogger(AccessLine.LOGGER).detachAppender(log.appender());
        KeptLog.CONTEXT.getLogger("dev.crosscut.logging").detachAppender(log.appender());
        try (Crosscut crosscut = withBuffer()) {
            assertThat(crosscut.faults()).isEmpty();
        }

        assertThat(log.seen())
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(message -> message.contains("no logger has a CrosscutAppender"));
    }
}
