package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Observers get the beginnings of bodies that they ask for, and how long the bodies are. */
@Guarantees
class BodyCopyTest {

    private final TestExchange exchange = new TestExchange();

    /** Wants so much of the request and of the response. */
    private record Wanting(ToIntFunction<Exchange> request, ToIntFunction<Exchange> response)
            implements Observer.OfBodies {

        @Override
        public int requestCopy(Exchange exchange) {
            return request.applyAsInt(exchange);
        }

        @Override
        public int responseCopy(Exchange exchange) {
            return response.applyAsInt(exchange);
        }
    }

    private static Wanting wanting(int request, int response) {
        return new Wanting(exchange -> request, exchange -> response);
    }

    private void begin(Observer... observers) {
        observing(observers).build().begin(exchange);
    }

    private static Crosscut.Builder observing(Observer... observers) {
        Crosscut.Builder builder = Crosscuts.bare();
        for (Observer observer : observers) {
            builder.observer(observer);
        }
        return builder;
    }

    private static void add(BodyCopy copy, String text) {
        byte[] bytes = ("--" + text).getBytes(StandardCharsets.UTF_8);
        copy.add(bytes, 2, bytes.length - 2);
    }

    private static String text(BodyCopy copy) {
        return StandardCharsets.UTF_8.decode(copy.bytes()).toString();
    }

    @Test
    void nothing_is_copied_where_nobody_wants_it() {
        begin(wanting(-1, -1), new Observer() {});

        assertThat(exchange.requestCopy()).isEmpty();
        assertThat(exchange.responseCopy()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void only_what_comes_from_outside_is_copied(Exchange.Kind kind) {
        Exchange asked = new TestExchange(kind);

        observing(wanting(8, 8)).build().begin(asked);

        boolean incoming = kind == Exchange.Kind.SERVER || kind == Exchange.Kind.CONSUMER;
        assertThat(asked.requestCopy().isPresent()).isEqualTo(incoming);
        assertThat(asked.responseCopy().isPresent()).isEqualTo(incoming);
    }

    @Test
    void the_beginning_is_kept_up_to_the_bound_and_the_whole_is_counted() {
        begin(wanting(8, 0));
        BodyCopy request = exchange.requestCopy().orElseThrow();
        BodyCopy response = exchange.responseCopy().orElseThrow();

        for (String part : new String[] {"abc", "", "defgh", "i", "jkl"}) {
            add(request, part);
            add(response, part);
        }

        assertThat(text(request)).isEqualTo("abcdefgh");
        assertThat(request.size()).isEqualTo(12);
        assertThat(text(response)).isEmpty();
        assertThat(response.size()).isEqualTo(12);
    }

    @Test
    void what_is_added_may_be_changed_afterwards_and_what_is_read_too() {
        begin(wanting(8, -1));
        BodyCopy copy = exchange.requestCopy().orElseThrow();
        byte[] bytes = {'a', 'b'};
        copy.add(bytes, 0, 2);
        bytes[0] = 'x';
        copy.bytes().array()[1] = 'y';

        assertThat(text(copy)).isEqualTo("ab");
    }

    @Test
    void what_is_taken_back_is_gone_and_not_counted() {
        begin(wanting(-1, 4));
        BodyCopy copy = exchange.responseCopy().orElseThrow();
        add(copy, "abcdefgh");
        copy.clear();
        add(copy, "xyz");

        assertThat(text(copy)).isEqualTo("xyz");
        assertThat(copy.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void a_body_that_guards_need_is_copied_once_and_whole(Way way) {
        Events events = new Events();
        Crosscut crosscut = observing(wanting(4, -1))
                .guard(way.guard(new Warden("g0", events).needing(10)))
                .guard(way.guard(new Warden("g1", events).needing(20)))
                .build();

        way.begin(crosscut, exchange.carrying("0123456789".getBytes(StandardCharsets.UTF_8)))
                .end(Outcome.completed());

        BodyCopy copy = exchange.requestCopy().orElseThrow();
        assertThat(text(copy)).isEqualTo("0123");
        assertThat(copy.size()).isEqualTo(10);
    }

    @Test
    void the_longest_that_anybody_wants_is_kept() {
        begin(wanting(0, 3), wanting(5, -1), wanting(2, 0));
        add(exchange.requestCopy().orElseThrow(), "abcdefgh");
        add(exchange.responseCopy().orElseThrow(), "abcdefgh");

        assertThat(text(exchange.requestCopy().orElseThrow())).isEqualTo("abcde");
        assertThat(text(exchange.responseCopy().orElseThrow())).isEqualTo("abc");
    }

    @ParameterizedTest
    @MethodSource("dev.crosscut.core.Fault#contained")
    void a_fault_of_one_that_is_asked_is_contained(Fault fault, Log log) {
        Wanting broken = new Wanting(
                asked -> {
                    throw Fault.sneaky(fault.make());
                },
                asked -> 9);

        begin(broken, wanting(-1, 4));
        add(exchange.responseCopy().orElseThrow(), "abcdefgh");

        assertThat(exchange.requestCopy()).isEmpty();
        assertThat(text(exchange.responseCopy().orElseThrow())).isEqualTo("abcd");
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void parts_that_come_from_many_threads_are_all_counted() {
        begin(wanting(1_000, -1));
        BodyCopy copy = exchange.requestCopy().orElseThrow();

        Races.together(4, thread -> {
            for (int i = 0; i < 1_000; i++) {
                add(copy, "ab");
            }
        });

        assertThat(copy.size()).isEqualTo(8_000);
        assertThat(text(copy)).isEqualTo("ab".repeat(500));
    }
}
