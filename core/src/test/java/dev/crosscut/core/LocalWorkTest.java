package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that no framework starts. */
@Guarantees
class LocalWorkTest {

    /** The ways to run such work; a test of one is a test of all. */
    enum As {
        RUN,
        CALL,
        PROXY;

        interface Work {
            void job() throws Throwable;
        }

        void run(Crosscut crosscut, Work work) throws Throwable {
            switch (this) {
                case RUN ->
                    crosscut.run("Work.job", () -> {
                        try {
                            work.job();
                        } catch (Throwable e) {
                            throw Fault.sneaky(e);
                        }
                    });
                case CALL ->
                    crosscut.call("Work.job", () -> {
                        try {
                            work.job();
                        } catch (Throwable e) {
                            throw Fault.sneaky(e);
                        }
                        return null;
                    });
                case PROXY -> crosscut.proxy(Work.class, work).job();
            }
        }
    }

    private final Events events = new Events();
    private final Watcher watcher = new Watcher("observer", events);
    private final Warden warden = new Warden("guard", events);
    private final Crosscut crosscut =
            Crosscuts.bare().observer(watcher).guard(warden).build();

    @ParameterizedTest
    @EnumSource
    void it_is_a_local_exchange_that_is_current_while_it_runs(As as) throws Throwable {
        as.run(crosscut, () -> {
            Exchange here = Exchange.current().orElseThrow();
            events.add("work runs in " + here);
        });

        assertThat(events.list())
                .containsExactly(
                        "observer begins",
                        "guard is asked",
                        "work runs in LOCAL local Work.job",
                        "guard settles Completed",
                        "observer ends Completed");
        crosscut.close();
    }

    @ParameterizedTest
    @EnumSource
    void what_it_throws_reaches_the_caller_as_it_is_and_is_the_outcome(As as) {
        for (Fault fault : Fault.values()) {
            Watcher own = new Watcher("own", events);
            Crosscut one = Crosscuts.bare().observer(own).guard(warden).build();
            Throwable thrown = fault.make();

            assertThat(catchThrowable(() -> as.run(one, () -> {
                        throw thrown;
                    })))
                    .isSameAs(thrown);

            assertThat(own.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.error()).isSameAs(thrown));
            one.close();
        }
        assertThat(events.endingWith("guard settles Failed")).hasSize(Fault.values().length);
    }

    @ParameterizedTest
    @EnumSource
    void work_that_was_interrupted_or_cancelled_is_not_a_failure(As as) {
        for (Exception thrown : new Exception[] {new InterruptedException(), new CancellationException("enough")}) {
            Watcher own = new Watcher("own", events);
            Crosscut one = Crosscuts.bare().observer(own).build();

            assertThat(catchThrowable(() -> as.run(one, () -> {
                        throw thrown;
                    })))
                    .isSameAs(thrown);

            assertThat(own.outcome()).isInstanceOf(Outcome.Cancelled.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void work_that_a_guard_refuses_does_not_run(As as) {
        warden.answering(403);

        assertThatThrownBy(() -> as.run(crosscut, () -> events.add("work runs")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reply()).isEqualTo(Reply.of(403)))
                .hasMessage("LOCAL Work.job was refused with status 403 by " + Warden.class.getName());

        assertThat(events.list()).containsExactly("observer begins", "guard is asked", "observer ends Answered 403");
        crosscut.close();
    }

    @ParameterizedTest
    @EnumSource
    void work_whose_guard_objects_while_settling_has_its_result_withheld(As as) {
        warden.settling(told -> Decision.answer(Reply.of(503)));

        assertThatThrownBy(() -> as.run(crosscut, () -> events.add("work runs")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reply()).isEqualTo(Reply.of(503)));

        assertThat(Events.describe(watcher.outcome())).isEqualTo("Answered 503");
        assertThat(events.list()).contains("work runs");
    }

    @ParameterizedTest
    @EnumSource
    void a_failing_jvm_in_a_guard_that_settles_passes_through_after_all_were_told(As as) {
        Throwable fatal = new StackOverflowError("made");
        warden.settling(Warden.failing(fatal));

        assertThat(catchThrowable(() -> as.run(crosscut, () -> {}))).isSameAs(fatal);

        assertThat(events.list())
                .containsExactly(
                        "observer begins", "guard is asked", "guard settles Completed", "observer ends Completed");
        crosscut.close();
    }

    @Test
    void a_result_comes_back_also_where_there_is_none() throws Exception {
        assertThat(crosscut.call("job", () -> 42)).isEqualTo(42);
        assertThat(crosscut.<String>call("job", () -> null)).isNull();
        assertThatThrownBy(() -> crosscut.call("job", () -> {
                    throw new IOException("made");
                }))
                .isInstanceOf(IOException.class);
    }

    @Test
    void work_within_work_is_its_child() {
        crosscut.run(
                "outer",
                () -> crosscut.run("inner", () -> {
                    Exchange inner = Exchange.current().orElseThrow();
                    assertThat(inner.parent()).map(Exchange::operation).contains("outer");
                }));

        assertThat(events.endingWith("observer ends Completed")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void work_needs_a_name(String name) {
        Consumer<Runnable> run = work -> crosscut.run(name, work);

        assertThatThrownBy(() -> run.accept(() -> events.add("work runs")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nightly-report");
        assertThat(events.list()).isEmpty();
    }
}
