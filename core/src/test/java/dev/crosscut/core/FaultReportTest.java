package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults are counted always and reported at most once a minute for each participant, with how many were not. */
@Guarantees
class FaultReportTest {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final Events events = new Events();
    private final AtomicLong clock = new AtomicLong();

    private Crosscut failing() {
        return Crosscuts.bare()
                .clock(clock::get)
                .observer(new Watcher("observer", events).failingInBegin(new IllegalStateException("made")))
                .build();
    }

    private static void exchange(Crosscut crosscut, int times) {
        for (int i = 0; i < times; i++) {
            crosscut.begin(new TestExchange()).end(Outcome.completed());
        }
    }

    /** A clock of nanoseconds may start anywhere and overflow. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MAX_VALUE - 30_000_000_000L, Long.MIN_VALUE, -30_000_000_000L})
    void at_most_one_report_a_minute_wherever_the_clock_starts(long start, Log log) {
        clock.set(start);
        Crosscut crosscut = failing();

        exchange(crosscut, 5);
        clock.addAndGet(MINUTE - 1);
        exchange(crosscut, 5);
        assertThat(log.warnings()).hasSize(1);
        clock.addAndGet(1);
        exchange(crosscut, 5);

        assertThat(log.warnings()).hasSize(2);
        assertThat(log.warnings().get(0)).doesNotContain("more times");
        assertThat(log.warnings().get(1)).endsWith("(and 9 more times since the last report)");
        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 15L));
        clock.addAndGet(MINUTE);
        exchange(crosscut, 1);
        assertThat(log.warnings().get(2)).endsWith("(and 4 more times since the last report)");
        clock.addAndGet(MINUTE);
        exchange(crosscut, 1);
        assertThat(log.warnings().get(3)).doesNotContain("more times");
    }

    @Test
    void each_participant_has_a_minute_of_its_own(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .clock(clock::get)
                .observer(new Watcher("observer", events).failingInBegin(new IllegalStateException("made")))
                .observer(new Watcher("other", events) {
                    @Override
                    public void end(Exchange exchange, Outcome outcome) {
                        throw new IllegalStateException("made");
                    }
                })
                .guard(new Warden("guard", events).admitting(Warden.failing(new IllegalStateException("made"))))
                .build();

        exchange(crosscut, 10);

        assertThat(log.warnings()).hasSize(3);
        assertThat(crosscut.faults())
                .hasSize(3)
                .allSatisfy((culprit, count) -> assertThat(count).isEqualTo(10));
        assertThat(List.copyOf(crosscut.faults().keySet())).isSorted();
    }

    @Test
    void two_of_one_class_are_reported_each_and_counted_together(Log log) {
        Crosscut crosscut = Crosscuts.bare()
                .clock(clock::get)
                .observer(new Watcher("one", events).failingInBegin(new IllegalStateException("of one")))
                .observer(new Watcher("other", events).failingInBegin(new IllegalStateException("of the other")))
                .build();

        exchange(crosscut, 10);

        assertThat(log.warnings()).hasSize(2);
        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 20L));
    }

    @Test
    void many_threads_that_fail_at_once_are_counted_to_the_last_and_reported_once(Log log) {
        Crosscut crosscut = failing();

        Races.together(8, thread -> exchange(crosscut, 2_000));

        assertThat(crosscut.faults()).isEqualTo(Map.of(Watcher.class.getName(), 16_000L));
        assertThat(log.warnings()).hasSize(1);
        clock.addAndGet(MINUTE);
        exchange(crosscut, 1);
        long told = log.warnings().stream().mapToLong(FaultReportTest::faultsIn).sum();
        assertThat(told).isEqualTo(16_001);
    }

    private static long faultsIn(String report) {
        Matcher more = Pattern.compile("\\(and (\\d+) more times").matcher(report);
        return 1 + (more.find() ? Long.parseLong(more.group(1)) : 0);
    }

    @ParameterizedTest
    @EnumSource
    void a_logger_that_fails_breaks_nothing_and_is_counted(Fault fault, Log log) {
        Warden warden = new Warden("guard", events).admitting(Warden.failing(new IllegalStateException()));
        Crosscut crosscut = Crosscuts.bare()
                .observer(new Watcher("o0", events))
                .observer(new Watcher("o1", events).failingInBegin(new IllegalStateException()))
                .observer(new Watcher("o2", events) {
                    @Override
                    public void end(Exchange exchange, Outcome outcome) {
                        super.end(exchange, outcome);
                        throw new IllegalStateException();
                    }
                })
                .guard(warden)
                .build();
        log.failWith(fault.make());

        assertThatCode(() -> {
                    Call call = crosscut.begin(new TestExchange());
                    call.end(Outcome.completed());
                    assertThat(call.answer()).map(Reply::status).contains(500);
                })
                .doesNotThrowAnyException();

        assertThat(events.list())
                .containsExactly(
                        "o0 begins",
                        "o1 begins",
                        "o2 begins",
                        "guard is asked",
                        "o2 ends Answered 500",
                        "o0 ends Answered 500");
        assertThat(crosscut.faults().values())
                .as("the fault and that of the logger")
                .containsOnly(2L);
        crosscut.close();
    }

    @Test
    void without_faults_there_is_nothing_to_count() {
        Crosscut crosscut = Crosscuts.bare().observer(new Watcher("o", events)).build();

        exchange(crosscut, 3);

        assertThat(crosscut.faults()).isEmpty();
    }
}
