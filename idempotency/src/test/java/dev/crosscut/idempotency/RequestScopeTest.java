package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose keys a key is one of, and which requests have keys. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestScopeTest {

    private static final String KEY = "key-7f3a";

    private static String send(Edge edge, TestExchange exchange) {
        edge.send(exchange, () -> Response.of(201, "done"));
        return exchange.state();
    }

    private static TestExchange payment() {
        return TestExchange.payment(KEY).knowing(Key.TENANT, "acme").knowing(Key.CALLER, "ann");
    }

    @ParameterizedTest
    @EnumSource
    void keys_of_each_tenant_caller_method_and_route_are_their_own(Way way) {
        try (Edge edge = Edge.open(way)) {
            List<TestExchange> all = List.of(
                    payment(),
                    payment().knowing(Key.TENANT, "other"),
                    payment().knowing(Key.CALLER, "bob"),
                    TestExchange.payment(KEY).knowing(Key.TENANT, "acme"),
                    TestExchange.payment(KEY).knowing(Key.CALLER, "ann"),
                    TestExchange.payment(KEY),
                    TestExchange.request("PATCH", "/payments").key(KEY),
                    TestExchange.request("POST", "/refunds").key(KEY));
            assertThat(all).allSatisfy(each -> assertThat(send(edge, each)).isEqualTo("executed"));
            assertThat(all.stream().map(TestExchange::recordKey)).doesNotHaveDuplicates();
            assertThat(send(edge, payment())).isEqualTo("replayed");
        }
    }

    @Test
    void nobody_gets_into_the_scope_of_another_by_what_he_is_called() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            for (List<String> names : List.of(
                    List.of("ab", "c"),
                    List.of("a", "bc"),
                    List.of("abc", ""),
                    List.of("", "abc"),
                    List.of("a,b", "c"))) {
                TestExchange exchange = TestExchange.payment(KEY)
                        .knowing(Key.TENANT, names.get(0))
                        .knowing(Key.CALLER, names.get(1));
                assertThat(send(edge, exchange)).as("%s", names).isEqualTo("executed");
            }
        }
    }

    static Stream<List<String>> scopes() {
        List<String> parts = List.of("tenant", "caller", "method", "route");
        List<List<String>> all = new ArrayList<>();
        for (int set = 1; set < 16; set++) {
            List<String> scope = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                if ((set & 1 << i) != 0) {
                    scope.add(parts.get(i));
                }
            }
            all.add(scope);
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void what_the_setting_leaves_out_is_shared(List<String> scope) {
        try (Edge edge = Edge.open(Way.BLOCKING, "scope", String.join(",", scope))) {
            assertThat(send(edge, payment())).isEqualTo("executed");
            assertThat(send(edge, payment().knowing(Key.TENANT, "other")))
                    .isEqualTo(scope.contains("tenant") ? "executed" : "replayed");
            assertThat(send(edge, payment().knowing(Key.CALLER, "bob")))
                    .isEqualTo(scope.contains("caller") ? "executed" : "replayed");
            assertThat(send(edge, like(payment(), TestExchange.request("PATCH", "/payments"))))
                    .isEqualTo(scope.contains("method") ? "executed" : "mismatch");
            assertThat(send(edge, like(payment(), TestExchange.request("POST", "/refunds"))))
                    .isEqualTo(scope.contains("route") ? "executed" : "mismatch");
        }
    }

    private static TestExchange like(TestExchange first, TestExchange other) {
        return other.key(KEY)
                .knowing(Key.TENANT, first.getOrDefault(Key.TENANT, ""))
                .knowing(Key.CALLER, first.getOrDefault(Key.CALLER, ""))
                .sending("Content-Type", "application/json")
                .carrying("{\"amount\":500}");
    }

    @Test
    void an_undeclared_request_belongs_to_the_route_that_it_matched_and_else_to_its_path() {
        try (Edge edge = Edge.open(Way.BLOCKING)) {
            String template = "/accounts/{id}/payments";
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/1/payments")
                                    .key(KEY)
                                    .knowing(Key.ROUTE, template)))
                    .isEqualTo("executed");
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/2/payments")
                                    .key(KEY)
                                    .knowing(Key.ROUTE, template)))
                    .isEqualTo("mismatch");
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/1/payments").key(KEY)))
                    .isEqualTo("executed");
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/2/payments").key(KEY)))
                    .isEqualTo("executed");
        }
    }

    @Test
    void a_declared_route_is_one_scope_whatever_its_paths_are() {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", "POST /accounts/*/payments")) {
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/1/payments").key(KEY)))
                    .isEqualTo("executed");
            assertThat(send(
                            edge,
                            TestExchange.request("POST", "/accounts/2/payments").key(KEY)))
                    .isEqualTo("mismatch");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/payments/",
                "/payments;x",
                "/payments;a=1;b",
                "/%70ayments",
                "/%2570ayments",
                "//payments",
                "/./payments",
                "/x/../payments",
                "/payments/.",
                "/payments%2f",
                "/payments%3bx",
                "\\payments"
            })
    void a_route_is_not_got_around_by_the_way_its_path_is_spelled(String path) {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.pay", "POST /payments", "key", "off")) {
            assertThat(send(edge, TestExchange.payment(KEY))).isEqualTo("executed");
            assertThat(send(edge, TestExchange.request("POST", path))).isEqualTo("missing");
            assertThat(send(edge, like(TestExchange.payment(KEY), TestExchange.request("POST", path))))
                    .as("with the key of the other spelling")
                    .isEqualTo("mismatch");
            assertThat(edge.effects).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/payments/..%2fpublic/x",
                "/payments/../public/x",
                "/payments;/../public/x",
                "/payments//../../public"
            })
    void a_route_without_keys_is_not_got_into_by_spelling_either(String path) {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "route.a",
                "POST /public/**",
                "route.a.key",
                "off",
                "route.b",
                "POST /**",
                "route.b.key",
                "required")) {
            assertThat(send(edge, TestExchange.request("POST", path))).isEqualTo("missing");
            assertThat(send(edge, TestExchange.request("POST", "/public/x"))).isEmpty();
        }
    }

    @Test
    void a_route_requires_a_key_unless_it_is_set_otherwise() {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "route.a",
                "POST /a",
                "route.b",
                "POST /b",
                "route.b.key",
                "optional",
                "route.c",
                "POST /c",
                "route.c.key",
                "off")) {
            assertThat(send(edge, TestExchange.request("POST", "/a"))).isEqualTo("missing");
            assertThat(send(edge, TestExchange.request("POST", "/b"))).isEmpty();
            assertThat(send(edge, TestExchange.request("POST", "/b").key(KEY))).isEqualTo("executed");
            assertThat(send(edge, TestExchange.request("POST", "/b").key(KEY))).isEqualTo("replayed");
            assertThat(send(edge, TestExchange.request("POST", "/c").key(KEY))).isEmpty();
            assertThat(send(edge, TestExchange.request("POST", "/c").sending(TestExchange.HEADER, "malformed")))
                    .isEmpty();
            assertThat(send(edge, TestExchange.request("POST", "/d"))).isEmpty();
            assertThat(edge.effects).hasValue(5);
        }
    }

    @Test
    void the_first_route_counts_in_the_order_of_their_names() {
        try (Edge edge = Edge.open(
                Way.BLOCKING, "route.b", "POST /payments", "route.a", "POST /**", "route.a.key", "optional")) {
            assertThat(send(edge, TestExchange.request("POST", "/payments"))).isEmpty();
        }
        try (Edge edge = Edge.open(
                Way.BLOCKING, "route.a", "POST /payments", "route.b", "POST /**", "route.b.key", "optional")) {
            assertThat(send(edge, TestExchange.request("POST", "/payments"))).isEqualTo("missing");
        }
    }

    @ParameterizedTest
    @CsvSource({"optional, '', executed", "required, missing, executed", "off, '', ''"})
    void what_no_route_names_is_as_the_setting_for_all_says(String mode, String without, String with) {
        try (Edge edge = Edge.open(Way.BLOCKING, "key", mode)) {
            assertThat(send(edge, TestExchange.request("POST", "/payments"))).isEqualTo(without);
            assertThat(send(edge, TestExchange.payment(KEY))).isEqualTo(with);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "TRACE"})
    void a_request_that_asks_for_nothing_to_be_done_has_no_key_unless_a_route_names_its_method(String method) {
        try (Edge edge = Edge.open(
                Way.BLOCKING,
                "key",
                "required",
                "route.all",
                "/payments",
                "route.star",
                "* /payments/**",
                "route.z",
                method)) {
            assertThat(send(edge, TestExchange.request(method, "/payments").key(KEY)))
                    .as("the route that names the method alone")
                    .isEqualTo("executed");
        }
        try (Edge edge =
                Edge.open(Way.BLOCKING, "key", "required", "route.all", "/payments", "route.star", "* /payments/**")) {
            assertThat(send(edge, TestExchange.request(method, "/payments"))).isEmpty();
            assertThat(send(edge, TestExchange.request(method, "/payments").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.request(method, "/payments/1").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.request("PUT", "/payments"))).isEqualTo("missing");
            assertThat(edge.store.calls()).isEmpty();
        }
        try (Edge edge = Edge.open(Way.BLOCKING, "route.get", method + "   /payments")) {
            assertThat(send(edge, TestExchange.request(method, "/payments"))).isEqualTo("missing");
            assertThat(send(edge, TestExchange.request(method, "/payments").key(KEY)))
                    .isEqualTo("executed");
        }
    }

    @Test
    void other_methods_have_keys_where_they_are_set_or_a_route_names_them() {
        try (Edge edge = Edge.open(Way.BLOCKING, "route.put", "PUT /orders")) {
            assertThat(send(edge, TestExchange.request("PUT", "/payments").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.request("PUT", "/orders").key(KEY)))
                    .isEqualTo("executed");
        }
        try (Edge edge = Edge.open(Way.BLOCKING, "methods", "PUT,DELETE")) {
            assertThat(send(edge, TestExchange.request("DELETE", "/payments").key(KEY)))
                    .isEqualTo("executed");
            assertThat(send(edge, TestExchange.payment(KEY))).isEmpty();
        }
    }

    @Test
    void only_requests_over_http_that_this_service_answers_have_keys() {
        try (Edge edge = Edge.open(Way.BLOCKING, "key", "required", "route.pay", "POST /payments")) {
            assertThat(send(edge, TestExchange.other(Kind.CLIENT, "http").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.other(Kind.LOCAL, "http").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.other(Kind.PRODUCER, "kafka").key(KEY)))
                    .isEmpty();
            assertThat(send(edge, TestExchange.other(Kind.SERVER, "grpc").key(KEY)))
                    .isEmpty();
            assertThat(edge.store.calls()).isEmpty();
        }
    }
}
