package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What comes out of a JVM, whoever reads it, and however it ends. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class AppenderProcessTest {

    private static final int LINES = 100_000;

    @TempDir
    Path folder;

    private ChildJvm jvm;
    private Process process;

    @BeforeEach
    void prepare() {
        jvm = new ChildJvm(folder);
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private String told(String file) throws Exception {
        Path path = folder.resolve(file);
        long deadline = System.nanoTime() + SECONDS.toNanos(60);
        while (!Files.exists(path)) {
            assertThat(process.isAlive() || Files.exists(path)).as(jvm.stderr()).isTrue();
            assertThat(System.nanoTime()).as("waiting for " + file).isLessThan(deadline);
            Thread.sleep(5);
        }
        return Files.readString(path);
    }

    private int ended() throws InterruptedException {
        assertThat(process.waitFor(60, SECONDS)).as("it ended").isTrue();
        return process.exitValue();
    }

    private String output() throws IOException {
        try (InputStream stdout = process.getInputStream()) {
            return new String(stdout.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The messages of what the program logged, each line of it checked. */
    private static List<String> messages(String text) {
        return JsonLines.parse(text).stream()
                .filter(line -> line.get("log.logger").asString().equals("program"))
                .map(line -> line.get("message").asString())
                .toList();
    }

    private static void assertWholeAndInOrder(List<String> messages, int threads, int lines) {
        Map<String, Integer> next = new HashMap<>();
        for (String message : messages) {
            String[] parts = message.split(" ", -1);
            assertThat(Integer.parseInt(parts[1])).as(message).isEqualTo(next.merge(parts[0], 1, Integer::sum) - 1);
        }
        assertThat(next).hasSize(threads);
        assertThat(next.values()).containsOnly(lines);
    }

    @Test
    void eight_threads_that_wait_for_room_lose_no_line_and_mix_none() throws Exception {
        jvm.option("-Dcrosscut.logging.when-full=block").option("-Dcrosscut.logging.queue=1MB");
        process = jvm.start(AppenderPrograms.Flood.class, "8", Integer.toString(LINES));

        Map<String, Integer> next = new HashMap<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode node = JsonLines.STRICT.readTree(line);
                if (node.get("log.logger").asString().equals("program")) {
                    String[] parts = node.get("message").asString().split(" ", -1);
                    assertThat(next.merge(parts[0], 1, Integer::sum) - 1).isEqualTo(Integer.parseInt(parts[1]));
                }
            }
        }
        assertThat(ended()).isZero();
        assertThat(next).hasSize(8);
        assertThat(next.values()).containsOnly(LINES);
        assertThat(told("counts")).endsWith(" 0");
        assertThat(jvm.stderr()).isEmpty();
    }

    @Test
    void while_nobody_reads_lines_are_dropped_counted_and_reported_to_the_last_one() throws Exception {
        jvm.option("-Dcrosscut.logging.when-full=drop-newest")
                .option("-Dcrosscut.logging.queue=256KB")
                .option("-Dcrosscut.logging.flush-timeout=20s");
        process = jvm.start(AppenderPrograms.Flood.class, "8", "2000");
        told("flooded");
        String text = output();
        assertThat(ended()).isZero();

        int written = messages(text).size();
        String[] counts = told("counts").split(" ", -1);
        long dropped = Long.parseLong(counts[1]);
        assertThat(written + dropped).isEqualTo(16_000);
        assertThat(dropped).isPositive();
        assertThat(JsonLines.parse(text).stream()
                        .mapToLong(line -> line.path("dropped_lines").asLong(0))
                        .sum())
                .isEqualTo(dropped);
        assertThat(JsonLines.parse(text))
                .filteredOn(line -> line.has("dropped_lines"))
                .allSatisfy(line -> {
                    assertThat(line.get("message").asString()).matches("lines dropped: (\\d+) \\(\\1 INFO\\)");
                    assertThat(line.get("log.level").asString()).isEqualTo("WARN");
                });
    }

    @Test
    void SIGTERM_lets_out_all_that_was_logged_and_what_other_hooks_log_meanwhile() throws Exception {
        jvm.option("-Dcrosscut.logging.queue=64MB");
        process = jvm.start(AppenderPrograms.Sleeper.class, "5000");
        told("ready"); // and most of it is in the queue, for nobody has read yet
        process.toHandle().destroy();
        List<String> messages = messages(output());

        assertThat(ended()).isEqualTo(128 + 15);
        assertWholeAndInOrder(messages, 5, 5_000, 200);
        assertThat(jvm.stderr()).isEmpty();
    }

    private static void assertWholeAndInOrder(List<String> messages, int threads, int lines, int hookLines) {
        List<String> hook =
                messages.stream().filter(message -> message.startsWith("hook")).toList();
        assertThat(hook).hasSize(hookLines);
        List<String> others = new ArrayList<>(messages);
        others.removeAll(hook);
        assertWholeAndInOrder(others, threads - 1, lines);
    }

    @Test
    void SIGKILL_loses_no_more_than_what_is_in_the_queue_and_leaves_whole_lines() throws Exception {
        Path out = folder.resolve("stdout.txt");
        process = jvm.start(Redirect.to(out.toFile()), AppenderPrograms.Sleeper.class, "5000");
        told("ready");
        until(out, text -> text.lines().count() >= 20_000); // the queue is empty
        process.destroyForcibly();

        assertThat(ended()).isEqualTo(128 + 9);
        assertWholeAndInOrder(messages(Files.readString(out)), 4, 5_000);
    }

    @Test
    void a_pipe_that_nobody_reads_slows_no_request_and_keeps_the_JVM_for_no_longer_than_the_bound() throws Exception {
        jvm.option("-Dcrosscut.logging.flush-timeout=500ms").option("-Dcrosscut.logging.queue=1MB");
        process = jvm.start(AppenderPrograms.Server.class, "10000");
        String[] millis = told("closed").split(" ", -1);
        long closed = System.nanoTime();

        assertThat(ended()).isZero();
        assertThat(System.nanoTime() - closed)
                .as("for the JVM to end, a bound of its own")
                .isLessThan(SECONDS.toNanos(10));
        assertThat(Long.parseLong(millis[0])).as("ms for 10,000 requests").isLessThan(10_000);
        assertThat(Long.parseLong(millis[1])).as("ms for the longest").isLessThan(5_000);
        assertThat(Long.parseLong(millis[2])).as("ms to close").isBetween(500L, 5_000L);
        assertThat(jvm.stderr()).contains("not all lines were written within crosscut.logging.flush-timeout");
    }

    @Test
    void a_pipe_whose_reader_is_gone_sends_lines_to_stderr_and_the_program_goes_on() throws Exception {
        process = jvm.start(AppenderPrograms.Flood.class, "2", "2000");
        try (InputStream stdout = process.getInputStream()) {
            assertThat(stdout.readNBytes(1_000)).hasSize(1_000);
        }
        assertThat(ended()).isZero();
        assertThat(told("counts")).endsWith(" 0");
        assertThat(jvm.stderr())
                .contains("cannot write to stdout; lines go to stderr")
                .contains("\"message\":\"1 1999 padding\"");
    }

    @Test
    void stdout_on_a_full_disk_sends_lines_to_stderr() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "the system has /dev/full");
        process = jvm.start(Redirect.to(full.toFile()), AppenderPrograms.Flood.class, "2", "500");

        assertThat(ended()).isZero();
        List<String> lines =
                jvm.stderr().lines().filter(line -> line.startsWith("{")).toList();
        assertWholeAndInOrder(messages(String.join("\n", lines) + "\n"), 2, 500);
        assertThat(jvm.stderr()).contains("cannot write to stdout; lines go to stderr");
    }

    @Test
    void a_file_that_may_not_grow_leaves_the_rest_to_stderr_and_each_line_is_whole_in_one_of_the_two()
            throws Exception {
        Path log = folder.resolve("app.log");
        Files.writeString(folder.resolve("stderr.txt"), "");
        jvm.option("-Dcrosscut.logging.file=app.log")
                .option("-Dcrosscut.logging.when-full=block")
                .under("bash", "-c", "exec 2> >(cat > errors.txt); ulimit -f 200; exec \"$@\"", "-");
        process = jvm.start(AppenderPrograms.Flood.class, "2", "2000");

        assertThat(ended()).isZero();
        String errors = until(folder.resolve("errors.txt"), text -> text.contains("1 1999 padding"));
        String file = Files.readString(log);
        assertThat(Files.size(log)).isEqualTo(200 * 1024);
        List<String> all = new ArrayList<>(messages(file.substring(0, file.lastIndexOf('\n') + 1)));
        all.addAll(messages(
                errors.lines().filter(line -> line.startsWith("{")).reduce("", (text, line) -> text + line + "\n")));
        assertWholeAndInOrder(all, 2, 2_000);
        assertThat(errors).contains("cannot write to " + log.toRealPath() + "; lines go to stderr");
    }

    private static String until(Path file, Predicate<String> holds) throws Exception {
        long deadline = System.nanoTime() + SECONDS.toNanos(30);
        String text = "";
        while (!holds.test(text)) {
            assertThat(System.nanoTime())
                    .as("waiting for " + file + " after " + text)
                    .isLessThan(deadline);
            Thread.sleep(20);
            text = Files.exists(file) ? Files.readString(file) : "";
        }
        return text;
    }

    @Test
    void a_stream_that_logs_what_is_printed_to_it_makes_no_circle_and_is_then_avoided() throws Exception {
        jvm.option("-Dcrosscut.logging.levels=dev.crosscut=WARN");
        process = jvm.start(AppenderPrograms.Echo.class);

        assertThat(messages(output())).as("the stream has swallowed the first").containsExactly("second");
        assertThat(ended()).isZero();
        assertThat(told("counts")).as("echoes").isEqualTo("1");
    }

    @Test
    void virtual_threads_that_wait_for_room_leave_their_carrier_to_others() throws Exception {
        Optional<Path> java = ChildJvm.jdk25();
        assumeTrue(java.isPresent(), "JAVA_HOME_25 or /usr/lib/jvm has a JDK 25");
        jvm.java(java.orElseThrow())
                .option("-Djdk.virtualThreadScheduler.parallelism=1")
                .option("-Djdk.virtualThreadScheduler.maxPoolSize=1")
                .option("-Dcrosscut.logging.when-full=block")
                .option("-Dcrosscut.logging.queue=64KB");
        process = jvm.start(AppenderPrograms.VirtualThreads.class, "1000");

        assertThat(told("ticks")).as("one ran, others wait").isEqualTo("1 true");
        List<String> messages = messages(output());
        assertThat(ended()).isZero();
        assertWholeAndInOrder(messages, 1_000, 20);
    }
}
