package dev.crosscut.benchmarks;

import static dev.crosscut.benchmarks.Suite.Row.ours;
import static dev.crosscut.benchmarks.Suite.Row.peer;

import dev.crosscut.benchmarks.Suite.Table;
import dev.crosscut.benchmarks.Suite.Target.Bytes;
import dev.crosscut.benchmarks.Suite.Target.BytesRatio;
import dev.crosscut.benchmarks.Suite.Target.Fastest;
import dev.crosscut.benchmarks.Suite.Target.Nanoseconds;
import dev.crosscut.benchmarks.Suite.Target.Ratio;
import java.util.List;

/** All suites, in the order in which they run and are shown. */
final class Suites {

    static final List<Suite> ALL =
            List.of(exchange(), attach(), handOver(), correlation(), logging(), telemetry(), propagation(), servlet());

    private Suites() {}

    private static Suite exchange() {
        return new Suite(
                "An exchange",
                ExchangeBenchmark.class,
                List.of(new Table(
                        "One unit of work around a handler that does nothing: begin, make current, undo that, end",
                        "micrometerObservation",
                        List.of(
                                ours("empty", "Crosscut, no participant", new Nanoseconds(100), new Bytes(100)),
                                ours("oneObserver", "Crosscut, 1 observer"),
                                ours("oneGuard", "Crosscut, 1 guard"),
                                ours("threeObserversTwoGuards", "Crosscut, 3 observers and 2 guards", new Bytes(250)),
                                ours("fiveObservers", "Crosscut, 5 observers", new Bytes(250)),
                                ours("fiveGuards", "Crosscut, 5 guards", new Bytes(250)),
                                ours("correlatedByHeader", "Crosscut, correlation: the caller's id"),
                                ours("correlatedByNewId", "Crosscut, correlation: a new id"),
                                peer("micrometerObservation", "Micrometer `Observation`, 1 handler that does nothing"),
                                peer("openTelemetryContext", "OpenTelemetry `Context` with 1 value"),
                                peer("braveTraceContext", "Brave `CurrentTraceContext`, new `TraceContext`"),
                                peer("mdc", "Logback `MDC`, 1 entry")))));
    }

    private static Suite attach() {
        return new Suite(
                "Attach and close",
                AttachBenchmark.class,
                List.of(new Table(
                        "Making current what exists already, and undoing it",
                        "openTelemetryMakeCurrent",
                        List.of(
                                ours("attach", "Crosscut `Call.attach`", new Ratio(2)),
                                ours("attachWithBinding", "Crosscut `Call.attach`, 1 binding that does nothing"),
                                peer("openTelemetryMakeCurrent", "OpenTelemetry `Context.makeCurrent`"),
                                peer("braveNewScope", "Brave `CurrentTraceContext.newScope`"),
                                peer("mdcPutRemove", "Logback `MDC.put`, `MDC.remove`")))));
    }

    private static Suite handOver() {
        return new Suite(
                "Hand-over to another thread",
                HandOverBenchmark.class,
                List.of(
                        new Table(
                                "Running a task that was wrapped before",
                                "openTelemetry",
                                List.of(
                                        ours(
                                                "crosscut",
                                                "Crosscut `Propagation.wrap`",
                                                new Nanoseconds(10),
                                                new Bytes(0)),
                                        peer("openTelemetry", "OpenTelemetry `Context.wrap`"),
                                        peer("micrometer", "Micrometer `ContextSnapshot.wrap`, the MDC"),
                                        peer("mdc", "A copy of the MDC, by hand"))),
                        new Table(
                                "Making current, wrapping a task, undoing that, running the task",
                                "openTelemetryWrapped",
                                List.of(
                                        ours("crosscutWrapped", "Crosscut `Propagation.wrap`"),
                                        peer("openTelemetryWrapped", "OpenTelemetry `Context.wrap`"),
                                        peer("micrometerWrapped", "Micrometer `ContextSnapshot.wrap`, the MDC"),
                                        peer("mdcWrapped", "A copy of the MDC, by hand")))));
    }

