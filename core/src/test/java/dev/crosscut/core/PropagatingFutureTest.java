package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A future whose dependents run with the exchange that is current where each was added. */
@Guarantees
class PropagatingFutureTest {

    private final Crosscut crosscut = Crosscuts.bare().build();

    private static boolean isFunction(Class<?> type) {
        return type == Runnable.class || type.getPackageName().equals("java.util.function");
    }

    /** Every method of this JDK's futures that takes a function, so that a new one which is not handed over is noticed. */
    static Stream<Method> takingAFunction() {
        return Stream.concat(
                        Arrays.stream(CompletionStage.class.getMethods()),
                        Arrays.stream(CompletableFuture.class.getMethods()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                .filter(method ->
                        Arrays.stream(method.getParameterTypes()).anyMatch(PropagatingFutureTest::isFunction));
    }

    @Test
    void there_are_methods_to_test() {
        assertThat(takingAFunction().filter(method -> method.getDeclaringClass() == CompletionStage.class))
                .hasSizeGreaterThanOrEqualTo(42);
    }

    @ParameterizedTest
    @MethodSource("takingAFunction")
    void each_method_that_takes_a_function_hands_the_exchange_over(Method method) throws Exception {
        CompletableFuture<Object> source = new CompletableFuture<>();
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(type -> argument(type, method.getName(), seen))
                .toArray();
        CompletableFuture<?>[] dependent = new CompletableFuture<?>[1];

        crosscut.call("job", () -> {
            dependent[0] = (CompletableFuture<?>) method.invoke(Propagation.wrap(source), arguments);
            return null;
        });
        if (method.getName().startsWith("exceptionally")) {
            source.completeExceptionally(new IllegalStateException("made"));
        } else if (!method.getName().startsWith("completeAsync")) {
            source.complete("value");
        }

        Races.await(dependent[0]);
        assertThat(seen).containsExactly(Optional.of("job"));
        assertThat(dependent[0])
                .as("what is added to a dependent is handed over too")
                .isInstanceOf(PropagatingFuture.class);
    }

    private static Object argument(Class<?> type, String method, List<Optional<String>> seen) {
        if (type == Executor.class) {
            return ForkJoinPool.commonPool();
        }
        if (type == CompletionStage.class) {
            return method.contains("Either") ? new CompletableFuture<>() : CompletableFuture.completedFuture("other");
        }
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, called, arguments) -> {
            seen.add(Exchange.current().map(Exchange::operation));
            return called.getReturnType() == void.class
                    ? null
                    : method.contains("ompose") ? CompletableFuture.completedFuture("composed") : "result";
        });
    }

    @Test
    void a_dependent_runs_with_what_was_current_where_it_was_added_not_where_the_future_was_made_or_completed() {
        CompletableFuture<String> source = new CompletableFuture<>();
        List<String> seen = new ArrayList<>();
        List<CompletableFuture<String>> wrapped = new ArrayList<>();
        crosscut.run("made", () -> wrapped.add(Propagation.wrap(source)));
        CompletableFuture<String> future = wrapped.get(0);
        crosscut.run("added", () -> wrapped.add(future.thenApply(value -> look(value, seen))));
        wrapped.add(wrapped.get(1).thenApply(value -> look(value, seen)));
        crosscut.run("last", () -> wrapped.add(wrapped.get(2).thenApply(value -> look(value, seen))));

        crosscut.run("completed", () -> source.complete(""));

        assertThat(seen).containsExactly("added", "none", "last");
        assertThat(wrapped.get(3)).isCompletedWithValue("...");
    }

    private static String look(String value, List<String> seen) {
        seen.add(Exchange.current().map(Exchange::operation).orElse("none"));
        return value + ".";
    }

    @Test
    void a_failure_arrives_as_it_would_without_us() {
        IllegalStateException failure = new IllegalStateException("made");
        CompletableFuture<String> direct = new CompletableFuture<>();
        CompletableFuture<String> derived = direct.thenApply(x -> x);
        for (CompletableFuture<String> source : List.of(direct, derived)) {
            CompletableFuture<String> wrapped = Propagation.wrap(source);
            List<Throwable> seen = new ArrayList<>();
            CompletableFuture<String> told = wrapped.whenComplete((value, error) -> seen.add(error));
            CompletableFuture<String> plain = source.whenComplete((value, error) -> seen.add(error));
            direct.completeExceptionally(failure);

            assertThat(told).isCompletedExceptionally();
            assertThat(plain).isCompletedExceptionally();
            assertThat(seen).hasSize(2);
            assertThat(seen.get(0)).hasSameClassAs(seen.get(1));
            assertThatThrownBy(wrapped::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure);
            assertThatThrownBy(wrapped::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
        }
    }

    @Test
    void cancelling_it_cancels_the_other_and_the_other_way_round() {
        CompletableFuture<String> source = new CompletableFuture<>();
        CompletableFuture<String> wrapped = Propagation.wrap(source);
        assertThat(wrapped.cancel(true)).isTrue();
        assertThat(source).isCancelled();
        assertThat(wrapped).isCancelled();

        CompletableFuture<String> other = new CompletableFuture<>();
        CompletableFuture<String> follower = Propagation.wrap(other);
        other.cancel(true);
        assertThat(follower).isCancelled();
        assertThatThrownBy(follower::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancelling_a_dependent_leaves_the_other_alone() {
        CompletableFuture<String> source = new CompletableFuture<>();

        assertThat(Propagation.wrap(source).thenApply(x -> x).cancel(true)).isTrue();

        assertThat(source).isNotDone();
    }

    @Test
    void a_null_result_and_a_completed_future_pass_through() {
        assertThat(Propagation.wrap(CompletableFuture.completedFuture(null))).isCompletedWithValue(null);
        assertThat(Propagation.wrap(CompletableFuture.completedFuture("a")).copy())
                .isCompletedWithValue("a");
    }

    @Test
    void completing_it_directly_leaves_the_other_alone() {
        CompletableFuture<String> source = new CompletableFuture<>();
        CompletableFuture<String> wrapped = Propagation.wrap(source);

        wrapped.complete("mine");
        source.complete("theirs");

        assertThat(wrapped).isCompletedWithValue("mine");
    }
}
