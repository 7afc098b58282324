package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Observers enclose guards; within each ring the order is the phase, then registration. */
@Guarantees
class RingOrderTest {

    private final Events events = new Events();

    @ParameterizedTest
    @EnumSource
    void observers_enclose_guards(Way way) {
        Crosscut crosscut = Crosscuts.bare()
                .guard(way.guard(new Warden("guard", events)))
                .observer(new Watcher("observer", events))
                .build();

        way.begin(crosscut, new TestExchange()).end(Outcome.completed(204));

        assertThat(events.list())
                .containsExactly(
                        "observer begins",
                        "guard is asked",
                        "guard settles Completed 204",
                        "observer ends Completed 204");
    }

    @Test
    void observers_begin_by_phase_then_registration_and_end_in_reverse() {
        Crosscut.Builder builder = Crosscuts.bare();
        List<String> expected = new ArrayList<>();
        for (Observer.Phase phase : Observer.Phase.values()) {
            expected.add(phase + "1");
            expected.add(phase + "2");
        }
        for (String name : mixed(expected)) {
            Observer.Phase phase = Observer.Phase.valueOf(name.substring(0, name.length() - 1));
            builder.observer(new Watcher(name, events, phase));
        }

        builder.build().begin(new TestExchange()).end(Outcome.completed());

        assertThat(events.endingWith(" begins")).containsExactlyElementsOf(with(expected, " begins"));
        Collections.reverse(expected);
        assertThat(events.endingWith(" ends Completed")).containsExactlyElementsOf(with(expected, " ends Completed"));
    }

    @ParameterizedTest
    @EnumSource
    void guards_are_asked_by_phase_then_registration_and_settle_in_reverse(Way way) {
        Crosscut.Builder builder = Crosscuts.bare();
        List<String> expected = new ArrayList<>();
        for (Guard.Phase phase : Guard.Phase.values()) {
            expected.add(phase + "1");
            expected.add(phase + "2");
        }
        for (String name : mixed(expected)) {
            Guard.Phase phase = Guard.Phase.valueOf(name.substring(0, name.length() - 1));
            builder.guard(way.guard(new Warden(name, events, phase)));
        }

        way.begin(builder.build(), new TestExchange()).end(Outcome.completed());

        assertThat(events.endingWith(" is asked")).containsExactlyElementsOf(with(expected, " is asked"));
        Collections.reverse(expected);
        assertThat(events.endingWith(" settles Completed"))
                .containsExactlyElementsOf(with(expected, " settles Completed"));
    }

    @ParameterizedTest
    @EnumSource
    void the_exchange_is_current_for_each_guard_and_for_an_observer_only_at_the_end(Way way) {
        TestExchange exchange = new TestExchange();
        Events seen = new Events();
        Crosscut crosscut = Crosscuts.bare()
                .observer(new Observer() {
                    @Override
                    public void begin(Exchange begun) {
                        seen.add("begin " + Exchange.current().isPresent());
                    }

                    @Override
                    public void end(Exchange ended, Outcome outcome) {
                        seen.add("end "
                                + Exchange.current().filter(exchange::equals).isPresent());
                    }
                })
                .guard(new Warden("guard", events)
                        .admitting(asked -> {
                            seen.add("admit "
                                    + Exchange.current()
                                            .filter(exchange::equals)
                                            .isPresent());
                            return Decision.proceed();
                        })
                        .settling(told -> {
                            seen.add("settle "
                                    + Exchange.current()
                                            .filter(exchange::equals)
                                            .isPresent());
                            return Decision.proceed();
                        }))
                .build();

        Call call = way.begin(crosscut, exchange);
        way.settle(call, Outcome.completed());
        assertThat(Exchange.current()).isEmpty();
        call.end(Outcome.completed());

        assertThat(seen.list()).containsExactly("begin false", "admit true", "settle true", "end true");
    }

    @Test
    void as_many_observers_as_are_allowed_are_each_told_once() {
        Crosscut.Builder builder = Crosscuts.bare();
        for (int i = 0; i < Pipeline.MAX_OBSERVERS; i++) {
            builder.observer(new Watcher("o" + i, events));
        }

        builder.build().begin(new TestExchange()).end(Outcome.completed());

        assertThat(events.list()).hasSize(2 * Pipeline.MAX_OBSERVERS).doesNotHaveDuplicates();
    }

    private static List<String> with(List<String> names, String suffix) {
        return names.stream().map(name -> name + suffix).toList();
    }

    /** The last phase first, then the first phase first: in no phase's order, yet the first of each before the second. */
    private static List<String> mixed(List<String> names) {
        List<String> firsts = new ArrayList<>(
                names.stream().filter(name -> name.endsWith("1")).toList());
        Collections.reverse(firsts);
        firsts.addAll(names.stream().filter(name -> name.endsWith("2")).toList());
        return firsts;
    }
}
