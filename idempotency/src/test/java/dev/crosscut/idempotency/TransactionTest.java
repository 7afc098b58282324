package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.FaultyStore.Unreachable;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rows 2 and 9 of the failure table, as far as the engine goes: all that it asks for is within the caller's transaction. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TransactionTest {

    @RegisterExtension
    final World world = new World();

    private final TransactionalStore store = new TransactionalStore();
    private final Idempotency process =
            Idempotency.builder(store).nearCache(1 << 20, Duration.ofMinutes(1)).build();
    private final AtomicInteger effects = new AtomicInteger();
    private final IdempotentOperation charge =
            process.operation("charge").key("k1").inTransaction(store.connection());

    @AfterEach
    void close() {
        process.close();
    }

    private String effect(IdempotentRun run) {
        return "e" + effects.incrementAndGet();
    }

    @Test
    void row_2_claim_and_completion_are_one_call_each_within_the_transaction_and_none_outside() {
        assertThat(charge.once(String.class, this::effect)).isEqualTo("e1");
        assertThat(store.within.count(Call.CLAIM)).isEqualTo(1);
        assertThat(store.within.count(Call.COMPLETE)).isEqualTo(1);
        assertThat(store.within.count(Call.RENEW)).isZero();
        assertThat(store.outside).isEmpty();
        assertThat(process.engine.owned()).isZero();
    }

    @Test
    void row_2_nothing_is_known_to_other_calls_before_the_commit() {
        charge.once(String.class, this::effect);
        store.within.expire(RecordKey.of("charge", List.of(), "k1")); // as a roll-back does
        assertThat(charge.once(String.class, this::effect)).isEqualTo("e2");
    }

    @Test
    void row_9_work_that_fails_leaves_the_end_to_the_roll_back() {
        assertThatThrownBy(() -> charge.releaseOn(failure -> true).once(String.class, run -> {
                    run.noEffect();
                    throw new IllegalStateException("rolled back");
                }))
                .hasMessage("rolled back");
        assertThat(store.within.count(Call.RELEASE)).isZero();
        assertThat(store.within.count(Call.RENEW)).isZero();
        assertThat(store.outside).isEmpty();
    }

    @Test
    void row_9_a_claim_that_fails_is_not_tried_again_since_the_transaction_is_broken() {
        store.within.failBefore(Call.CLAIM, number -> true);
        assertThat(reason(() -> charge.once(String.class, this::effect))).isEqualTo(Reason.STORE_UNAVAILABLE);
        assertThat(store.within.count(Call.CLAIM)).isEqualTo(1);
        assertThat(store.outside).isEmpty();
        assertThat(process.engine.pending()).isZero();
        assertThat(effects).hasValue(0);
    }

    @Test
    void row_9_a_completion_that_fails_is_thrown_so_that_nothing_is_committed() {
        store.within.failBefore(Call.COMPLETE, number -> true);
        assertThatThrownBy(() -> charge.once(String.class, this::effect)).isInstanceOf(Unreachable.class);
        assertThat(store.within.count(Call.COMPLETE)).isEqualTo(1);
        assertThat(store.outside).isEmpty();
        assertThat(process.engine.pending()).isZero();
    }

    @Test
    void row_9_a_record_that_is_lost_before_the_commit_is_thrown_so_that_nothing_is_committed() {
        assertThat(reason(() -> charge.once(String.class, run -> {
                    store.within.expire(run.request().key());
                    return effect(run);
                })))
                .isEqualTo(Reason.LEASE_LOST);
    }

    @Test
    void steps_within_a_transaction_are_done_and_keep_no_recovery_point() throws Exception {
        assertThat(charge.<String, Exception>once(
                        String.class, run -> run.step("pay", String.class, () -> effect(run))))
                .isEqualTo("e1");
        assertThat(store.within.count(Call.RENEW)).isZero();
    }

    @Test
    void another_use_of_the_key_within_the_same_transaction_is_refused() {
        charge.once(String.class, run -> {
            assertThat(reason(() -> charge.once(String.class, this::effect))).isEqualTo(Reason.IN_FLIGHT);
            return effect(run);
        });
        assertThat(effects).hasValue(1);
    }

    @Test
    void a_store_in_no_database_has_no_transactions() {
        assertThatThrownBy(() -> world.charge().inTransaction(store.connection()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keeps its records in no database");
    }
}
