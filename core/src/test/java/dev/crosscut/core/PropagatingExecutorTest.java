package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An executor that hands over is in all else the one behind it. */
@Guarantees
class PropagatingExecutorTest {

    private final Crosscut crosscut = Crosscuts.bare().build();
    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final ExecutorService handing = Propagation.wrap(pool);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private static String current() {
        return Exchange.current().map(Exchange::operation).orElse("none");
    }

    @ParameterizedTest
    @ValueSource(classes = {ExecutorService.class, ScheduledExecutorService.class})
    void no_method_of_this_jdk_is_left_to_a_default_that_knows_nothing_of_the_one_behind(Class<?> type) {
        Class<?> ours = type == ExecutorService.class ? PropagatingExecutor.class : PropagatingScheduler.class;

        assertThat(Arrays.stream(ours.getMethods())
                        .filter(method -> Arrays.stream(type.getMethods()).anyMatch(of -> overrides(method, of))))
                .isNotEmpty()
                .allSatisfy(method -> assertThat(method.getDeclaringClass().getPackageName())
                        .as("%s", method)
                        .isEqualTo("dev.crosscut.core"));
    }

    private static boolean overrides(Method method, Method other) {
        return method.getName().equals(other.getName())
                && Arrays.equals(method.getParameterTypes(), other.getParameterTypes());
    }

    @Test
    void all_of_many_run_with_the_exchange_and_answer_in_order() throws Exception {
        List<Callable<String>> tasks = Stream.of("a", "b", "c")
                .<Callable<String>>map(name -> () -> name + current())
                .toList();
        List<String> results = new CopyOnWriteArrayList<>();
        crosscut.call("job", () -> {
            for (Future<String> each : handing.invokeAll(tasks)) {
                results.add(each.get());
            }
            for (Future<String> each : handing.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                results.add(each.get());
            }
            results.add(handing.invokeAny(tasks).substring(1));
            results.add(handing.invokeAny(tasks, 60, TimeUnit.SECONDS).substring(1));
            return null;
        });

        assertThat(results).containsExactly("ajob", "bjob", "cjob", "ajob", "bjob", "cjob", "job", "job");
    }

    @Test
    void a_result_an_exception_and_a_rejection_are_those_of_the_one_behind() throws Exception {
        assertThat(handing.submit(() -> {}, "given").get()).isEqualTo("given");
        assertThat(handing.submit(() -> {}).get()).isNull();
        assertThatThrownBy(() -> handing.submit((Callable<String>) () -> {
                            throw new java.io.IOException("made");
                        })
                        .get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(java.io.IOException.class);
        handing.shutdown();
        assertThatThrownBy(() -> handing.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void closing_it_closes_the_one_behind_as_that_closes_itself() throws Exception {
        // since JDK 19 an executor is closeable, and the common pool is one that ignores it
        ExecutorService common = Propagation.wrap(ForkJoinPool.commonPool());
        if (common instanceof AutoCloseable closeable) {
            closeable.close();
            assertThat(common.isShutdown()).isFalse();
        }
        if (handing instanceof AutoCloseable closeable) {
            closeable.close();
            assertThat(pool.isTerminated()).isTrue();
        }
    }
}
