package dev.crosscut.benchmarks;

import brave.propagation.CurrentTraceContext;
import brave.propagation.ThreadLocalCurrentTraceContext;
import brave.propagation.TraceContext;
import dev.crosscut.core.Binding;
import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.MDC;

/** Making something that exists already current on a thread on which nothing is, and undoing it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class AttachBenchmark {

    private final Call call = Pipelines.bare().build().begin(new Unit());
    private final Call boundCall = Pipelines.bare().binding(new Idle()).build().begin(new Unit());

    private final Context context = Context.root().with(ContextKey.named("benchmark"), new Object());
    private final CurrentTraceContext brave = ThreadLocalCurrentTraceContext.create();
    private final TraceContext traceContext =
            TraceContext.newBuilder().traceId(1).spanId(2).build();

    @Benchmark
    public void attach() {
        try (var scope = call.attach()) {
            Handler.handle();
        }
    }

    @Benchmark
    public void attachWithBinding() {
        try (var scope = boundCall.attach()) {
            Handler.handle();
        }
    }

    @Benchmark
    public void openTelemetryMakeCurrent() {
        try (var scope = context.makeCurrent()) {
            Handler.handle();
        }
    }

    @Benchmark
    public void braveNewScope() {
        try (var scope = brave.newScope(traceContext)) {
            Handler.handle();
        }
    }

    @Benchmark
    public void mdcPutRemove() {
        MDC.put("correlation_id", Pipelines.CORRELATION_ID);
        try {
            Handler.handle();
        } finally {
            MDC.remove("correlation_id");
        }
    }

    /** A binding that costs nothing itself, so that what the pipeline does for it is seen. */
    private static final class Idle implements Binding {

        private final dev.crosscut.core.Scope scope = () -> {};

        @Override
        public dev.crosscut.core.Scope attach(Exchange exchange) {
            return scope;
        }

        @Override
        public dev.crosscut.core.Scope clear() {
            return scope;
        }
    }
}
