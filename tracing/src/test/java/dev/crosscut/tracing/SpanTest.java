package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.core.SettingsException;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans of exchanges of each kind. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class SpanTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    private Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        assertThat(recorder.crosscut.faults()).isEmpty();
        assertThat(Exchange.current()).isEmpty();
        assertThat(Context.current()).isSameAs(Context.root());
        recorder.close();
    }

    private void use(Recorder other) {
        recorder.close();
        recorder = other;
    }

    @Test
    void what_happens_within_an_exchange_is_in_its_trace_and_below_its_span() {
        TestExchange server = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = recorder.crosscut.begin(server);
        try (Scope scope = served.attach()) {
            recorder.crosscut.run(
                    "charge", () -> recorder.crosscut.begin(client).end(Outcome.completed(200)));
        }
        served.end(Outcome.completed(200));

        List<SpanData> spans = recorder.spans.getFinishedSpanItems();
        SpanData called = spans.get(0);
        SpanData step = spans.get(1);
        SpanData request = spans.get(2);
        assertThat(spans).hasSize(3).allMatch(span -> span.getTraceId().equals(TRACE));
        assertThat(request.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
        assertThat(request.getParentSpanContext().isRemote()).isTrue();
        assertThat(step.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(step.getName()).isEqualTo("charge");
        assertThat(step.getKind()).isEqualTo(SpanKind.INTERNAL);
        assertThat(called.getParentSpanId()).isEqualTo(step.getSpanId());
        assertThat(client.sent("traceparent")).isEqualTo("00-" + TRACE + "-" + called.getSpanId() + "-01");
        assertThat(server.get(Key.TRACE_ID)).contains(TRACE);
        assertThat(server.get(Key.SPAN_ID)).contains(request.getSpanId());
        assertThat(server.get(Key.SAMPLED)).contains(true);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void every_kind_of_exchange_has_a_span_of_its_kind_unless_it_is_to_have_none(Kind kind) {
        SpanData span =
                recorder.span(new TestExchange(kind).protocol("kafka").operation("orders"), Outcome.completed());
        assertThat(span.getKind().name()).isEqualTo(kind == Kind.LOCAL ? "INTERNAL" : kind.name());
        assertThat(span.getName()).isEqualTo("orders");

        use(new Recorder(b -> b.property("crosscut.tracing.spans", "")));
        TestExchange incoming = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        TestExchange without = new TestExchange(kind);
        Call served = recorder.crosscut.begin(incoming);
        try (Scope scope = served.attach()) {
            recorder.crosscut.begin(without).end(Outcome.completed());
        }
        served.end(Outcome.completed());
        assertThat(recorder.spans.getFinishedSpanItems()).isEmpty();
        if (kind == Kind.CLIENT || kind == Kind.PRODUCER) {
            assertThat(without.sent("traceparent")).isEqualTo(PARENT);
        }
    }

    @Test
    void a_span_that_a_framework_has_made_for_the_request_is_taken_and_not_ended() {
        Span theirs =
                recorder.sdk.getTracer("framework").spanBuilder("GET /theirs").startSpan();
        TestExchange server = new TestExchange(Kind.SERVER).header("X-Correlation-ID", "corr-1");
        try (io.opentelemetry.context.Scope current = theirs.makeCurrent()) {
            Call call = recorder.crosscut.begin(server);
            try (Scope scope = call.attach()) {
                assertThat(Span.current()).isSameAs(theirs);
            }
            call.end(Outcome.completed(500));
        }

        assertThat(server.get(Key.SPAN_ID)).contains(theirs.getSpanContext().getSpanId());
        assertThat(theirs.isRecording()).isTrue();
        assertThat(recorder.spans.getFinishedSpanItems()).isEmpty();
        theirs.end();
        SpanData span = recorder.last();
        assertThat(span.getName()).isEqualTo("GET /theirs");
        assertThat(span.getStatus()).isEqualTo(StatusData.unset());
        assertThat(span.getAttributes().asMap()).containsOnlyKeys(AttributeKey.stringKey("crosscut.correlation.id"));
    }

    @Test
    void a_span_that_only_came_with_a_header_is_no_span_of_a_framework() {
        Span remote = Span.fromContext(new W3cTraceContext()
                .extract(
                        Context.root(),
                        new TestExchange(Kind.SERVER).header("traceparent", PARENT),
                        ExchangeHeaders.ACCESS));
        try (io.opentelemetry.context.Scope current = remote.makeCurrent()) {
            recorder.crosscut.begin(new TestExchange(Kind.SERVER)).end(Outcome.completed(200));
        }

        assertThat(recorder.last().getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(recorder.last().getTraceId()).isNotEqualTo(TRACE);
    }

    @Test
    void a_span_of_an_exchange_is_never_taken_for_that_of_a_framework() {
        TestExchange message = new TestExchange(Kind.CONSUMER).protocol("kafka").header("traceparent", PARENT);
        TestExchange inner = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        recorder.crosscut.run("poll", () -> {
            recorder.crosscut.begin(message).end(Outcome.completed());
            recorder.crosscut.begin(inner).end(Outcome.completed(200));
        });

        List<SpanData> spans = recorder.spans.getFinishedSpanItems();
        assertThat(spans)
                .extracting(SpanData::getKind)
                .containsExactly(SpanKind.CONSUMER, SpanKind.SERVER, SpanKind.INTERNAL);
        assertThat(spans.subList(0, 2)).allMatch(span -> span.getParentSpanId().equals("00f067aa0ba902b7"));
        assertThat(spans.get(0).getLinks()).hasSize(1);
        assertThat(inner.get(Key.SPAN_ID)).contains(spans.get(1).getSpanId());
    }

    @Test
    @SuppressWarnings("MustBeClosedChecker") // what is left open is what this is about
    void what_a_handler_leaves_on_a_thread_does_not_capture_the_next_request() throws InterruptedException {
        Thread thread = new Thread(() -> {
            Call call = recorder.crosscut.begin(new TestExchange(Kind.SERVER));
            try (Scope scope = call.attach()) {
                Baggage.builder().put("own", "1").build().makeCurrent();
            }
            call.end(Outcome.completed(200));
            TestExchange next = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
            recorder.crosscut.begin(next).end(Outcome.completed(200));
        });
        thread.start();
        thread.join();

        assertThat(recorder.last().getTraceId()).isEqualTo(TRACE);
        assertThat(recorder.last().getKind()).isEqualTo(SpanKind.SERVER);
    }

    @Test
    void what_a_framework_has_read_of_baggage_is_held_to_the_list() {
        use(new Recorder(b -> b.property("crosscut.tracing.baggage", "tenant")));
        Span theirs = recorder.sdk.getTracer("framework").spanBuilder("GET").startSpan();
        Context read = Context.root()
                .with(theirs)
                .with(Baggage.builder().put("secret", "s").put("tenant", "x").build());
        TestExchange client = new TestExchange(Kind.CLIENT);
        try (io.opentelemetry.context.Scope current = read.makeCurrent()) {
            Call call =
                    recorder.crosscut.begin(new TestExchange(Kind.SERVER).header("baggage", "secret=s,tenant=acme"));
            try (Scope scope = call.attach()) {
                recorder.crosscut.begin(client).end(Outcome.completed(200));
            }
            call.end(Outcome.completed(200));
        }
        theirs.end();

        assertThat(client.sent("baggage")).isEqualTo("tenant=acme");
    }

    @Test
    void a_kind_that_is_left_out_leaves_the_context_as_it_is() {
        use(new Recorder(b -> b.property("crosscut.tracing.spans", "server, client")));
        Call call = recorder.crosscut.begin(new TestExchange(Kind.SERVER));
        try (Scope scope = call.attach()) {
            recorder.crosscut.run("step", () -> Span.current().setAttribute("a", "b"));
        }
        call.end(Outcome.completed(200));
        assertThat(recorder.last().getAttributes().get(AttributeKey.stringKey("a")))
                .isEqualTo("b");

        use(new Recorder(b -> b.property("crosscut.tracing.spans", "client")));
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = recorder.crosscut.begin(new TestExchange(Kind.SERVER));
        try (Scope scope = served.attach();
                io.opentelemetry.context.Scope more =
                        Baggage.builder().put("own", "1").build().makeCurrent()) {
            recorder.crosscut.begin(client).end(Outcome.completed(200));
        }
        served.end(Outcome.completed(200));
        assertThat(recorder.spans.getFinishedSpanItems()).hasSize(1);
        assertThat(client.sent("baggage")).isEqualTo("own=1");
    }

    @Test
    void a_span_without_a_name_is_ended_too() {
        SpanData span =
                recorder.span(new TestExchange(Kind.CONSUMER).protocol("x").operation(""), Outcome.completed());

        assertThat(span.hasEnded()).isTrue();
    }

    @Test
    void a_message_is_the_child_of_its_sender_and_linked_to_it() {
        SpanData span = recorder.span(
                new TestExchange(Kind.CONSUMER).protocol("kafka").header("traceparent", PARENT), Outcome.completed());

        assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
        assertThat(span.getLinks())
                .extracting(link -> link.getSpanContext().getSpanId())
                .containsExactly("00f067aa0ba902b7");
    }

    @Test
    void a_batch_begins_a_trace_and_is_linked_to_each_of_its_senders() {
        TestExchange batch = new TestExchange(Kind.CONSUMER).protocol("kafka");
        for (int i = 1; i <= 3; i++) {
            batch.message(new TestExchange(Kind.CONSUMER)
                    .header("traceparent", "00-" + TRACE + "-000000000000000" + i + "-01"));
        }
        batch.message(new TestExchange(Kind.CONSUMER).header("traceparent", "none"));

        SpanData span = recorder.span(batch, Outcome.completed());

        assertThat(span.getParentSpanContext().isValid()).isFalse();
        assertThat(span.getTraceId()).isNotEqualTo(TRACE);
        assertThat(span.getLinks())
                .extracting(LinkData::getSpanContext)
                .extracting(sender -> sender.getTraceId() + sender.getSpanId())
                .containsExactly(TRACE + "0000000000000001", TRACE + "0000000000000002", TRACE + "0000000000000003");
    }

    @Test
    void an_exception_is_a_record_of_the_log_with_its_span_and_without_its_message() {
        SpanData span = recorder.span(
                new TestExchange(Kind.SERVER),
                Outcome.failed(
                        new IllegalStateException("the outer secret", new RuntimeException("the inner secret"))));

        LogRecordData log = recorder.logs.getFinishedLogRecordItems().get(0);
        assertThat(span.getEvents()).isEmpty();
        assertThat(log.getSpanContext().getSpanId()).isEqualTo(span.getSpanId());
        assertThat(log.getEventName()).isEqualTo("http.server.request.exception");
        assertThat(log.getSeverity()).isEqualTo(Severity.ERROR);
        assertThat(log.getAttributes().get(Semantic.EXCEPTION_TYPE)).isEqualTo("java.lang.IllegalStateException");
        assertThat(log.getAttributes().get(Semantic.EXCEPTION_STACKTRACE))
                .startsWith("java.lang.IllegalStateException\n\tat ")
                .contains("Caused by: java.lang.RuntimeException\n\tat ");
        assertThat(log.toString()).doesNotContain("secret");

        recorder.crosscut.begin(new TestExchange(Kind.CLIENT)).end(Outcome.failed(new RuntimeException("x")));
        assertThat(recorder.logs.getFinishedLogRecordItems().get(1).getSeverity())
                .isEqualTo(Severity.WARN);
    }

    @Test
    void an_exception_is_an_event_of_the_span_or_nothing_where_that_is_set() {
        use(new Recorder(b -> b.property("crosscut.tracing.exceptions", "events")
                .property("crosscut.tracing.exception-messages", "true")));
        SpanData span = recorder.span(new TestExchange(Kind.SERVER), Outcome.failed(new RuntimeException("why")));
        assertThat(span.getEvents()).hasSize(1);
        assertThat(span.getEvents().get(0).getName()).isEqualTo("exception");
        assertThat(span.getEvents().get(0).getAttributes().get(Semantic.EXCEPTION_MESSAGE))
                .isEqualTo("why");
        assertThat(recorder.logs.getFinishedLogRecordItems()).isEmpty();

        use(new Recorder(b -> b.property("crosscut.tracing.exceptions", "none")));
        assertThat(recorder.span(new TestExchange(Kind.SERVER), Outcome.failed(new RuntimeException("why")))
                        .getEvents())
                .isEmpty();
        assertThat(recorder.logs.getFinishedLogRecordItems()).isEmpty();
    }

    @Test
    void exceptions_that_do_not_behave_are_recorded_too() {
        RuntimeException cycle = new RuntimeException("a");
        cycle.initCause(new RuntimeException("b", cycle));
        RuntimeException hostile = new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        };
        use(new Recorder(b -> b.property("crosscut.tracing.exception-messages", "true")));

        recorder.crosscut.begin(new TestExchange(Kind.SERVER)).end(Outcome.failed(cycle));
        recorder.crosscut.begin(new TestExchange(Kind.SERVER)).end(Outcome.failed(hostile));

        assertThat(recorder.logs.getFinishedLogRecordItems()).hasSize(2);
        assertThat(recorder.logs
                        .getFinishedLogRecordItems()
                        .get(1)
                        .getAttributes()
                        .get(Semantic.EXCEPTION_MESSAGE))
                .isEqualTo("<java.lang.IllegalStateException>");
    }

    @Test
    void a_reply_tells_its_trace_where_that_is_set_and_not_otherwise() {
        TestExchange silent = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        recorder.crosscut.begin(silent).end(Outcome.completed(200));
        assertThat(silent.replied("traceresponse") + silent.replied("Server-Timing"))
                .isEmpty();

        use(new Recorder(b -> b.property("crosscut.tracing.reply-headers", "traceresponse, server-timing")));
        TestExchange told = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        SpanData span = recorder.span(told, Outcome.completed(200));
        String expected = "00-" + TRACE + "-" + span.getSpanId() + "-01";
        assertThat(told.replied("traceresponse")).isEqualTo(expected);
        assertThat(told.replied("Server-Timing")).isEqualTo("traceparent;desc=\"" + expected + "\"");
    }

    @Test
    void keys_of_the_exchange_are_on_the_span_where_they_are_listed() {
        Key<String> order = Key.of("order_id", String.class).loggable();
        use(new Recorder(b -> b.property("crosscut.tracing.attributes", "tenant_tier, order_id")));
        TestExchange exchange = new TestExchange(Kind.SERVER);
        Call call = recorder.crosscut.begin(exchange);
        exchange.put(Key.TENANT, "acme");
        exchange.put(Key.TENANT_TIER, "gold");
        exchange.put(order, "o-1");
        call.end(Outcome.completed(200));

        assertThat(recorder.last().getAttributes().get(AttributeKey.stringKey("crosscut.tenant.tier")))
                .isEqualTo("gold");
        assertThat(recorder.last().getAttributes().get(AttributeKey.stringKey("order_id")))
                .isEqualTo("o-1");
        assertThat(recorder.last().getAttributes().toString()).doesNotContain("acme", "correlation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tenent",
                "tenatn",
                "tenant-tier",
                "tenantTier",
                "Tenant",
                "correlationid",
                "correlaton_idd",
                "crosscut.decision-x, idempotence_",
                "decisions"
            })
    void a_key_whose_name_is_misspelt_is_refused_with_the_names_that_there_are(String names) {
        String misspelt = names.contains(",") ? "idempotence_" : names;

        assertThatThrownBy(() -> new Recorder(b -> b.property("crosscut.tracing.attributes", names)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.tracing.attributes")
                .hasMessageContaining(misspelt)
                .hasMessageContaining("caller, correlation_id, decision, external_correlation_id, idempotency, tenant,"
                        + " tenant_tier, or the name of a key of the service's own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"order_id", "trade_id", "tenant_id", "a", "precision", "correlation_group", "route", "user.id"})
    void a_key_of_the_services_own_may_have_any_other_name(String name) {
        use(new Recorder(b -> b.property("crosscut.tracing.attributes", name)));
        TestExchange exchange = new TestExchange(Kind.SERVER);
        Call call = recorder.crosscut.begin(exchange);
        exchange.put(Key.of(name, String.class).loggable(), "mine");
        call.end(Outcome.completed(200));

        assertThat(recorder.last().getAttributes().get(AttributeKey.stringKey(name)))
                .isEqualTo("mine");
    }

    @Test
    void what_is_not_sampled_still_has_its_ids_and_costs_no_attributes_at_the_end() {
        use(new Recorder(Sampler.alwaysOff(), b -> b));
        TestExchange server = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        Call call = recorder.crosscut.begin(server);
        TestExchange client = new TestExchange(Kind.CLIENT);
        try (Scope scope = call.attach()) {
            recorder.crosscut.begin(client).end(Outcome.completed(200));
        }
        server.asked().clear();
        call.end(Outcome.completed(200));

        assertThat(server.asked()).doesNotContain("network.peer.port", "network.protocol.version");
        assertThat(recorder.spans.getFinishedSpanItems()).isEmpty();
        assertThat(server.get(Key.TRACE_ID)).contains(TRACE);
        assertThat(server.getOrDefault(Key.SAMPLED, false)).isFalse();
        assertThat(client.sent("traceparent"))
                .isEqualTo("00-" + TRACE + "-" + client.get(Key.SPAN_ID).orElseThrow() + "-00");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void where_the_sdk_is_shut_down_traces_go_on(int when) {
        if (when == 0) {
            recorder.sdk.close();
        }
        TestExchange server = new TestExchange(Kind.SERVER).header("traceparent", PARENT);
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call call = recorder.crosscut.begin(server);
        if (when == 1) {
            recorder.sdk.close();
        }
        try (Scope scope = call.attach()) {
            recorder.crosscut.begin(client).end(Outcome.completed(200));
        }
        if (when == 2) {
            recorder.sdk.close();
        }
        call.end(Outcome.completed(200));

        assertThat(client.sent("traceparent")).startsWith("00-" + TRACE + "-").endsWith("-01");
        assertThat(server.get(Key.SPAN_ID)).isPresent().isNotEqualTo(client.get(Key.SPAN_ID));
    }

    @Test
    void conventions_that_are_not_stable_are_off_unless_they_are_named() {
        assertThat(recorder.span(grpc(), Outcome.completed()).getAttributes().toString())
                .doesNotContain("rpc.");
        assertThat(recorder.span(kafka(), Outcome.completed()).getAttributes().toString())
                .doesNotContain("messaging.");

        use(new Recorder(b -> b.property("crosscut.tracing.experimental", "rpc, messaging")));
        SpanData call = recorder.span(grpc(), Outcome.completed());
        assertThat(call.getName()).isEqualTo("acme.Ledger/Book");
        assertThat(call.getAttributes().get(Semantic.RPC_METHOD)).isEqualTo("acme.Ledger/Book");
        assertThat(call.getAttributes().get(Semantic.RPC_RESPONSE_STATUS_CODE)).isEqualTo("OK");
        SpanData message = recorder.span(kafka(), Outcome.completed());
        assertThat(message.getName()).isEqualTo("process orders");
        assertThat(message.getAttributes().get(Semantic.MESSAGING_KAFKA_OFFSET)).isEqualTo(7L);
    }

    private static TestExchange grpc() {
        return new TestExchange(Kind.CLIENT)
                .protocol("grpc")
                .operation("acme.Ledger/Book")
                .attribute("rpc.system.name", "grpc")
                .attribute("rpc.response.status_code", "OK");
    }

    private static TestExchange kafka() {
        return new TestExchange(Kind.CONSUMER)
                .protocol("kafka")
                .operation("orders")
                .attribute("messaging.system", "kafka")
                .attribute("messaging.operation.name", "process")
                .attribute("messaging.destination.name", "orders")
                .attribute("messaging.kafka.offset", 7L);
    }

    @Test
    void a_call_to_a_database_has_the_stable_conventions() {
        SpanData span = recorder.span(
                new TestExchange(Kind.CLIENT)
                        .protocol("db")
                        .operation("SELECT payments")
                        .attribute("db.system.name", "postgresql")
                        .attribute("db.query.text", "SELECT * FROM payments WHERE id = ?")
                        .attribute("db.query.summary", "SELECT payments")
                        .attribute("db.operation.batch.size", "not a number"),
                Outcome.completed());

        assertThat(span.getName()).isEqualTo("SELECT payments");
        assertThat(span.getAttributes().get(Semantic.DB_SYSTEM_NAME)).isEqualTo("postgresql");
        assertThat(span.getAttributes().get(Semantic.DB_QUERY_TEXT)).isEqualTo("SELECT * FROM payments WHERE id = ?");
        assertThat(span.getAttributes().get(Semantic.DB_OPERATION_BATCH_SIZE)).isNull();
    }
}
