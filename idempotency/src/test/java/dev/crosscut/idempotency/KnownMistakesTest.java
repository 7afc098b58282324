package dev.crosscut.idempotency;

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
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import dev.crosscut.idempotency.RecordInfo.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Mistakes that libraries of this kind have been seen to make. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KnownMistakesTest {

    @RegisterExtension
    final World world = new World();

    private final FaultyStore store = world.store;

    private static byte[] json(String value) {
        return ('"' + value + '"').getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_waiter_whose_patience_ends_does_not_free_the_key_of_the_owner() {
        World real = World.real(false);
        real.beforeEach(null);
        try {
            IdempotentRun owner = crashed(real.here);
            for (int i = 0; i < 2; i++) {
                assertThat(reason(() -> charge(real.there)
                                .waiting(Duration.ofMillis(60))
                                .once(String.class, real::effect)))
                        .isEqualTo(Reason.IN_FLIGHT);
            }
            assertThat(reason(() -> charge(real.there).once(String.class, real::effect)))
                    .isEqualTo(Reason.IN_FLIGHT);
            owner.complete(Kind.VALUE, json("owner"));
            assertThat(charge(real.there).once(String.class, real::effect)).isEqualTo("owner");
        } finally {
            real.afterEach(null);
        }
    }

    @Test
    void operations_that_share_all_but_their_name_never_mix_their_outcomes() throws Exception {
        int threads = 8;
        int calls = 1_000;
        AtomicInteger executed = new AtomicInteger();
        IdempotentOperation[] operations = {world.here.operation("charge"), world.here.operation("refund")};
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int mine = thread;
                all.add(pool.submit(() -> {
                    start.await();
                    for (int i = 0; i < calls; i++) {
                        String expected = mine % 2 + "/" + mine + "/" + i;
                        assertThat(operations[mine % 2].key(mine / 2 + "/" + i).once(String.class, run -> {
                                    executed.incrementAndGet();
                                    return expected;
                                }))
                                .isEqualTo(expected);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(executed).hasValue(threads * calls);
    }

    @Test
    void an_owner_that_was_replaced_completes_releases_and_renews_nothing() {
        IdempotentRun first = crashed(world.here);
        Ticket late = new Ticket(key(), ((Claim.Abandoned) abandoned()).ticket().owner(), first.epoch());
        IdempotentRun second = owned(world.there, request(policy -> policy.onAbandoned(OnAbandoned.RE_EXECUTE)));

        assertThat(store.renew(late, Duration.ofDays(1), ByteBuffer.allocate(0)))
                .isFalse();
        assertThat(store.release(late)).isFalse();
        assertThat(first.complete(Kind.VALUE, json("first"))).isEqualTo(IdempotentRun.Completion.LOST);
        assertThat(second.complete(Kind.VALUE, json("second"))).isEqualTo(IdempotentRun.Completion.STORED);
        assertThat(world.charge().once(String.class, world::effect)).isEqualTo("second");
    }

    private Claim abandoned() {
        world.leaseIsOver();
        return store.claim(key(), request(policy -> policy).fingerprint(), Policy.DEFAULT.terms(99, Optional.empty()));
    }

    @Test
    void keys_that_a_database_would_take_for_equal_are_different() {
        String longest = "x".repeat(10_000);
        List<String> keys = List.of(
                "aBcD",
                "abcd",
                "ABCD",
                "aBcD ",
                " aBcD",
                "aBcD\u0000",
                "a\u0308",
                "\u00e4",
                "ss",
                "\u00df",
                "\ud800",
                "?",
                longest + "1",
                longest + "2");
        Set<RecordKey> records = new HashSet<>();
        for (String key : keys) {
            assertThat(world.charge().key(key).once(String.class, run -> {
                        records.add(run.request().key());
                        return key;
                    }))
                    .isEqualTo(key);
        }
        assertThat(records).hasSameSizeAs(keys);
        assertThat(RecordKey.of("ab", List.of("c"), "d"))
                .isNotEqualTo(RecordKey.of("a", List.of("bc"), "d"))
                .isNotEqualTo(RecordKey.of("ab", List.of(), "cd"))
                .isNotEqualTo(RecordKey.of("ab", List.of("c", ""), "d"));
    }

    @Test
    void what_was_done_between_two_looks_of_a_waiter_is_seen_and_not_done_again() throws Exception {
        World real = World.real(false);
        real.beforeEach(null);
        try {
            IdempotentRun owner = crashed(real.here);
            real.store.after(Call.CLAIM, number -> {
                if (number == 1) {
                    owner.complete(Kind.VALUE, json("in between"));
                }
            });
            assertThat(charge(real.there).waiting(Duration.ofSeconds(10)).once(String.class, real::effect))
                    .isEqualTo("in between");
            assertThat(real.effects).hasValue(0);
        } finally {
            real.afterEach(null);
        }
    }

    @Test
    void no_failure_after_the_work_frees_the_key() {
        List<Runnable> failures = List.of(
                () -> store.failBefore(Call.COMPLETE, number -> number <= 2),
                () -> store.failAfter(Call.COMPLETE, number -> number <= 2));
        for (Runnable failure : failures) {
            failure.run();
            world.charge().once(String.class, world::effect);
            assertThat(world.state()).isNotEqualTo(State.RELEASED);
            store.expire(key());
            store.failBefore(Call.COMPLETE, number -> false);
            store.failAfter(Call.COMPLETE, number -> false);
        }
        Idempotency process = world.process(builder -> builder);
        assertThat(charge(process).key("cycle").once(Object.class, run -> {
                    List<Object> cycle = new ArrayList<>();
                    cycle.add(cycle);
                    return cycle;
                }))
                .isNotNull();
        assertThat(reason(() -> charge(process).key("cycle").once(Object.class, world::effect)))
                .isEqualTo(Reason.NOT_REPLAYABLE);
        assertThat(store.count(Call.RELEASE)).isZero();
    }

    @Test
    void of_many_that_take_over_at_once_one_does_and_nobody_replaces_what_is_done() throws Exception {
        int threads = 8;
        for (int round = 0; round < 50; round++) {
            crashed(world.here);
            world.leaseIsOver();
            world.effects.set(0);
            CyclicBarrier start = new CyclicBarrier(threads);
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try {
                List<Future<String>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    Idempotency process = i % 2 == 0 ? world.there : world.process(builder -> builder);
                    all.add(pool.submit(() -> {
                        start.await();
                        try {
                            return charge(process)
                                    .onAbandoned(OnAbandoned.RE_EXECUTE)
                                    .once(String.class, world::effect);
                        } catch (IdempotencyException e) {
                            return e.reason().name();
                        }
                    }));
                }
                for (Future<String> each : all) {
                    assertThat(each.get()).isIn("e1", "IN_FLIGHT");
                }
            } finally {
                pool.shutdownNow();
            }
            assertThat(world.effects).hasValue(1);
            store.expire(key());
        }
    }

    @Test
    void a_duplicate_that_was_refused_frees_nothing() {
        crashed(world.here);
        assertThat(reason(() -> charge(world.there).releaseOn(failure -> true).once(String.class, world::effect)))
                .isEqualTo(Reason.IN_FLIGHT);
        assertThat(reason(() -> charge(world.there)
                        .fingerprint(new byte[] {2})
                        .releaseOn(failure -> true)
                        .once(String.class, world::effect)))
                .isEqualTo(Reason.MISMATCH);
        assertThat(store.count(Call.RELEASE)).isZero();
        assertThat(world.state()).isEqualTo(State.RUNNING);
    }

    @Test
    void a_crash_blocks_the_key_for_its_lease_and_never_with_in_flight_for_ever() {
        owned(world.here, request(policy -> policy.lease(Duration.ofMillis(100)).retention(Duration.ofDays(3650))));
        world.pass(Duration.ofMillis(100));
        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .isEqualTo(Reason.OUTCOME_UNKNOWN);
        assertThat(charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, world::effect))
                .isEqualTo("e1");
        for (Duration none : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatThrownBy(() -> world.charge().lease(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 100ms to 1d");
            assertThatThrownBy(() -> world.charge().retention(none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 100ms to 3650d");
        }
    }

    @Test
    void calls_without_a_key_share_nothing_since_they_are_refused() {
        IdempotentOperation keyless = world.here.operation("charge").scope("acme");
        assertThatThrownBy(() -> keyless.once(String.class, world::effect)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keyless.onceAsync(String.class, run -> null))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keyless.key("")).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.count(Call.CLAIM)).isZero();
    }

    @Test
    void a_store_that_times_out_or_is_down_lets_nothing_run_unprotected() throws Exception {
        store.failAfter(Call.CLAIM, number -> number <= 2);
        assertThat(reason(() -> world.charge().once(String.class, world::effect)))
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        eventually(() -> world.here.engine.pending() == 0, "given back");
        store.down(true);
        assertThat(reason(() -> charge(world.there).once(String.class, world::effect)))
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(world.effects).hasValue(0);
        store.down(false);
    }

    @Test
    void nothing_is_near_before_the_store_has_it_and_what_is_near_is_checked_as_well() {
        Idempotency near = world.process(builder -> builder.nearCache(1 << 20, Duration.ofMinutes(1)));
        store.failBefore(Call.COMPLETE, number -> number <= 2);
        charge(near).once(String.class, world::effect);
        assertThat(reason(() -> charge(near).once(String.class, world::effect))).isEqualTo(Reason.IN_FLIGHT);
        store.expire(key());

        IdempotentOperation operation = charge(near).key("k2");
        operation.once(String.class, world::effect);
        int claims = store.count(Call.CLAIM);
        assertThat(operation.once(String.class, world::effect)).isEqualTo("e2");
        assertThat(reason(() -> operation.fingerprint(new byte[] {2}).once(String.class, world::effect)))
                .isEqualTo(Reason.MISMATCH);
        assertThat(store.count(Call.CLAIM)).as("a near hit costs nothing").isEqualTo(claims);
        world.pass(Duration.ofMinutes(1));
        operation.once(String.class, world::effect);
        assertThat(store.count(Call.CLAIM)).isEqualTo(claims + 1);
    }

    @Test
    void two_claims_of_one_process_are_two_owners() {
        IdempotentRun first = crashed(world.here);
        world.leaseIsOver();
        store.expire(key());
        IdempotentRun second = crashed(world.here);
        first.release();
        assertThat(world.state()).isEqualTo(State.RUNNING);
        second.checkOwned();
        assertThat(second.complete(Kind.VALUE, json("second"))).isEqualTo(IdempotentRun.Completion.STORED);
    }

    @Test
    void the_fencing_number_never_falls_and_costs_no_record_of_its_own() {
        int last = 0;
        for (int i = 0; i < 100; i++) {
            IdempotentRun run = crashed(world.here);
            assertThat(run.epoch()).isGreaterThan(last);
            last = run.epoch();
            run.release();
        }
        assertThat(store.count().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(1);
        assertThat(store.count()).containsAllEntriesOf(Map.of(State.RELEASED, 1L));
    }

    @Test
    void the_same_key_of_two_tenants_is_two() {
        assertThat(world.charge().scope("acme", "alice").once(String.class, world::effect))
                .isEqualTo("e1");
        assertThat(world.charge().scope("acme", "bob").once(String.class, world::effect))
                .isEqualTo("e2");
        assertThat(world.charge().scope("alice", "acme").once(String.class, world::effect))
                .isEqualTo("e3");
    }
}
