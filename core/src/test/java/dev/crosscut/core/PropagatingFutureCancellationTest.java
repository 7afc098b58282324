package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PropagatingFutureCancellationTest {

    /** Cancelled together with whatever is derived from it, as the futures of the JDK's HTTP client are. */
    private static final class CancellableWork<T> extends CompletableFuture<T> {
        private final AtomicInteger cancelled;

        CancellableWork(AtomicInteger cancelled) {
            this.cancelled = cancelled;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CancellableWork<>(cancelled);
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            cancelled.incrementAndGet();
            return super.cancel(mayInterruptIfRunning);
        }
    }

    private final AtomicInteger cancelled = new AtomicInteger();
    private final CompletableFuture<String> work = new CancellableWork<>(cancelled);
    private final CompletableFuture<String> wrapped = Propagation.wrap(work);

    @Test
    void cancelling_the_future_cancels_the_work() {
        assertThat(wrapped.cancel(true)).isTrue();

        assertThat(wrapped).isCancelled();
        assertThat(work).isCancelled();
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void cancelling_a_dependent_of_a_dependent_cancels_the_work_where_the_work_has_it_so() {
        CompletableFuture<Integer> dependent = wrapped.thenApply(String::strip).thenApply(String::length);

        assertThat(dependent.cancel(true)).isTrue();

        assertThat(dependent).isCancelled();
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void cancelling_a_dependent_leaves_other_work_alone() {
        CompletableFuture<String> plain = new CompletableFuture<>();
        CompletableFuture<String> future = Propagation.wrap(plain);

        assertThat(future.thenApply(String::strip).cancel(true)).isTrue();

        assertThat(plain).isNotDone();
        assertThat(future).isNotDone();
    }

    @Test
    void a_future_that_is_done_cancels_nothing() {
        CompletableFuture<Integer> dependent = wrapped.thenApply(String::length);
        work.complete("done");

        assertThat(wrapped.cancel(true)).isFalse();
        assertThat(dependent.cancel(true)).isFalse();

        assertThat(dependent).isCompletedWithValue(4);
        assertThat(cancelled).hasValue(0);
    }
}
