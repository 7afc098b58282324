package dev.crosscut.benchmarks;

import dev.crosscut.tracing.W3cTraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Iterator;
import java.util.List;
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

/** A trace out of the headers of W3C Trace Context, and into them, by two propagators of OpenTelemetry's kind. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class PropagationBenchmark {

    private static final String TRACEPARENT = "00-" + Received.TRACE_ID + "-" + Received.CALLERS_SPAN_ID + "-01";
    private static final String TRACESTATE = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";

    private final TextMapPropagator ours = new W3cTraceContext();
    private final TextMapPropagator theirs = W3CTraceContextPropagator.getInstance();

    private final Headers parent = new Headers(List.of(TRACEPARENT), List.of());
    private final Headers parentAndState = new Headers(List.of(TRACEPARENT), List.of(TRACESTATE));
    private final Headers written = new Headers(List.of(), List.of());

    private final Context ourTrace = extracted(ours, parent, "");
    private final Context theirTrace = extracted(theirs, parent, "");
    private final Context ourTraceAndState = extracted(ours, parentAndState, TRACESTATE);
    private final Context theirTraceAndState = extracted(theirs, parentAndState, TRACESTATE);

    /** Headers as servers have them: each name with a list of values. */
    private static final class Headers implements TextMapGetter<Headers>, TextMapSetter<Headers> {

        private final List<String> traceparent;
        private final List<String> tracestate;
        private String writtenParent = "";
        private String writtenState = "";

        Headers(List<String> traceparent, List<String> tracestate) {
            this.traceparent = traceparent;
            this.tracestate = tracestate;
        }

        private List<String> values(String name) {
            return switch (name) {
                case "traceparent" -> traceparent;
                case "tracestate" -> tracestate;
                default -> List.of();
            };
        }

        @Override
        public @Nullable String get(@Nullable Headers carrier, String name) {
            List<String> values = carrier == null ? List.of() : carrier.values(name);
            return values.isEmpty() ? null : values.get(0);
        }

        @Override
        public Iterator<String> getAll(@Nullable Headers carrier, String name) {
            return carrier == null
                    ? List.<String>of().iterator()
                    : carrier.values(name).iterator();
        }

        @Override
        public void set(@Nullable Headers carrier, String name, String value) {
            if (carrier != null) {
                if (name.equals("traceparent")) {
                    carrier.writtenParent = value;
                } else {
                    carrier.writtenState = value;
                }
            }
        }
    }

    /** Nothing is measured of what does not read the whole of a trace, and write it again. */
    private static Context extracted(TextMapPropagator propagator, Headers headers, String state) {
        Context context = propagator.extract(Context.root(), headers, headers);
        SpanContext span = Span.fromContext(context).getSpanContext();
        Headers written = new Headers(List.of(), List.of());
        propagator.inject(context, written, written);
        // Also links Iterator from here, without which HotSpot does not inline getAll into another jar's propagator.
        boolean isSent = headers.getAll(headers, "traceparent").next().equals(TRACEPARENT);
        boolean isWhole = isSent
                && span.isRemote()
                && span.getTraceId().equals(Received.TRACE_ID)
                && written.writtenParent.equals(TRACEPARENT)
                && written.writtenState.equals(state);
        if (!isWhole) {
            throw new IllegalStateException(propagator + " made " + span + " of " + TRACEPARENT + ", and wrote "
                    + written.writtenParent + " and '" + written.writtenState + "'; expected '" + state + "'");
        }
        return context;
    }

    private static Context extract(TextMapPropagator propagator, Headers headers) {
        return propagator.extract(Context.root(), headers, headers);
    }

    private String inject(TextMapPropagator propagator, Context context) {
        propagator.inject(context, written, written);
        return written.writtenParent;
    }

    @Benchmark
    public Context extract() {
        return extract(ours, parent);
    }

    @Benchmark
    public Context extractOpenTelemetry() {
        return extract(theirs, parent);
    }

    @Benchmark
    public Context extractState() {
        return extract(ours, parentAndState);
    }

    @Benchmark
    public Context extractStateOpenTelemetry() {
        return extract(theirs, parentAndState);
    }

    @Benchmark
    public String inject() {
        return inject(ours, ourTrace);
    }

    @Benchmark
    public String injectOpenTelemetry() {
        return inject(theirs, theirTrace);
    }

    @Benchmark
    public String injectState() {
        return inject(ours, ourTraceAndState);
    }

    @Benchmark
    public String injectStateOpenTelemetry() {
        return inject(theirs, theirTraceAndState);
    }
}
