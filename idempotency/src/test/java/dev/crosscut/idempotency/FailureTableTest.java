package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.LEASE;
import static dev.crosscut.idempotency.World.charge;
import static dev.crosscut.idempotency.World.crashed;
import static dev.crosscut.idempotency.World.eventually;
import static dev.crosscut.idempotency.World.key;
import static dev.crosscut.idempotency.World.owned;
import static dev.crosscut.idempotency.World.reason;
import static dev.crosscut.idempotency.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import dev.crosscut.idempotency.RecordInfo.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the engine does when something else fails: a test for each row of the failure table that it can show. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FailureTableTest {

    @RegisterExtension
    final World world = new World();

    private final FaultyStore store = world.store;

    // 1: crash after the effect, before its completion

    @Test
    void row_1_after_a_crash_nothing_is_done_again_where_that_is_refused() {
        world.effect(crashed(world.here));

        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .as("while the lease lasts")
                .isEqualTo(Reason.IN_FLIGHT);
        world.leaseIsOver();
        for (int i = 0; i < 3; i++) {
            assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                    .isEqualTo(Reason.OUTCOME_UNKNOWN);
        }
        assertThat(world.effects).hasValue(1);
        assertThat(world.events).containsOnlyOnce(Event.EXECUTED).endsWith(Event.UNKNOWN, Event.UNKNOWN);
    }

    @Test
    void row_1_after_a_crash_work_is_done_again_with_the_same_downstream_key_and_a_greater_epoch() {
        IdempotentRun first = crashed(world.here);
        world.leaseIsOver();

        IdempotentOperation again = charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE);
        assertThat(again.once(String.class, run -> {
                    assertThat(run.downstreamKey("psp")).isEqualTo(first.downstreamKey("psp"));
                    assertThat(run.downstreamKey("psp")).isNotEqualTo(run.downstreamKey("mail"));
                    assertThat(run.epoch()).isGreaterThan(first.epoch());
                    assertThat(run.isRepeated()).isTrue();
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.RE_EXECUTED);
    }

    @Test
    void row_1_an_abandoned_key_is_free_once_its_retention_is_over() {
        crashed(world.here);
        world.pass(World.RETENTION);

        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
    }

    // 3: the lease is over, and its owner goes on

    @Test
    void row_3_a_late_owner_is_told_and_what_the_new_one_did_stays() {
        IdempotentOperation again = charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE);
        assertThat(reason(() -> charge(world.here).once(String.class, run -> {
                    world.leaseIsOver();
                    again.once(String.class, taker -> "taken");
                    assertThat(reason(() -> {
                                run.checkOwned();
                                return "";
                            }))
                            .isEqualTo(Reason.LEASE_LOST);
                    return "late";
                })))
                .isEqualTo(Reason.LEASE_LOST);

        assertThat(charge(world.here).once(String.class, world::effect)).isEqualTo("taken");
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.RE_EXECUTED, Event.LOST, Event.REPLAYED);
        assertThat(world.log)
                .singleElement()
                .asString()
                .contains("charge lost " + key())
                .contains("epoch 1");
    }

    @Test
    void row_3_a_late_completion_is_kept_where_nobody_took_over() {
        assertThat(charge(world.here).once(String.class, run -> {
                    world.pass(LEASE.multipliedBy(3));
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
    }

    @Test
    void row_3_neither_a_late_release_nor_a_late_failure_touches_the_record_of_the_new_owner() {
        IdempotentRun first = crashed(world.here);
        world.leaseIsOver();
        IdempotentRun second = owned(world.there, request(policy -> policy.onAbandoned(OnAbandoned.RE_EXECUTE)));

        first.release();
        assertThat(world.state()).isEqualTo(State.RUNNING);
        assertThat(second.epoch()).isEqualTo(2);
        second.checkOwned();
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.RE_EXECUTED, Event.LOST);

        IdempotentRun third = owned(world.here, other(policy -> policy));
        world.leaseIsOver();
        owned(world.there, other(policy -> policy.onAbandoned(OnAbandoned.RE_EXECUTE)));
        third.giveUp();
        assertThat(store.find(other(policy -> policy).key()).orElseThrow().state())
                .isEqualTo(State.RUNNING);
        assertThat(world.events).filteredOn(Event.LOST::equals).hasSize(2);
    }

    private static Request other(UnaryOperator<Policy> policy) {
        return new Request(
                "charge", RecordKey.of("charge", List.of(), "other"), Fingerprint.NONE, policy.apply(Policy.DEFAULT));
    }

    // 4: a pause that is longer than the lease, between claim and work

    @Test
    void row_4_after_a_pause_the_lease_is_renewed_before_the_work_begins() {
        store.after(Call.CLAIM, number -> world.pass(LEASE));
        store.before(Call.RENEW, number -> assertThat(world.effects).hasValue(0));

        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("e1");
        assertThat(store.count(Call.RENEW)).isEqualTo(1);
    }

    @Test
    void row_4_after_a_pause_the_work_does_not_begin_where_somebody_took_over() {
        List<IdempotentRun> taken = new ArrayList<>();
        store.after(Call.CLAIM, number -> {
            if (number == 1) {
                world.leaseIsOver();
                taken.add(owned(world.there, request(policy -> policy.onAbandoned(OnAbandoned.RE_EXECUTE))));
            }
        });

        assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                .isEqualTo(Reason.LEASE_LOST);
        assertThat(world.effects).hasValue(0);
        assertThat(world.here.engine.owned()).isZero();
        assertThat(world.there.engine.owned()).isEqualTo(1);
        taken.get(0).checkOwned();
    }

    @Test
    void row_4_after_a_pause_the_work_does_not_begin_where_the_store_is_down_and_is_free_for_the_next()
            throws Exception {
        store.after(Call.CLAIM, number -> {
            world.leaseIsOver();
            store.down(true);
        });
        assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                .isEqualTo(Reason.LEASE_LOST);
        store.down(false);
        store.after(Call.CLAIM, number -> {});

        eventually(() -> world.here.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.RELEASED);
        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("e1");
    }

    // 5: clocks that differ and clocks that are set

    @Test
    void row_5_an_owner_whose_clock_leaps_asks_the_store_and_goes_on() {
        AtomicLong clock = new AtomicLong(17);
        Idempotency leaping = world.process(builder -> builder.clock(clock::get));
        assertThat(charge(leaping).once(String.class, run -> {
                    clock.addAndGet(Duration.ofDays(1000).toNanos());
                    run.checkOwned();
                    run.checkOwned();
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(store.count(Call.RENEW)).as("asked once, and then known").isEqualTo(1);
    }

    @Test
    void row_5_the_clock_of_another_process_takes_no_lease_away() {
        AtomicLong clock = new AtomicLong(Duration.ofDays(3000).toNanos());
        Idempotency ahead = world.process(builder -> builder.clock(clock::get));
        crashed(world.here);
        clock.addAndGet(Duration.ofDays(3000).toNanos());

        assertThat(reason(
                        () -> charge(ahead).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, world::effect)))
                .isEqualTo(Reason.IN_FLIGHT);
    }

    // 6: many duplicates at once

    @Test
    void row_6_of_many_duplicates_one_does_the_work() throws Exception {
        int threads = 32;
        int keys = 1000;
        AtomicIntegerArray effects = new AtomicIntegerArray(keys);
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                IdempotentOperation operation = (thread % 2 == 0 ? world.here : world.there).operation("charge");
                all.add(pool.submit(() -> {
                    start.await();
                    int answered = 0;
                    for (int key = 0; key < keys; key++) {
                        int which = key;
                        try {
                            assertThat(operation.key("k" + key).once(Integer.class, run -> {
                                        effects.incrementAndGet(which);
                                        return which;
                                    }))
                                    .isEqualTo(key);
                            answered++;
                        } catch (IdempotencyException e) {
                            assertThat(e.reason()).isEqualTo(Reason.IN_FLIGHT);
                        }
                    }
                    return answered;
                }));
            }
            int answered = 0;
            for (Future<Integer> each : all) {
                answered += each.get();
            }
            assertThat(answered).isGreaterThanOrEqualTo(keys);
        } finally {
            pool.shutdownNow();
        }
        for (int key = 0; key < keys; key++) {
            assertThat(effects.get(key)).as("effects of key %s", key).isEqualTo(1);
        }
        assertThat(world.here.engine.owned() + world.there.engine.owned()).isZero();
    }

    // 10: the completion fails after the work was done

    @Test
    void row_10_what_could_not_be_stored_is_returned_and_stored_later() throws Exception {
        assertThat(world.charge().once(String.class, run -> {
                    store.down(true);
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(world.here.engine.pending()).isEqualTo(1);
        assertThat(world.here.engine.owned()).isZero();
        assertThat(world.state()).isEqualTo(State.RUNNING);

        store.down(false);
        eventually(() -> world.here.engine.pending() == 0, "stored");
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
        assertThat(store.count(Call.RELEASE)).isZero();
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.STORE_FAILED, Event.REPLAYED);
    }

    @Test
    void row_10_it_is_stored_as_well_where_the_first_reply_was_lost() {
        store.failAfter(Call.COMPLETE, number -> number == 1);
        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("e1");
        assertThat(store.count(Call.COMPLETE)).isEqualTo(2);
        assertThat(world.here.engine.pending()).isZero();
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
    }

    @Test
    void row_10_a_completion_that_comes_too_late_is_told_and_not_tried_for_ever() throws Exception {
        world.charge().once(String.class, run -> {
            store.down(true);
            return world.effect(run);
        });
        world.leaseIsOver();
        store.failBefore(Call.COMPLETE, number -> true);
        store.down(false);
        charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, run -> {
            store.failBefore(Call.COMPLETE, number -> false);
            eventually(() -> world.here.engine.pending() == 0, "tried until it was refused");
            return "again";
        });
        assertThat(world.events).filteredOn(Event.LOST::equals).hasSize(1);
        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("again");
    }

    @Test
    void row_10_a_store_that_never_takes_an_outcome_is_not_tried_longer_than_the_outcome_is_kept() throws Exception {
        world.charge().once(String.class, run -> {
            store.failBefore(Call.COMPLETE, number -> true);
            return world.effect(run);
        });
        world.pass(World.RETENTION);
        eventually(() -> world.here.engine.pending() == 0, "given up");
        assertThat(world.log).last().asString().contains("could not complete " + key());
    }

    @Test
    void row_10_what_cannot_be_written_is_returned_and_blocks_the_key() {
        Idempotency odd = world.process(builder -> builder.codec(new ValueCodec() {
            @Override
            public byte[] write(Object value, java.lang.reflect.Type type) {
                if ("error".equals(value)) {
                    throw new StackOverflowError("deep");
                }
                throw new IllegalStateException("odd");
            }

            @Override
            public Object read(byte[] bytes, java.lang.reflect.Type type) {
                throw new IllegalStateException("not asked");
            }
        }));
        for (String value : List.of("value", "error")) {
            IdempotentOperation operation = odd.operation("charge").key(value);
            assertThat(operation.once(String.class, run -> value)).isEqualTo(value);
            assertThat(odd.engine.owned()).isZero();
            assertThatThrownBy(() -> operation.once(String.class, world::effect))
                    .hasMessageContaining("could not be written")
                    .isInstanceOfSatisfying(
                            IdempotencyException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_REPLAYABLE));
        }
        assertThat(world.effects).hasValue(0);
    }

    @Test
    void row_10_an_error_of_the_store_is_a_failure_like_any_other() throws Exception {
        store.before(Call.COMPLETE, number -> {
            if (number <= 2) {
                throw new NoClassDefFoundError("driver");
            }
        });
        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("e1");
        assertThat(world.here.engine.owned()).isZero();
        eventually(() -> world.here.engine.pending() == 0, "stored");
        assertThat(world.state()).isEqualTo(State.DONE);
    }

    // 11: the outcome is too large

    @Test
    void row_11_an_outcome_that_is_too_large_is_returned_and_blocks_the_key() {
        Idempotency small = world.process(builder -> builder.maxOutcome(10));
        assertThat(charge(small).once(String.class, run -> "x".repeat(8))).hasSize(8);
        assertThat(charge(small).once(String.class, world::effect)).hasSize(8);

        IdempotentOperation large = charge(small).key("large");
        assertThat(large.once(String.class, run -> "x".repeat(9))).hasSize(9);
        assertThatThrownBy(() -> large.once(String.class, world::effect))
                .hasMessageContaining("11 bytes, and at most 10 are kept");
        assertThat(world.effects).hasValue(0);
    }

    // 14: another payload

    @Test
    void row_14_another_fingerprint_is_refused_while_the_first_is_running_done_or_abandoned() {
        IdempotentOperation other = charge(world.there).fingerprint(new byte[] {2});
        for (OnAbandoned policy : OnAbandoned.values()) {
            for (Kind kind : List.of(Kind.VALUE, Kind.PROGRESS)) {
                IdempotentRun run = crashed(world.here);
                assertThat(reason(() -> other.onAbandoned(policy).once(String.class, world::effect)))
                        .isEqualTo(Reason.MISMATCH);
                if (kind == Kind.VALUE) {
                    run.complete(kind, new byte[0]);
                } else {
                    world.leaseIsOver();
                }
                assertThat(reason(() -> other.onAbandoned(policy).once(String.class, world::effect)))
                        .isEqualTo(Reason.MISMATCH);
                store.expire(key());
            }
        }
        assertThat(world.effects).hasValue(0);
    }

    @Test
    void row_14_a_released_key_takes_any_fingerprint() {
        crashed(world.here).release();
        assertThat(charge(world.there).fingerprint(new byte[] {2}).once(String.class, world::effect))
                .isEqualTo("e1");
    }

    // 15: the record is dropped while it is in use

    @Test
    void row_15_an_owner_whose_record_is_gone_is_told() {
        assertThat(reason(() -> world.charge().once(String.class, run -> {
                    store.expire(key());
                    return world.effect(run);
                })))
                .isEqualTo(Reason.LEASE_LOST);
        assertThat(store.find(key())).as("nothing comes back").isEmpty();
    }

    // 16: user code changes its input

    @Test
    void row_16_key_scope_and_fingerprint_are_those_of_the_call_whatever_becomes_of_its_arguments() {
        byte[] content = {1};
        String[] scope = {"acme"};
        IdempotentOperation operation =
                world.here.operation("charge").scope(scope).key("k1").fingerprint(content);
        content[0] = 2;
        scope[0] = "other";
        operation.once(String.class, run -> {
            content[0] = 3;
            scope[0] = "another";
            return world.effect(run);
        });

        assertThat(world.state()).isEqualTo(State.DONE);
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
    }

    // 17: the reply to the claim is lost

    @Test
    void row_17_a_claim_whose_reply_was_lost_is_granted_to_the_same_owner() {
        store.failAfter(Call.CLAIM, number -> number == 1);
        assertThat(world.charge().once(String.class, run -> {
                    assertThat(run.epoch()).isEqualTo(1);
                    assertThat(run.isRepeated()).isFalse();
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        assertThat(world.events).containsExactly(Event.STORE_FAILED, Event.EXECUTED);
    }

    @Test
    void row_17_a_claim_that_fails_twice_is_refused_and_given_back_though_its_lease_is_over() throws Exception {
        store.failAfter(Call.CLAIM, number -> number <= 2);
        store.failBefore(Call.CLAIM, number -> number >= 3 && number <= 5);
        assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(world.state()).isEqualTo(State.RUNNING);
        world.pass(LEASE.multipliedBy(5));

        eventually(() -> world.here.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.RELEASED);
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("e1");
    }

    @Test
    void row_17_a_take_over_that_fails_is_given_back_as_abandoned_with_what_had_been_done() throws Exception {
        IdempotentRun first = crashed(world.here);
        first.step("pay", String.class, () -> world.effect(first));
        world.leaseIsOver();
        IdempotentOperation again = charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE);
        store.failAfter(Call.CLAIM, number -> number == 2 || number == 3);
        assertThat(reason(() -> again.once(String.class, world::effect))).isEqualTo(Reason.STORE_UNAVAILABLE);

        eventually(() -> world.there.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.ABANDONED);
        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .isEqualTo(Reason.OUTCOME_UNKNOWN);
        assertThat(again.<String, Exception>once(String.class, run -> {
                    assertThat(run.isRepeated()).isTrue();
                    return run.step("pay", String.class, () -> world.effect(run));
                }))
                .isEqualTo("e1");
        assertThat(world.effects).hasValue(1);
    }

    @Test
    void row_17_a_store_that_throws_one_and_the_same_exception_is_survived() throws Exception {
        FaultyStore.Unreachable same = new FaultyStore.Unreachable("same");
        store.after(Call.CLAIM, number -> {
            if (number <= 2) {
                throw same;
            }
        });
        assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        eventually(() -> world.here.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.RELEASED);
    }

    @Test
    void row_17_an_error_in_a_claim_is_passed_on_and_the_record_given_back() throws Exception {
        store.after(Call.CLAIM, number -> {
            if (number == 1) {
                throw new NoClassDefFoundError("driver");
            }
        });
        assertThatThrownBy(() -> world.charge().once(String.class, world::effect))
                .isInstanceOf(NoClassDefFoundError.class);
        eventually(() -> world.here.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.RELEASED);
    }

    // 18: the same key within its own work

    @Test
    void row_18_work_that_asks_for_its_own_key_is_refused_and_does_not_wait_for_itself() {
        World real = World.real(false);
        real.beforeEach(null);
        try {
            IdempotentOperation patient = real.charge().waiting(Duration.ofSeconds(20));
            assertThat(patient.once(String.class, run -> {
                        assertThat(reason(() -> patient.once(String.class, real::effect)))
                                .isEqualTo(Reason.IN_FLIGHT);
                        assertThat(patient.onceAsync(String.class, same -> null).toCompletableFuture())
                                .isCompletedExceptionally();
                        assertThat(patient.key("k2").once(String.class, real::effect))
                                .isEqualTo("e1");
                        return real.effect(run);
                    }))
                    .isEqualTo("e2");
        } finally {
            real.afterEach(null);
        }
    }

    // 19: leases are not renewed in time

    @Test
    void row_19_an_owner_that_cannot_renew_past_its_lease_is_told() {
        store.down(false);
        assertThat(reason(() -> world.charge().once(String.class, run -> {
                    store.down(true);
                    run.checkOwned();
                    world.pass(LEASE.minusNanos(1));
                    run.checkOwned();
                    world.pass(Duration.ofNanos(1));
                    run.checkOwned();
                    return world.effect(run);
                })))
                .isEqualTo(Reason.LEASE_LOST);
        assertThat(world.effects).hasValue(0);
        store.down(false);
        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .isEqualTo(Reason.OUTCOME_UNKNOWN);
    }

    @Test
    void row_19_one_lost_reply_to_a_renewal_is_no_loss() {
        store.failAfter(Call.RENEW, number -> number == 1);
        assertThat(world.charge().once(String.class, run -> {
                    world.leaseIsOver();
                    run.checkOwned();
                    return world.effect(run);
                }))
                .isEqualTo("e1");
    }

    @Test
    void row_19_work_that_is_going_on_here_is_not_taken_over_here_when_its_lease_is_over() {
        assertThat(world.charge().once(String.class, run -> {
                    world.leaseIsOver();
                    for (OnAbandoned policy : OnAbandoned.values()) {
                        assertThat(reason(
                                        () -> world.charge().onAbandoned(policy).once(String.class, world::effect)))
                                .isEqualTo(Reason.IN_FLIGHT);
                    }
                    return world.effect(run);
                }))
                .isEqualTo("e1");
    }
}
