package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever order scopes are closed in, on whichever thread, nothing stays behind: not here, nor in a mirror. */
@Guarantees
class ScopeTest {

    private static final String MISUSED = Scope.class.getName();

    private final Mirror mirror = new Mirror();
    private final Crosscut crosscut = Crosscuts.bare().binding(mirror).build();
    private final List<Call> calls = new ArrayList<>();

    private Call call(String operation) {
        Call call = crosscut.begin(new TestExchange(Exchange.Kind.SERVER, operation));
        calls.add(call);
        return call;
    }

    @AfterEach
    void end() {
        calls.forEach(call -> call.end(Outcome.completed()));
        assertThat(mirror.shown()).as("left in the mirror").isEmpty();
        assertThat(mirror.misuses()).isEmpty();
        assertThat(mirror.open()).as("scopes of the mirror left open").isZero();
    }

    private static String current() {
        return Exchange.current().map(Exchange::operation).orElse("");
    }

    private void assertShown(String operation) {
        assertThat(current()).isEqualTo(operation);
        assertThat(mirror.shown()).isEqualTo(operation);
    }

    @Test
    void closing_a_scope_restores_what_was_current() {
        Call a = call("a");
        Call b = call("b");
        try (Scope first = a.attach()) {
            assertShown("a");
            try (Scope second = b.attach();
                    Scope third = a.attach();
                    Scope again = a.attach()) {
                assertShown("a");
            }
            assertShown("a");
            try (Scope second = b.attach()) {
                assertShown("b");
            }
            assertShown("a");
        }
        assertShown("");
        assertThat(crosscut.faults()).isEmpty();
    }