    private static Suite correlation() {
        return new Suite(
                "Correlation",
                CorrelationBenchmark.class,
                List.of(
                        new Table(
                                "A new id, on one thread",
                                "randomUuid",
                                List.of(
                                        ours("newId", "Crosscut `Correlation.newId`, as text", new Ratio(0.1)),
                                        peer("randomUuid", "`UUID.randomUUID`, not as text"),
                                        peer("randomUuidText", "`UUID.randomUUID`, as text"),
                                        peer("clock", "for scale: `System.currentTimeMillis`"))),
                        new Table(
                                "A new id, on two threads at once",
                                "randomUuidContended",
                                List.of(
                                        ours("newIdContended", "Crosscut `Correlation.newId`, as text", new Ratio(0.1)),
                                        peer("randomUuidContended", "`UUID.randomUUID`, not as text"),
                                        peer("randomUuidTextContended", "`UUID.randomUUID`, as text"))),
                        new Table(
                                "The id of an incoming request, from begin to end, echo included",
                                "requestWithout",
                                List.of(
                                        ours("requestWithout", "Crosscut, no header: a new id"),
                                        ours("requestWithValid", "Crosscut, a valid header: the caller's id"),
                                        ours("requestWithHostile", "Crosscut, a hostile header: a new id")))));
    }

    private static Suite logging() {
        return new Suite(
                "Logging",
                LoggingBenchmark.class,
                List.of(
                        new Table(
                                "An event with a message, two arguments and ten fields of a request, as a line of JSON",
                                "encodeLogstash",
                                List.of(
                                        ours("encode", "Crosscut `CrosscutEncoder`", new Ratio(0.2), new Fastest()),
                                        peer("encodeLogstash", "`LogstashEncoder`, the fields in the MDC"),
                                        peer("encodeEcs", "Elastic `EcsEncoder`"),
                                        peer("encodeLogback", "Logback `JsonEncoder`"),
                                        peer("encodeBootLogstash", "Spring Boot `StructuredLogEncoder`, logstash"),
                                        peer("encodeBootEcs", "Spring Boot `StructuredLogEncoder`, ecs"),
                                        peer("encodeLog4j", "Log4j `JsonTemplateLayout`, ecs"))),
                        new Table(
                                "The same, from `log.info` to a stream that keeps nothing",
                                "lineLogstash",
                                List.of(
                                        ours("line", "Crosscut `CrosscutEncoder`", new Fastest()),
                                        peer("lineLogstash", "`LogstashEncoder`, the fields in the MDC"),
                                        peer("lineEcs", "Elastic `EcsEncoder`"),
                                        peer("lineLogback", "Logback `JsonEncoder`"),
                                        peer("lineBootEcs", "Spring Boot `StructuredLogEncoder`, ecs"))),
                        new Table(
                                "The same, with another thread to write lines, and who logs waits where that one is slower",
                                "lineLogstashInBackground",
                                List.of(
                                        ours("lineInBackground", "Crosscut `CrosscutAppender`"),
                                        peer(
                                                "lineLogstashInBackground",
                                                "Logback `AsyncAppender` with `LogstashEncoder`"))),
                        new Table(
                                "A request that sets ten fields and logs five such lines",
                                "requestLogstash",
                                List.of(
                                        ours("request", "Crosscut, an exchange with ten keys", new Ratio(0.33)),
                                        ours("requestCorrelated", "Crosscut, the correlation id by a header"),
                                        ours("requestMirrored", "Crosscut, the same, and the id in the MDC too"),
                                        peer("requestLogstash", "`LogstashEncoder`, `MDC.put` and `MDC.clear`"),
                                        peer("requestEcs", "Elastic `EcsEncoder`, the same"),
                                        peer("requestBootEcs", "Spring Boot `StructuredLogEncoder`, ecs, the same"))),
                        new Table(
                                "A whole exchange: ten fields, ten such lines, and an access line at the end",
                                "exchangeLogstash",
                                List.of(
                                        ours("exchange", "Crosscut, correlation and access line on"),
                                        peer(
                                                "exchangeLogstash",
                                                "`LogstashEncoder`, the MDC, and an access line by hand"),
                                        peer(
                                                "exchangeBootEcs",
                                                "Spring Boot `StructuredLogEncoder`, ecs, the same")))));
    }

