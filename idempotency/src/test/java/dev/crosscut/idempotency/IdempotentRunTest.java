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

import dev.crosscut.core.Secret;
import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import dev.crosscut.idempotency.RecordInfo.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a run owns, until when, and what it leaves to the next. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IdempotentRunTest {

    @RegisterExtension
    final World world = new World();

    private final FaultyStore store = world.store;

    private static Reason owns(IdempotentRun run) {
        return reason(() -> {
            run.checkOwned();
            return "";
        });
    }

    // ownership

    @Test
    void while_the_lease_lasts_asking_costs_nothing() {
        world.charge().once(String.class, run -> {
            for (int i = 0; i < 1000; i++) {
                run.checkOwned();
            }
            return world.effect(run);
        });
        assertThat(store.count(Call.RENEW)).isZero();
        assertThat(store.count(Call.CLAIM)).isEqualTo(1);
        assertThat(store.count(Call.COMPLETE)).isEqualTo(1);
        assertThat(store.count(Call.RELEASE)).isZero();
    }

    @Test
    void work_that_has_ended_owns_nothing_any_more_however_it_ended() {
        IdempotentRun completed = crashed(world.here);
        completed.complete(Kind.VALUE, new byte[0]);
        assertThat(owns(completed)).isEqualTo(Reason.LEASE_LOST);

        store.expire(key());
        IdempotentRun released = crashed(world.here);
        released.release();
        assertThat(owns(released)).isEqualTo(Reason.LEASE_LOST);

        IdempotentRun givenUp = crashed(world.here);
        givenUp.giveUp();
        assertThat(owns(givenUp)).isEqualTo(Reason.LEASE_LOST);
        world.leaseIsOver();
        assertThatThrownBy(givenUp::checkOwned).hasMessageContaining("the work has ended");
        assertThat(reason(() -> givenUp.step("late", String.class, () -> world.effect(givenUp))))
                .isEqualTo(Reason.LEASE_LOST);
        assertThat(world.effects).hasValue(0);
    }

    @Test
    void work_that_nobody_waits_for_any_more_asks_the_store_once_its_lease_is_over() {
        IdempotentRun left = crashed(world.here);
        left.leave();
        assertThat(world.here.engine.owned()).isZero();
        left.checkOwned();
        world.leaseIsOver();
        left.checkOwned();
        assertThat(store.count(Call.RENEW)).isEqualTo(1);

        world.leaseIsOver();
        charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, world::effect);
        assertThat(owns(left)).isEqualTo(Reason.LEASE_LOST);
    }

    @Test
    void a_run_that_was_lost_and_then_failed_is_forgotten_whatever_its_failure_means() {
        IdempotentOperation operation = world.charge().releaseOn(failure -> true);
        assertThatThrownBy(() -> operation.once(String.class, run -> {
                    world.leaseIsOver();
                    charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, world::effect);
                    assertThat(owns(run)).isEqualTo(Reason.LEASE_LOST);
                    throw new IllegalStateException("half way");
                }))
                .hasMessage("half way");
        assertThat(world.here.engine.owned()).isZero();
        assertThat(world.state()).isEqualTo(State.DONE);
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.RE_EXECUTED, Event.LOST);
    }

    // the end

    @Test
    void a_failure_that_the_caller_cannot_judge_is_not_taken_for_nothing_done() {
        IdempotentOperation operation = world.charge().releaseOn(failure -> {
            throw new IllegalArgumentException("no judge");
        });
        assertThatThrownBy(() -> operation.once(String.class, run -> {
                    throw new IllegalStateException("half way");
                }))
                .hasMessage("half way")
                .hasSuppressedException(new IllegalArgumentException("no judge"));
        assertThat(world.here.engine.owned()).isZero();
        assertThat(world.state()).isEqualTo(State.ABANDONED);
    }

    @Test
    void a_run_that_took_over_and_did_nothing_leaves_it_as_unknown_as_before_what_was_done() {
        IdempotentRun first = crashed(world.here);
        world.effect(first);
        world.leaseIsOver();
        IdempotentOperation again = charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE);
        assertThatThrownBy(() -> again.releaseOn(failure -> true).once(String.class, run -> {
                    throw new IllegalStateException("not reachable");
                }))
                .hasMessage("not reachable");
        assertThatThrownBy(() -> again.once(String.class, run -> {
                    run.noEffect();
                    throw new IllegalStateException("not reachable");
                }))
                .hasMessage("not reachable");

        assertThat(world.state()).isEqualTo(State.ABANDONED);
        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .isEqualTo(Reason.OUTCOME_UNKNOWN);
        again.once(String.class, run -> {
            assertThat(run.isRepeated()).isTrue();
            assertThat(run.epoch()).isEqualTo(4);
            return "";
        });
    }

    @Test
    void a_release_that_fails_is_tried_again_and_told_when_it_is_done() throws Exception {
        store.failBefore(Call.RELEASE, number -> number <= 2);
        assertThatThrownBy(() -> world.charge().releaseOn(failure -> true).once(String.class, run -> {
                    throw new IllegalStateException("nothing done");
                }))
                .hasMessage("nothing done");
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.STORE_FAILED);
        world.leaseIsOver();
        eventually(() -> world.here.engine.pending() == 0, "released");
        assertThat(world.state()).isEqualTo(State.RELEASED);
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.STORE_FAILED, Event.RELEASED);
    }

    @Test
    void an_outcome_is_stored_though_it_could_not_be_encrypted_at_first() throws Exception {
        var file = Files.createTempFile("key", ".txt");
        try {
            Files.writeString(file, "MDEyMzQ1Njc4OWFiY2RlZg==");
            Idempotency encrypted = world.process(builder -> {
                try {
                    return builder.encryption("k", Map.of("k", Secret.file(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(charge(encrypted).once(String.class, run -> {
                        Files.writeString(file, "rotated away!");
                        Thread.sleep(1_100); // such a file is looked at once a second
                        return world.effect(run);
                    }))
                    .isEqualTo("e1");
            assertThat(encrypted.engine.owned()).isZero();
            assertThat(encrypted.engine.pending()).isEqualTo(1);
            Files.writeString(file, "MDEyMzQ1Njc4OWFiY2RlZg==");
            eventually(() -> encrypted.engine.pending() == 0, "stored");
            assertThat(charge(encrypted).once(String.class, world::effect)).isEqualTo("e1");
        } finally {
            Files.delete(file);
        }
    }

    // steps

    @Test
    void two_steps_of_one_name_are_refused_and_the_second_is_not_taken_for_the_first() {
        assertThatThrownBy(() -> world.charge().<String, Exception>once(String.class, run -> {
                    run.step("pay", String.class, () -> world.effect(run));
                    return run.step("pay", String.class, () -> world.effect(run));
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("charge has two steps pay");
        assertThat(world.effects).hasValue(1);
    }

    @Test
    void a_step_that_failed_may_be_tried_again_in_the_same_run() throws Exception {
        String value = world.charge().once(String.class, run -> {
            assertThatThrownBy(() -> run.step("pay", String.class, () -> {
                        throw new IOException("busy");
                    }))
                    .hasMessage("busy");
            return run.step("pay", String.class, () -> world.effect(run));
        });
        assertThat(value).isEqualTo("e1");
    }

    @Test
    void a_step_may_be_under_way_only_once() throws Exception {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch out = new CountDownLatch(1);
        world.charge().<String, Exception>once(String.class, run -> {
            CompletableFuture<String> other = CompletableFuture.supplyAsync(() -> {
                try {
                    return run.step("pay", String.class, () -> {
                        in.countDown();
                        assertThat(out.await(10, TimeUnit.SECONDS)).isTrue();
                        return world.effect(run);
                    });
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(in.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> run.step("pay", String.class, () -> world.effect(run)))
                    .hasMessageContaining("two steps pay");
            out.countDown();
            return other.get(10, TimeUnit.SECONDS);
        });
        assertThat(world.effects).hasValue(1);
    }

    @Test
    void steps_of_an_owner_that_crashed_are_known_to_the_next_and_nulls_among_them() throws Exception {
        IdempotentRun first = crashed(world.here);
        first.step("pay", String.class, () -> world.effect(first));
        first.<Void>step("mail", Void.class, () -> {
            world.effect(first);
            return null;
        });
        world.leaseIsOver();

        String value = charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, run -> {
            assertThat(run.<Void>step("mail", Void.class, () -> {
                        world.effect(run);
                        return null;
                    }))
                    .isNull();
            return run.step("pay", String.class, () -> world.effect(run))
                    + run.step("ship", String.class, () -> world.effect(run));
        });
        assertThat(value).isEqualTo("e1e3");
    }

    @Test
    void a_step_whose_recovery_point_is_not_kept_ends_the_work() {
        assertThat(reason(() -> world.charge().once(String.class, run -> {
                    store.down(true);
                    return run.step("pay", String.class, () -> world.effect(run));
                })))
                .isEqualTo(Reason.LEASE_LOST);
        store.down(false);
        assertThat(world.here.engine.owned()).isZero();
    }

    @Test
    void recovery_points_that_cannot_be_read_are_refused_at_once_and_kept() {
        Ticket ticket = new Ticket(key(), 7, 1);
        OutcomeFormat format = world.here.engine.format;
        byte[] huge = ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(0).array();
        for (ByteBuffer progress : List.of(
                ByteBuffer.wrap(new byte[] {9}),
                format.write(key(), Kind.PROGRESS, huge),
                format.write(key(), Kind.PROGRESS, new byte[] {-1, -1, -1, -1}),
                format.write(key(), Kind.PROGRESS, new byte[] {0}),
                format.write(key(), Kind.VALUE, new byte[0]))) {
            store.expire(key());
            Request request = request(policy -> policy.onAbandoned(OnAbandoned.RE_EXECUTE));
            store.claim(key(), request.fingerprint(), request.policy().terms(7, Optional.empty()));
            store.renew(ticket, Duration.ZERO, progress);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> world.charge()
                                .onAbandoned(OnAbandoned.RE_EXECUTE)
                                .once(String.class, world::effect))
                        .hasMessageContaining("the recovery points of " + key() + " cannot be read")
                        .isInstanceOfSatisfying(
                                IdempotencyException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_REPLAYABLE));
                assertThat(world.state()).isEqualTo(State.ABANDONED);
            }
            assertThat(store.find(key()).orElseThrow().bytes()).isEqualTo(progress.remaining());
        }
        assertThat(world.here.engine.owned()).isZero();
    }

    // leases, in real time

    @Test
    void a_lease_is_renewed_for_as_long_as_the_work_goes_on_and_not_longer() throws Exception {
        World real = World.real(true);
        real.beforeEach(null);
        try {
            for (Duration retention : List.of(Duration.ofMillis(100), Duration.ofHours(1))) {
                IdempotentOperation operation = real.charge()
                        .key("k" + retention)
                        .lease(Duration.ofMillis(300))
                        .retention(retention);
                real.store.before(Call.RENEW, number -> {});
                operation.once(String.class, run -> {
                    Thread.sleep(600);
                    assertThat(reason(() -> charge(real.there)
                                    .key("k" + retention)
                                    .onAbandoned(OnAbandoned.RE_EXECUTE)
                                    .once(String.class, real::effect)))
                            .as("retention %s", retention)
                            .isEqualTo(Reason.IN_FLIGHT);
                    return "done";
                });
                int renewed = real.store.count(Call.RENEW);
                assertThat(renewed).isBetween(1, 9);
                Thread.sleep(150);
                assertThat(real.store.count(Call.RENEW)).isEqualTo(renewed);
            }
        } finally {
            real.afterEach(null);
        }
    }

    @Test
    void renewals_go_on_after_failures_of_the_store_and_errors() throws Exception {
        World real = World.real(false);
        real.beforeEach(null);
        try {
            real.store.before(Call.RENEW, number -> {
                if (number == 1) {
                    throw new NoClassDefFoundError("driver");
                }
                if (number == 2) {
                    throw new FaultyStore.Unreachable("busy");
                }
            });
            real.charge().lease(Duration.ofMillis(150)).once(String.class, run -> {
                eventually(() -> real.store.count(Call.RENEW) >= 4, "renewed again");
                return "done";
            });
            assertThat(real.events).filteredOn(Event.STORE_FAILED::equals).hasSize(2);
        } finally {
            real.afterEach(null);
        }
    }

    @Test
    void work_that_never_ends_does_not_keep_its_key_for_ever() throws Exception {
        IdempotentRun run = owned(world.here, request(policy -> policy.lease(Duration.ofMillis(100))));
        world.pass(Duration.ofHours(23));
        eventually(() -> store.count(Call.RENEW) >= 2, "renewed for a day");
        world.pass(Duration.ofHours(2));
        eventually(() -> world.here.engine.owned() == 0, "no longer");
        assertThat(run.ended()).isDone();
        assertThat(world.log).anyMatch(line -> line.contains("is not renewed any more"));
    }

    @Test
    void a_lease_is_never_believed_to_last_longer_than_the_store_lets_it() {
        store.before(Call.CLAIM, number -> world.pass(LEASE.dividedBy(2)));
        world.charge().once(String.class, run -> {
            store.before(Call.RENEW, number -> world.pass(LEASE.dividedBy(2)));
            world.pass(LEASE.dividedBy(2));
            run.checkOwned();
            assertThat(store.count(Call.RENEW)).isEqualTo(1);
            world.pass(LEASE.dividedBy(2));
            run.checkOwned();
            assertThat(store.count(Call.RENEW)).isEqualTo(2);
            return "";
        });
    }
}
