package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the hot paths allocate. Bounds are generous where the compiler decides; benchmarks say what is really the case. */
@Guarantees
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int TIMES = 200_000;

    private final Crosscut crosscut = Crosscuts.bare().build();
    private int sink;

    /** The bytes that one run of the step allocates on this thread, on average after a warm-up. */
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

    @Test
    void a_hand_over_of_a_task_allocates_nothing() {
        Runnable runnable = Propagation.wrap(() -> {
            sink++;
        });
        Callable<Integer> callable = Propagation.wrap((Callable<Integer>) () -> 1);
        Supplier<Integer> supplier = Propagation.wrapSupplier(() -> 1);

        crosscut.run("job", () -> {
            assertThat(bytes(runnable)).as("runnable").isLessThan(1);
            assertThat(bytes(() -> sink += supplier.get())).as("supplier").isLessThan(1);
            assertThat(bytes(() -> call(callable))).as("callable").isLessThan(1);
        });
    }

    private void call(Callable<Integer> callable) {
        try {
            sink += callable.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_hand_over_of_a_function_allocates_at_most_what_carries_its_argument() {
        Function<Integer, Integer> function = Propagation.wrapFunction(x -> x);
        Consumer<Integer> consumer = Propagation.wrapConsumer(x -> sink += x);

        crosscut.run("job", () -> {
            assertThat(bytes(() -> sink += function.apply(1))).as("function").isLessThan(33);
            assertThat(bytes(() -> consumer.accept(1))).as("consumer").isLessThan(33);
        });
    }

    @Test
    void asking_what_is_current_allocates_nothing_but_the_answer() {
        Key<String> key = Key.of("key", String.class);
        crosscut.run("job", () -> {
            Exchange here = Exchange.current().orElseThrow();
            here.put(key, "value");
            assertThat(bytes(() -> sink += Exchange.current().isPresent() ? 1 : 0))
                    .as("current")
                    .isLessThan(17);
            assertThat(bytes(() -> sink += here.getOrDefault(key, "").length()))
                    .as("a value")
                    .isLessThan(1);
        });
    }

    @Test
    void an_empty_call_with_its_exchange_allocates_at_most_a_hundred_bytes() {
        double bytes = bytes(() -> {
            Call call = crosscut.begin(new LocalExchange("job"));
            try (Scope scope = call.attach()) {
                sink++;
            }
            call.end(Outcome.completed());
        });

        assertThat(bytes).isLessThanOrEqualTo(100);
    }
}
