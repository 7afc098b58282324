package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever an observer throws, the exchange goes on, and each observer that began is ended exactly once. */
@Guarantees
class ObserverFaultTest {

    private static final int OBSERVERS = 3;

    private final Events events = new Events();

    static Stream<Arguments> contained() {
        return Fault.contained()
                .flatMap(fault -> IntStream.range(0, OBSERVERS).mapToObj(at -> Arguments.of(fault, at)));
    }

    static Stream<Arguments> fatal() {
        return Fault.fatal().flatMap(fault -> IntStream.range(0, OBSERVERS).mapToObj(at -> Arguments.of(fault, at)));
    }

    private List<Watcher> watchers() {
        return IntStream.range(0, OBSERVERS)
                .mapToObj(i -> new Watcher("o" + i, events))
                .toList();
    }

    private Crosscut with(List<Watcher> watchers) {
        Crosscut.Builder builder = Crosscuts.bare().guard(new Warden("guard", events));
        watchers.forEach(builder::observer);
        return builder.build();
    }

    @ParameterizedTest
    @MethodSource("contained")
    void one_that_fails_in_begin_is_not_ended_and_the_others_notice_nothing(Fault fault, int at, Log log) {
        List<Watcher> watchers = watchers();
        watchers.get(at).failingInBegin(fault.make());
        Crosscut crosscut = with(watchers);

        Call call = crosscut.begin(new TestExchange());
        assertThat(call.answer()).isEmpty();
        call.end(Outcome.completed(200));

        List<String> expected = new ArrayList<>(List.of("o0 begins", "o1 begins", "o2 begins", "guard is asked"));
        expected.add("guard settles Completed 200");
        for (int i = OBSERVERS - 1; i >= 0; i--) {
            if (i != at) {
                expected.add("o" + i + " ends Completed 200");
            }
        }
        assertThat(events.list()).isEqualTo(expected);
        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 1L));
        assertThat(log.warnings())
                .singleElement()
                .asString()
                .contains(Watcher.class.getName(), "begin", "SERVER none test", "the exchange goes on");
    }

    @ParameterizedTest
    @MethodSource("contained")
    void one_that_fails_in_end_keeps_no_other_from_being_told(Fault fault, int at, Log log) {
        List<Watcher> watchers = watchers();
        watchers.get(at).failingInEnd(fault.make());
        Crosscut crosscut = with(watchers);

        assertThat(crosscut.begin(new TestExchange()).end(Outcome.completed())).isTrue();

        assertThat(events.endingWith(" ends Completed"))
                .containsExactly("o2 ends Completed", "o1 ends Completed", "o0 ends Completed");
        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 1L));
        assertThat(log.warnings()).singleElement().asString().contains("end");
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_begin_passes_through_after_those_that_began_were_told(Fault fault, int at) {
        List<Watcher> watchers = watchers();
        Throwable fatal = fault.make();
        watchers.get(at).failingInBegin(fatal);
        Crosscut crosscut = with(watchers);

        assertThat(catchThrowable(() -> crosscut.begin(new TestExchange()))).isSameAs(fatal);

        List<String> expected = new ArrayList<>();
        IntStream.rangeClosed(0, at).forEach(i -> expected.add("o" + i + " begins"));
        IntStream.range(0, at).forEach(i -> expected.add(at + 1, "o" + i + " ends Failed"));
        assertThat(events.list()).isEqualTo(expected);
        crosscut.close();
    }

    @ParameterizedTest
    @MethodSource("fatal")
    void a_failing_jvm_in_end_passes_through_after_all_were_told(Fault fault, int at) {
        List<Watcher> watchers = watchers();
        Throwable fatal = fault.make();
        watchers.get(at).failingInEnd(fatal);
        Crosscut crosscut = with(watchers);
        Call call = crosscut.begin(new TestExchange());

        assertThat(catchThrowable(() -> call.end(Outcome.completed()))).isSameAs(fatal);
        assertThat(call.end(Outcome.completed())).isFalse();

        assertThat(events.endingWith(" ends Completed"))
                .containsExactly("o2 ends Completed", "o1 ends Completed", "o0 ends Completed");
        crosscut.close();
    }

    @Test
    void all_that_fail_at_once_in_every_method_break_nothing(Log log) {
        List<Watcher> watchers = watchers();
        watchers.forEach(watcher -> watcher.failingInEnd(new IllegalStateException()));
        watchers.get(1).failingInBegin(new IllegalStateException());
        Crosscut crosscut = with(watchers);

        for (int i = 0; i < 100; i++) {
            assertThat(crosscut.begin(new TestExchange()).end(Outcome.completed()))
                    .isTrue();
        }

        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 300L));
        assertThat(log.warnings()).as("one for each").hasSize(3);
    }

    @Test
    void an_interrupted_observer_leaves_the_interrupt_flag_set(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(new Watcher("o", events).failingInBegin(new InterruptedException("asked to stop")))
                .build();

        Call call = crosscut.begin(new TestExchange());
        call.end(Outcome.completed());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void an_exchange_that_cannot_even_say_what_it_is_breaks_nothing(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .observer(new Watcher("o0", events))
                .observer(new Watcher("o1", events).failingInBegin(new IllegalStateException()))
                .observer(new Watcher("o2", events).failingInEnd(new IllegalStateException()))
                .build();

        crosscut.begin(new TestExchange() {
                    @Override
                    public String operation() {
                        throw new IllegalStateException("recycled");
                    }
                })
                .end(Outcome.completed());

        assertThat(events.list())
                .containsExactly("o0 begins", "o1 begins", "o2 begins", "o2 ends Completed", "o0 ends Completed");
        assertThat(crosscut.faults()).containsEntry(Watcher.class.getName(), 2L);
        assertThat(log.warnings()).as("one for each").hasSize(2);
    }
}
