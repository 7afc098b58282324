package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What W3C Trace Context, level 2, says of the two headers. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class W3cTraceContextTest {

    private static final String TRACE = "12345678901234567890123456789012";
    private static final String SPAN = "1234567890123456";
    private static final String VALID = "00-" + TRACE + "-" + SPAN + "-01";

    private final W3cTraceContext propagator = new W3cTraceContext();

    private static final class Getter implements TextMapGetter<Map<String, List<String>>> {

        @Override
        public @Nullable String get(Map<String, List<String>> carrier, String key) {
            List<String> values = carrier.getOrDefault(key, List.of());
            return values.isEmpty() ? null : values.get(0);
        }

        @Override
        public Iterator<String> getAll(Map<String, List<String>> carrier, String key) {
            return carrier.getOrDefault(key, List.of()).iterator();
        }
    }

    private SpanContext extracted(List<String> traceparent, List<String> tracestate) {
        Map<String, List<String>> headers = Map.of("traceparent", traceparent, "tracestate", tracestate);
        Context context = propagator.extract(Context.root(), headers, new Getter());
        return Span.fromContext(context).getSpanContext();
    }

    private SpanContext parent(String... traceparent) {
        return extracted(List.of(traceparent), List.of());
    }

    private String state(String... tracestate) {
        return extracted(List.of(VALID), List.of(tracestate)).getTraceState().asMap().entrySet().stream()
                .map(member -> member.getKey() + "=" + member.getValue())
                .collect(Collectors.joining(","));
    }

    private Map<String, String> injected(SpanContext span) {
        Map<String, String> headers = new HashMap<>();
        propagator.inject(Context.root().with(Span.wrap(span)), headers, Map::put);
        return headers;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                VALID,
                " " + VALID,
                "\t" + VALID + " \t",
                "cc-" + TRACE + "-" + SPAN + "-01",
                "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like"
            })
    void a_parent_that_is_valid_is_continued(String header) {
        SpanContext parent = parent(header);

        assertThat(parent.getTraceId()).isEqualTo(TRACE);
        assertThat(parent.getSpanId()).isEqualTo(SPAN);
        assertThat(parent.isSampled()).isTrue();
        assertThat(parent.isRemote()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "00",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-",
                "00-" + TRACE + "-" + SPAN + "-1",
                "00-" + TRACE + "-" + SPAN + "-001",
                "00-" + TRACE + "-" + SPAN + "-.0",
                "00-" + TRACE + "-" + SPAN + "-0.",
                "00-" + TRACE + "-" + SPAN + "-0F",
                "00-" + TRACE + "-" + SPAN + "-01.",
                "00-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like",
                "cc-" + TRACE + "-" + SPAN + "-01.what-the-future-will-be-like",
                "ff-" + TRACE + "-" + SPAN + "-01",
                ".0-" + TRACE + "-" + SPAN + "-01",
                "0.-" + TRACE + "-" + SPAN + "-01",
                "000-" + TRACE + "-" + SPAN + "-01",
                "0-" + TRACE + "-" + SPAN + "-01",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-.2345678901234567890123456789012-" + SPAN + "-01",
                "00-ABCDEF78901234567890123456789012-" + SPAN + "-01",
                "00-" + TRACE + "3-" + SPAN + "-01",
                "00-1234567890123456789012345678901-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "7-01",
                "00-" + TRACE + "-123456789012345-01",
                "00_" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "_" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "_01",
                "00-\u0661" + "2345678901234567890123456789012-" + SPAN + "-01"
            })
    void a_parent_that_is_not_valid_is_as_if_it_had_not_been_sent(String header) {
        assertThat(parent(header).isValid()).isFalse();
    }

    @Test
    void two_parents_are_none_whatever_they_are() {
        assertThat(parent(VALID, VALID).isValid()).isFalse();
        assertThat(parent(VALID, "").isValid()).isFalse();
        assertThat(parent().isValid()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 0xff})
    void of_the_flags_those_of_level_2_are_handed_on(int flags) {
        SpanContext parent = parent("00-" + TRACE + "-" + SPAN + "-"
                + TraceFlags.fromByte((byte) flags).asHex());

        assertThat(parent.getTraceFlags().asByte()).isEqualTo((byte) (flags & 3));
        assertThat(injected(parent).get("traceparent")).isEqualTo("00-" + TRACE + "-" + SPAN + "-0" + (flags & 3));
    }

    @Test
    void members_of_several_headers_are_one_list_in_their_order() {
        assertThat(state("foo=1,bar=2", "rojo=1 \t,\t congo=2", "", "baz=3 "))
                .isEqualTo("foo=1,bar=2,rojo=1,congo=2,baz=3");
        assertThat(state("", "foo=1")).isEqualTo("foo=1");
        assertThat(state(",foo=1,,bar=2,")).isEqualTo("foo=1,bar=2");
    }

    @Test
    void of_a_key_that_is_there_twice_the_first_stays() {
        assertThat(state("foo=1,foo=1")).isEqualTo("foo=1");
        assertThat(state("foo=1", "foo=2", "bar=3")).isEqualTo("foo=1,bar=3");
    }

    @Test
    void keys_that_differ_only_inside_are_different_keys() {
        assertThat(state("axb=1,ayb=2")).isEqualTo("axb=1,ayb=2");
        assertThat(injected(extracted(List.of(VALID), List.of("axb=1,ayb=2,axb=3"))))
                .containsEntry("tracestate", "axb=1,ayb=2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo@=1",
                "foo@@bar=1",
                "foo@bar@baz=1",
                "0=1",
                "a_-*/@b=1",
                "foo= 1",
                "foo=!\"#$%&'()*+-./:;<>?[\\]^_`{|}~"
            })
    void what_level_2_allows_is_handed_on(String member) {
        assertThat(state("bar=2," + member)).isEqualTo("bar=2," + member);
        assertThat(injected(extracted(List.of(VALID), List.of(member)))).containsEntry("tracestate", member);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo =1",
                "FOO=1",
                "foo.bar=1",
                "@foo=1",
                "_foo=1",
                "foo",
                "=1",
                "foo=",
                "foo=bar=baz",
                "foo=\u00e9",
                "foo=a\u0001b",
                "foo=a\tb"
            })
    void one_member_that_is_not_valid_costs_all(String member) {
        assertThat(state("bar=2", member)).isEmpty();
        assertThat(extracted(List.of(VALID), List.of(member)).getTraceId()).isEqualTo(TRACE);
    }

    @Test
    void there_are_at_most_32_members_of_keys_and_values_of_256_characters() {
        List<String> members =
                IntStream.rangeClosed(1, 33).mapToObj(i -> "bar" + i + "=" + i).toList();
        assertThat(state(String.join(",", members.subList(0, 32)))).endsWith("bar32=32");
        assertThat(state(String.join(",", members))).isEmpty();
        assertThat(state("foo=1", "z".repeat(256) + "=" + "v".repeat(256))).startsWith("foo=1,zzz");
        assertThat(state("foo=1", "z".repeat(257) + "=1")).isEmpty();
        assertThat(state("foo=1", "z=" + "v".repeat(257))).isEmpty();
    }

    @Test
    void of_a_header_that_is_too_long_the_long_members_are_left_out_first() {
        String members = IntStream.rangeClosed(1, 8)
                .mapToObj(i -> "long" + i + "=" + "v".repeat(250) + ",short" + i + "=" + i)
                .collect(Collectors.joining(","));

        String sent = injected(extracted(List.of(VALID), List.of(members))).get("tracestate");

        assertThat(sent.length()).isBetween(1500, 2048);
        assertThat(sent).startsWith("long1=").contains("short1=1", "short8=8").doesNotContain("long8=");
    }

    @Test
    void a_state_without_a_parent_is_not_looked_at() {
        assertThat(extracted(List.of(), List.of("foo=1")).getTraceState().isEmpty())
                .isTrue();
    }

    @Test
    void a_span_that_is_none_is_not_sent() {
        assertThat(injected(SpanContext.getInvalid())).isEmpty();
    }

    @Test
    void what_an_SDK_adds_to_a_state_comes_first_and_what_it_cannot_hold_is_left_out() {
        TraceState received =
                extracted(List.of(VALID), List.of("foo=1,a@@b=2,bar=3")).getTraceState();

        TraceState changed = received.toBuilder().put("own", "0").build();

        SpanContext span = SpanContext.create(TRACE, SPAN, TraceFlags.getSampled(), changed);
        assertThat(injected(span)).containsEntry("tracestate", "own=0,foo=1,bar=3");
        assertThat(received.get("a@@b")).isEqualTo("2");
        assertThat(received.size()).isEqualTo(3);
    }

    /** As most getters are: of a header that is there twice they answer the first. */
    private static final class OfOneValue implements TextMapGetter<Map<String, String>> {

        @Override
        public String get(Map<String, String> carrier, String key) {
            return carrier.get(key);
        }
    }

    @Test
    void any_SDK_can_use_it_in_place_of_its_own() {
        try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .setPropagators(ContextPropagators.create(
                        TextMapPropagator.composite(new W3cTraceContext(), W3CBaggagePropagator.getInstance())))
                .build()) {
            TextMapPropagator used = sdk.getPropagators().getTextMapPropagator();
            assertThat(used.fields()).contains("traceparent", "tracestate", "baggage");

            Context caller = used.extract(
                    Context.root(),
                    Map.of("traceparent", VALID, "tracestate", "foo@@bar=1", "baggage", "k=v"),
                    new OfOneValue());
            Span span =
                    sdk.getTracer("any").spanBuilder("any").setParent(caller).startSpan();
            Map<String, String> sent = new HashMap<>();
            used.inject(caller.with(span), sent, Map::put);

            assertThat(sent.get("traceparent"))
                    .startsWith("00-" + TRACE + "-" + span.getSpanContext().getSpanId() + "-0");
            assertThat(sent).containsEntry("tracestate", "foo@@bar=1").containsEntry("baggage", "k=v");
        }
    }
}
