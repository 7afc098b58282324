package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mirrors of the current exchange: in step with it on every hop, in balance, and unable to break anything. */
@Guarantees
class BindingTest {

    private final Mirror mirror = new Mirror();
    private final Events events = new Events();

    private void assertBalanced() {
        assertThat(mirror.misuses()).isEmpty();
        assertThat(mirror.open()).isZero();
        assertThat(mirror.opened()).as("scopes of the mirror").isPositive();
        assertThat(mirror.shown()).isEmpty();
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // this very exchange
    void the_exchange_is_current_already_where_a_mirror_hears_of_it() {
        List<Object> seen = new ArrayList<>();
        Binding looking = new Binding() {
            @Override
            public Scope attach(Exchange exchange) {
                seen.add(Exchange.current().orElse(null) == exchange);
                return () -> {};
            }

            @Override
            public Scope clear() {
                seen.add(Exchange.current().isEmpty());
                return () -> {};
            }
        };
        Runnable outside = Propagation.wrap(() -> {});
        Call call = Crosscuts.bare().binding(looking).build().begin(new TestExchange());
        try (Scope scope = call.attach()) {
            Runnable wrapped = Propagation.wrap(() -> {});
            outside.run();
            scope.close();
            wrapped.run();
        }
        call.end(Outcome.completed());

        assertThat(seen).containsExactly(true, true, true);
    }

    @ParameterizedTest
    @EnumSource
    void each_participant_and_the_handler_see_the_mirror_in_step_with_the_exchange(Way way) {
        Warden.Step look = exchange -> {
            events.add("guard sees " + mirror.shown());
            return Decision.proceed();
        };
        Crosscut crosscut = Crosscuts.bare()
                .binding(mirror)
                .guard(new Warden("guard", events).admitting(look).settling(look))
                .guard(way.guard(new Warden("other", events)))
                .observer(new Observer() {
                    @Override
                    public void end(Exchange exchange, Outcome outcome) {
                        events.add("observer sees " + mirror.shown());
                    }
                })
                .build();

        Call call = way.begin(crosscut, new TestExchange());
        assertThat(mirror.shown()).isEmpty();
        try (Scope scope = call.attach()) {
            assertThat(mirror.shown()).isEqualTo("test");
        }
        way.settle(call, Outcome.completed());
        call.end(Outcome.completed());

        assertThat(events.list())
                .contains("guard sees test", "observer sees test")
                .doesNotContain("guard sees ");
        assertBalanced();
    }

    @Test
    void a_task_of_no_exchange_clears_the_mirror_on_a_thread_that_is_in_the_middle_of_one() {
        Crosscut crosscut = Crosscuts.bare().binding(mirror).build();
        Runnable task = Propagation.wrap(() -> events.add("task sees " + mirror.shown()));

        crosscut.run("job", () -> {
            task.run();
            events.add("job sees " + mirror.shown());
        });

        assertThat(events.list()).containsExactly("task sees ", "job sees job");
        assertBalanced();
    }

    @Test
    void thousands_of_hops_on_pools_leave_every_mirror_in_balance() {
        Crosscut crosscut = Crosscuts.bare().binding(mirror).build();
        ExecutorService fixed = Executors.newFixedThreadPool(3);
        ForkJoinPool stealing = new ForkJoinPool(3);
        List<ExecutorService> pools = List.of(Propagation.wrap(fixed), Propagation.wrap(stealing));
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String name = "job" + i;
            ExecutorService first = pools.get(i % 2);
            ExecutorService second = pools.get((i + 1) % 2);
            boolean throwing = i % 3 == 0;
            crosscut.run(name, () -> {
                CompletableFuture<Void> hop = Propagation.wrap(
                        CompletableFuture.runAsync(() -> check(name), first).thenRunAsync(() -> check(name), second));
                done.add(hop.thenRun(() -> {
                            check(name);
                            if (throwing) {
                                throw new IllegalStateException("made");
                            }
                        })
                        .handle((nothing, fault) -> {
                            check(name);
                            assertThat(fault != null).isEqualTo(throwing);
                            return null;
                        }));
            });
        }
        done.forEach(CompletableFuture::join);
        fixed.shutdown();
        stealing.shutdown();
        Races.until(() -> fixed.isTerminated() && stealing.isTerminated());

        assertBalanced();
        crosscut.close();
    }

    private void check(String name) {
        assertThat(mirror.shown()).isEqualTo(name);
        assertThat(Exchange.current().map(Exchange::operation)).contains(name);
    }

    /** Fails where it is made to. */
    private record Broken(Fault fault, boolean inAttach, boolean inClear, boolean inClose) implements Binding {
        @Override
        public Scope attach(Exchange exchange) {
            return scope(inAttach);
        }

        @Override
        public Scope clear() {
            return scope(inClear);
        }

        private Scope scope(boolean broken) {
            if (broken) {
                throw Fault.sneaky(fault.make());
            }
            return () -> {
                if (inClose) {
                    throw Fault.sneaky(fault.make());
                }
            };
        }
    }

    private void pass(Crosscut crosscut) {
        Runnable clearing = Propagation.wrap(() -> events.add("cleared " + mirror.shown()));
        crosscut.run("job", () -> {
            events.add("attached " + mirror.shown());
            clearing.run();
        });
        events.add("done " + mirror.shown());
    }

    @ParameterizedTest
    @EnumSource
    void whatever_a_binding_throws_is_contained_and_the_others_are_in_step(Fault fault, Log log) {
        for (Broken broken : List.of(
                new Broken(fault, true, false, false),
                new Broken(fault, false, true, false),
                new Broken(fault, false, false, true))) {
            Events heard = new Events();
            Crosscut crosscut = Crosscuts.bare()
                    .binding(broken)
                    .binding(mirror)
                    .observer(new Watcher("observer", heard))
                    .build();

            assertThatCode(() -> pass(crosscut)).doesNotThrowAnyException();

            assertThat(crosscut.faults()).containsOnlyKeys(Broken.class.getName());
            assertThat(heard.list()).containsExactly("observer begins", "observer ends Completed");
        }
        assertThat(events.list()).isEqualTo(threeTimes("attached job", "cleared ", "done "));
        assertThat(log.warnings()).hasSize(3);
        assertThat(log.warnings().get(0)).contains("attach", Broken.class.getName());
        assertThat(log.warnings().get(1)).contains("clear");
        assertThat(log.warnings().get(2)).contains("close");
        assertBalanced();
    }

    private static List<String> threeTimes(String... events) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.addAll(List.of(events));
        }
        return all;
    }

    @Test
    void a_binding_that_opens_no_scope_is_a_fault_where_it_was_asked(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .binding(new Binding() {
                    @Override
                    public Scope attach(Exchange exchange) {
                        return null;
                    }

                    @Override
                    public Scope clear() {
                        return null;
                    }
                })
                .build();

        crosscut.run("job", () -> {});

        assertThat(crosscut.faults()).hasSize(1);
        assertThat(log.warnings()).singleElement().asString().contains("failed in attach");
    }

    @Test
    void a_binding_may_ask_what_is_current_while_it_is_asked() {
        Crosscut crosscut = Crosscuts.bare()
                .binding(new Binding() {
                    @Override
                    public Scope attach(Exchange exchange) {
                        return look();
                    }

                    @Override
                    public Scope clear() {
                        return look();
                    }

                    private Scope look() {
                        Exchange.current();
                        return Exchange::current;
                    }
                })
                .binding(mirror)
                .build();

        pass(crosscut);

        assertThat(crosscut.faults()).isEqualTo(Map.of());
        assertBalanced();
    }
}
