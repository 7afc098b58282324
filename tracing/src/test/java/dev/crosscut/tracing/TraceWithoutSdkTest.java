package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A trace goes through a service that has no SDK of OpenTelemetry. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class TraceWithoutSdkTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .plugin(new TracingPlugin())
            .build();

    @AfterEach
    void nothing_is_left_on_the_thread() {
        assertThat(crosscut.faults()).isEmpty();
        assertThat(Context.current()).isSameAs(Context.root());
    }

    private static Map<String, String> ids(Exchange exchange) {
        Map<String, String> ids = new HashMap<>();
        exchange.forEach((key, value) -> {
            if (key.isLoggable()) {
                ids.put(key.name(), value.toString());
            }
        });
        return ids;
    }

    @Test
    void an_exchange_is_asked_for_nothing_that_only_a_span_would_have() {
        for (Kind kind : Kind.values()) {
            TestExchange exchange = new TestExchange(kind).header("traceparent", PARENT);
            Call call = crosscut.begin(exchange);
            call.end(Outcome.failed(new IllegalStateException("broken"), 500));

            assertThat(exchange.asked()).as("%s", kind).isEmpty();
        }
    }

    @Test
    void the_trace_of_the_caller_goes_on_to_what_is_called() {
        TestExchange server =
                new TestExchange(Kind.SERVER).header("traceparent", PARENT).header("tracestate", "foo=1", "bar@@x=2");
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = crosscut.begin(server);
        try (Scope scope = served.attach()) {
            Call called = crosscut.begin(client);
            called.end(Outcome.completed(200));
        }
        served.end(Outcome.completed(200));

        assertThat(ids(server)).containsEntry("trace_id", TRACE);
        assertThat(ids(client)).containsEntry("trace_id", TRACE);
        assertThat(ids(server).get("span_id"))
                .isNotEqualTo("00f067aa0ba902b7")
                .isNotEqualTo(ids(client).get("span_id"));
        assertThat(client.sent("traceparent"))
                .isEqualTo("00-" + TRACE + "-" + ids(client).get("span_id") + "-01");
        assertThat(client.sent("tracestate")).isEqualTo("foo=1,bar@@x=2");
    }

    @Test
    void a_request_without_a_valid_parent_begins_a_random_trace() {
        for (String header : new String[] {"", "00-" + TRACE + "-00f067aa0ba902b7", PARENT + "x"}) {
            TestExchange server =
                    new TestExchange(Kind.SERVER).header("traceparent", header).header("tracestate", "foo=1");
            Call served = crosscut.begin(server);
            TestExchange client = new TestExchange(Kind.CLIENT);
            try (Scope scope = served.attach()) {
                crosscut.begin(client).end(Outcome.completed(200));
            }
            served.end(Outcome.completed(200));

            assertThat(ids(server).get("trace_id")).matches("[0-9a-f]{32}").isNotEqualTo(TRACE);
            assertThat(client.sent("traceparent"))
                    .isEqualTo("00-" + ids(server).get("trace_id") + "-"
                            + ids(client).get("span_id") + "-03");
            assertThat(client.sent("tracestate")).isEmpty();
        }
    }

    @Test
    void the_span_of_an_exchange_is_current_for_OpenTelemetry_on_each_thread_of_it() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        TestExchange server = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        Call served = crosscut.begin(server);
        Callable<String> asked = () -> Span.current().getSpanContext().getSpanId();
        try (Scope scope = served.attach()) {
            assertThat(asked.call()).isEqualTo(ids(server).get("span_id"));
            assertThat(pool.submit(Propagation.wrap(asked)).get())
                    .isEqualTo(ids(server).get("span_id"));
            crosscut.run("step", () -> {
                Exchange step = Exchange.current().orElseThrow();
                assertThat(Span.current().getSpanContext().getSpanId())
                        .isEqualTo(ids(step).get("span_id"));
                assertThat(ids(step))
                        .containsEntry("trace_id", TRACE)
                        .doesNotContainEntry("span_id", ids(server).get("span_id"));
            });
            assertThat(asked.call()).isEqualTo(ids(server).get("span_id"));
        } finally {
            pool.shutdown();
        }
        served.end(Outcome.completed(200));
    }
}
