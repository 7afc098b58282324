package dev.crosscut.logging;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a JVM whose threads wait for room that nobody makes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class StuckEndTest {

    @TempDir
    Path folder;

    /** Logs until the queue is full and nobody reads; what ends it logs too. */
    static final class Stuck {

        private static final Logger LOG = LoggerFactory.getLogger("program");

        private Stuck() {}

        public static void main(String[] args) throws Exception {
            Crosscut crosscut = Crosscut.builder().build();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                for (int i = 0; i < 5_000; i++) {
                    LOG.info("a hook says this and that, and {}", i);
                }
            }));
            AtomicLong logged = new AtomicLong();
            Thread thread = new Thread(() -> {
                while (true) {
                    LOG.info("a line that says this and that, with {}", logged.incrementAndGet());
                }
            });
            thread.setDaemon(true);
            thread.start();
            long before = -1;
            while (before != logged.get()) {
                before = logged.get();
                TimeUnit.MILLISECONDS.sleep(500);
            }
            Files.writeString(Path.of("stuck"), "");
            TimeUnit.MINUTES.sleep(5);
            crosscut.close();
        }
    }

    @Test
    void a_thread_that_waits_for_room_does_not_keep_it_beyond_the_bound_nor_does_a_hook_that_logs() throws Exception {
        ChildJvm jvm = new ChildJvm(folder)
                .option("-Dcrosscut.logging.when-full=block")
                .option("-Dcrosscut.logging.queue=64KB")
                .option("-Dcrosscut.logging.flush-timeout=500ms");
        Process process = jvm.start(Stuck.class);
        try {
            while (!Files.exists(folder.resolve("stuck"))) {
                assertThat(process.isAlive()).as(jvm.stderr()).isTrue();
                Thread.sleep(20);
            }
            process.toHandle().destroy();

            assertThat(process.waitFor(60, SECONDS)).as("it ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
        } finally {
            process.destroyForcibly();
        }
    }
}
