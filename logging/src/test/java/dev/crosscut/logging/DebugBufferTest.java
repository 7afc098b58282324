package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.spi.FilterReply;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MarkerFactory;
import tools.jackson.databind.JsonNode;

/** Which lines are written, and who sees them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DebugBufferTest {

    @TempDir
    Path folder;

    private KeptLog log;

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.buffer");
    }

    @AfterEach
    void close() {
        log.close();
        assertThat(KeptLog.filters()).isEmpty();
    }

    private static Crosscut.Builder on() {
        return Crosscut.builder().discoverPlugins(false).plugin(new LoggingPlugin());
    }

    private static Crosscut with(String... properties) {
        Crosscut.Builder builder = on();
        if (!List.of(properties).contains("crosscut.logging.debug-buffer")) {
            builder.property("crosscut.logging.debug-buffer", "64KB");
        }
        for (int i = 0; i < properties.length; i += 2) {
            builder.property(properties[i], properties[i + 1]);
        }
        return builder.build();
    }

    private static void handle(Crosscut crosscut, Runnable handler, Outcome outcome) {
        Call call = crosscut.begin(TestExchange.http("GET", "/x").correlationId("order-42"));
        try (Scope scope = call.attach()) {
            handler.run();
        }
        call.end(outcome);
    }

    @Test
    void a_request_that_fails_shows_its_discarded_lines_before_its_access_line_and_in_the_order_of_their_time() {
        try (Crosscut crosscut = with()) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("one {}", 1);
                        log.logger().info("two");
                        log.logger().trace("three {} {}", 3, 3);
                        log.logger().debug("four {} {} {}", 4, 4, 4);
                        log.logger().debug("five", new IllegalStateException("boom"));
                        log.logger().debug(MarkerFactory.getMarker("SIX"), "six");
                        log.logger().atDebug().addKeyValue("n", 7).log(() -> "seven");
                        log.logger().atTrace().addArgument(() -> 8).log("eight {}");
                        if (log.logger().isDebugEnabled() && log.logger().isTraceEnabled()) {
                            log.logger().trace("guarded");
                        }
                    },
                    Outcome.completed(500));
            assertThat(KeptLog.memory().used()).isZero();
        }

        List<JsonNode> lines = log.lines();
        assertThat(lines)
                .extracting(line -> line.path("message").asString(""))
                .hasSize(10)
                .startsWith("two", "one 1", "three 3 3", "four 4 4 4", "five", "six", "seven", "eight 8", "guarded")
                .last()
                .asString()
                .startsWith("GET /x 500");
        assertThat(lines)
                .allSatisfy(line ->
                        assertThat(line.path("correlation_id").asString("")).isEqualTo("order-42"));
        assertThat(lines.stream()
                        .skip(1)
                        .map(line -> line.path("@timestamp").asString(""))
                        .toList())
                .isSorted();
        assertThat(lines.get(2).path("log.level").asString("")).isEqualTo("TRACE");
        assertThat(lines.get(4).path("error.message").asString("")).isEqualTo("boom");
        assertThat(lines.get(5).path("tags").toString()).contains("SIX");
        assertThat(lines.get(6).path("n").asInt(0)).isEqualTo(7);
    }

    @Test
    void an_exchange_that_fails_with_an_exception_shows_them_too_in_any_protocol() {
        try (Crosscut crosscut = with()) {
            assertThatThrownBy(() -> crosscut.run("job", () -> {
                        log.logger().debug("step");
                        throw new IllegalStateException("boom");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }

        assertThat(log.messages()).containsExactly("step");
    }

    @Test
    void an_exchange_that_ends_well_shows_nothing_and_holds_nothing() {
        try (Crosscut crosscut = with()) {
            for (Outcome outcome :
                    List.of(Outcome.completed(200), Outcome.completed(404), Outcome.cancelled("client went away"))) {
                handle(crosscut, () -> log.logger().debug("kept"), outcome);
            }
            assertThat(KeptLog.memory().used()).isZero();
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void no_appender_but_ours_ever_sees_a_line_that_levels_discard_whenever_it_was_added() {
        ListAppender<ILoggingEvent> late = new ListAppender<>();
        try (Crosscut crosscut = with()) {
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
        try (Crosscut crosscut = with()) {
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
    void a_slow_exchange_shows_them_where_that_is_set() {
        try (Crosscut crosscut = with("crosscut.logging.debug-buffer-slow", "1h")) {
            handle(crosscut, () -> log.logger().debug("fast"), Outcome.completed(200));
        }
        try (Crosscut crosscut = with("crosscut.logging.debug-buffer-slow", "1ms")) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("slow");
                        sleep(10);
                    },
                    Outcome.completed(200));
        }

        assertThat(log.messages()).containsExactly("slow");
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void what_does_not_fit_is_the_oldest_and_a_line_before_the_others_says_how_many() {
        try (Crosscut crosscut = with("crosscut.logging.debug-buffer", "4KB")) {
            handle(
                    crosscut,
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            log.logger().debug("line {}", i);
                        }
                        assertThat(KeptLog.memory().used()).isBetween(2048L, 4096L + DebugLines.OVERHEAD);
                    },
                    Outcome.completed(500));
        }

        List<JsonNode> lines = log.lines();
        int kept = lines.size() - 2;
        assertThat(lines.get(0).path("message").asString(""))
                .isEqualTo((100 - kept) + " debug lines of this exchange are missing, " + (100 - kept)
                        + " of them beyond crosscut.logging.debug-buffer");
        assertThat(lines.get(0).path("missing_debug_lines").asInt(0)).isEqualTo(100 - kept);
        assertThat(lines.get(0).path("correlation_id").asString("")).isEqualTo("order-42");
        assertThat(lines.get(0).path("@timestamp").asString(""))
                .isEqualTo(lines.get(1).path("@timestamp").asString(""));
        assertThat(log.messages().subList(1, kept + 1))
                .containsExactlyElementsOf(java.util.stream.IntStream.range(100 - kept, 100)
                        .mapToObj(i -> "line " + i)
                        .toList());
    }

    @Test
    void a_line_larger_than_the_buffer_is_missing_and_nothing_else() {
        try (Crosscut crosscut = with("crosscut.logging.debug-buffer", "4KB")) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("small");
                        log.logger().debug("x".repeat(8000));
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages()).hasSize(2).last().isEqualTo("small");
        assertThat(log.messages().get(0)).startsWith("1 debug lines");
    }

    @Test
    void levels_may_change_at_any_time_and_each_line_is_written_once() {
        try (Crosscut crosscut = with()) {
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
        try (Crosscut crosscut = with("crosscut.logging.debug-levels", "kept.buffer=DEBUG, kept.buffer.wire=OFF")) {
            handle(
                    crosscut,
                    () -> {
                        assertThat(log.logger().isTraceEnabled()).isFalse();
                        log.logger().trace("too low");
                        log.logger().debug("debug");
                        KeptLog.CONTEXT.getLogger("kept.buffer.wire.content").debug("wire");
                        KeptLog.CONTEXT.getLogger("kept.buffer.Outer$Inner").debug("inner");
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
        try (Crosscut crosscut = with()) {
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
        try (Crosscut crosscut = with()) {
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
    void a_value_that_logs_while_it_is_printed_gets_no_line_in_the_line() {
        Object circular = new Object() {
            @Override
            public String toString() {
                if (log.logger().isDebugEnabled()) {
                    log.logger().debug("printing {}", this);
                    log.logger().atDebug().log("printing");
                }
                return "printed";
            }
        };
        try (Crosscut crosscut = with()) {
            handle(crosscut, () -> log.logger().debug("value {}", circular), Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("value printed");
        assertThat(log.seen()).extracting(ILoggingEvent::getLevel).containsOnly(Level.ERROR);
    }

    @Test
    void whatever_goes_wrong_in_making_a_line_does_not_reach_who_logs_and_is_said() {
        log.appender().addFilter(new Filter<>() {
            @Override
            public FilterReply decide(ILoggingEvent event) {
                if (event.getMessage().equals("broken")) {
                    throw new IllegalStateException("no reply");
                }
                return FilterReply.NEUTRAL;
            }
        });
        try (Crosscut crosscut = with()) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("broken");
                        log.logger().debug("whole");
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages())
                .containsExactly("1 debug lines of this exchange are missing, 1 that could not be made", "whole");
    }

    @Test
    void an_exception_that_throws_is_kept_as_it_can_be_had_and_written_only_if_the_exchange_fails() {
        RuntimeException faulty = new RuntimeException() {
            @Override
            public String getMessage() {
                throw new IllegalStateException("no message");
            }
        };
        for (int status : new int[] {200, 500}) {
            try (Crosscut crosscut = with()) {
                handle(
                        crosscut,
                        () -> {
                            log.logger().debug("direct", faulty);
                            log.logger().atDebug().setCause(faulty).log("fluent");
                        },
                        Outcome.completed(status));
            }
            assertThat(log.messages()).hasSize(status == 200 ? 0 : 2);
        }

        assertThat(log.messages()).containsExactly("direct", "fluent");
        assertThat(log.lines())
                .filteredOn(line -> line.has("error.message"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.path("error.message").asString(""))
                        .isEqualTo("<java.lang.IllegalStateException>"));
    }

    @Test
    void a_reset_of_the_context_is_survived_from_the_next_exchange_on() {
        try (Crosscut crosscut = with()) {
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
        try (Crosscut crosscut = with()) {
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
        try (Crosscut one = with();
                Crosscut other = with()) {
            handle(one, () -> log.logger().debug("one"), Outcome.completed(500));
            handle(other, () -> log.logger().debug("other"), Outcome.completed(500));
            assertThat(KeptLog.filters()).hasSize(2);
        }

        assertThat(log.messages()).containsExactly("one", "other");
    }

    @Test
    void off_it_adds_neither_a_filter_nor_anything_to_an_exchange() {
        try (Crosscut crosscut = on().build()) {
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
    void a_buffer_larger_than_what_encloses_it_does_not_start() {
        assertThatThrownBy(() ->
                        with("crosscut.logging.debug-buffer-total", "64KB", "crosscut.logging.debug-buffer", "128KB"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.logging.debug-buffer-total is 65536 bytes");
    }

    @Test
    void without_an_appender_of_ours_it_says_that_it_keeps_nothing() {
        log.logger().detachAppender(log.appender());
        KeptLog.CONTEXT.getLogger(AccessLine.LOGGER).detachAppender(log.appender());
        KeptLog.CONTEXT.getLogger("dev.crosscut.logging").detachAppender(log.appender());
        try (Crosscut crosscut = with()) {
            assertThat(crosscut.faults()).isEmpty();
        }

        assertThat(log.seen())
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(message -> message.contains("no logger has a CrosscutAppender"));
    }

    @Test
    void an_exchange_that_comes_from_outside_shares_with_none_that_is_current_where_it_begins() {
        try (Crosscut crosscut = with()) {
            Call outer = crosscut.begin(TestExchange.http("GET", "/outer"));
            try (Scope scope = outer.attach()) {
                Call inner =
                        crosscut.begin(new TestExchange(Exchange.Kind.SERVER, "http", "GET", Optional.of("/inner")));
                try (Scope within = inner.attach()) {
                    log.logger().debug("inner");
                }
                inner.end(Outcome.completed(200));
                log.logger().debug("outer");
            }
            outer.end(Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("outer");
    }
}
