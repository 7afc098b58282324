package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RoutePatternTest {

    private static boolean matches(String pattern, String method, String path) {
        return RoutePattern.parse(pattern).matches(http(method, path));
    }

    @ParameterizedTest
    @CsvSource({
        "/health, GET, /health",
        "GET /health, GET, /health",
        "* /health, PUT, /health",
        "GET, GET, /anything",
        "/, GET, /",
        "/payments/*, GET, /payments/42",
        "/payments/*/lines, GET, /payments/42/lines",
        "/health/**, GET, /health",
        "/health/**, GET, /health/a/b",
        "/**, GET, /",
        "/**, GET, /a/b",
        "/a/**/z, GET, /a/z",
        "/a/**/z, GET, /a/b/z/c/z",
        "'  GET   /health ', GET, /health"
    })
    void these_are_meant(String pattern, String method, String path) {
        assertThat(matches(pattern, method, path)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/health, GET, /health/",
        "/health, GET, /healthy",
        "GET /health, POST, /health",
        "get /health, GET, /health",
        "/payments/*, GET, /payments",
        "/payments/*, GET, /payments/42/lines",
        "/a/**/z, GET, /a/z/b",
        "/health/**, GET, /healthy"
    })
    void these_are_not(String pattern, String method, String path) {
        assertThat(matches(pattern, method, path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health/../payments",
                "/health/./x",
                "/health/%2e%2e/payments",
                "/health//payments",
                "/health;x=1",
                "/health/a\\b"
            })
    void a_path_that_a_server_may_take_for_another_is_never_meant(String path) {
        assertThat(matches("/**", "GET", path)).isFalse();
    }

    @Test
    void the_route_is_meant_however_the_path_is_spelled() {
        Exchange exchange = http("GET", "/payments/%34%32");
        exchange.put(Key.ROUTE, "/payments/{id}");

        assertThat(RoutePattern.parse("GET /payments/{id}").matches(exchange)).isTrue();
        assertThat(RoutePattern.parse("GET /payments/*").matches(exchange)).isTrue();
        assertThat(RoutePattern.parse("GET /other/*").matches(exchange)).isFalse();
    }

    @Test
    void a_job_is_meant_by_its_operation() {
        Exchange job = new TestExchange(Exchange.Kind.LOCAL, "nightly-report");

        assertThat(RoutePattern.parse("nightly-report").matches(job)).isTrue();
        assertThat(RoutePattern.parse("/nightly-report").matches(job)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "GET POST /x", "GET health", "a b c"})
    void what_is_no_route_is_refused(String text) {
        assertThat(RoutePattern.isOne(text)).isFalse();
        assertThatThrownBy(() -> RoutePattern.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is no route; expected " + RoutePattern.EXPECTED);
    }

    @Test
    void a_hostile_path_costs_no_more_than_the_product_of_the_lengths() {
        RoutePattern pattern = RoutePattern.parse("/**/a/**/a/**/a/**/b");
        Exchange exchange = http("GET", "/a".repeat(20_000));

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> assertThat(pattern.matches(exchange)).isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/payments/42",
                "/payments/42/",
                "//payments///42",
                "/payments;v=1/42;x",
                "/%70ayments/42",
                "/%2570ayments/42",
                "/a/../payments/./42",
                "/a/%2e%2e/payments/42",
                "\\payments\\42",
                "/../payments/42"
            })
    void whatever_some_server_takes_for_the_path_may_be_meant(String path) {
        assertThat(RoutePattern.parse("POST /payments/*").mayMatch(http("POST", path)))
                .isTrue();
        assertThat(RoutePattern.parse("POST /payments/*").mayMatch(http("GET", path)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/payments", "/payments/42/lines", "/refunds/42", "/%zz", "/%", "", "/payments/.."})
    void what_no_server_takes_for_the_path_may_not(String path) {
        assertThat(RoutePattern.parse("POST /payments/*").mayMatch(http("POST", path)))
                .isFalse();
    }

    private static Exchange http(String method, String path) {
        return new Exchange(Exchange.Kind.SERVER) {
            @Override
            public String protocol() {
                return "http";
            }

            @Override
            public String operation() {
                return method;
            }

            @Override
            public Optional<String> path() {
                return Optional.of(path);
            }
        };
    }
}
