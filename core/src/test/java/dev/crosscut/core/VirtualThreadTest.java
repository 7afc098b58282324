package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Virtual threads are threads like any other; reached by reflection, since they are newer than the Java that we build for. */
@Guarantees
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualThreadTest {

    private final Crosscut crosscut = Crosscuts.bare().build();

    private static ExecutorService perTask() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private static ThreadFactory factory() throws ReflectiveOperationException {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        return (ThreadFactory)
                Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    }

    @Test
    void thousands_of_virtual_threads_each_see_their_own_exchange_also_after_they_were_parked() throws Exception {
        ExecutorService virtual = perTask();
        ExecutorService handing = Propagation.wrap(virtual);
        List<Future<String>> results = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            crosscut.run(
                    "job" + i,
                    () -> results.add(handing.submit(() -> {
                        String before = Exchange.current().orElseThrow().operation();
                        LockSupport.parkNanos(1_000_000);
                        return before + " " + Exchange.current().orElseThrow().operation();
                    })));
        }
        for (int i = 0; i < results.size(); i++) {
            assertThat(Races.await(results.get(i))).isEqualTo("job" + i + " job" + i);
        }
        assertThat(Races.await(virtual.submit(Exchange::current))).isEmpty();
        virtual.shutdown();
        crosscut.close();
    }

    @Test
    void a_virtual_thread_of_a_factory_runs_with_the_exchange_where_it_was_made() throws Exception {
        ThreadFactory made = Propagation.wrapFactory(factory());
        List<String> seen = new ArrayList<>();
        Thread[] thread = new Thread[1];
        crosscut.run(
                "job",
                () -> thread[0] = made.newThread(
                        () -> seen.add(Exchange.current().orElseThrow().operation())));
        thread[0].start();
        thread[0].join();

        assertThat(seen).containsExactly("job");
    }

    @Test
    void a_call_may_begin_on_one_virtual_thread_and_end_on_another() throws Exception {
        ExecutorService virtual = perTask();
        Watcher watcher = new Watcher("observer", new Events());
        Crosscut watched = Crosscuts.bare().observer(watcher).build();

        Call call = Races.await(virtual.submit(() -> watched.begin(new TestExchange())));
        assertThat(Races.await(virtual.submit(() -> call.end(Outcome.completed(200)))))
                .isTrue();

        assertThat(watcher.outcome()).isEqualTo(Outcome.completed(200));
        virtual.shutdown();
    }
}
