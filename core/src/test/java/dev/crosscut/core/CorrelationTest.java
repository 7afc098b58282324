package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The correlation id across the edge, in both directions. */
@Guarantees
class CorrelationTest {

    private static final String FIRST = "X-Correlation-ID";
    private static final String SECOND = "X-Request-ID";

    private static String id(Exchange exchange) {
        return exchange.get(Key.CORRELATION_ID).orElseThrow();
    }

    private static TestExchange pass(Crosscut crosscut, TestExchange exchange) {
        crosscut.begin(exchange).end(Outcome.completed());
        return exchange;
    }

    private static void assertMade(String id) {
        assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    }

    @Test
    void a_valid_id_is_kept_and_echoed() {
        TestExchange exchange = pass(Crosscuts.of().build(), new TestExchange().sending(FIRST, "order-17"));

        assertThat(id(exchange)).isEqualTo("order-17");
        assertThat(exchange.responseHeaders).containsEntry(FIRST, "order-17").hasSize(1);
        assertThat(exchange.get(Key.EXTERNAL_CORRELATION_ID)).isEmpty();
    }

    @Test
    void without_one_an_id_is_made_and_echoed() {
        TestExchange exchange = pass(Crosscuts.of().build(), new TestExchange());

        assertMade(id(exchange));
        assertThat(exchange.responseHeaders).containsEntry(FIRST, id(exchange));
    }

    @Test
    void the_first_header_that_is_present_counts_and_the_preferred_one_is_echoed() {
        Crosscut crosscut = Crosscuts.of().build();

        TestExchange second = pass(crosscut, new TestExchange().sending(SECOND, "two"));
        assertThat(id(second)).isEqualTo("two");
        assertThat(second.responseHeaders).containsEntry(FIRST, "two").hasSize(1);

        TestExchange both =
                pass(crosscut, new TestExchange().sending(SECOND, "two").sending(FIRST, "one"));
        assertThat(id(both)).isEqualTo("one");

        TestExchange bad =
                pass(crosscut, new TestExchange().sending(SECOND, "two").sending(FIRST, "b a d"));
        assertMade(id(bad));
    }

    @Test
    void more_than_one_value_is_no_id() {
        TestExchange exchange = pass(Crosscuts.of().build(), new TestExchange().sending(FIRST, "one", "two"));

        assertMade(id(exchange));
    }

