package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory as the JVM counts it, not as we do. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@DisabledOnOs(OS.WINDOWS)
@Timeout(240)
class MemoryTest {

    private static final long TOTAL = 16 * 1024 * 1024;

    @TempDir
    Path folder;

    private static long[] numbers(ChildJvm.Result result) {
        return Stream.of(result.succeeded().stderr().strip().split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "0, -XX:+UseCompressedOops",
        "100, -XX:+UseCompressedOops",
        "1000, -XX:+UseCompressedOops",
        "0, -XX:-UseCompressedOops",
        "1000, -XX:-UseCompressedOops"
    })
    void kept_lines_take_no_more_than_what_is_counted_for_them(String length, String pointers) throws Exception {
        long[] told = numbers(new ChildJvm(folder)
                .option("-Xmx256m")
                .option(pointers)
                .run(MemoryPrograms.KeptLines.class, "1000", length));

        long estimated = told[0];
        long taken = told[1];
        assertThat(estimated).as("it was full").isBetween(TOTAL * 9 / 10, TOTAL);
        assertThat(taken).as("counted were %d bytes", estimated).isBetween(TOTAL / 2, estimated);
        assertThat(told[2]).as("counted when nothing is kept").isZero();
    }

    @Test
    void a_virtual_thread_that_has_logged_and_lives_on_keeps_next_to_nothing_of_it() throws Exception {
        Optional<Path> java = ChildJvm.jdk25();
        assumeTrue(java.isPresent(), "JAVA_HOME_25 or /usr/lib/jvm has a JDK 25");
        int threads = 10_000;
        long[] used = new long[2];
        String[] modes = {"idle", "log"};
        for (int i = 0; i < 2; i++) {
            ChildJvm.Result result = new ChildJvm(folder)
                    .java(java.orElseThrow())
                    .option("-Xmx512m")
                    .run(MemoryPrograms.VirtualThreads.class, Integer.toString(threads), modes[i]);
            long[] told = numbers(result);
            used[i] = told[0];
            assertThat(told[1]).as("threads that live").isEqualTo(threads);
            assertThat(result.lines().stream()
                            .filter(line -> line.path("message").asString("").startsWith("a line with ")))
                    .hasSize(i * threads);
        }

        assertThat((used[1] - used[0]) / threads)
                .as("bytes a thread, of %d with lines and %d without", used[1], used[0])
                .isLessThanOrEqualTo(1024);
    }
}
