package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads that end and settle one call at the same instant: guards hear once, observers hear once and after them, and the
 * outcome is that of the end which was told that it was the first.
 */
@Guarantees
class CallRaceTest {

    private static final int THREADS = 4;
    private static final int ROUNDS = 2_500;
    private static final ExecutorService POOL = Executors.newFixedThreadPool(THREADS);

    @AfterAll
    static void stop() {
        POOL.shutdownNow();
    }

    /** What one round saw. */
    private static final class Round implements Observer {
        final Events events = new Events();
        final Watcher watcher = new Watcher("observer", events);
        final AtomicInteger first = new AtomicInteger(-1);
        final AtomicInteger wins = new AtomicInteger();

        void end(Call call, int thread) {
            if (call.end(Outcome.completed(200 + thread))) {
                first.set(thread);
                wins.incrementAndGet();
            }
        }

        void check(int guards, boolean objection) {
            assertThat(wins.get()).as("ends that were the first: %s", events).isEqualTo(1);
            assertThat(events.endingWith("0").size() + events.list().size()).isPositive();
            for (int i = 0; i < guards; i++) {
                String name = "g" + i;
                assertThat(events.of(name)).as("%s", events).hasSize(2);
            }
            List<String> all = events.list();
            assertThat(events.of("observer")).as("%s", events).hasSize(2);
            assertThat(all.get(all.size() - 1)).as("the last of %s", events).startsWith("observer ends");
            Outcome outcome = watcher.outcome();
            if (!(objection && outcome instanceof Outcome.Answered)) {
                assertThat(outcome).as("%s", events).isEqualTo(Outcome.completed(200 + first.get()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void of_many_ends_at_once_exactly_one_is_the_first(int guards) {
        for (int round = 0; round < ROUNDS; round++) {
            Round seen = new Round();
            Call call = call(seen, guards, false);

            Races.together(POOL, THREADS, thread -> seen.end(call, thread));

            seen.check(guards, false);
            String settled = "settles Completed " + (200 + seen.first.get());
            assertThat(seen.events.endingWith(settled)).as("%s", seen.events).hasSize(guards);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,false", "1,true", "2,true"})
    void settling_and_ending_at_once_tell_each_participant_once_and_observers_last(
            int guards, boolean objection, Log log) {
        log.read(); // an objection that comes when the exchange has ended is reported
        for (int round = 0; round < ROUNDS; round++) {
            Round seen = new Round();
            Call call = call(seen, guards, objection);
            AtomicInteger replies = new AtomicInteger();

            Races.together(POOL, THREADS, thread -> {
                switch (thread) {
                    case 0 -> call.settle(Outcome.completed(300)).ifPresent(reply -> replies.incrementAndGet());
                    case 1 ->
                        Way.await(call.settleAsync(Outcome.completed(301)))
                                .ifPresent(reply -> replies.incrementAndGet());
                    default -> seen.end(call, thread);
                }
            });

            seen.check(guards, objection);
            boolean answered = seen.watcher.outcome() instanceof Outcome.Answered;
            assertThat(replies).as("%s", seen.events).hasValue(objection ? 2 : 0);
            assertThat(call.answer().isPresent()).isEqualTo(answered);
        }
    }

    private static Call call(Round round, int guards, boolean objection) {
        Crosscut.Builder builder = Crosscuts.bare().observer(round.watcher);
        for (int i = 0; i < guards; i++) {
            Decision decision = objection ? Decision.answer(Reply.of(503)) : Decision.proceed();
            builder.guard(new Warden("g" + i, round.events).settling(told -> decision));
        }
        return builder.build().begin(new TestExchange());
    }

    @Test
    void an_end_that_arrives_as_a_stage_completes_is_neither_lost_nor_early() {
        for (int round = 0; round < ROUNDS; round++) {
            Round seen = new Round();
            CompletableFuture<Decision> stage = new CompletableFuture<>();
            Call call = Crosscuts.bare()
                    .observer(seen.watcher)
                    .guard(new Guard.Async() {
                        @Override
                        public Phase phase() {
                            return Phase.RECORD;
                        }

                        @Override
                        public CompletionStage<Decision> admitAsync(Exchange exchange) {
                            return CompletableFuture.completedFuture(Decision.proceed());
                        }

                        @Override
                        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
                            return stage.thenApply(decision -> {
                                seen.events.add("g0 has settled");
                                return decision;
                            });
                        }
                    })
                    .build()
                    .begin(new TestExchange());
            call.settleAsync(Outcome.completed(300));

            Races.together(POOL, THREADS, thread -> {
                if (thread == 0) {
                    stage.complete(Decision.proceed());
                } else {
                    seen.end(call, thread);
                }
            });

            assertThat(seen.wins).hasValue(1);
            assertThat(seen.events.list())
                    .containsExactly(
                            "observer begins", "g0 has settled", "observer ends Completed " + (200 + seen.first.get()));
        }
    }
}