    @Test
    void the_headers_can_be_chosen() {
        Crosscut crosscut =
                Crosscuts.of("crosscut.correlation.headers", "Trace-Token, X-B").build();

        TestExchange exchange =
                pass(crosscut, new TestExchange().sending("x-b", "b").sending(FIRST, "one"));

        assertThat(id(exchange)).isEqualTo("b");
        assertThat(exchange.responseHeaders).containsOnlyKeys("Trace-Token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "X-A,", "X A", "X-A,Bad:Name", "X-Ä", "X-A\u0000"})
    void headers_that_are_none_are_refused(String headers) {
        Crosscut.Builder builder = Crosscuts.of("crosscut.correlation.headers", headers);

        assertThatThrownBy(builder::build)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.correlation.headers (test) is ")
                .hasMessageContaining("the name of a header field");
    }

    @Test
    void an_id_of_a_caller_that_is_not_trusted_is_only_recorded() {
        Crosscut crosscut = Crosscuts.of("crosscut.correlation.trust", "record").build();

        TestExchange sent = pass(crosscut, new TestExchange().sending(FIRST, "theirs"));
        assertMade(id(sent));
        assertThat(sent.get(Key.EXTERNAL_CORRELATION_ID)).contains("theirs");
        assertThat(sent.responseHeaders).containsEntry(FIRST, id(sent));

        TestExchange bad = pass(crosscut, new TestExchange().sending(FIRST, "th eirs"));
        assertMade(id(bad));
        assertThat(bad.get(Key.EXTERNAL_CORRELATION_ID)).isEmpty();
    }

    @Test
    void the_echo_can_be_switched_off() {
        Crosscut crosscut = Crosscuts.of("crosscut.correlation.echo", "false").build();

        assertThat(pass(crosscut, new TestExchange().sending(FIRST, "one")).responseHeaders)
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Exchange.Kind.class)
    void each_kind_of_exchange_has_an_id_and_sends_it_where_there_is_somebody_to_send_it_to(Exchange.Kind kind) {
        TestExchange exchange = pass(Crosscuts.of().build(), new TestExchange(kind).sending(FIRST, "sent"));

        switch (kind) {
            case SERVER -> assertThat(exchange.responseHeaders).containsEntry(FIRST, "sent");
            case CONSUMER -> assertThat(exchange.responseHeaders).isEmpty();
            case CLIENT, PRODUCER -> {
                assertMade(id(exchange));
                assertThat(exchange.requestHeaders(FIRST)).containsExactly(id(exchange));
                assertThat(exchange.responseHeaders).isEmpty();
            }
            case LOCAL -> {
                assertMade(id(exchange));
                assertThat(exchange.requestHeaders(FIRST)).containsExactly("sent");
            }
        }
        assertThat(kind == Exchange.Kind.SERVER || kind == Exchange.Kind.CONSUMER)
                .isEqualTo(id(exchange).equals("sent"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Exchange.Kind.class,
            names = {"CLIENT", "PRODUCER", "LOCAL"})
    void what_happens_within_an_exchange_has_its_id(Exchange.Kind kind) {
        Crosscut crosscut = Crosscuts.of().build();
        Call call = crosscut.begin(new TestExchange().sending(FIRST, "outer"));
        TestExchange inner = new TestExchange(kind);
        try (Scope scope = call.attach()) {
            pass(crosscut, inner);
        }
        call.end(Outcome.completed());

        assertThat(id(inner)).isEqualTo("outer");
        assertThat(inner.requestHeaders(FIRST).equals(java.util.List.of("outer")))
                .isEqualTo(kind != Exchange.Kind.LOCAL);
    }

    @Test
    void what_comes_from_outside_within_an_exchange_has_an_id_of_its_own() {
        Crosscut crosscut = Crosscuts.of().build();
        crosscut.run("job", () -> {
            TestExchange inner = pass(crosscut, new TestExchange());
            assertThat(Correlation.current()).isPresent().isNotEqualTo(inner.get(Key.CORRELATION_ID));
        });
    }

    @Test
    void the_current_id_is_that_of_the_current_exchange() {
        Crosscut crosscut = Crosscuts.of().build();

        assertThat(Correlation.current()).isEmpty();
        crosscut.run(
                "job",
                () -> assertThat(Correlation.current())
                        .isEqualTo(Exchange.current().flatMap(exchange -> exchange.get(Key.CORRELATION_ID)))
                        .isPresent());
        Crosscuts.bare()
                .build()
                .run("job", () -> assertThat(Correlation.current()).isEmpty());
        assertThat(Correlation.current()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1,true", "127,true", "128,true", "129,false"})
    void an_id_has_at_most_128_characters(int length, boolean accepted) {
        String sent = "x".repeat(length);
        TestExchange exchange = pass(Crosscuts.of().build(), new TestExchange().sending(FIRST, sent));

        assertThat(id(exchange).equals(sent)).isEqualTo(accepted);
    }

    @Test
    void the_length_can_be_chosen_within_bounds() {
        Crosscut crosscut = Crosscuts.of("crosscut.correlation.max-length", "4").build();
        assertThat(id(pass(crosscut, new TestExchange().sending(FIRST, "abcd"))))
                .isEqualTo("abcd");
        assertMade(id(pass(crosscut, new TestExchange().sending(FIRST, "abcde"))));

        for (String bad : new String[] {"0", "-1", "1025", "many", ""}) {
            Crosscut.Builder builder = Crosscuts.of("crosscut.correlation.max-length", bad);
            assertThatThrownBy(builder::build).hasMessageContaining("expected a whole number (1 to 1024)");
        }
    }

    @Test
    void more_characters_can_be_allowed_but_none_that_could_break_out_of_a_log_line_or_a_header() {
        Crosscut crosscut =
                Crosscuts.of("crosscut.correlation.extra-characters", "{}|").build();
        assertThat(id(pass(crosscut, new TestExchange().sending(FIRST, "{a|b}"))))
                .isEqualTo("{a|b}");
        assertMade(id(pass(crosscut, new TestExchange().sending(FIRST, "{a~b}"))));

        for (String bad : new String[] {"\"", ",", ";", "<", ">", "\\", "'", "a b", "\u0007", "é", "\u007f", "~\n~"}) {
            Crosscut.Builder builder = Crosscuts.of("crosscut.correlation.extra-characters", bad);
            assertThatThrownBy(builder::build)
                    .as(bad)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("crosscut.correlation.extra-characters (test)");
        }
    }

    @Test
    void switched_off_it_leaves_no_trace() {
        TestExchange exchange = pass(Crosscuts.bare().build(), new TestExchange().sending(FIRST, "one"));

        assertThat(exchange.get(Key.CORRELATION_ID)).isEqualTo(Optional.empty());
        assertThat(exchange.responseHeaders).isEmpty();
    }

    @Test
    void a_new_id_is_made_without_any_exchange() {
        assertMade(Correlation.newId());
        assertThat(Correlation.newId()).isNotEqualTo(Correlation.newId());
    }
}
