package dev.crosscut.logging;

import static dev.crosscut.logging.Crosscuts.handle;
import static dev.crosscut.logging.Crosscuts.withBuffer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MarkerFactory;
import tools.jackson.databind.JsonNode;

/** Which lines are kept and written: how many, of which exchanges, and when. */
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

    @Test
    void a_request_that_fails_shows_its_discarded_lines_before_its_access_line_and_in_the_order_of_their_time() {
        try (Crosscut crosscut = withBuffer()) {
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
        try (Crosscut crosscut = withBuffer()) {
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
        try (Crosscut crosscut = withBuffer()) {
            for (Outcome outcome :
                    List.of(Outcome.completed(200), Outcome.completed(404), Outcome.cancelled("client went away"))) {
                handle(crosscut, () -> log.logger().debug("kept"), outcome);
            }
            assertThat(KeptLog.memory().used()).isZero();
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void a_slow_exchange_shows_them_where_that_is_set() {
        try (Crosscut crosscut = withBuffer("debug-buffer-slow", "1h")) {
            handle(crosscut, () -> log.logger().debug("fast"), Outcome.completed(200));
        }
        try (Crosscut crosscut = withBuffer("debug-buffer-slow", "1ms")) {
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
        try (Crosscut crosscut = withBuffer("debug-buffer", "4KB")) {
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
                .isEqualTo("debug lines of this exchange missing: " + (100 - kept) + " (" + (100 - kept)
                        + " beyond crosscut.logging.debug-buffer)");
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
        try (Crosscut crosscut = withBuffer("debug-buffer", "4KB")) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("small");
                        log.logger().debug("x".repeat(8000));
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages()).hasSize(2).last().isEqualTo("small");
        assertThat(log.messages().get(0)).startsWith("debug lines of this exchange missing: 1 (");
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
        try (Crosscut crosscut = withBuffer()) {
            handle(crosscut, () -> log.logger().debug("value {}", circular), Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("value printed");
        assertThat(log.seen()).extracting(ILoggingEvent::getLevel).containsOnly(Level.ERROR);
    }

    @Test
    void whatever_goes_wrong_in_making_a_line_does_not_reach_who_logs_and_is_said() {
        Filter<ILoggingEvent> broken = new Filter<>() {
            @Override
            public FilterReply decide(ILoggingEvent event) {
                if (event.getMessage().equals("broken")) {
                    throw new IllegalStateException("a filter of a user's");
                }
                return FilterReply.NEUTRAL;
            }
        };
        log.appender().addFilter(broken);
        try (Crosscut crosscut = withBuffer()) {
            handle(
                    crosscut,
                    () -> {
                        log.logger().debug("broken");
                        log.logger().debug("whole");
                    },
                    Outcome.completed(500));
        }

        assertThat(log.messages())
                .containsExactly("debug lines of this exchange missing: 1 (1 that could not be made)", "whole");
    }

    @Test
    void a_buffer_larger_than_what_encloses_it_does_not_start() {
        assertThatThrownBy(() -> withBuffer("debug-buffer-total", "64KB", "debug-buffer", "128KB"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.logging.debug-buffer-total is 65536 bytes");
    }

    @Test
    void an_exchange_that_comes_from_outside_shares_with_none_that_is_current_where_it_begins() {
        try (Crosscut crosscut = withBuffer()) {
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
