package dev.crosscut.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** By which meter an exchange is measured, and with which values. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExchangeMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private Map<String, String> series(String meter, Exchange exchange, Outcome outcome, String... settings) {
        try (Metered metered = new Metered(registry, settings)) {
            metered.end(exchange, outcome);
            return metered.series(meter);
        }
    }

    /** A key set with these values, and empty ones in its other keys. */
    private static Map<String, String> values(Convention convention, String... values) {
        Map<String, String> all = new TreeMap<>();
        convention.keys().forEach(key -> all.put(key, ""));
        for (int i = 0; i < values.length; i += 2) {
            all.put(values[i], values[i + 1]);
        }
        return all;
    }

    @Test
    void a_request_is_measured_by_method_route_status_and_tier() {
        Exchange request = TestExchange.request("GET", "/payments/{id}").with(Key.TENANT_TIER, "gold");

        assertThat(series(
                        "http.server.request.duration",
                        request,
                        Outcome.completed(200),
                        "crosscut.metrics.tiers",
                        "gold, silver"))
                .isEqualTo(values(
                        Conventions.HTTP_SERVER,
                        "http.request.method",
                        "GET",
                        "url.scheme",
                        "https",
                        "http.response.status_code",
                        "200",
                        "http.route",
                        "/payments/{id}",
                        "network.protocol.version",
                        "1.1",
                        "crosscut.tenant.tier",
                        "gold"));
    }

    @Test
    void a_duration_is_that_of_the_exchange() throws Exception {
        try (Metered metered = new Metered(registry)) {
            TestExchange request = TestExchange.request("GET", "/slow");
            var call = metered.crosscut().begin(request);
            Thread.sleep(30);
            Duration before = request.elapsed();
            call.end(Outcome.completed(200));
            Duration after = request.elapsed();

            Timer timer = registry.get("http.server.request.duration").timer();
            assertThat(timer.count()).isEqualTo(1);
            assertThat(timer.totalTime(TimeUnit.NANOSECONDS))
                    .isBetween((double) before.toNanos(), (double) after.toNanos());
        }
    }

    @Test
    void a_request_without_a_route_has_an_empty_one_and_never_its_path() {
        assertThat(series("http.server.request.duration", TestExchange.request("GET", ""), Outcome.completed(404)))
                .containsEntry("http.route", "")
                .containsEntry("http.response.status_code", "404")
                .containsEntry("error.type", "");
    }

    @ParameterizedTest
    @CsvSource({"SERVER,499,''", "SERVER,500,500", "CLIENT,399,''", "CLIENT,400,400", "CLIENT,503,503"})
    void an_error_is_what_the_conventions_call_one(Kind kind, int status, String errorType) {
        TestExchange exchange =
                kind == Kind.SERVER ? TestExchange.request("GET", "/a") : TestExchange.call("GET", "ledger");

        assertThat(series(
                        kind == Kind.SERVER ? "http.server.request.duration" : "http.client.request.duration",
                        exchange,
                        Outcome.completed(status)))
                .containsEntry("error.type", errorType)
                .containsEntry("http.response.status_code", Integer.toString(status));
    }

    @Test
    void what_threw_has_the_class_of_the_exception_and_no_status() {
        assertThat(series(
                        "http.client.request.duration",
                        TestExchange.call("POST", "ledger"),
                        Outcome.failed(new IOException("refused by 10.0.0.7"))))
                .isEqualTo(values(
                        Conventions.HTTP_CLIENT,
                        "http.request.method",
                        "POST",
                        "server.address",
                        "ledger",
                        "server.port",
                        "8443",
                        "network.protocol.version",
                        "2",
                        "error.type",
                        "java.io.IOException"));
    }

    @Test
    void what_nobody_waits_for_any_more_is_measured_without_status_and_error() {
        assertThat(series(
                        "http.server.request.duration",
                        TestExchange.request("GET", "/a"),
                        Outcome.cancelled("the client went away")))
                .containsEntry("http.response.status_code", "")
                .containsEntry("error.type", "");
    }

    @Test
    void what_a_guard_answers_is_measured_like_anything_else() {
        try (var crosscut = Metered.builder(registry)
                .guard(new Guard() {
                    @Override
                    public Phase phase() {
                        return Phase.AUTHORIZE;
                    }

                    @Override
                    public Decision admit(Exchange exchange) {
                        exchange.put(Key.DECISION, "deny");
                        return Decision.answer(Reply.problem(403, "https://example.org/denied", "Denied")
                                .reply());
                    }
                })
                .build()) {
            crosscut.begin(TestExchange.request("GET", "/a")).end(Outcome.completed(403));

            assertThat(registry.get("http.server.request.duration")
                            .tags("http.response.status_code", "403", "http.route", "/a")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("crosscut.decisions")
                            .tags("decision", "deny")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"99,_OTHER", "100,100", "599,599", "600,_OTHER", "-1,_OTHER", "2147483647,_OTHER"})
    void a_status_that_http_does_not_have_is_other(int status, String expected) {
        assertThat(series("http.server.request.duration", TestExchange.request("GET", "/a"), Outcome.completed(status)))
                .containsEntry("http.response.status_code", expected);
    }

    @ParameterizedTest
    @CsvSource({"GET,GET", "PATCH,PATCH", "QUERY,QUERY", "get,_OTHER", "PROPFIND,_OTHER", "'GET ',_OTHER"})
    void a_method_that_is_not_known_is_other(String method, String expected) {
        assertThat(series("http.server.request.duration", TestExchange.request(method, "/a"), Outcome.completed(200)))
                .containsEntry("http.request.method", expected);
    }

    @Test
    void the_protocol_is_named_only_where_it_is_not_http() {
        assertThat(series(
                        "http.server.request.duration",
                        TestExchange.request("GET", "/a").with("network.protocol.name", "http"),
                        Outcome.completed(200)))
                .containsEntry("network.protocol.name", "");
        registry.clear();
        assertThat(series(
                        "http.server.request.duration",
                        TestExchange.request("GET", "/a").with("network.protocol.name", "spdy"),
                        Outcome.completed(200)))
                .containsEntry("network.protocol.name", "spdy");
    }

    @Test
    void a_tier_that_is_not_declared_is_other_and_said_once() {
        try (Warnings warnings = new Warnings();
                Metered metered = new Metered(registry, "crosscut.metrics.tiers", "gold")) {
            for (int i = 0; i < 3; i++) {
                metered.end(
                        TestExchange.request("GET", "/a").with(Key.TENANT_TIER, "bronze\n" + i),
                        Outcome.completed(200));
            }

            assertThat(metered.series("http.server.request.duration")).containsEntry("crosscut.tenant.tier", "_OTHER");
            assertThat(registry.get("http.server.request.duration").timer().count())
                    .isEqualTo(3);
            assertThat(registry.get("crosscut.metrics.overflow")
                            .tags("key", "crosscut.tenant.tier")
                            .gauge()
                            .value())
                    .isEqualTo(3);
            assertThat(warnings.texts())
                    .containsExactly(
                            "'bronze?0' is not declared, and counts as _OTHER in crosscut.tenant.tier; expected"
                                    + " one of [gold], which is what crosscut.metrics.tiers says");
        }
    }

    @Test
    void work_inside_the_service_is_measured_by_its_name() {
        try (Metered metered = new Metered(registry)) {
            metered.crosscut().run("nightly-report", () -> {});

            assertThat(metered.series("crosscut.local.duration"))
                    .isEqualTo(values(Conventions.LOCAL, "operation", "nightly-report"));
        }
    }

    @Test
    void a_call_to_a_database_is_measured_by_its_own_meter_whatever_protocol_it_has() {
        for (String protocol : new String[] {"jdbc", "http"}) {
            registry.clear();
            TestExchange query = new TestExchange(Kind.CLIENT, protocol, "SELECT")
                    .with("db.system.name", "postgresql")
                    .with("db.namespace", "shop")
                    .with("db.operation.name", "SELECT")
                    .with("db.query.summary", "SELECT orders")
                    .with("db.query.text", "SELECT * FROM orders WHERE id = ?")
                    .with("server.address", "db")
                    .with("server.port", 5432L);

            assertThat(series("db.client.operation.duration", query, Outcome.completed()))
                    .isEqualTo(values(
                            Conventions.DB_CLIENT,
                            "db.system.name",
                            "postgresql",
                            "db.namespace",
                            "shop",
                            "db.operation.name",
                            "SELECT",
                            "db.query.summary",
                            "SELECT orders",
                            "server.address",
                            "db",
                            "server.port",
                            "5432"));
            assertThat(registry.find("http.client.request.duration").timer()).isNull();
        }
    }

    @Test
    void a_remote_procedure_call_is_measured_where_that_is_asked_for() {
        TestExchange served = new TestExchange(Kind.SERVER, "grpc", "shop.Orders/Get")
                .with("rpc.system.name", "grpc")
                .with("rpc.status_code", "OK")
                .with(Key.TENANT_TIER, "gold");
        TestExchange called = new TestExchange(Kind.CLIENT, "grpc", "shop.Stock/Take")
                .with("rpc.system.name", "grpc")
                .with("server.address", "stock");

        assertThat(series(
                        "rpc.server.call.duration",
                        served,
                        Outcome.completed(),
                        "crosscut.metrics.experimental",
                        "rpc",
                        "crosscut.metrics.tiers",
                        "gold"))
                .isEqualTo(values(
                        Conventions.RPC_SERVER,
                        "rpc.system.name",
                        "grpc",
                        "rpc.method",
                        "shop.Orders/Get",
                        "rpc.status_code",
                        "OK",
                        "crosscut.tenant.tier",
                        "gold"));
        assertThat(series(
                        "rpc.client.call.duration",
                        called,
                        Outcome.failed(new IOException()),
                        "crosscut.metrics.experimental",
                        "rpc"))
                .isEqualTo(values(
                        Conventions.RPC_CLIENT,
                        "rpc.system.name",
                        "grpc",
                        "rpc.method",
                        "shop.Stock/Take",
                        "server.address",
                        "stock",
                        "error.type",
                        "java.io.IOException"));
    }

    private static TestExchange message(Kind kind) {
        return new TestExchange(kind, "kafka", "orders")
                .with("messaging.system", "kafka")
                .with("messaging.operation.name", kind == Kind.CONSUMER ? "process" : "send")
                .with("messaging.destination.name", "orders");
    }

    @Test
    void messages_are_measured_and_counted_where_that_is_asked_for() {
        try (Metered metered = new Metered(registry, "crosscut.metrics.experimental", "messaging")) {
            metered.end(message(Kind.PRODUCER), Outcome.completed());
            metered.end(message(Kind.PRODUCER).with("messaging.batch.message_count", 5L), Outcome.completed());
            metered.end(message(Kind.CONSUMER).batch(3), Outcome.completed());
            metered.end(message(Kind.CLIENT), Outcome.completed());

            assertThat(metered.series("messaging.process.duration"))
                    .isEqualTo(values(
                            Conventions.MESSAGING_PROCESS,
                            "messaging.system",
                            "kafka",
                            "messaging.operation.name",
                            "process",
                            "messaging.destination.name",
                            "orders"));
            assertThat(registry.get("messaging.client.operation.duration")
                            .timer()
                            .count())
                    .isEqualTo(3);
            assertThat(count("messaging.client.sent.messages")).isEqualTo(6);
            assertThat(count("messaging.client.consumed.messages")).isEqualTo(3);
        }
    }

    private double count(String counter) {
        return registry.get(counter).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void a_destination_that_has_a_template_is_not_named() {
        TestExchange reply = message(Kind.CONSUMER)
                .with("messaging.destination.name", "replies-4711")
                .with("messaging.destination.template", "replies-{id}");

        assertThat(series(
                        "messaging.process.duration",
                        reply,
                        Outcome.completed(),
                        "crosscut.metrics.experimental",
                        "messaging"))
                .containsEntry("messaging.destination.name", "")
                .containsEntry("messaging.destination.template", "replies-{id}");
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVER", "CLIENT", "PRODUCER", "CONSUMER"})
    void what_has_no_stable_convention_is_not_measured_unasked(Kind kind) {
        try (Metered metered = new Metered(registry)) {
            metered.end(
                    message(kind).with("rpc.system.name", "grpc").with(Key.IDEMPOTENCY, "replayed"),
                    Outcome.completed());

            assertThat(registry.getMeters())
                    .extracting(meter -> meter.getId().getName())
                    .doesNotContain(
                            "messaging.client.operation.duration",
                            "messaging.process.duration",
                            "messaging.client.sent.messages",
                            "messaging.client.consumed.messages",
                            "rpc.server.call.duration",
                            "rpc.client.call.duration",
                            "http.server.request.duration")
                    .contains("crosscut.idempotency");
        }
    }

    @Test
    void replays_conflicts_and_decisions_are_counted() {
        try (Metered metered = new Metered(registry)) {
            metered.end(TestExchange.request("POST", "/a").with(Key.IDEMPOTENCY, "executed"), Outcome.completed(201));
            metered.end(TestExchange.request("POST", "/a").with(Key.IDEMPOTENCY, "replayed"), Outcome.completed(201));
            metered.end(TestExchange.request("POST", "/a").with(Key.IDEMPOTENCY, "replayed"), Outcome.completed(201));
            metered.end(TestExchange.request("POST", "/a").with(Key.DECISION, "permit"), Outcome.completed(201));

            assertThat(registry.get("crosscut.idempotency")
                            .tags("result", "replayed")
                            .counter()
                            .count())
                    .isEqualTo(2);
            assertThat(count("crosscut.idempotency")).isEqualTo(3);
            assertThat(metered.series("crosscut.decisions")).containsExactly(Map.entry("decision", "permit"));
        }
    }
}
