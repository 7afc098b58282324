package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A guard that needs the request body is asked once it is there, and not at all where it cannot be had. */
@Guarantees
class RequestBodyTest {

    private static final byte[] BODY = "0123456789".getBytes(StandardCharsets.UTF_8);

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);

    private static Map<String, Object> problem(Call call) {
        return JsonText.object(StandardCharsets.UTF_8
                .decode(call.answer().orElseThrow().body())
                .toString());
    }

    private Warden reading(String name, int bytes) {
        return new Warden(name, events).needing(bytes).admitting(asked -> {
            events.add(name + " sees "
                    + asked.requestBody()
                            .map(body -> StandardCharsets.UTF_8.decode(body).toString())
                            .orElse("nothing"));
            return Decision.proceed();
        });
    }

    @ParameterizedTest
    @EnumSource
    void the_body_is_read_once_for_all_guards_that_need_it(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(reading("g0", 0)))
                .guard(way.guard(reading("g1", 10)))
                .guard(way.guard(reading("g2", 1_000)))
                .guard(way.guard(reading("g3", 0)))
                .build();
        TestExchange exchange = new TestExchange().carrying(BODY);

        Call call = way.begin(crosscut, exchange);
        call.end(Outcome.completed());

        assertThat(call.answer()).isEmpty();
        assertThat(events.list())
                .contains("g0 sees nothing", "g1 sees 0123456789", "g2 sees 0123456789", "g3 sees 0123456789");
        assertThat(exchange.reads()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void where_no_guard_needs_the_body_it_is_not_read(Way way) {
        Crosscut crosscut =
                Crosscuts.bare().guard(way.guard(new Warden("guard", events))).build();
        TestExchange exchange = new TestExchange().carrying(BODY);

        way.begin(crosscut, exchange).end(Outcome.completed());

        assertThat(exchange.reads()).isZero();
        assertThat(exchange.requestBody()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_body_over_the_bound_is_answered_with_413_and_the_guard_not_asked(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("g0", events)))
                .guard(way.guard(new Warden("g1", events).needing(9)))
                .build();

        Call call = way.begin(crosscut, new TestExchange().carrying(BODY));
        call.end(Outcome.completed());

        assertThat(events.list())
                .containsExactly(
                        "observer begins", "g0 is asked", "g0 settles Answered 413", "observer ends Answered 413");
        assertThat(problem(call))
                .containsEntry("type", "https://crosscut.dev/problems/content-too-large")
                .containsEntry("limit", new java.math.BigDecimal(9));
        assertThat(crosscut.faults()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_body_that_is_read_already_is_held_to_the_bound_of_each_guard(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("g0", events).needing(100)))
                .guard(way.guard(new Warden("g1", events).needing(9)))
                .build();

        Call call = way.begin(crosscut, new TestExchange().carrying(BODY));
        call.end(Outcome.completed());

        assertThat(call.answer()).map(Reply::status).contains(413);
        assertThat(events.of("g1")).isEmpty();
    }

    static Stream<Arguments> unreadable() {
        return Stream.of(Way.values())
                .flatMap(way -> Stream.of(
                        Arguments.of(way, new IOException("reset by peer")),
                        Arguments.of(way, new IllegalStateException("recycled"))));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void a_body_that_cannot_be_read_is_answered_with_400_and_the_guard_not_asked(Way way, Exception fault, Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("guard", events).needing(10)))
                .build();

        Call call = way.begin(crosscut, new TestExchange().unreadable(fault));
        call.end(Outcome.completed());

        assertThat(call.answer()).map(Reply::status).contains(400);
        assertThat(problem(call)).containsEntry("type", "https://crosscut.dev/problems/unreadable-content");
        assertThat(events.list()).isEmpty();
        boolean isAdaptersFault = !(fault instanceof IOException);
        assertThat(log.warnings()).hasSize(isAdaptersFault ? 1 : 0);
        assertThat(crosscut.faults()).hasSize(isAdaptersFault ? 1 : 0);
        assertThat(log.everything())
                .contains("the request content of SERVER none test could not be read", fault.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void a_failing_jvm_while_the_body_is_read_passes_through_after_all_were_told(Way way) {
        Throwable fatal = new StackOverflowError("made");
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(way.guard(new Warden("g0", events)))
                .guard(way.guard(new Warden("g1", events).needing(10)))
                .build();

        assertThat(catchThrowable(() -> way.begin(crosscut, new TestExchange().unreadable(fatal))))
                .isSameAs(fatal);

        assertThat(events.list())
                .containsExactly("observer begins", "g0 is asked", "g0 settles Failed", "observer ends Failed");
    }

    /** An adapter for an event loop, which gives what the test completes it with. */
    private static final class Loop extends TestExchange {
        final CompletableFuture<Optional<ByteBuffer>> content = new CompletableFuture<>();

        @Override
        protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
            return content;
        }
    }

    @Test
    void an_event_loop_is_not_blocked_while_the_body_comes() {
        Crosscut crosscut = Crosscuts.bare()
                .guard(reading("g0", 10))
                .guard(reading("g1", 20))
                .build();
        Loop exchange = new Loop();

        CompletableFuture<Call> begun = crosscut.beginAsync(exchange).toCompletableFuture();
        assertThat(begun).isNotDone();
        assertThat(events.list()).isEmpty();
        exchange.content.complete(Optional.of(ByteBuffer.wrap(BODY)));

        begun.join().end(Outcome.completed());
        assertThat(events.list()).contains("g0 sees 0123456789", "g1 sees 0123456789");
        assertThat(exchange.reads()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"java.io.IOException,400", "java.lang.IllegalStateException,400", "java.lang.AssertionError,500"})
    void an_event_loop_that_fails_is_answered_as_a_blocking_adapter_that_fails(
            Class<? extends Throwable> fault, int status, Log log) throws Exception {
        Throwable thrown = fault.getDeclaredConstructor().newInstance();
        Crosscut crosscut =
                Crosscuts.bare().guard(new Warden("guard", events).needing(10)).build();
        Loop loop = new Loop();
        loop.content.completeExceptionally(thrown);

        Call later = crosscut.beginAsync(loop).toCompletableFuture().join();
        Call now = crosscut.begin(new TestExchange().unreadable(thrown));

        assertThat(later.answer()).map(Reply::status).contains(status);
        assertThat(now.answer()).map(Reply::status).contains(status);
        assertThat(events.list()).isEmpty();
        assertThat(log.warnings()).hasSize(thrown instanceof IOException ? 0 : status == 500 ? 1 : 2);
        now.end(Outcome.completed());
        later.end(Outcome.completed());
    }

    @Test
    void a_failing_jvm_in_the_event_loop_is_not_taken_for_a_bad_request() {
        Throwable fatal = new StackOverflowError("made");
        Crosscut crosscut = Crosscuts.bare()
                .observer(watcher)
                .guard(new Warden("guard", events).needing(10))
                .build();
        Loop exchange = new Loop();
        exchange.content.completeExceptionally(fatal);

        assertThat(catchThrowable(() -> Way.await(crosscut.beginAsync(exchange))))
                .isSameAs(fatal);
        assertThat(events.list()).containsExactly("observer begins", "observer ends Failed");
    }

    @Test
    void the_body_is_a_new_read_only_view_each_time() {
        Crosscut crosscut =
                Crosscuts.bare().guard(new Warden("guard", events).needing(10)).build();
        TestExchange exchange = new TestExchange().carrying(BODY);
        crosscut.begin(exchange).end(Outcome.completed());

        ByteBuffer first = exchange.requestBody().orElseThrow();
        first.get(new byte[10]);

        assertThat(first.isReadOnly()).isTrue();
        assertThat(exchange.requestBody().orElseThrow().remaining()).isEqualTo(10);
    }

    @Test
    void a_protocol_without_bodies_has_an_empty_one() {
        Crosscut crosscut = Crosscuts.bare().guard(reading("guard", 10)).build();

        crosscut.run("job", () -> {});

        assertThat(events.list()).contains("guard sees ");
    }
}
