package dev.crosscut.benchmarks;

import brave.propagation.CurrentTraceContext;
import brave.propagation.ThreadLocalCurrentTraceContext;
import brave.propagation.TraceContext;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.List;
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

/** One unit of work, from its beginning to its end, around a handler that does nothing. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class ExchangeBenchmark {

    private static final ContextKey<Object> KEY = ContextKey.named("benchmark");
    private static final List<String> NO_HEADER = List.of();
    private static final List<String> HEADER = List.of(Pipelines.CORRELATION_ID);

    private final Crosscut empty = Pipelines.of(0, 0);
    private final Crosscut oneObserver = Pipelines.of(1, 0);
    private final Crosscut oneGuard = Pipelines.of(0, 1);
    private final Crosscut fiveObservers = Pipelines.of(5, 0);
    private final Crosscut fiveGuards = Pipelines.of(0, 5);
    private final Crosscut threeObserversTwoGuards = Pipelines.of(3, 2);
    private final Crosscut correlated = Pipelines.correlated().build();

    private final Object value = new Object();
    private final CurrentTraceContext brave = ThreadLocalCurrentTraceContext.create();
    private final ObservationRegistry micrometer = ObservationRegistry.create();

    /** Sets up what is not a field alone. */
    public ExchangeBenchmark() {
        micrometer.observationConfig().observationHandler(new Supporting());
    }

    @Benchmark
    public void empty() {
        exchange(empty, new Unit());
    }

    @Benchmark
    public void oneObserver() {
        exchange(oneObserver, new Unit());
    }

    @Benchmark
    public void oneGuard() {
        exchange(oneGuard, new Unit());
    }

    @Benchmark
    public void fiveObservers() {
        exchange(fiveObservers, new Unit());
    }

    @Benchmark
    public void fiveGuards() {
        exchange(fiveGuards, new Unit());
    }

    @Benchmark
    public void threeObserversTwoGuards() {
        exchange(threeObserversTwoGuards, new Unit());
    }

    @Benchmark
    public String correlatedByNewId() {
        Request request = new Request(NO_HEADER);
        exchange(correlated, request);
        return request.echoed();
    }

    @Benchmark
    public String correlatedByHeader() {
        Request request = new Request(HEADER);
        exchange(correlated, request);
        return request.echoed();
    }

    @Benchmark
    public void openTelemetryContext() {
        try (var scope = Context.current().with(KEY, value).makeCurrent()) {
            Handler.handle();
        }
    }

    @Benchmark
    public void micrometerObservation() {
        Observation observation = Observation.start("benchmark", micrometer);
        try (var scope = observation.openScope()) {
            Handler.handle();
        }
        observation.stop();
    }

    @Benchmark
    public void braveTraceContext() {
        TraceContext context = TraceContext.newBuilder().traceId(1).spanId(2).build();
        try (var scope = brave.newScope(context)) {
            Handler.handle();
        }
    }

    @Benchmark
    public void mdc() {
        MDC.put("correlation_id", Pipelines.CORRELATION_ID);
        try {
            Handler.handle();
        } finally {
            MDC.remove("correlation_id");
        }
    }

    /** What an adapter does. */
    private static void exchange(Crosscut crosscut, Exchange exchange) {
        Call call = crosscut.begin(exchange);
        if (call.answer().isPresent()) {
            throw new IllegalStateException("a guard answered: " + call.answer());
        }
        try (var scope = call.attach()) {
            Handler.handle();
        }
        call.end(Outcome.completed());
    }

    /** A registry without a handler makes no observations at all. */
    private static final class Supporting implements ObservationHandler<Observation.Context> {

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }
}
