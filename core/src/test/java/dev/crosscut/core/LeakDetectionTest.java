package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** What is said of calls that are never ended. */
@Guarantees
class LeakDetectionTest {

    private static void begin(Crosscut crosscut, boolean end) {
        Call call = crosscut.begin(new TestExchange(Exchange.Kind.SERVER, "POST"));
        if (end) {
            call.end(Outcome.completed());
        }
    }

    @Test
    void a_call_that_is_dropped_is_reported_by_name_once_it_is_garbage(Log log) {
        Crosscut crosscut = Crosscuts.of("crosscut.leak-detection", "true").build();
        begin(crosscut, false);

        Races.until(() -> {
            System.gc();
            return !log.at(Level.SEVERE).isEmpty(); // which comes after it is counted
        });

        assertThat(crosscut.faults()).containsOnlyKeys(Call.class.getName());
        assertThat(log.at(Level.SEVERE))
                .singleElement()
                .satisfies(report -> assertThat(Log.text(report))
                        .startsWith("a call of SERVER none POST was never ended")
                        .endsWith("expected the adapter to call end"));
    }

    @Test
    void a_call_that_ended_is_not_reported() {
        Crosscut crosscut = Crosscuts.of("crosscut.leak-detection", "true").build();
        for (int i = 0; i < 100; i++) {
            begin(crosscut, true);
        }
        Garbage ended = new Garbage();
        ended.track(ended(crosscut));
        ended.awaitCollected();
        System.gc();

        assertThat(crosscut.faults()).isEmpty();
    }

    private static Call ended(Crosscut crosscut) {
        Call call = crosscut.begin(new TestExchange());
        call.end(Outcome.completed());
        return call;
    }

    @Test
    void closing_counts_the_exchanges_that_are_open(Log log) {
        Crosscut crosscut = Crosscuts.bare().build();
        begin(crosscut, false);
        begin(crosscut, true);
        begin(crosscut, false);

        crosscut.close();
        crosscut.close();

        assertThat(log.at(Level.WARNING))
                .singleElement()
                .satisfies(report -> assertThat(Log.text(report))
                        .startsWith("2 exchange(s) had not ended when Crosscut was closed")
                        .contains("crosscut.leak-detection=true"));
    }

    @Test
    void closing_says_nothing_where_all_have_ended() {
        Crosscut crosscut = Crosscuts.bare().build();
        Races.together(4, thread -> {
            for (int i = 0; i < 1_000; i++) {
                begin(crosscut, true);
            }
        });

        crosscut.close();
    }
}
