package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.sun.management.ThreadMXBean;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** What a line allocates, and what is kept when it is written. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FootprintTest {

    private static final int ROUNDS = 20_000;

    /** The header of the array that is returned, its padding, and what keeps track of the fields of users. */
    private static final int BESIDE_THE_LINE = 160;

    private static final int A_KEY_VALUE = 64;

    private final CapturedLog captured = CapturedLog.of("test.footprint", Map.of());
    private final CrosscutEncoder encoder = new CrosscutEncoder();
    private final Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build();
    private long total;

    FootprintTest() {
        encoder.setContext(captured.logger().getLoggerContext());
        encoder.start();
    }

    @AfterEach
    void release() {
        crosscut.close();
        captured.close();
    }

    private LoggingEvent event() {
        LoggingEvent event = new LoggingEvent(
                "fqcn", captured.logger(), Level.INFO, "paid {} for {}", null, new Object[] {"p-1", "acme"});
        event.prepareForDeferredProcessing();
        return event;
    }

    private long allocatedPerLine(ILoggingEvent event) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        @SuppressWarnings("deprecation") // it has another name from JDK 19 on
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int j = 0; j < ROUNDS; j++) {
                total += encoder.encode(event).length;
            }
            least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / ROUNDS);
        }
        return least;
    }

    @Test
    void a_line_allocates_the_array_that_is_returned_and_little_else_however_many_fields_its_exchange_has() {
        crosscut.run("job", () -> {
            Exchange exchange = Exchange.current().orElseThrow();
            for (int i = 0; i < 10; i++) {
                exchange.put(Key.of("field_" + i, String.class).loggable(), "value " + i);
            }
            LoggingEvent event = event();
            int length = encoder.encode(event).length;

            assertThat(allocatedPerLine(event)).isLessThanOrEqualTo(length + BESIDE_THE_LINE);
            event.setKeyValuePairs(List.of(new KeyValuePair("order", "o-1"), new KeyValuePair("items", 3)));
            int longer = encoder.encode(event).length;
            assertThat(longer).isGreaterThan(length);
            assertThat(allocatedPerLine(event)).isLessThanOrEqualTo(longer + BESIDE_THE_LINE + 2 * A_KEY_VALUE);
        });
        assertThat(total).isPositive();
    }

    @Test
    void a_thread_that_has_logged_keeps_no_buffer() throws InterruptedException {
        int threads = 300;
        CountDownLatch logged = new CountDownLatch(threads);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> alive = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                encoder.encode(event());
                logged.countDown();
                await(end);
            });
            thread.start();
            alive.add(thread);
        }
        logged.await();
        Set<LineBuffer> kept =
                kept(ExchangeMdc.of(captured.logger().getLoggerContext()).lines());
        end.countDown();
        for (Thread thread : alive) {
            thread.join();
        }

        assertThat(kept).hasSizeBetween(1, 64);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The buffers that a pool has: a new one was never written to. */
    private static Set<LineBuffer> kept(BufferPool pool) throws InterruptedException {
        Set<LineBuffer> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 300; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 8; j++) {
                    LineBuffer line = pool.take();
                    if (line.bytes()[0] != 0) {
                        kept.add(line);
                    }
                }
            });
            thread.start();
            thread.join();
        }
        return kept;
    }

    @Test
    void a_pool_gives_each_buffer_to_one_thread_at_a_time_and_keeps_few_and_none_that_is_large() throws Exception {
        BufferPool pool = new BufferPool();
        List<LineBuffer> many = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            LineBuffer line = pool.take();
            line.ascii("used");
            many.add(line);
        }
        assertThat(Set.copyOf(many)).as("each a buffer of its own").hasSize(1_000);
        for (LineBuffer line : many) {
            Thread thread = new Thread(() -> pool.give(line));
            thread.start();
            thread.join();
        }
        assertThat(kept(pool)).hasSizeBetween(4, 64);

        LineBuffer large = pool.take();
        large.ascii("x".repeat(BufferPool.LARGEST + 1));
        pool.give(large);
        assertThat(kept(pool)).isEmpty();
    }
}
