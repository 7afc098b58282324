package dev.crosscut.benchmarks;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Where a correlation id comes from. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
public class CorrelationBenchmark {

    private static final List<String> ABSENT = List.of();
    private static final List<String> VALID = List.of(Pipelines.CORRELATION_ID);
    private static final List<String> HOSTILE = List.of(Pipelines.CORRELATION_ID + "\r\nSet-Cookie: admin=true");

    private final Crosscut crosscut = Pipelines.correlated().build();

    @Benchmark
    public String newId() {
        return Correlation.newId();
    }

    @Benchmark
    public UUID randomUuid() {
        return UUID.randomUUID();
    }

    @Benchmark
    public String randomUuidText() {
        return UUID.randomUUID().toString();
    }

    @Benchmark
    public long clock() {
        return System.currentTimeMillis();
    }

    @Benchmark
    @Threads(2)
    public String newIdContended() {
        return Correlation.newId();
    }

    @Benchmark
    @Threads(2)
    public UUID randomUuidContended() {
        return UUID.randomUUID();
    }

    @Benchmark
    @Threads(2)
    public String randomUuidTextContended() {
        return UUID.randomUUID().toString();
    }

    @Benchmark
    public String requestWithout() {
        return exchange(ABSENT);
    }

    @Benchmark
    public String requestWithValid() {
        return exchange(VALID);
    }

    @Benchmark
    public String requestWithHostile() {
        return exchange(HOSTILE);
    }

    private String exchange(List<String> correlationId) {
        Request request = new Request(correlationId);
        crosscut.begin(request).end(Outcome.completed());
        return request.echoed();
    }
}
