package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.core.SettingsException;
import io.opentelemetry.api.baggage.Baggage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What crosses the edge besides W3C Trace Context, and what does not. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class PropagatorsTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private static Crosscut crosscut(String key, String value) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new TracingPlugin())
                .property(key, value)
                .build();
    }

    /** What is sent on from within a request. */
    private static TestExchange called(Crosscut crosscut, TestExchange server, Runnable before) {
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = crosscut.begin(server);
        try (Scope scope = served.attach()) {
            before.run();
            crosscut.begin(client).end(Outcome.completed(200));
        }
        served.end(Outcome.completed(200));
        assertThat(crosscut.faults()).isEmpty();
        return client;
    }

    private static TestExchange called(Crosscut crosscut, TestExchange server) {
        return called(crosscut, server, () -> {});
    }

    @Test
    void nothing_of_a_callers_baggage_goes_on_unless_it_is_listed() {
        TestExchange server =
                new TestExchange(Kind.SERVER).header("baggage", "tenant=acme;p=1,secret=s", "region=eu%20west");

        assertThat(called(crosscut("crosscut.tracing.baggage", ""), server).sent("baggage"))
                .isEmpty();
        TestExchange again =
                new TestExchange(Kind.SERVER).header("baggage", "tenant=acme;p=1,secret=s", "region=eu%20west");
        assertThat(called(crosscut("crosscut.tracing.baggage", "tenant, region"), again)
                        .sent("baggage")
                        .split(","))
                .containsExactlyInAnyOrder("tenant=acme;p=1", "region=eu%20west");
    }

    @Test
    void what_the_service_adds_is_sent_with_what_came_in() {
        Crosscut crosscut = crosscut("crosscut.tracing.baggage", "tenant");
        TestExchange server = new TestExchange(Kind.SERVER).header("baggage", "tenant=acme");
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = crosscut.begin(server);
        try (Scope scope = served.attach();
                io.opentelemetry.context.Scope more =
                        Baggage.current().toBuilder().put("own", "1").build().makeCurrent()) {
            crosscut.begin(client).end(Outcome.completed(200));
        }
        served.end(Outcome.completed(200));

        assertThat(client.sent("baggage").split(",")).containsExactlyInAnyOrder("tenant=acme", "own=1");
    }

    @Test
    void baggage_over_its_limits_is_cut() {
        String many = IntStream.range(0, 200).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
        String keys = IntStream.range(0, 200).mapToObj(i -> "k" + i).collect(Collectors.joining(","));
        Crosscut crosscut = crosscut("crosscut.tracing.baggage", keys);

        assertThat(called(crosscut, new TestExchange(Kind.SERVER).header("baggage", many))
                        .sent("baggage")
                        .split(","))
                .hasSize(64);
        assertThat(called(crosscut, new TestExchange(Kind.SERVER).header("baggage", "k1=" + "v".repeat(9000)))
                        .sent("baggage"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "\u007f", "\u00e9", "\ud83d", "\ude00", "\"", "\\"})
    void baggage_that_cannot_be_written_again_is_not_taken(String character) {
        Crosscut crosscut = crosscut("crosscut.tracing.baggage", "k1, k2, k3");
        TestExchange server = new TestExchange(Kind.SERVER)
                .header("baggage", "k1=a" + character, "k2=a;p=" + character + ";q", "k3=a;p=1;q");

        assertThat(called(crosscut, server).sent("baggage")).isEqualTo("k3=a;p=1;q");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "=", "k1", "k1=;", ";;;", "k1=%zz", "k1=\u0000", "k 1=1,=,=="})
    void baggage_that_is_malformed_costs_nothing_else(String header) {
        TestExchange client = called(
                crosscut("crosscut.tracing.baggage", "k1"),
                new TestExchange(Kind.SERVER)
                        .header("baggage", header)
                        .header("traceparent", "00-" + TRACE + "-" + SPAN + "-01"));

        assertThat(client.get(Key.TRACE_ID)).contains(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {TRACE + "-" + SPAN + "-1", TRACE + "-" + SPAN + "-d", TRACE + "-" + SPAN + "-1-0000000000000001"
            })
    void b3_in_one_header_is_read_and_written(String header) {
        TestExchange client = called(
                crosscut("crosscut.tracing.propagators", "b3"), new TestExchange(Kind.SERVER).header("b3", header));

        assertThat(client.sent("b3"))
                .isEqualTo(TRACE + "-" + client.get(Key.SPAN_ID).orElseThrow() + "-1");
        assertThat(client.sent("traceparent") + client.sent("X-B3-TraceId")).isEmpty();
    }

    @Test
    void b3_in_several_headers_is_read_and_written() {
        TestExchange server = new TestExchange(Kind.SERVER)
                .header("X-B3-TraceId", TRACE.substring(16))
                .header("X-B3-SpanId", SPAN)
                .header("X-B3-Flags", "1");

        TestExchange client = called(crosscut("crosscut.tracing.propagators", "b3multi"), server);

        assertThat(client.sent("X-B3-TraceId")).isEqualTo("0".repeat(16) + TRACE.substring(16));
        assertThat(client.sent("X-B3-SpanId")).isEqualTo(client.get(Key.SPAN_ID).orElseThrow());
        assertThat(client.sent("X-B3-Sampled")).isEqualTo("1");
        assertThat(client.sent("b3")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "1",
                "d",
                "-",
                "--",
                TRACE,
                TRACE + "-",
                TRACE + "-" + SPAN + "-1-x-y",
                "zz" + TRACE + "-" + SPAN,
                TRACE + "-0000000000000000"
            })
    void b3_that_is_not_valid_is_as_if_it_had_not_been_sent(String header) {
        TestExchange server = new TestExchange(Kind.SERVER).header("b3", header);

        called(crosscut("crosscut.tracing.propagators", "b3"), server);

        assertThat(server.get(Key.TRACE_ID)).isPresent().get().isNotEqualTo(TRACE);
    }

    @Test
    void of_two_traces_the_format_that_is_named_first_counts_and_both_are_written() {
        TestExchange server = new TestExchange(Kind.SERVER)
                .header("traceparent", "00-" + TRACE + "-" + SPAN + "-01")
                .header("b3", "1" + TRACE.substring(1) + "-" + SPAN + "-0");

        TestExchange client = called(crosscut("crosscut.tracing.propagators", "b3, tracecontext"), server);

        assertThat(client.get(Key.TRACE_ID)).contains("1" + TRACE.substring(1));
        assertThat(client.sent("traceparent")).contains("1" + TRACE.substring(1));
        assertThat(client.sent("b3")).contains("1" + TRACE.substring(1)).endsWith("-0");
    }

    @Test
    void a_format_that_does_not_exist_is_refused_with_those_that_do() {
        assertThatThrownBy(() -> crosscut("crosscut.tracing.propagators", "tracecontext, jaeger"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.tracing.propagators")
                .hasMessageContaining("jaeger")
                .hasMessageContaining("tracecontext, baggage, b3, b3multi");
    }

    @Test
    void a_header_that_is_none_is_refused() {
        assertThatThrownBy(() -> crosscut("crosscut.tracing.request-headers", "X-A, bad name"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("bad name");
    }
}
