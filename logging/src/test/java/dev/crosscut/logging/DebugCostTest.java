package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import com.sun.management.ThreadMXBean;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call costs whose level is off. Bounds are generous where the compiler decides. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class DebugCostTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int TIMES = 200_000;

    @TempDir
    Path folder;

    private static double bytes(Runnable step) {
        for (int i = 0; i < TIMES; i++) {
            step.run();
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            step.run();
        }
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / TIMES;
    }

    private static double bytesWithin(Crosscut crosscut, Runnable step) {
        Call call = crosscut.begin(TestExchange.http("GET", "/x"));
        try (Scope scope = call.attach()) {
            return bytes(step);
        } finally {
            call.end(Outcome.completed(200));
        }
    }

    private static Crosscut with(String buffer) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property("crosscut.logging.access", "")
                .property("crosscut.logging.debug-buffer", buffer)
                .build();
    }

    @Test
    void off_it_costs_nothing_and_on_it_costs_nothing_outside_of_exchanges() {
        try (KeptLog log = new KeptLog(folder, "kept.cost")) {
            Logger logger = log.logger();
            Runnable call = () -> logger.debug("line {}", "x");
            Runnable question = () -> {
                if (logger.isDebugEnabled()) {
                    throw new AssertionError();
                }
            };
            try (Crosscut crosscut = with("0")) {
                assertThat(bytesWithin(crosscut, call))
                        .as("off: no more than Logback's own array for the filter of faulty exceptions")
                        .isLessThan(25);
                assertThat(bytesWithin(crosscut, question)).as("off").isLessThan(1);
            }
            try (Crosscut crosscut = with("64KB")) {
                assertThat(bytes(call))
                        .as("on, outside: no more than Logback's own arrays for filters")
                        .isLessThan(49);
                assertThat(bytes(question)).as("on, outside: the same").isLessThan(25);
                assertThat(bytesWithin(crosscut, () -> {
                            if (!logger.isDebugEnabled()) {
                                throw new AssertionError();
                            }
                        }))
                        .as("on, a question within")
                        .isLessThan(100);
            }
        }
    }
}
