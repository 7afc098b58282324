package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.charge;
import static dev.crosscut.idempotency.World.crashed;
import static dev.crosscut.idempotency.World.eventually;
import static dev.crosscut.idempotency.World.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import dev.crosscut.idempotency.RecordInfo.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Work that goes on when its method has returned, over a store that blocks. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OnceAsyncTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension
    final World world = World.blocking();

    private final FaultyStore store = world.store;

    private CompletableFuture<String> once(Function<IdempotentRun, CompletionStage<String>> work) {
        return once(world.charge(), work);
    }

    private static CompletableFuture<String> once(
            IdempotentOperation operation, Function<IdempotentRun, CompletionStage<String>> work) {
        return operation.onceAsync(String.class, work).toCompletableFuture();
    }

    private CompletionStage<String> effect(IdempotentRun run) {
        return CompletableFuture.completedFuture(world.effect(run));
    }

    private static Reason reason(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(IdempotencyException.class);
            return ((IdempotencyException) e.getCause()).reason();
        }
        throw new AssertionError("it did not fail");
    }

    // threads

    @Test
    void the_store_is_never_called_on_the_thread_of_the_caller_nor_on_that_of_the_work() throws Exception {
        List<String> callers = store.callers();
        store.after(Call.CLAIM, number -> world.leaseIsOver());
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> result = once(run -> work);
        eventually(() -> store.count(Call.RENEW) == 1, "renewed before the work began");
        Thread worker = new Thread(() -> work.complete("done"), "worker");
        worker.start();
        assertThat(result).succeedsWithin(SOON).isEqualTo("done");

        store.after(Call.CLAIM, number -> {});
        CompletableFuture<String> failed = once(
                world.charge().key("k2").releaseOn(failure -> true),
                run -> CompletableFuture.failedFuture(new IllegalStateException("nothing done")));
        assertThat(failed).failsWithin(SOON);
        assertThat(callers).hasSizeGreaterThanOrEqualTo(5).allMatch("crosscut-idempotency-store"::equals);
    }

    @Test
    void the_caller_waits_neither_for_a_store_that_hangs_nor_for_another_owner() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        store.before(Call.CLAIM, number -> World.await(hang));
        CompletableFuture<String> result = once(this::effect);
        assertThat(result).isNotDone();
        hang.countDown();
        assertThat(result).succeedsWithin(SOON).isEqualTo("e1");
    }

    @Test
    void hundreds_of_duplicates_wait_on_no_thread_at_all() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> first = once(run -> work);
        eventually(() -> world.here.engine.owned() == 1, "begun");
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(once(world.charge().waiting(SOON), this::effect));
        }
        eventually(() -> store.count(Call.CLAIM) == 301, "all wait");
        assertThat(once(world.charge().key("k2"), this::effect))
                .as("threads are free")
                .succeedsWithin(SOON);
        long busy = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crosscut-idempotency-store"))
                .count();
        assertThat(busy).isLessThanOrEqualTo(16 * 2);

        work.complete("done");
        assertThat(first).succeedsWithin(SOON).isEqualTo("done");
        for (CompletableFuture<String> each : all) {
            assertThat(each).succeedsWithin(SOON).isEqualTo("done");
        }
        assertThat(world.effects).hasValue(1);
    }

    @Test
    void a_duplicate_that_waited_and_then_owns_the_key_works_on_a_thread_of_its_own() throws Exception {
        for (boolean blocking : new boolean[] {false, true}) {
            World other = World.real(blocking);
            other.beforeEach(null);
            try {
                IdempotentOperation operation = other.charge().releaseOn(failure -> true);
                CompletableFuture<String> work = new CompletableFuture<>();
                CompletableFuture<String> first = once(operation, run -> work);
                eventually(() -> other.here.engine.owned() == 1, "begun");
                List<String> threads = new ArrayList<>();
                CompletableFuture<String> second = once(operation.waiting(SOON), run -> {
                    threads.add(Thread.currentThread().getName());
                    return CompletableFuture.completedFuture("second");
                });
                eventually(() -> other.store.count(Call.CLAIM) == 2, "waits");
                Thread.sleep(50);
                work.completeExceptionally(new IllegalStateException("nothing done"));
                assertThat(first).failsWithin(SOON);
                assertThat(second).succeedsWithin(SOON).isEqualTo("second");
                assertThat(threads).containsExactly("crosscut-idempotency-store");
            } finally {
                other.afterEach(null);
            }
        }
    }

    @Test
    void work_runs_with_the_exchange_of_its_own_caller_at_once_and_after_waiting() throws Exception {
        for (boolean blocking : new boolean[] {false, true}) {
            World other = World.real(blocking);
            other.beforeEach(null);
            try (Crosscut crosscut = Crosscut.builder().discoverPlugins(false).build()) {
                IdempotentOperation operation = other.charge().releaseOn(failure -> true);
                List<String> seen = new CopyOnWriteArrayList<>();
                CompletableFuture<String> work = new CompletableFuture<>();
                CompletableFuture<String> first = within(
                        crosscut,
                        "first",
                        () -> once(operation, run -> {
                            seen.add(current());
                            return work;
                        }));
                eventually(() -> seen.size() == 1, "begun");
                CompletableFuture<String> second = within(
                        crosscut,
                        "second",
                        () -> once(operation.waiting(SOON), run -> {
                            seen.add(current());
                            return CompletableFuture.completedFuture("second");
                        }));
                eventually(() -> other.store.count(Call.CLAIM) == 2, "waits");
                Thread.sleep(50);
                within(crosscut, "third", () -> {
                    work.completeExceptionally(new IllegalStateException("nothing done"));
                    return first;
                });
                assertThat(second).succeedsWithin(SOON).isEqualTo("second");
                assertThat(seen).containsExactly("first", "second");
            } finally {
                other.afterEach(null);
            }
        }
    }

    private static String current() {
        return Exchange.current().map(Exchange::operation).orElse("none");
    }

    private static <T> T within(Crosscut crosscut, String operation, Supplier<T> supplier) {
        var call = crosscut.begin(new Exchange(Exchange.Kind.LOCAL) {
            @Override
            public String protocol() {
                return "none";
            }

            @Override
            public String operation() {
                return operation;
            }
        });
        try (var scope = call.attach()) {
            return supplier.get();
        } finally {
            call.end(Outcome.completed(200));
        }
    }

    // the work

    @Test
    void work_that_throws_returns_null_or_fails_is_given_up() throws Exception {
        List<Function<IdempotentRun, CompletionStage<String>>> works = List.of(
                run -> {
                    throw new IllegalStateException("at once");
                },
                run -> {
                    throw new StackOverflowError("at once");
                },
                run -> null,
                run -> CompletableFuture.failedFuture(new IllegalStateException("later")));
        for (Function<IdempotentRun, CompletionStage<String>> work : works) {
            assertThat(once(work)).failsWithin(SOON);
            assertThat(world.state()).isEqualTo(State.ABANDONED);
            assertThat(world.here.engine.owned()).isZero();
            store.expire(key());
        }
        assertThat(world.events).containsOnly(Event.EXECUTED, Event.GIVEN_UP).hasSize(2 * works.size());
    }

    @Test
    void the_caller_gets_the_failure_of_the_work_itself() {
        IllegalStateException failure = new IllegalStateException("half way");
        assertThatThrownBy(() -> once(run ->
                                CompletableFuture.<String>failedFuture(failure).thenApply(never -> "never"))
                        .get())
                .hasCause(failure);
    }

    @Test
    void a_stage_that_never_completes_keeps_the_key_and_no_thread() throws Exception {
        CompletableFuture<String> result = once(run -> new CompletableFuture<>());
        eventually(() -> world.here.engine.owned() == 1, "begun");
        assertThat(reason(once(this::effect))).isEqualTo(Reason.IN_FLIGHT);
        assertThat(reason(once(charge(world.there), this::effect))).isEqualTo(Reason.IN_FLIGHT);
        assertThat(result).isNotDone();
    }

    @Test
    void work_whose_record_was_lost_fails_with_that() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> result = once(run -> work);
        eventually(() -> world.here.engine.owned() == 1, "begun");
        store.expire(key());
        work.complete("late");
        assertThat(reason(result)).isEqualTo(Reason.LEASE_LOST);
    }

    @Test
    void an_outcome_that_the_store_does_not_take_is_returned_and_stored_later() throws Exception {
        store.failBefore(Call.COMPLETE, number -> number <= 3);
        assertThat(once(this::effect)).succeedsWithin(SOON).isEqualTo("e1");
        assertThat(world.here.engine.pending()).isEqualTo(1);
        eventually(() -> world.here.engine.pending() == 0, "stored");
        assertThat(world.state()).isEqualTo(State.DONE);
    }

    // cancellation

    @Test
    void cancelling_before_the_claim_is_decided_changes_nothing() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        store.before(Call.CLAIM, number -> World.await(hang));
        CompletableFuture<String> result = once(this::effect);
        assertThat(result.cancel(true)).isTrue();
        hang.countDown();

        eventually(() -> world.effects.get() == 1 && world.here.engine.owned() == 0, "done all the same");
        assertThat(world.state()).isEqualTo(State.DONE);
        assertThatThrownBy(result::get).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancelling_while_the_work_goes_on_changes_nothing() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> result = once(run -> work);
        eventually(() -> world.here.engine.owned() == 1, "begun");
        result.cancel(true);
        assertThat(work).isNotDone();
        assertThat(world.here.engine.owned()).isEqualTo(1);
        work.complete("done");
        assertThat(once(world.charge().waiting(SOON), this::effect))
                .succeedsWithin(SOON)
                .isEqualTo("done");
    }

    @Test
    void cancelling_one_duplicate_that_waits_changes_nothing_for_the_others() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> first = once(run -> work);
        eventually(() -> world.here.engine.owned() == 1, "begun");
        CompletableFuture<String> second = once(world.charge().waiting(SOON), this::effect);
        CompletableFuture<String> third = once(world.charge().waiting(SOON), this::effect);
        eventually(() -> store.count(Call.CLAIM) == 3, "both wait");
        second.cancel(true);
        work.complete("done");
        assertThat(first).succeedsWithin(SOON).isEqualTo("done");
        assertThat(third).succeedsWithin(SOON).isEqualTo("done");
    }

    // too many

    @Test
    void where_too_many_wait_for_the_store_new_work_is_refused_and_what_is_done_is_still_stored() throws Exception {
        Idempotency narrow = world.process(builder -> builder.threads(1));
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> first = once(charge(narrow), run -> work);
        eventually(() -> narrow.engine.owned() == 1, "begun");
        CountDownLatch hang = new CountDownLatch(1);
        store.before(Call.CLAIM, number -> World.await(hang));
        IdempotentOperation many = narrow.operation("many");
        List<CompletableFuture<String>> all = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 10_050; i++) {
            CompletableFuture<String> each = once(many.key("k" + i), this::effect);
            if (each.isCompletedExceptionally()) {
                assertThat(reason(each)).isEqualTo(Reason.STORE_UNAVAILABLE);
                refused++;
            } else {
                all.add(each);
            }
        }
        assertThat(refused).isBetween(40, 60);
        work.complete("done");
        hang.countDown();
        assertThat(first).succeedsWithin(SOON).isEqualTo("done");
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).join();
        eventually(() -> narrow.engine.owned() == 0, "all ended");
        assertThat(world.effects).hasValue(all.size());
        assertThat(world.state()).isEqualTo(State.DONE);
    }

    @Test
    void within_a_transaction_there_is_no_asynchronous_work() {
        TransactionalStore transactional = new TransactionalStore();
        Idempotency process = Idempotency.builder(transactional).build();
        assertThatThrownBy(() -> charge(process)
                        .inTransaction(transactional.connection())
                        .onceAsync(String.class, this::effect))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a transaction is of one thread");
        process.close();
    }

    // crashes

    @Test
    void a_duplicate_that_waits_takes_over_what_another_process_abandoned() {
        crashed(world.here);
        world.leaseIsOver();
        assertThat(once(charge(world.there).onAbandoned(OnAbandoned.RE_EXECUTE).waiting(SOON), this::effect))
                .succeedsWithin(SOON)
                .isEqualTo("e1");
    }
}
