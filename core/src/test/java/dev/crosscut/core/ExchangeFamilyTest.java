package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An exchange within an exchange: whose child it is, what it inherits, and that neither keeps the other alive. */
@Guarantees
class ExchangeFamilyTest {

    private static final Key<String> OWN = Key.of("own", String.class);
    private static final Key<String> SHARED = Key.of("shared", String.class).inherited();
    private static final Key<String> LATER = Key.of("later", String.class).inherited();

    private final Crosscut crosscut = Crosscuts.bare().build();

    @ParameterizedTest
    @EnumSource(Exchange.Kind.class)
    void what_begins_inside_is_a_child_unless_it_comes_from_outside(Exchange.Kind kind) {
        TestExchange outer = new TestExchange();
        TestExchange inner = new TestExchange(kind);
        Call call = crosscut.begin(outer);
        outer.put(SHARED, "of the parent");
        outer.put(OWN, "of the parent");
        Call within;
        try (Scope scope = call.attach()) {
            within = crosscut.begin(inner);
        }
        outer.put(LATER, "too late");

        if (kind == Exchange.Kind.SERVER || kind == Exchange.Kind.CONSUMER) {
            assertThat(inner.parent()).isEmpty();
            assertThat(inner.get(SHARED)).isEmpty();
        } else {
            assertThat(inner.parent()).containsSame(outer);
            assertThat(inner.get(SHARED)).contains("of the parent");
        }
        assertThat(inner.get(OWN)).isEmpty();
        assertThat(inner.get(LATER)).isEmpty();
        inner.put(SHARED, "of the child");
        assertThat(outer.get(SHARED)).contains("of the parent");
        within.end(Outcome.completed());
        call.end(Outcome.completed());
    }

    @Test
    void what_a_child_was_given_before_it_began_is_its_own() {
        TestExchange outer = new TestExchange();
        TestExchange inner = new TestExchange(Exchange.Kind.CLIENT);
        inner.put(SHARED, "of the child");
        outer.put(SHARED, "of the parent");
        Call call = crosscut.begin(outer);
        try (Scope scope = call.attach()) {
            crosscut.begin(inner).end(Outcome.completed());
        }
        call.end(Outcome.completed());

        List<Object> values = new ArrayList<>();
        inner.forEach((key, value) -> values.add(value));
        assertThat(values).containsExactly("of the child");
    }

    @Test
    void a_child_ends_on_its_own_and_then_has_no_parent() {
        TestExchange outer = new TestExchange();
        TestExchange inner = new TestExchange(Exchange.Kind.LOCAL);
        Call call = crosscut.begin(outer);
        Call within;
        try (Scope scope = call.attach()) {
            within = crosscut.begin(inner);
        }

        call.end(Outcome.completed());
        assertThat(inner.parent()).as("the parent ended first").containsSame(outer);
        within.end(Outcome.completed());

        assertThat(inner.parent()).isEmpty();
        crosscut.close();
    }

    @Test
    void what_runs_after_its_exchange_ended_can_still_read_it_and_begin_children() {
        TestExchange outer = new TestExchange();
        outer.put(SHARED, "kept");
        Call call = crosscut.begin(outer);
        Runnable late;
        try (Scope scope = call.attach()) {
            late = Propagation.wrap(() -> crosscut.run("late", () -> {
                Exchange local = Exchange.current().orElseThrow();
                assertThat(local.parent()).containsSame(outer);
                assertThat(local.get(SHARED)).contains("kept");
            }));
        }
        call.end(Outcome.completed());

        late.run();
    }

    @Test
    void work_that_schedules_its_own_successor_keeps_no_chain_of_predecessors() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        ExecutorService handing = Propagation.wrap(pool);
        Garbage predecessors = new Garbage();
        CompletableFuture<Exchange> last = new CompletableFuture<>();

        handing.execute(() -> hop(handing, predecessors, 5_000, last));

        Exchange end = last.get();
        assertThat(end.get(SHARED)).contains("handed on");
        Races.until(() -> predecessors.alive() <= 2);
        pool.shutdownNow();
    }

    private void hop(ExecutorService pool, Garbage predecessors, int left, CompletableFuture<Exchange> last) {
        crosscut.run("hop", () -> {
            Exchange here = Exchange.current().orElseThrow();
            if (here.parent().isEmpty()) {
                here.put(SHARED, "handed on");
            }
            here.parent().ifPresent(parent -> assertThat(parent.elapsed()).isPositive());
            predecessors.track(here);
            if (left == 0) {
                last.complete(here);
            } else {
                pool.execute(() -> hop(pool, predecessors, left - 1, last));
            }
        });
    }

    @Test
    void elapsed_is_read_from_the_clock_that_never_goes_back() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);
        Crosscut timed = Crosscuts.bare().clock(nanos::get).build();
        TestExchange exchange = new TestExchange();

        assertThat(exchange.elapsed()).isEqualTo(Duration.ZERO);
        Call call = timed.begin(exchange);
        assertThat(exchange.elapsed()).isEqualTo(Duration.ZERO);
        nanos.addAndGet(1_000);
        assertThat(exchange.elapsed()).isEqualTo(Duration.ofNanos(1_000));
        call.end(Outcome.completed());
    }

    @Test
    void an_exchange_says_what_it_is() {
        assertThat(new TestExchange(Exchange.Kind.CLIENT, "GET")).hasToString("CLIENT none GET");
    }

    @Test
    void what_a_protocol_does_not_have_is_empty_and_setting_it_changes_nothing() throws Exception {
        Exchange local = new LocalExchange("job");
        local.requestHeader("a", "b");
        local.responseHeader("a", "b");

        assertThat(local.path()).isEmpty();
        assertThat(local.status()).isEmpty();
        assertThat(local.requestHeaders("a")).isEmpty();
        assertThat(local.responseHeaders("a")).isEmpty();
        assertThat(local.requestBody()).isEmpty();
        assertThat(local.responseBody()).isEmpty();
        assertThat(local.parent()).isEmpty();
        assertThat(local.readRequest(0)).map(body -> body.remaining()).contains(0);
    }
}
