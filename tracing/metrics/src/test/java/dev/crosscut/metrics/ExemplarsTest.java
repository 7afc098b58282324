package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What registries are told of the trace that is measured. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExemplarsTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private final ExchangeSpanContext prometheus = new ExchangeSpanContext();
    private final ExchangeExemplars otlp = new ExchangeExemplars();

    @Test
    void outside_of_an_exchange_there_is_no_trace() {
        assertThat(prometheus.getCurrentTraceId()).isNull();
        assertThat(prometheus.getCurrentSpanId()).isNull();
        assertThat(prometheus.isCurrentSpanSampled()).isFalse();
        assertThat(otlp.getExemplarContext()).isNull();
    }

    @Test
    void within_one_it_is_that_of_the_exchange_where_it_is_kept() {
        try (Metered metered = new Metered(new SimpleMeterRegistry())) {
            TestExchange request = TestExchange.request("GET", "/a");
            try (Scope scope = metered.crosscut().begin(request).attach()) {
                assertThat(prometheus.getCurrentTraceId()).isNull();
                assertThat(otlp.getExemplarContext()).isNull();
                request.with(Key.TRACE_ID, TRACE).with(Key.SPAN_ID, SPAN).with(Key.SAMPLED, false);
                assertThat(prometheus.isCurrentSpanSampled()).isFalse();
                assertThat(otlp.getExemplarContext()).isNull();
                request.with(Key.SAMPLED, true);
                prometheus.markCurrentSpanAsExemplar();

                assertThat(prometheus.getCurrentTraceId()).isEqualTo(TRACE);
                assertThat(prometheus.getCurrentSpanId()).isEqualTo(SPAN);
                assertThat(prometheus.isCurrentSpanSampled()).isTrue();
                assertThat(otlp.getExemplarContext()).isNotNull().satisfies(context -> {
                    assertThat(context.getTraceId()).isEqualTo(TRACE);
                    assertThat(context.getSpanId()).isEqualTo(SPAN);
                });
            }
        }
    }

    @Test
    void what_is_sent_by_otlp_has_the_trace_with_the_measurement() {
        List<byte[]> sent = new CopyOnWriteArrayList<>();
        OtlpConfig config = new OtlpConfig() {
            @Override
            public String get(String key) {
                return null;
            }

            @Override
            public Duration step() {
                return Duration.ofDays(1);
            }

            @Override
            public Map<String, String> resourceAttributes() {
                return Map.of("service.name", "test");
            }
        };
        OtlpMeterRegistry registry = OtlpMeterRegistry.builder(config)
                .metricsSender(request -> sent.add(request.getMetricsData()))
                .exemplarContextProvider(new ExchangeExemplars())
                .build();
        try (Metered metered = new Metered(registry)) {
            metered.end(
                    TestExchange.request("GET", "/a")
                            .with(Key.TRACE_ID, TRACE)
                            .with(Key.SPAN_ID, SPAN)
                            .with(Key.SAMPLED, true),
                    Outcome.completed(200));
        }
        registry.close();

        assertThat(sent)
                .isNotEmpty()
                .anySatisfy(bytes -> assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                        .contains("http.server.request.duration")
                        .contains(new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1))
                        .contains(new String(HexFormat.of().parseHex(SPAN), StandardCharsets.ISO_8859_1)));
    }
}
