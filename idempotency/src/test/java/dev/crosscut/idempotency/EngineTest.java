package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.charge;
import static dev.crosscut.idempotency.World.eventually;
import static dev.crosscut.idempotency.World.key;
import static dev.crosscut.idempotency.World.reason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.RecordInfo.State;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Threads, memory and the end of the engine. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EngineTest {

    private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    @RegisterExtension
    final World world = World.blocking();

    private final FaultyStore store = world.store;

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("crosscut-idempotency-"))
                .count();
    }

    @Test
    void its_threads_are_daemons_with_names_and_inherit_nothing() throws Exception {
        INHERITED.set("of the caller");
        try {
            Set<String> seen = new HashSet<>();
            store.before(Call.CLAIM, number -> {
                Thread thread = Thread.currentThread();
                seen.add(thread.getName() + " " + thread.isDaemon() + " " + INHERITED.get());
            });
            world.charge()
                    .onceAsync(String.class, run -> CompletableFuture.completedFuture(world.effect(run)))
                    .toCompletableFuture()
                    .get();
            assertThat(seen).containsExactly("crosscut-idempotency-store true null");
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("crosscut-idempotency-"))
                    .isNotEmpty()
                    .allMatch(Thread::isDaemon);
        } finally {
            INHERITED.remove();
        }
    }

    @Test
    void once_it_is_closed_it_begins_nothing_claims_nothing_and_leaves_no_thread() throws Exception {
        long before = threads();
        Idempotency process = world.process(builder -> builder);
        charge(process)
                .onceAsync(String.class, run -> CompletableFuture.completedFuture(world.effect(run)))
                .toCompletableFuture()
                .get();
        process.close();
        process.close();
        int claims = store.count(Call.CLAIM);

        assertThat(reason(() -> charge(process).key("k2").once(String.class, world::effect)))
                .isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(charge(process)
                        .key("k2")
                        .onceAsync(String.class, run -> CompletableFuture.completedFuture(world.effect(run)))
                        .toCompletableFuture())
                .failsWithin(Duration.ofSeconds(10));
        assertThat(store.count(Call.CLAIM)).isEqualTo(claims);
        assertThat(world.effects).hasValue(1);
        eventually(() -> threads() <= before, "its threads are gone");
    }

    @Test
    void what_is_at_work_when_it_is_closed_is_stored_at_its_end() throws Exception {
        Idempotency process = world.process(builder -> builder);
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> async =
                charge(process).onceAsync(String.class, run -> work).toCompletableFuture();
        eventually(() -> process.engine.owned() == 1, "begun");
        assertThat(charge(process).key("k2").once(String.class, run -> {
                    process.close();
                    world.leaseIsOver();
                    run.checkOwned();
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        work.complete("async");

        assertThat(async).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("async");
        assertThat(process.engine.owned()).isZero();
        assertThat(charge(world.there).key("k2").once(String.class, world::effect))
                .isEqualTo("e1");
        assertThat(charge(world.there).once(String.class, world::effect)).isEqualTo("async");
    }

    @Test
    void an_outcome_that_cannot_be_stored_after_it_was_closed_is_returned_and_the_record_left() {
        Idempotency process = world.process(builder -> builder);
        assertThat(charge(process).once(String.class, run -> {
                    process.close();
                    store.down(true);
                    return world.effect(run);
                }))
                .isEqualTo("e1");
        store.down(false);
        assertThat(process.engine.pending()).isZero();
        assertThat(process.engine.owned()).isZero();
        assertThat(world.state()).isEqualTo(State.RUNNING);
        assertThat(world.log)
                .last()
                .asString()
                .contains("could not complete " + key())
                .contains("is closed");
    }

    @Test
    void closing_says_how_many_outcomes_are_not_stored() {
        Idempotency process = world.process(builder -> builder);
        charge(process).once(String.class, run -> {
            store.down(true);
            return world.effect(run);
        });
        process.close();
        store.down(false);
        assertThat(world.log).last().asString().startsWith("1 calls still waited for the store");
    }

    @Test
    void a_hundred_thousand_keys_leave_nothing_behind() {
        try (Idempotency process = Idempotency.builder(new Forgetful()).build()) {
            IdempotentOperation operation = process.operation("charge");
            for (int i = 0; i < 1_000; i++) {
                operation.key("warm" + i).once(Integer.class, run -> 1);
            }
            long before = retained();
            for (int i = 0; i < 100_000; i++) {
                operation.key("k" + i).once(Integer.class, run -> 1);
            }
            assertThat(process.engine.owned()).isZero();
            assertThat(process.engine.pending()).isZero();
            assertThat(process.engine.scheduled()).isZero();
            assertThat(retained() - before).as("bytes retained").isLessThan(4 << 20);
        }
    }

    private static long retained() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void owners_have_numbers_of_their_own() {
        Owners owners = new Owners();
        Owners others = new Owners();
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            assertThat(numbers.add(owners.next())).isTrue();
            assertThat(numbers.add(others.next())).isTrue();
        }
    }

    @Test
    void looking_for_an_outcome_leaves_a_free_key_free_though_the_store_fails() throws Exception {
        Request request = World.request(policy -> policy);
        assertThat(world.here.engine.find(request)).isEmpty();
        assertThat(world.state()).isEqualTo(State.RELEASED);
        store.failBefore(Call.RELEASE, number -> number <= 2);
        assertThat(world.here.engine.find(request)).isEmpty();
        eventually(() -> world.here.engine.pending() == 0, "given back");
        assertThat(world.state()).isEqualTo(State.RELEASED);

        world.charge().once(String.class, world::effect);
        assertThat(world.here.engine.find(request)).isPresent();
        assertThat(world.here.engine.find(new Request("charge", key(), Fingerprint.NONE, Policy.DEFAULT)))
                .as("of another request")
                .isEmpty();
    }

    @Test
    void claims_that_are_given_back_leave_room_for_outcomes() throws Exception {
        store.failBefore(Call.CLAIM, number -> true);
        for (int i = 0; i < 5_100; i++) {
            IdempotentOperation each = world.here.operation("charge").key("k" + i);
            assertThat(reason(() -> each.once(String.class, world::effect))).isEqualTo(Reason.STORE_UNAVAILABLE);
        }
        assertThat(world.here.engine.pending()).isEqualTo(5_000);
        store.failBefore(Call.CLAIM, number -> number != 1);
        store.failBefore(Call.COMPLETE, number -> number <= 2);
        assertThat(charge(world.here).key("last").waiting(Duration.ZERO).once(String.class, world::effect))
                .isEqualTo("e1");
        assertThat(world.here.engine.pending()).isEqualTo(5_001);
    }

    /** Grants everything and keeps nothing. */
    private static final class Forgetful implements IdempotencyStore {

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            return new Claim.Granted(new Ticket(key, terms.owner(), 1), ByteBuffer.allocate(0));
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            return true;
        }

        @Override
        public boolean release(Ticket ticket) {
            return true;
        }

        @Override
        public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
            return true;
        }
    }
}
