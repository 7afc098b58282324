package dev.crosscut.benchmarks;

import dev.crosscut.core.Call;
import dev.crosscut.core.Propagation;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.MDC;

/**
 * Running a task that carries its context on a thread on which none is current. Where the task is wrapped anew each time,
 * its context is made current first, and no longer is when the task runs: one thread plays both sides.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class HandOverBenchmark {

    private final Runnable task = Handler::handle;

    private final Call call = Pipelines.bare().build().begin(new Unit());
    private final Context context = Context.root().with(ContextKey.named("benchmark"), new Object());
    private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder()
            .contextRegistry(new ContextRegistry().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor()))
            .build();

    private final Runnable crosscutTask = wrapWithCrosscut();
    private final Runnable openTelemetryTask = wrapWithOpenTelemetry();
    private final Runnable micrometerTask = wrapWithMicrometer();
    private final Runnable mdcTask = wrapWithMdc();

    @Benchmark
    public void crosscut() {
        crosscutTask.run();
    }

    @Benchmark
    public void openTelemetry() {
        openTelemetryTask.run();
    }

    @Benchmark
    public void micrometer() {
        micrometerTask.run();
    }

    @Benchmark
    public void mdc() {
        mdcTask.run();
    }

    @Benchmark
    public void crosscutWrapped() {
        wrapWithCrosscut().run();
    }

    @Benchmark
    public void openTelemetryWrapped() {
        wrapWithOpenTelemetry().run();
    }

    @Benchmark
    public void micrometerWrapped() {
        wrapWithMicrometer().run();
    }

    @Benchmark
    public void mdcWrapped() {
        wrapWithMdc().run();
    }

    private Runnable wrapWithCrosscut() {
        try (var scope = call.attach()) {
            return Propagation.wrap(task);
        }
    }

    private Runnable wrapWithOpenTelemetry() {
        try (var scope = context.makeCurrent()) {
            return Context.current().wrap(task);
        }
    }

    private Runnable wrapWithMicrometer() {
        MDC.put("correlation_id", Pipelines.CORRELATION_ID);
        try {
            return snapshots.captureAll().wrap(task);
        } finally {
            MDC.remove("correlation_id");
        }
    }

    private Runnable wrapWithMdc() {
        MDC.put("correlation_id", Pipelines.CORRELATION_ID);
        try {
            return new WithMdc(MDC.getCopyOfContextMap(), task);
        } finally {
            MDC.remove("correlation_id");
        }
    }

    /** As it is written by hand in many a service. */
    private record WithMdc(@Nullable Map<String, String> captured, Runnable task) implements Runnable {

        @Override
        public void run() {
            Map<String, String> before = MDC.getCopyOfContextMap();
            set(captured);
            try {
                task.run();
            } finally {
                set(before);
            }
        }

        private static void set(@Nullable Map<String, String> values) {
            if (values == null) {
                MDC.clear();
            } else {
                MDC.setContextMap(values);
            }
        }
    }
}
