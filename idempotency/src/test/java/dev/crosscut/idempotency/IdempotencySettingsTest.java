package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that cannot be meant refuse to start, with what was expected. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IdempotencySettingsTest {

    private final CapturedLog log = new CapturedLog();

    @AfterEach
    void close() {
        log.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            store                       | ~~              | the name of a store
            embedded.max-size           | 1023B           | at least 1KB
            embedded.max-size           | 64MiB           | a size such as 512B, 64KB
            lease                       | 99ms            | 100ms to 1d
            lease                       | 25h             | 100ms to 1d
            lease                       | 30              | a duration such as
            retention                   | 99ms            | 100ms to 3650d
            retention                   | 3651d           | 100ms to 3650d
            on-abandoned                | retry           | one of re-execute, refuse
            wait                        | 61m             | 0s to 1h
            wait                        | -1s             | a duration such as
            key                         | always          | one of required, optional, off
            methods                     | post            | the name of a method
            methods                     | POST,,PUT       | a list, separated by commas
            header                      | Idempotency Key | the name of a header field
            header                      | ~~              | the name of a header field
            lenient-keys                | yes             | true or false
            max-key-length              | 0               | 1 to 4096
            max-key-length              | 4097            | 1 to 4096
            scope                       | ~~              | at least one
            scope                       | tenant,world    | one of tenant, caller, method, route
            max-request                 | 0B              | 1B to 64MB
            max-request                 | 65MB            | 1B to 64MB
            max-outcome                 | 65MB            | 0B to 64MB
            statuses                    | all             | one of ietf, stripe
            headers                     | ETag,a b        | the name of a header field that is not of one response alone
            canonical-json              | 1               | true or false
            threads                     | 0               | 1 to 1024
            threads                     | 1025            | 1 to 1024
            near-cache                  | -1B             | 0B or more
            near-cache-age              | 999ms           | 1s to 1d
            near-cache-age              | 25h             | 1s to 1d
            compress-above              | 65MB            | 0B to 64MB
            encryption-key              | ~~              | 1 to 64 characters
            route.x                     | payments/*      | a path that begins with /
            route.x                     | POST /x /y      | a path that begins with /
            route.x.key                 | always          | one of required, optional, off
            route.x.header              | ~~              | the name of a header
            route.x.lease               | 99ms            | 100ms to 1d
            route.x.retention           | 3651d           | 100ms to 3650d
            route.x.on-abandoned        | retry           | one of re-execute, refuse
            route.x.wait                | 61m             | 0s to 1h
            route.x.statuses            | all             | one of ietf, stripe
            route.x.max-request         | 0B              | 1B to 64MB
            route.x.max-outcome         | 65MB            | 0B to 64MB
            route.x.on-store-failure    | ignore          | one of refuse, proceed
            """)
    void a_value_that_is_none_is_named_with_what_was_expected(String name, String value, String expected) {
        assertThatThrownBy(() -> Edge.open(Way.BLOCKING, name, value == null ? "" : value))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.idempotency." + name + " (test")
                .hasMessageContaining("is '" + (value == null ? "" : value) + "'; expected")
                .hasMessageContaining(expected);
    }

    @Test
    void what_is_set_for_a_route_that_is_not_there_refuses_all_at_once() {
        assertThatThrownBy(() -> Edge.open(
                        Way.BLOCKING,
                        "route.pay",
                        "POST /payments",
                        "route.x.lease",
                        "1s",
                        "route.y.key",
                        "off",
                        "route.y.on-store-failure",
                        "proceed"))
                .hasMessageContaining("crosscut.idempotency.route.x.lease, crosscut.idempotency.route.y.key,"
                        + " crosscut.idempotency.route.y.on-store-failure is set, but no such route")
                .hasMessageContaining("there are [pay]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key",
                "header",
                "lease",
                "retention",
                "on-abandoned",
                "wait",
                "statuses",
                "max-request",
                "max-outcome",
                "on-store-failure"
            })
    void each_setting_of_a_route_wants_its_route(String setting) {
        String value = switch (setting) {
            case "key" -> "off";
            case "header" -> "X-Key";
            case "lease", "retention", "wait" -> "1s";
            case "on-abandoned" -> "refuse";
            case "statuses" -> "ietf";
            case "on-store-failure" -> "refuse";
            default -> "1KB";
        };
        assertThatThrownBy(() -> Edge.open(Way.BLOCKING, "route.x." + setting, value))
                .hasMessageContaining("crosscut.idempotency.route.x." + setting + " is set, but no such route");
        Edge.open(Way.BLOCKING, "route.x", "POST /x", "route.x." + setting, value)
                .close();
    }

    @Test
    void a_route_of_a_method_that_no_request_has_is_refused() {
        assertThatThrownBy(() -> Edge.open(Way.BLOCKING, "route.pay", "Post /payments"))
                .hasMessageContaining(
                        "crosscut.idempotency.route.pay is 'Post /payments', and no request has the method Post;"
                                + " expected POST /payments");
        Edge.open(Way.BLOCKING, "route.topic", "payments", "route.method", "Payments.pay", "route.rpc", "M-SEARCH /x")
                .close();
    }

    @Test
    void a_route_is_the_same_however_many_spaces_it_is_written_with() {
        String one = recordOf("POST /payments");
        assertThat(recordOf("  POST \t  /payments ")).isEqualTo(one);
        assertThat(recordOf("/payments")).isNotEqualTo(one);
    }

    private static String recordOf(String pattern) {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", pattern)) {
            TestExchange exchange = TestExchange.payment("key-1");
            edge.send(exchange, () -> Response.of(201, ""));
            return exchange.recordKey().orElseThrow();
        }
    }

    @Test
    void a_slip_of_the_pen_in_a_route_is_no_route() {
        assertThatThrownBy(() -> Edge.open(Way.BLOCKING, "route.x", "POST /x", "route.x.leaze", "1s"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.idempotency.route.x.leaze (test")
                .hasMessageContaining("is not a known setting");
    }

    @Test
    void the_key_that_outcomes_are_to_be_encrypted_with_must_be_there_and_be_one() {
        assertThatThrownBy(() -> Edge.open(Way.BLOCKING, "encryption-key", "main"))
                .hasMessageContaining("there is no encryption key main")
                .hasMessageContaining("expected it under crosscut.idempotency.encryption-keys.main");
        assertThatThrownBy(() -> Edge.open(
                        Way.BLOCKING, "encryption-key", "main", "encryption-keys.main", "not-base64-but-secret!"))
                .hasMessageContaining("key main is not Base64; expected 16, 24 or 32 bytes in Base64")
                .hasMessageNotContaining("not-base64-but-secret!");
        assertThatThrownBy(() ->
                        Edge.open(Way.BLOCKING, "encryption-key", "main", "encryption-keys.main", "c2hvcnQgc2VjcmV0"))
                .hasMessageContaining("key main has 12 bytes; expected 16, 24 or 32")
                .hasMessageNotContaining("c2hvcnQgc2VjcmV0");
    }

    private static Crosscut inMemory(IdempotencyPlugin plugin, String... settings) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .source(Source.of("test", Edge.named(settings)))
                .plugin(plugin)
                .build();
    }

    private static String send(Crosscut crosscut, String key) {
        TestExchange exchange = TestExchange.payment(key);
        Call call = crosscut.begin(exchange);
        if (call.answer().isEmpty()) {
            call.settle(Outcome.completed(201), ByteBuffer.allocate(10));
        }
        call.end(Outcome.completed(201));
        return exchange.state();
    }

    @Test
    void a_store_that_is_not_there_is_named_with_those_that_are() {
        IdempotencyPlugin plugin = new IdempotencyPlugin();
        assertThatThrownBy(() -> inMemory(plugin, "store", "redis"))
                .hasMessageContaining("crosscut.idempotency.store is 'redis', and no such store is on the class path")
                .hasMessageContaining("expected embedded; crosscut-idempotency-jdbc has jdbc,"
                        + " crosscut-idempotency-redis has redis");
    }

    @Test
    void without_settings_records_are_in_memory() {
        IdempotencyPlugin plugin = new IdempotencyPlugin();
        try (Crosscut crosscut = inMemory(plugin)) {
            assertThat(send(crosscut, "key-1")).isEqualTo("executed");
            assertThat(send(crosscut, "key-1")).isEqualTo("replayed");
            assertThat(plugin.idempotency().store()).isInstanceOf(EmbeddedStore.class);
        }
    }

    @Test
    void a_store_in_memory_that_is_full_refuses_what_is_new_and_replays_what_it_has() {
        try (Crosscut crosscut = inMemory(new IdempotencyPlugin(), "embedded.max-size", "1KB")) {
            assertThat(send(crosscut, "key-1")).isEqualTo("executed");
            assertThat(send(crosscut, "key-2")).isEqualTo("executed");
            assertThat(send(crosscut, "key-3")).isEqualTo("executed");
            assertThat(send(crosscut, "key-4")).isEqualTo("unavailable");
            assertThat(send(crosscut, "key-1")).isEqualTo("replayed");
            assertThat(log.warnings()).allMatch(text -> text.contains("failed to claim"));
        }
    }

    @Test
    void where_it_is_off_keys_are_not_looked_at() {
        IdempotencyPlugin plugin = new IdempotencyPlugin();
        try (Crosscut crosscut = inMemory(plugin, "enabled", "false", "key", "required")) {
            assertThat(send(crosscut, "key-1")).isEmpty();
            assertThat(send(crosscut, "key-1")).isEmpty();
            assertThat(crosscut.counters()).isEmpty();
            assertThatThrownBy(plugin::idempotency)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("crosscut.idempotency.enabled");
        }
    }

    @Test
    void work_of_the_services_own_is_done_once_over_the_same_store_and_by_the_same_settings() {
        try (Edge edge = Edge.open(Way.BLOCKING, "max-outcome", "5B")) {
            IdempotentOperation operation =
                    edge.plugin.idempotency().operation("charge").key("k");
            assertThat(operation.once(String.class, run -> "long enough")).isEqualTo("long enough");
            assertThatThrownBy(() -> operation.once(String.class, run -> "again"))
                    .isInstanceOf(IdempotencyException.class)
                    .hasMessageContaining("cannot be replayed");
            assertThat(edge.store.calls()).startsWith("claim", "complete", "claim");
            assertThat(edge.crosscut.counters()).containsEntry("crosscut.idempotency.executed", 1L);
        }
    }

    @Test
    void a_near_cache_saves_the_second_look() {
        try (Edge edge = Edge.open(Way.BLOCKING, "near-cache", "1MB")) {
            edge.send(TestExchange.payment("key-1"), () -> Response.of(201, "done"));
            assertThat(edge.store.calls()).containsExactly("claim", "complete");
            assertThat(edge.send(TestExchange.payment("key-1"), () -> Response.of(201, ""))
                            .text())
                    .isEqualTo("done");
            assertThat(edge.store.calls()).containsExactly("claim", "complete");
        }
    }

    @Test
    void the_lease_and_the_retention_of_a_route_are_its_own() {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "lease",
                "10s",
                "retention",
                "1h",
                "route.pay",
                "POST /payments",
                "route.pay.lease",
                "20s",
                "route.pay.retention",
                "2h")) {
            TestExchange payment = TestExchange.payment("key-1");
            TestExchange other = TestExchange.request("POST", "/other").key("key-1");
            Call call = edge.begin(payment);
            Call second = edge.begin(other);
            assertThat(edge.store.find(payment).orElseThrow().lease()).hasSeconds(20);
            assertThat(edge.store.find(other).orElseThrow().lease()).hasSeconds(10);
            edge.ended(call, payment, Response.of(201, ""));
            edge.ended(second, other, Response.of(201, ""));
            assertThat(edge.store.find(payment).orElseThrow().retention()).hasHours(2);
            assertThat(edge.store.find(other).orElseThrow().retention()).hasHours(1);
        }
    }
}
