package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Names of spans with a route. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SpanNamesTest {

    private final SpanNames names = new SpanNames();

    @Test
    void a_name_is_made_once_for_each_method_and_route() {
        String name = names.of("GET", "/orders");

        assertThat(name).isEqualTo("GET /orders");
        assertThat(names.of("GET", "/orders")).isSameAs(name);
        assertThat(names.of("POST", "/orders")).isEqualTo("POST /orders");
        assertThat(names.of("GET", "/payments")).isEqualTo("GET /payments");
    }

    @Test
    void more_routes_than_expected_have_their_names_and_are_not_kept() {
        for (int i = 0; i < 1000; i++) {
            names.of("GET", "/" + i);
        }
        String name = names.of("GET", "/one-more");

        assertThat(name).isEqualTo("GET /one-more");
        assertThat(names.of("GET", "/one-more")).isEqualTo(name).isNotSameAs(name);
        assertThat(names.of("GET", "/999")).isSameAs(names.of("GET", "/999"));
    }
}
