package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.crosscut.idempotency.IdempotencyException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Work that is done once. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OnceTest {

    record Receipt(String id, int cents) {}

    private final Idempotency idempotency =
            Idempotency.builder(IdempotencyStore.embedded(1 << 20)).build();
    private final AtomicInteger effects = new AtomicInteger();
    private final IdempotentOperation charge =
            idempotency.operation("charge").scope("acme").key("k1").fingerprint(new byte[] {1});

    @AfterEach
    void close() {
        idempotency.close();
    }

    private Receipt charge(IdempotentRun run) {
        return new Receipt("r" + effects.incrementAndGet(), 500);
    }

    @Test
    void the_first_call_does_the_work_and_the_others_get_what_it_returned() {
        for (int i = 0; i < 3; i++) {
            assertThat(charge.once(Receipt.class, this::charge)).isEqualTo(new Receipt("r1", 500));
        }
        assertThat(effects).hasValue(1);
    }

    @Test
    void a_key_of_another_scope_operation_or_text_is_another() {
        charge.once(Receipt.class, this::charge);
        charge.scope("other").once(Receipt.class, this::charge);
        charge.key("K1").once(Receipt.class, this::charge);
        charge.key("k1 ").once(Receipt.class, this::charge);
        idempotency.operation("refund").scope("acme").key("k1").once(Receipt.class, this::charge);
        assertThat(effects).hasValue(5);
    }

    @Test
    void a_key_with_another_fingerprint_is_refused_in_each_state() {
        IdempotentOperation other = charge.fingerprint(new byte[] {2});
        charge.once(Receipt.class, run -> {
            assertThat(reason(other)).as("in flight").isEqualTo(Reason.MISMATCH);
            return charge(run);
        });
        assertThat(reason(other)).as("done").isEqualTo(Reason.MISMATCH);

        IdempotentOperation failed = charge.key("k2");
        assertThatThrownBy(() -> failed.once(Receipt.class, run -> {
                    throw new IllegalStateException("half way");
                }))
                .hasMessage("half way");
        assertThat(reason(failed.fingerprint(new byte[] {2}))).as("abandoned").isEqualTo(Reason.MISMATCH);
    }

    private Reason reason(IdempotentOperation operation) {
        return catchThrowableOfType(IdempotencyException.class, () -> operation.once(Receipt.class, this::charge))
                .reason();
    }

    @Test
    void a_duplicate_in_flight_is_refused_with_what_is_left_of_the_lease() {
        charge.lease(Duration.ofSeconds(20)).once(Receipt.class, run -> {
            IdempotencyException refused =
                    catchThrowableOfType(IdempotencyException.class, () -> charge.once(Receipt.class, this::charge));
            assertThat(refused.reason()).isEqualTo(Reason.IN_FLIGHT);
            assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(20));
            assertThat(refused).hasMessageContaining("charge").hasMessageNotContaining("k1");
            return charge(run);
        });
        assertThat(effects).hasValue(1);
    }

    @Test
    void duplicates_that_wait_all_get_what_the_first_returned() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        var threads = Executors.newCachedThreadPool();
        try {
            List<Future<Receipt>> all = new ArrayList<>();
            all.add(threads.submit(() -> charge.once(Receipt.class, run -> {
                begun.countDown();
                done.await();
                return charge(run);
            })));
            begun.await();
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(
                        () -> charge.waiting(Duration.ofSeconds(30)).once(Receipt.class, this::charge)));
            }
            done.countDown();
            for (Future<Receipt> each : all) {
                assertThat(each.get()).isEqualTo(new Receipt("r1", 500));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(effects).hasValue(1);
    }

    @Test
    void work_that_failed_is_not_done_again_unless_that_is_allowed() {
        IdempotentOperation failing = charge.onAbandoned(OnAbandoned.REFUSE);
        assertThatThrownBy(() -> failing.once(Receipt.class, run -> {
                    charge(run);
                    throw new IOException("after the effect");
                }))
                .isInstanceOf(IOException.class);

        assertThat(reason(failing)).isEqualTo(Reason.OUTCOME_UNKNOWN);
        assertThat(effects).hasValue(1);

        IdempotentOperation again = charge.onAbandoned(OnAbandoned.RE_EXECUTE);
        assertThat(again.once(Receipt.class, run -> {
                    assertThat(run.isRepeated()).isTrue();
                    assertThat(run.epoch()).isEqualTo(2);
                    return charge(run);
                }))
                .isEqualTo(new Receipt("r2", 500));
    }

    @Test
    void work_that_failed_without_an_effect_is_done_by_the_next_call_with_a_greater_epoch() {
        assertThatThrownBy(() -> charge.releaseOn(e -> e instanceof IllegalArgumentException)
                        .once(Receipt.class, run -> {
                            throw new IllegalArgumentException("no such account");
                        }))
                .hasMessage("no such account");
        assertThatThrownBy(() -> charge.once(Receipt.class, run -> {
                    assertThat(run.epoch()).isEqualTo(2);
                    run.noEffect();
                    throw new IllegalStateException("not reachable");
                }))
                .hasMessage("not reachable");
        charge.once(Receipt.class, run -> {
            assertThat(run.epoch()).isEqualTo(3);
            assertThat(run.isRepeated()).isFalse();
            return charge(run);
        });
        assertThat(effects).hasValue(1);
    }

    @Test
    void steps_that_are_done_are_not_done_again() throws Exception {
        IdempotentOperation order = charge.onAbandoned(OnAbandoned.RE_EXECUTE);
        List<String> keys = new ArrayList<>();
        assertThatThrownBy(() -> order.once(String.class, run -> {
                    keys.add(run.downstreamKey("pay"));
                    run.step("pay", String.class, () -> "p" + effects.incrementAndGet());
                    throw new IllegalStateException("crash");
                }))
                .hasMessage("crash");

        String result = order.once(String.class, run -> {
            keys.add(run.downstreamKey("pay"));
            return run.step("pay", String.class, () -> "p" + effects.incrementAndGet())
                    + run.step("ship", String.class, () -> "s" + effects.incrementAndGet());
        });

        assertThat(result).isEqualTo("p1s2");
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0)).isEqualTo(keys.get(1)).matches("[A-Za-z0-9_-]{43}");
    }

    @Test
    void the_asynchronous_twin_does_the_same() {
        CompletableFuture<Receipt> work = new CompletableFuture<>();
        CompletableFuture<Receipt> first =
                charge.onceAsync(Receipt.class, run -> work).toCompletableFuture();
        CompletableFuture<Receipt> second = charge.waiting(Duration.ofSeconds(30))
                .onceAsync(Receipt.class, run -> CompletableFuture.completedFuture(charge(run)))
                .toCompletableFuture();
        assertThat(charge.onceAsync(Receipt.class, run -> work).toCompletableFuture())
                .isCompletedExceptionally();

        work.complete(new Receipt("async", 1));

        assertThat(first).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(new Receipt("async", 1));
        assertThat(second).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(new Receipt("async", 1));
        assertThat(effects).hasValue(0);
    }

    @Test
    void an_outcome_that_is_too_large_or_cannot_be_written_is_not_replayed_and_the_work_not_done_again() {
        Idempotency small =
                Idempotency.builder(idempotency.store()).maxOutcome(10).build();
        IdempotentOperation large = small.operation("charge").key("large");
        assertThat(large.once(String.class, run -> "x".repeat(effects.incrementAndGet() * 20)))
                .hasSize(20);
        assertThat(catchThrowableOfType(IdempotencyException.class, () -> large.once(String.class, run -> "again"))
                        .reason())
                .isEqualTo(Reason.NOT_REPLAYABLE);
        small.close();
    }

    @Test
    void null_is_an_outcome_like_any_other() {
        for (int i = 0; i < 2; i++) {
            assertThat(charge.<Void, RuntimeException>once(Void.class, run -> {
                        effects.incrementAndGet();
                        return null;
                    }))
                    .isNull();
        }
        assertThat(effects).hasValue(1);
    }

    @Test
    void without_a_key_nothing_is_done() {
        assertThatThrownBy(() -> idempotency.operation("charge").once(Receipt.class, this::charge))
                .hasMessageContaining("has no key");
        assertThatThrownBy(() -> charge.key("")).hasMessageContaining("is empty");
        assertThat(effects).hasValue(0);
    }
}
