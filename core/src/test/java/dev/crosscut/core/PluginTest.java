package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What plugins may do, what becomes of those that cannot, and what is closed when. */
@Guarantees
class PluginTest {

    private final Events events = new Events();

    /** Opens something, then does as it is told. */
    private final class Opening implements Plugin {
        private final String name;
        private final Throwable fault;

        Opening(String name, Throwable fault) {
            this.name = name;
            this.fault = fault;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {
            events.add(name + " opens");
            builder.closing(() -> events.add(name + " closes"));
            if (fault != null) {
                throw Fault.sneaky(fault);
            }
        }
    }

    @Test
    void they_are_installed_in_the_order_given_and_closed_in_reverse_once(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .plugin(new Opening("b", null))
                .plugin(new Opening("a", null))
                .build();
        assertThat(events.list()).containsExactly("b opens", "a opens");
        assertThat(log.everything()).contains("Plugins: [b, a]");

        crosscut.close();
        crosscut.close();

        assertThat(events.list()).containsExactly("b opens", "a opens", "a closes", "b closes");
    }

    /** Looks at the whole, or fails to. */
    private record Starting(String name, @Nullable Throwable fault, List<Object> seen) implements Plugin {

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {
            builder.counter(name + ".count", () -> 1);
            builder.closing(() -> seen.add(name + " closes"));
        }

        @Override
        public void started(Crosscut crosscut) {
            seen.add(crosscut);
            seen.add(crosscut.counters().keySet());
            if (fault != null) {
                throw Fault.sneaky(fault);
            }
        }
    }

    @Test
    void each_sees_the_whole_once_all_are_installed() {
        List<Object> seen = new ArrayList<>();
        Crosscut crosscut = Crosscuts.bare()
                .plugin(new Starting("b", null, seen))
                .plugin(new Starting("a", null, seen))
                .build();

        assertThat(seen)
                .containsExactly(crosscut, Set.of("a.count", "b.count"), crosscut, Set.of("a.count", "b.count"));
    }

    @ParameterizedTest
    @EnumSource
    void one_that_cannot_be_started_is_named_and_what_was_opened_is_closed(Fault fault) {
        List<Object> seen = new ArrayList<>();
        Throwable thrown = fault.make();
        Crosscut.Builder builder =
                Crosscuts.bare().plugin(new Starting("broken", thrown, seen)).plugin(new Starting("other", null, seen));

        Throwable failure = catchThrowable(builder::build);

        if (fault.isFatal()) {
            assertThat(failure).isSameAs(thrown);
        } else {
            assertThat(failure)
                    .hasMessage("the plugin broken (" + Starting.class.getName() + ") cannot be started: " + thrown
                            + "; crosscut.broken.enabled=false starts without it")
                    .hasCause(thrown);
        }
        assertThat(seen).endsWith("other closes", "broken closes");
    }

    @Test
    void one_that_is_switched_off_is_not_started() {
        List<Object> seen = new ArrayList<>();
        Crosscuts.bare()
                .property("crosscut.off.enabled", "false")
                .plugin(new Starting("off", null, seen))
                .build();

        assertThat(seen).isEmpty();
    }

