package dev.crosscut.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * How long processors worked for one operation, in all threads of Java: those of the benchmark, and those of a server in
 * the same process. On a quiet machine that is, for one thread, the time on the clock; on a busy one it leaves out the
 * time in which other processes ran.
 */
public final class ProcessorTime implements InternalProfiler {

    static final String METRIC = "processor.time";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long before;

    @Override
    public String getDescription() {
        return "Processor time of Java's threads";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = nanoseconds();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double each = (double) (nanoseconds() - before) / result.getMetadata().getAllOps();
        return List.of(new ScalarResult(METRIC, each, "ns/op", AggregationPolicy.AVG));
    }

    /** Since they started. Neither JMH nor a server ends a thread between iterations. */
    private long nanoseconds() {
        return LongStream.of(threads.getAllThreadIds())
                .map(threads::getThreadCpuTime)
                .filter(time -> time > 0) // -1 where the thread has just ended
                .sum();
    }
}