    @Test
    void an_exchange_that_somebody_carries_can_be_made_current_without_its_call() {
        Exchange carried = call("carried").exchange();
        try (Scope scope = Propagation.attach(carried)) {
            assertShown("carried");
        }
        assertShown("");

        assertThatThrownBy(() -> Propagation.attach(new TestExchange()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SERVER none test has not begun; expected one that Crosscut.begin was given");
    }

    @Test
    void one_exchange_can_be_current_on_many_threads() {
        Call call = call("shared");

        Races.together(4, thread -> {
            for (int i = 0; i < 2_000; i++) {
                try (Scope scope = call.attach()) {
                    assertShown("shared");
                }
                assertShown("");
            }
        });

        assertThat(crosscut.faults()).isEmpty();
    }

    @Test
    void a_scope_closed_twice_changes_nothing_the_second_time() {
        Scope outer = call("a").attach();
        Scope inner = call("b").attach();
        inner.close();
        inner.close();

        assertShown("a");
        outer.close();
        outer.close();
        assertThat(crosscut.faults()).isEmpty();
    }

    static Stream<List<Integer>> ordersOfClosing() {
        List<List<Integer>> orders = new ArrayList<>();
        permute(new ArrayList<>(), List.of(0, 1, 2, 3), orders);
        return orders.stream();
    }

    private static void permute(List<Integer> chosen, List<Integer> left, List<List<Integer>> orders) {
        if (left.isEmpty()) {
            orders.add(List.copyOf(chosen));
        }
        for (Integer next : left) {
            List<Integer> more = new ArrayList<>(chosen);
            more.add(next);
            permute(more, left.stream().filter(each -> !each.equals(next)).toList(), orders);
        }
    }

    @ParameterizedTest
    @MethodSource("ordersOfClosing")
    void in_each_order_of_closing_the_innermost_open_scope_is_current_and_none_in_the_end(
            List<Integer> order, Log log) {
        List<Scope> scopes = new ArrayList<>();
        for (String operation : List.of("a", "b", "c", "d")) {
            scopes.add(call(operation).attach());
        }
        List<Integer> open = new ArrayList<>(List.of(0, 1, 2, 3));
        long misuses = 0;
        for (Integer closed : order) {
            if (!closed.equals(Collections.max(open))) {
                misuses++;
            }
            open.remove((Object) closed);
            scopes.get(closed).close();
            assertShown(open.isEmpty() ? "" : List.of("a", "b", "c", "d").get(Collections.max(open)));
        }

        assertThat(crosscut.faults()).isEqualTo(misuses == 0 ? Map.of() : Map.of(MISUSED, misuses));
        assertThat(log.warnings()).hasSize(misuses == 0 ? 0 : 1);
    }

    @Test
    void a_scope_closed_on_another_thread_changes_nothing_there_and_is_gone_from_its_own(Log log) {
        Call here = call("here");
        Call there = call("there");
        Scope scope = here.attach();

        Races.together(1, thread -> {
            try (Scope theirs = there.attach()) {
                scope.close();
                assertShown("there");
            }
            assertShown("");
        });

        assertThat(current()).isEmpty();
        assertThat(crosscut.faults()).isEqualTo(Map.of(MISUSED, 1L));
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .isEqualTo("a scope of SERVER none here was closed on another thread than the one that opened it;"
                        + " expected try-with-resources around the code that it covers");
    }

    @Test
    void a_scope_closed_on_another_thread_under_an_open_one_is_gone_with_that(Log log) {
        Scope outer = call("a").attach();
        Scope inner = call("b").attach();
        Races.together(1, thread -> outer.close());

        assertShown("b");
        inner.close();

        assertShown("");
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void a_scope_from_outside_that_is_closed_inside_a_hand_over_is_gone_after_it(Log log) {
        Call outside = call("outside");
        Call handed = call("handed");
        Runnable[] task = new Runnable[1];
        Scope[] scope = new Scope[1];
        try (Scope attached = handed.attach()) {
            task[0] = Propagation.wrap(() -> {
                assertShown("handed");
                scope[0].close();
                assertShown("handed");
            });
        }
        scope[0] = outside.attach();

        task[0].run();

        assertShown("");
        assertThat(crosscut.faults()).isEqualTo(Map.of(MISUSED, 1L));
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void a_scope_left_open_inside_a_hand_over_ends_with_it(Log log) {
        Call outside = call("outside");
        Call inside = call("inside");
        Runnable task = Propagation.wrap(() -> {
            inside.attach();
            assertShown("inside");
        });
        try (Scope scope = outside.attach()) {
            task.run();
            assertShown("outside");
        }
        assertThat(crosscut.faults()).isEqualTo(Map.of(MISUSED, 1L));
        assertThat(log.warnings()).singleElement().asString().contains("was left open");
    }

    @Test
    void a_scope_that_outlives_the_hand_over_in_which_it_was_opened_changes_nothing_when_it_is_closed(Log log) {
        Call outside = call("outside");
        Call inside = call("inside");
        Scope[] left = new Scope[1];
        Runnable task = Propagation.wrap(() -> {
            left[0] = inside.attach();
        });
        try (Scope scope = outside.attach()) {
            task.run();
            left[0].close();
            assertShown("outside");
        }
        assertShown("");
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void any_mixture_of_hand_overs_and_scopes_closed_anyhow_leaves_nothing(Log log) {
        Random random = new Random(20261124);
        List<Call> some = IntStream.range(0, 4).mapToObj(i -> call("call" + i)).toList();
        for (int round = 0; round < 2_000; round++) {
            List<Scope> open = new ArrayList<>();
            mix(random, some, open, 6);
            Collections.shuffle(open, random);
            open.forEach(Scope::close);
            assertShown("");
        }
        assertThat(log.warnings()).hasSizeLessThanOrEqualTo(1);
    }

    private void mix(Random random, List<Call> some, List<Scope> open, int depth) {
        for (int step = 0; step < 3; step++) {
            int what = random.nextInt(4);
            if (what == 0) {
                open.add(some.get(random.nextInt(some.size())).attach());
            } else if (what == 1 && !open.isEmpty()) {
                open.remove(random.nextInt(open.size())).close();
            } else if (what == 2 && depth > 0) {
                Propagation.wrap(() -> mix(random, some, open, depth - 1)).run();
            } else if (depth > 0) {
                Runnable task;
                try (Scope scope = some.get(random.nextInt(some.size())).attach()) {
                    task = Propagation.wrap(() -> mix(random, some, open, depth - 1));
                }
                task.run();
            }
            assertThat(mirror.shown()).isEqualTo(current());
        }
    }
}