    @Test
    void one_that_is_switched_off_is_not_installed_and_needs_no_settings() {
        Settable off = new Settable("off", Setting.text("crosscut.off.needed", "A text."));
        Settable on = new Settable("on");
        Crosscut crosscut = Settable.build(Map.of("crosscut.off.enabled", "false"), off, on);

        assertThat(off.isInstalled()).isFalse();
        assertThat(on.isInstalled()).isTrue();
        assertThatThrownBy(() -> crosscut.settings().get(off.settings().get(0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void one_that_is_switched_off_must_still_be_spelled_right() {
        Settable off = new Settable(
                "off", Setting.integer("crosscut.off.count", "A number.").or(1));

        assertThatThrownBy(() -> Settable.build(
                        Map.of("crosscut.off.enabled", "false", "crosscut.off.count", "x", "crosscut.off.cuont", "1"),
                        off))
                .isInstanceOfSatisfying(
                        SettingsException.class, e -> assertThat(e.problems()).hasSize(2));
    }

    @ParameterizedTest
    @EnumSource
    void one_that_cannot_be_installed_is_named_and_what_was_opened_is_closed(Fault fault) {
        Throwable thrown = fault.make();
        Crosscut.Builder builder = Crosscuts.bare()
                .plugin(new Opening("first", null))
                .plugin(new Opening("broken", thrown))
                .plugin(new Opening("never", null));

        Throwable seen = catchThrowable(builder::build);

        if (fault.isFatal()) {
            assertThat(seen).isSameAs(thrown);
        } else {
            assertThat(seen)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the plugin broken (" + Opening.class.getName() + ") cannot be installed: " + thrown
                            + "; crosscut.broken.enabled=false starts without it")
                    .hasCause(thrown);
        }
        assertThat(events.list()).containsExactly("first opens", "broken opens", "broken closes", "first closes");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("used already");
    }

    @Test
    void what_cannot_be_closed_when_a_build_fails_is_said_beside_the_failure() {
        IllegalStateException first = new IllegalStateException("first");
        Crosscut.Builder builder = Crosscuts.bare()
                .closing(() -> events.add("last"))
                .closing(() -> {
                    throw first;
                })
                .plugin(new Opening("broken", new java.io.IOException("made")));

        assertThatThrownBy(builder::build)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(first));
        assertThat(events.list()).containsExactly("broken opens", "broken closes", "last");
    }

    @ParameterizedTest
    @EnumSource
    void what_cannot_be_closed_keeps_nothing_else_open(Fault fault, Log log) {
        AutoCloseable broken = () -> {
            throw Fault.sneaky(fault.make());
        };
        Crosscut crosscut = Crosscuts.bare()
                .closing(() -> events.add("last"))
                .closing(broken)
                .closing(() -> events.add("first"))
                .build();

        assertThat(catchThrowable(crosscut::close)).isNull();

        assertThat(events.list()).containsExactly("first", "last");
        assertThat(log.at(Level.SEVERE))
                .singleElement()
                .satisfies(report ->
                        assertThat(Log.text(report)).isEqualTo(broken.getClass().getName() + " could not be closed"));
        assertThat(crosscut.faults()).isEqualTo(Map.of(broken.getClass().getName(), 1L));
    }

    @Test
    void a_logger_that_fails_keeps_nothing_open(Log log) {
        Crosscut crosscut = Crosscuts.bare().closing(() -> events.add("closed")).build();
        crosscut.begin(new TestExchange());
        log.failWith(new IllegalStateException("no space left on device"));

        assertThatThrownBy(crosscut::close).hasMessage("no space left on device");

        assertThat(events.list()).containsExactly("closed");
    }

    @Test
    void two_of_one_name_are_refused_with_their_classes_and_where_they_are_from() {
        String from = Settable.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString();

        assertThatThrownBy(() -> Settable.build(Map.of(), new Settable("twin"), new Opening("twin", null)))
                .hasMessage(
                        "1 problem in the configuration:\n  - two plugins are named twin: " + Settable.class.getName()
                                + " (" + from + ") and " + Opening.class.getName() + " (" + from
                                + "); expected one, so take the other off the class path or give it another name");
        assertThatThrownBy(() -> Settable.build(Map.of(), new Settable("correlation")))
                .hasMessageContaining(CorrelationPlugin.class.getName());
        assertThat(events.list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a b", "a.b", "-a", "1a", "a_b", "a\nb", "\u00e4"})
    void a_name_has_one_way_to_be_written(String name) {
        assertThatThrownBy(() -> Settable.build(Map.of(), new Settable(name)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("is named '" + HeaderFields.printable(name)
                        + "'; expected lower-case letters, digits and dashes");
    }

    /** Says of itself what it was made with, or fails to. */
    private record Saying(Supplier<String> said, Supplier<List<Setting<?>>> declared) implements Plugin {

        @Override
        public String name() {
            return said.get();
        }

        @Override
        public List<Setting<?>> settings() {
            return declared.get();
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {}
    }

    @Test
    void one_that_cannot_say_its_name_or_its_settings_is_named_with_all_other_problems() {
        List<Setting<?>> withNull = new ArrayList<>();
        withNull.add(null);
        Supplier<String> failing = () -> {
            throw new IllegalStateException("made");
        };
        for (Saying broken : List.of(
                new Saying(failing, List::of),
                new Saying(() -> null, List::of),
                new Saying(() -> "x", () -> null),
                new Saying(() -> "x", () -> withNull),
                new Saying(() -> "x", () -> {
                    throw new NoClassDefFoundError("made");
                }))) {
            assertThatThrownBy(() -> Settable.build(Map.of("crosscut.unknown", "1"), broken))
                    .isInstanceOfSatisfying(
                            SettingsException.class,
                            refused -> assertThat(refused.problems())
                                    .satisfiesExactly(
                                            first -> assertThat(first)
                                                    .startsWith("the plugin " + Saying.class.getName())
                                                    .contains(" cannot say its name and its settings: ")
                                                    .endsWith("; expected both, and no null"),
                                            second -> assertThat(second).startsWith("crosscut.unknown (test)")));
        }
    }

    @Test
    void settings_outside_its_own_prefix_are_refused() {
        for (String key : List.of("crosscut.y.a", "crosscut.xy", "crosscut.correlation.more")) {
            assertThatThrownBy(() -> Settable.build(Map.of(), new Settable("x", Setting.text(key, "A text."))))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining(
                            "the plugin x declares " + key + "; expected a key that begins with crosscut.x.");
        }
    }

    @Test
    void a_plugin_may_add_participants_and_do_nothing_else_to_the_builder() {
        List<String> refusals = new ArrayList<>();
        Crosscut.Builder[] kept = new Crosscut.Builder[1];
        Crosscut.Builder builder = Crosscuts.bare().plugin(new Plugin() {
            @Override
            public String name() {
                return "curious";
            }

            @Override
            public void install(Crosscut.Builder given, Settings settings) {
                kept[0] = given;
                given.observer(new Watcher("observer", events)).guard(new Warden("guard", events));
                for (Runnable attempt : List.<Runnable>of(
                        () -> given.property("crosscut.a", "1"),
                        () -> given.source(Source.of("late", Map.of())),
                        () -> given.plugin(new Settable("late")),
                        () -> given.discoverPlugins(true),
                        given::build)) {
                    refusals.add(String.valueOf(catchThrowable(attempt::run)));
                }
            }
        });

        Crosscut crosscut = builder.build();

        assertThat(refusals)
                .hasSize(5)
                .containsOnly("java.lang.IllegalStateException: a plugin may add only observers, guards, bindings,"
                        + " meters and resources to the builder");
        assertThatThrownBy(() -> kept[0].observer(new Watcher("late", events)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this builder was used already; expected a new one for each Crosscut");
        assertThatThrownBy(() -> kept[0].closing(() -> {})).isInstanceOf(IllegalStateException.class);
        crosscut.run("job", () -> {});
        assertThat(events.list()).hasSize(4);
    }
}