    private static Suite telemetry() {
        return new Suite(
                "Tracing and metrics",
                TelemetryBenchmark.class,
                List.of(
                        new Table(
                                "A request of a caller who samples: its trace read, a span with 13 attributes, its duration",
                                "sampledInstrumenter",
                                List.of(
                                        ours(
                                                "sampled",
                                                "Crosscut, `crosscut-tracing` and `crosscut-metrics`",
                                                new Ratio(1 / 3.0),
                                                new BytesRatio(1 / 3.0)),
                                        peer("sampledInstrumenter", "OpenTelemetry `Instrumenter`, its HTTP server"),
                                        peer("sampledObservation", "Micrometer `Observation`, OpenTelemetry bridge"),
                                        peer("sampledBrave", "Brave `HttpServerHandler`: B3, and no duration"),
                                        peer("sampledByHand", "for scale: the SDK alone, by hand, no duration"))),
                        new Table(
                                "The same of a caller who does not sample: no span",
                                "unsampledInstrumenter",
                                List.of(
                                        ours(
                                                "unsampled",
                                                "Crosscut, `crosscut-tracing` and `crosscut-metrics`",
                                                new Ratio(1 / 5.0),
                                                new BytesRatio(1 / 5.0)),
                                        peer("unsampledInstrumenter", "OpenTelemetry `Instrumenter`, its HTTP server"),
                                        peer("unsampledObservation", "Micrometer `Observation`, OpenTelemetry bridge"),
                                        peer("unsampledBrave", "Brave `HttpServerHandler`: B3, and no duration"),
                                        peer("unsampledByHand", "for scale: the SDK alone, by hand, no duration"))),
                        new Table(
                                "The same without an SDK: the trace goes on",
                                "instrumenterWithoutSdk",
                                List.of(
                                        ours("withoutSdk", "Crosscut, `crosscut-tracing` and `crosscut-metrics`"),
                                        peer(
                                                "instrumenterWithoutSdk",
                                                "OpenTelemetry `Instrumenter`, its HTTP server, no duration"))),
                        new Table(
                                "The same without a trace, which leaves the duration",
                                "watched",
                                List.of(
                                        ours("bare", "Crosscut, no participant"),
                                        ours("watched", "Crosscut, 1 observer that does nothing"),
                                        ours("metered", "Crosscut, `crosscut-metrics`", new BytesRatio(1))))));
    }

    private static Suite propagation() {
        return new Suite(
                "Propagation",
                PropagationBenchmark.class,
                List.of(
                        propagation("A trace read from `traceparent`", "extract"),
                        propagation("The same, with a `tracestate` of two members", "extractState"),
                        propagation("A trace written to `traceparent`", "inject"),
                        propagation("The same, with a `tracestate` of two members", "injectState")));
    }

    private static Table propagation(String caption, String method) {
        String baseline = method + "OpenTelemetry";
        return new Table(
                caption,
                baseline,
                List.of(
                        ours(method, "Crosscut `W3cTraceContext`", new Ratio(1), new BytesRatio(1)),
                        peer(baseline, "OpenTelemetry `W3CTraceContextPropagator`")));
    }

    private static Suite servlet() {
        return new Suite(
                "Servlet",
                ServletBenchmark.class,
                List.of(new Table(
                        "A small `GET` on Jetty over the loopback address, two connections kept alive",
                        "plain",
                        List.of(
                                peer("plain", "Jetty"),
                                ours("filtered", "Jetty with `CrosscutFilter`, correlation on")))));
    }
}
