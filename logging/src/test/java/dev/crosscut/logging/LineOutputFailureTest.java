package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.logging.AppenderSettings.WhenFull;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What becomes of lines whose target fails, changes or throws. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LineOutputFailureTest extends LineOutputCase {

    @Test
    void a_target_that_fails_in_mid_line_leaves_the_rest_to_stderr_from_the_beginning_of_that_line() throws Exception {
        target.hold();
        start(WhenFull.BLOCK, SMALL);
        output.write(line("first"), INFO);
        target.awaitWriter();
        for (int i = 0; i < 10; i++) {
            output.write(line("line " + i), INFO);
        }
        target.failAfter(3 * 7 + 2);
        target.release();
        output.flush(System.nanoTime() + SECONDS.toNanos(10));

        assertThat(output.written()).as("here or there").isEqualTo(11);
        assertThat(target.lines()).containsExactly("first", "line 0", "line 1", "line 2", "li");
        assertThat(standardError).hasToString("line 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n");
        assertThat(reports.news()).containsExactly("failed No space left on device");
    }

    @Test
    void a_new_target_gets_each_line_that_comes_after_it() {
        start(WhenFull.BLOCK, SMALL);
        HeldTarget other = new HeldTarget();
        output.write(line("before"), INFO);
        output.flush(System.nanoTime() + SECONDS.toNanos(10));
        output.apply(settings(WhenFull.BLOCK, SMALL, Duration.ofSeconds(20)), other);
        output.write(line("after"), INFO);
        assertThat(output.close()).isTrue();

        assertThat(target.lines()).containsExactly("before");
        assertThat(target.isClosed()).isTrue();
        assertThat(other.lines()).containsExactly("after");
        assertThat(other.isClosed()).isTrue();
    }

    @Test
    void errors_of_a_target_end_neither_the_writer_nor_those_who_wait() throws Exception {
        start(WhenFull.BLOCK, SMALL);
        target.throwErrors(1);
        reports.isBroken = true;
        output.write(line("to stderr"), INFO);
        output.flush(System.nanoTime() + SECONDS.toNanos(10));
        Thread.sleep(1_050);
        for (int i = 0; i < 1_000; i++) {
            output.write(line(1_000), INFO);
        }
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).hasSize(1_000);
        assertThat(standardError).hasToString("to stderr\n");
        assertThat(output.written()).isEqualTo(1_001);
        assertThat(reports.news()).containsExactly("failed a stream of a user's", "recovered");
    }

    @Test
    void where_stderr_fails_too_what_was_not_written_is_counted_as_dropped() throws Exception {
        target.hold();
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        output = output(settings(WhenFull.BLOCK, SMALL, Duration.ofSeconds(20)), target, broken);
        output.start();
        output.write(line("first"), INFO);
        target.awaitWriter();
        for (int i = 0; i < 10; i++) {
            output.write(line("line " + i), INFO);
        }
        target.failAfter(3 * 7 + 2);
        target.release();
        output.flush(System.nanoTime() + SECONDS.toNanos(10));

        assertThat(target.lines()).containsExactly("first", "line 0", "line 1", "line 2", "li");
        assertThat(output.written()).isEqualTo(4);
        assertThat(output.dropped().of(INFO)).isEqualTo(7);
    }

    @Test
    void whoever_interrupts_the_writer_changes_nothing() throws Exception {
        start(WhenFull.BLOCK, SMALL);
        Thread writer = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crosscut-log-writer") && output.isWrittenBy(thread))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < 100; i++) {
            writer.interrupt();
            output.write(line("line " + i), INFO);
        }
        assertThat(output.close()).isTrue();
        assertThat(target.lines()).hasSize(100);
    }
}
