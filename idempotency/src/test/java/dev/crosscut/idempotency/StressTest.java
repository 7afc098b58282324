package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Thousands of short runs among faults of the store, crashes, pauses and clocks that go on, each from a seed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StressTest {

    private static final int SEEDS = 1_500;
    private static final int CALLS = 12;

    @RegisterExtension
    final World world = new World();

    private final FaultyStore store = world.store;

    /** What is known of one key: its effects, the values that clients got, and whether somebody lost it, or may have. */
    private static final class Ledger {
        private final List<String> effects = new ArrayList<>();
        private final Set<String> values = new HashSet<>();
        private boolean replayed;
        private boolean lost;
        private boolean fenced = true;
        private int lastEpoch;

        String effect(int epoch) {
            fenced &= epoch > lastEpoch;
            lastEpoch = epoch;
            String effect = "e" + effects.size();
            effects.add(effect);
            return effect;
        }
    }

    /** The machine on which it runs goes away. */
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @ParameterizedTest
    @EnumSource
    void whatever_fails_no_promise_is_broken(OnAbandoned policy) throws Exception {
        int executed = 0;
        int repeated = 0;
        int replayed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Ledger ledger = new Ledger();
            calm();
            for (int call = 0; call < CALLS; call++) {
                faults(random);
                one(random, ledger, policy, seed, random.nextBoolean() ? world.here : world.there);
            }
            calm();
            String as = policy + ", seed " + seed + ": " + ledger.effects;
            if (policy == OnAbandoned.REFUSE) {
                assertThat(ledger.effects).as(as).hasSizeLessThanOrEqualTo(1);
            }
            if (!ledger.lost) {
                assertThat(ledger.values).as(as).hasSizeLessThanOrEqualTo(1);
            }
            assertThat(ledger.effects).as(as).containsAll(ledger.values);
            assertThat(ledger.fenced)
                    .as("%s: whoever owned the key had the greatest epoch", as)
                    .isTrue();
            executed += ledger.effects.isEmpty() ? 0 : 1;
            repeated += ledger.effects.size() > 1 ? 1 : 0;
            replayed += ledger.replayed ? 1 : 0;
        }
        assertThat(executed).as("keys with an effect").isGreaterThan(SEEDS / 2);
        assertThat(replayed).as("keys with a replay").isGreaterThan(SEEDS / 4);
        assertThat(repeated)
                .as("keys with several effects")
                .matches(many -> (many > 0) == (policy == OnAbandoned.RE_EXECUTE));
        clean();
    }

    private void calm() {
        for (Call call : Call.values()) {
            store.failBefore(call, number -> false);
            store.failAfter(call, number -> false);
            store.after(call, number -> {});
        }
    }

    private void faults(Random random) {
        for (Call call : Call.values()) {
            int before = random.nextInt(8);
            int after = random.nextInt(8);
            int pause = random.nextInt(8);
            store.failBefore(call, number -> number == before);
            store.failAfter(call, number -> number == after);
            store.after(call, number -> {
                if (number == pause) {
                    world.leaseIsOver();
                }
            });
        }
    }

    /** One client's call in a process, which may crash or pause at any point, and meanwhile others call. */
    private void one(Random random, Ledger ledger, OnAbandoned policy, int seed, Idempotency process) {
        boolean crashesBefore = random.nextInt(10) == 0;
        boolean crashesAfter = random.nextInt(10) == 0;
        boolean fails = random.nextInt(10) == 0;
        boolean pausesBefore = random.nextInt(6) == 0;
        boolean pausesAfter = random.nextInt(6) == 0;
        Idempotency other = process == world.here ? world.there : world.here;
        Request request = new Request(
                "charge",
                RecordKey.of("charge", List.of(), "k" + policy + seed),
                Fingerprint.NONE,
                Policy.DEFAULT.onAbandoned(policy));
        if (random.nextInt(10) == 0) {
            vanish(process, request, ledger);
            return;
        }
        boolean[] began = {false};
        try {
            String value = process.operation("charge")
                    .key("k" + policy + seed)
                    .onAbandoned(policy)
                    .releaseOn(IllegalArgumentException.class::isInstance)
                    .once(String.class, run -> {
                        began[0] = true;
                        if (crashesBefore) {
                            throw new Crash();
                        }
                        if (fails) {
                            throw new IllegalArgumentException("nothing done");
                        }
                        if (pausesBefore) {
                            world.leaseIsOver();
                            one(random, ledger, policy, seed, other);
                        }
                        run.checkOwned();
                        String effect = ledger.effect(run.epoch());
                        if (pausesAfter) {
                            world.leaseIsOver();
                            one(random, ledger, policy, seed, other);
                        }
                        if (crashesAfter) {
                            throw new Crash();
                        }
                        return effect;
                    });
            ledger.replayed |= !began[0];
            ledger.values.add(value);
            ledger.lost |= process.engine.pending() > 0;
        } catch (IdempotencyException e) {
            ledger.lost |= e.reason() == Reason.LEASE_LOST;
        } catch (Crash | IllegalArgumentException e) {
            assertThat(began[0]).isTrue();
        }
    }

    /** The process is gone after the effect, and another is in its place. */
    private void vanish(Idempotency process, Request request, Ledger ledger) {
        try {
            if (process.engine.admit(request) instanceof Admission.Owned owned) {
                owned.run().leave();
                owned.run().checkOwned();
                ledger.effect(owned.run().epoch());
                world.leaseIsOver();
            }
        } catch (IdempotencyException e) {
            ledger.lost |= e.reason() == Reason.LEASE_LOST;
        }
    }

    private void clean() throws InterruptedException {
        for (Idempotency process : List.of(world.here, world.there)) {
            World.eventually(() -> process.engine.pending() == 0, "nothing waits for the store");
            assertThat(process.engine.owned()).isZero();
            assertThat(process.engine.scheduled()).isZero();
        }
    }

    @Test
    void with_many_threads_among_faults_no_key_has_two_effects_where_that_is_refused() throws Exception {
        int keys = 300;
        int threads = 8;
        ConcurrentHashMap<Integer, AtomicInteger> effects = new ConcurrentHashMap<>();
        for (Call call : Call.values()) {
            store.failBefore(call, number -> ThreadLocalRandom.current().nextInt(8) == 0);
            store.failAfter(call, number -> ThreadLocalRandom.current().nextInt(8) == 0);
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                Idempotency process = thread % 2 == 0 ? world.here : world.there;
                all.add(pool.submit(() -> {
                    for (int i = 0; i < 3 * keys; i++) {
                        int key = i % keys;
                        if (i % 50 == 0) {
                            world.pass(Duration.ofSeconds(7));
                        }
                        IdempotentOperation operation =
                                process.operation("charge").key("k" + key);
                        try {
                            operation.once(Integer.class, run -> {
                                run.checkOwned();
                                return effects.computeIfAbsent(key, any -> new AtomicInteger())
                                        .incrementAndGet();
                            });
                        } catch (IdempotencyException e) {
                            assertThat(e.reason()).isNotIn(Reason.MISMATCH, Reason.NOT_REPLAYABLE);
                        }
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(effects).hasSizeGreaterThan(keys / 2);
        assertThat(effects.values()).allMatch(count -> count.get() == 1);
        Arrays.stream(Call.values()).forEach(call -> {
            store.failBefore(call, number -> false);
            store.failAfter(call, number -> false);
        });
        clean();
    }
}
