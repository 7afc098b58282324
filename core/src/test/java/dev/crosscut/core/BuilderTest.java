package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A builder: for one use, and strict about what it is given. */
@Guarantees
class BuilderTest {

    private final Events events = new Events();

    @Test
    void it_is_used_once() {
        Crosscut.Builder builder = Crosscuts.bare();
        builder.build();

        for (ThrowingCallable again : List.<ThrowingCallable>of(
                builder::build,
                () -> builder.property("crosscut.a", "1"),
                () -> builder.observer(new Watcher("late", events)),
                () -> builder.guard(new Warden("late", events)),
                () -> builder.binding(new Mirror()),
                () -> builder.closing(() -> {}),
                () -> builder.counter("late", () -> 0),
                () -> builder.source(Source.of("late", Map.of())),
                () -> builder.plugin(new Settable("late")),
                () -> builder.discoverPlugins(true))) {
            assertThatThrownBy(again)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this builder was used already; expected a new one for each Crosscut");
        }
    }

    @Test
    void a_property_wins_over_all_sources_and_is_set_once() {
        Crosscut.Builder builder =
                Crosscuts.of("crosscut.correlation.echo", "true").property("crosscut.correlation.echo", "false");

        assertThatThrownBy(() -> builder.property("crosscut.correlation.echo", "true"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("crosscut.correlation.echo was set already; expected each property once");
        assertThat(builder.build().settings().describe()).contains("crosscut.correlation.echo = false (builder)");
        Crosscut.Builder wrong = Crosscuts.of().property("crosscut.correlation.echo", "no");
        assertThatThrownBy(wrong::build)
                .hasMessageContaining("crosscut.correlation.echo (builder) is 'no'; expected true or false");
    }

    @Test
    void a_participant_that_is_registered_twice_is_refused() {
        Watcher watcher = new Watcher("observer", events);
        Warden warden = new Warden("guard", events);
        Mirror mirror = new Mirror();
        Crosscut.Builder builder = Crosscuts.bare()
                .observer(watcher)
                .observer(watcher)
                .guard(warden)
                .guard(new Warden("another of its class", events))
                .guard(warden)
                .binding(mirror)
                .binding(mirror);

        assertThatThrownBy(builder::build)
                .isInstanceOfSatisfying(
                        SettingsException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "the observer " + Watcher.class.getName()
                                                + " is registered twice; expected once",
                                        "the guard " + Warden.class.getName() + " is registered twice; expected once",
                                        "the binding " + Mirror.class.getName()
                                                + " is registered twice; expected once"));
    }

    @Test
    void a_counter_is_seen_as_it_is_now_and_has_its_name_to_itself() {
        AtomicLong dropped = new AtomicLong();
        Crosscut crosscut = Crosscuts.bare()
                .counter("lines.dropped", dropped::get)
                .counter("events.lost", () -> 7)
                .build();
        dropped.set(3);

        assertThat(crosscut.counters()).containsExactly(Map.entry("events.lost", 7L), Map.entry("lines.dropped", 3L));
        dropped.set(4);
        assertThat(crosscut.counters()).containsEntry("lines.dropped", 4L);
        Crosscut.Builder twice = Crosscuts.bare().counter("a", () -> 0).counter("a", () -> 0);
        assertThatThrownBy(twice::build)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("the meter a is registered twice; expected once");
    }

    @Test
    void a_gauge_is_seen_as_it_is_now_and_shares_no_name_with_another() {
        AtomicLong waiting = new AtomicLong(5);
        Crosscut crosscut =
                Crosscuts.bare().gauge("lines.waiting", waiting::get).build();

        assertThat(crosscut.gauges()).containsExactly(Map.entry("lines.waiting", 5L));
        waiting.set(2);
        assertThat(crosscut.gauges()).containsEntry("lines.waiting", 2L);
        assertThat(crosscut.counters()).isEmpty();
        Crosscut.Builder twice = Crosscuts.bare().gauge("a", () -> 0).gauge("a", () -> 0);
        assertThatThrownBy(twice::build).hasMessageContaining("the meter a is registered twice; expected once");
    }

    @Test
    void more_observers_than_a_call_can_keep_count_of_are_refused() {
        Crosscut.Builder builder = Crosscuts.bare();
        IntStream.rangeClosed(0, 32).forEach(i -> builder.observer(new Watcher("o" + i, events)));

        assertThatThrownBy(builder::build).hasMessageContaining("33 observers are registered; expected at most 32");
    }

    @Test
    void nothing_is_refused_where_something_is_due() {
        Crosscut.Builder builder = Crosscuts.bare();
        for (ThrowingCallable nothing : List.<ThrowingCallable>of(
                () -> builder.observer(null),
                () -> builder.guard(null),
                () -> builder.binding(null),
                () -> builder.closing(null),
                () -> builder.counter(null, () -> 0),
                () -> builder.counter("nothing", null),
                () -> builder.source(null),
                () -> builder.plugin(null))) {
            assertThatNullPointerException().isThrownBy(nothing);
        }
    }

    @Test
    void what_is_in_effect_is_said_once_at_the_start(Log log) {
        Crosscuts.bare()
                .observer(new Watcher("observer", events, Observer.Phase.TRACING))
                .guard(new Warden("guard", events, Guard.Phase.AUTHENTICATE))
                .build();

        assertThat(log.at(java.util.logging.Level.INFO))
                .singleElement()
                .satisfies(line -> assertThat(Log.text(line))
                        .isEqualTo("Crosscut is ready. Plugins: []. Observers: [" + Watcher.class.getName()
                                + " (TRACING)]. Guards: [" + Warden.class.getName() + " (AUTHENTICATE)]. Settings: "
                                + "crosscut.leak-detection = false (default); "
                                + "crosscut.correlation.enabled = false (test); "
                                + "crosscut.correlation.headers = X-Correlation-ID,X-Request-ID (default); "
                                + "crosscut.correlation.trust = keep (default); "
                                + "crosscut.correlation.echo = true (default); "
                                + "crosscut.correlation.max-length = 128 (default); "
                                + "crosscut.correlation.extra-characters =  (default)"));
    }
}
