package dev.crosscut.tracing;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;
import java.util.function.UnaryOperator;

/** A pipeline with tracing on an SDK that keeps what it is told. */
final class Recorder implements AutoCloseable {

    final InMemorySpanExporter spans = InMemorySpanExporter.create();
    final InMemoryLogRecordExporter logs = InMemoryLogRecordExporter.create();
    final OpenTelemetrySdk sdk;
    final Crosscut crosscut;

    Recorder() {
        this(Sampler.parentBased(Sampler.alwaysOn()), builder -> builder);
    }

    Recorder(UnaryOperator<Crosscut.Builder> settings) {
        this(Sampler.parentBased(Sampler.alwaysOn()), settings);
    }

    Recorder(Sampler sampler, UnaryOperator<Crosscut.Builder> settings) {
        sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setLoggerProvider(SdkLoggerProvider.builder()
                        .addLogRecordProcessor(SimpleLogRecordProcessor.create(logs))
                        .build())
                .build();
        crosscut = settings.apply(Crosscut.builder().discoverPlugins(false).plugin(new TracingPlugin(sdk)))
                .build();
    }

    /** The one span of an exchange that begins and ends. */
    SpanData span(Exchange exchange, Outcome outcome) {
        Call call = crosscut.begin(exchange);
        call.end(outcome);
        return last();
    }

    SpanData last() {
        List<SpanData> all = spans.getFinishedSpanItems();
        return all.get(all.size() - 1);
    }

    @Override
    public void close() {
        crosscut.close();
        sdk.close();
    }
}
