package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DebugWriterTest {

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 500_000_000); // wraps round in the test

    @Test
    void a_storm_of_failures_writes_no_more_than_the_bound_and_says_what_it_passed_over() {
        try (KeptLog log = new KeptLog(folder, "kept.writer")) {
            DebugMemory memory = new DebugMemory(4096, 65536);
            DebugRoutes routes = new DebugRoutes(KeptLog.CONTEXT, Map.of());
            DebugWriter writer = new DebugWriter(
                    KeptLog.CONTEXT.getLogger("dev.crosscut.logging"), routes, memory, 100_000, nanos::get);
            byte[] bytes = ("{\"x\":\"" + "y".repeat(991) + "\"}\n").getBytes(StandardCharsets.UTF_8);
            KeptLine line = new KeptLine(bytes, 1, Instant.now(), DebugTrail.NONE, List.of(log.appender()));
            DebugLines.Content content =
                    new DebugLines.Content(java.util.Collections.nCopies(10, line), 0, 0, 0); // 10,000 bytes

            for (int i = 0; i < 30; i++) {
                writer.write(content);
            }
            assertThat(log.lines()).as("a second's worth at once").hasSize(100);
            assertThat(writer.passedOver()).isEqualTo(20);

            for (int tenth = 0; tenth < 20; tenth++) {
                nanos.addAndGet(100_000_000);
                writer.write(content);
                writer.write(content);
            }
            assertThat(log.lines()).as("a tenth of it each tenth of a second").hasSize(100 + 20 * 10);
            assertThat(writer.passedOver()).isEqualTo(40);

            nanos.addAndGet(3_600_000_000_000L);
            for (int i = 0; i < 30; i++) {
                writer.write(content);
            }
            assertThat(log.lines()).as("rest does not add up").hasSize(100 + 200 + 100);

            writer.report();
            writer.report();
            assertThat(log.seen())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly("debug lines not written: those of 60 failed exchanges, beyond the 100000 bytes a"
                            + " second of crosscut.logging.debug-buffer-rate");
        }
    }

    @Test
    void what_happens_often_is_reported_once_a_minute_and_all_of_it_counted() {
        RareReport report = new RareReport(nanos::get);
        assertThat(report.due()).isZero();
        report.happened();
        assertThat(report.due()).isEqualTo(1);
        report.happened();
        report.happened(2);
        assertThat(report.due()).isZero();
        nanos.addAndGet(60_000_000_000L);
        assertThat(report.due()).isEqualTo(3);
        assertThat(report.due()).isZero();
        assertThat(report.count()).isEqualTo(4);
    }
}
