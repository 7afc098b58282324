package dev.crosscut.core;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs each method of a proxied object as an exchange. equals, hashCode and toString are none: two stand-ins are equal
 * where their objects are, and a stand-in is equal to nothing else.
 */
final class ProxiedMethods implements InvocationHandler {

    private final Crosscut crosscut;
    private final Class<?> type;
    private final Object target;
    /** What each method is called in logs, and as the object declares it. */
    private final Map<Method, Map.Entry<String, Method>> targets = new ConcurrentHashMap<>();

    ProxiedMethods(Crosscut crosscut, Class<?> type, Object target) {
        this.crosscut = crosscut;
        this.type = type;
        this.target = target;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.getName().equals("equals") && arguments != null
                    ? standsForTheSame(arguments[0])
                    : invoke(method, arguments);
        }
        Map.Entry<String, Method> called = targets.computeIfAbsent(method, this::find);
        Exchange exchange = new LocalExchange(called.getKey());
        Invocation invocation = new Invocation(called.getValue(), method, arguments);
        exchange.put(Key.INVOCATION, invocation);
        boolean isStage = method.getReturnType().isAssignableFrom(CompletableFuture.class)
                && CompletionStage.class.isAssignableFrom(method.getReturnType());
        Call call = crosscut.begin(exchange);
        Optional<Reply> refusal = call.answer();
        if (refusal.isPresent()) {
            call.end(Outcome.completed());
            Object answer = answer(call, refusal.get());
            return isStage ? CompletableFuture.completedFuture(answer) : answer;
        }
        Object result;
        try (Scope scope = call.attach()) {
            result = invoke(method, arguments);
        } catch (Throwable e) {
            call.end(Outcome.failed(e));
            throw e;
        }
        if (result instanceof CompletionStage<?> stage
                && method.getReturnType().isAssignableFrom(CompletableFuture.class)) {
            return completedWith(call, invocation, stage);
        }
        invocation.returned(result);
        refusal = Crosscut.complete(call);
        return refusal.isPresent() ? answer(call, refusal.get()) : result;
    }

    /** What the caller gets where a guard answered. */
    private static @Nullable Object answer(Call call, Reply refusal) {
        Invocation invocation = call.exchange().get(Key.INVOCATION).orElseThrow();
        if (!invocation.isAnswered()) {
            throw new RefusedException(call.exchange(), refusal);
        }
        return invocation.answer();
    }

    private boolean standsForTheSame(@Nullable Object other) {
        return other != null
                && Proxy.isProxyClass(other.getClass())
                && Proxy.getInvocationHandler(other) instanceof ProxiedMethods same
                && target.equals(same.target);
    }

    /** The caller gets the result only after the guards have settled; its cancellation reaches the work. */
    private static CompletableFuture<Object> completedWith(Call call, Invocation invocation, CompletionStage<?> work) {
        CompletableFuture<Object> result = new CompletableFuture<>();
        work.whenComplete((value, error) -> {
            invocation.returned(value);
            Outcome outcome = error == null ? Outcome.completed() : Outcome.failed(error);
            call.settleAsync(outcome).whenComplete((refusal, fatal) -> {
                Throwable failure = error == null ? fatal : error;
                try {
                    call.end(outcome);
                } catch (VirtualMachineError e) {
                    failure = e;
                }
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else if (refusal.isPresent() && !invocation.isAnswered()) {
                    result.completeExceptionally(new RefusedException(call.exchange(), refusal.get()));
                } else if (refusal.isPresent()) {
                    result.complete(invocation.answer());
                } else {
                    result.complete(value);
                }
            });
        });
        CompletionStage<Object> cancellable = result;
        cancellable.whenComplete((value, error) -> {
            if (result.isCancelled()) {
                work.toCompletableFuture().cancel(true);
            }
        });
        return result;
    }

    private @Nullable Object invoke(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private Map.Entry<String, Method> find(Method method) {
        if (!method.trySetAccessible()) {
            throw new IllegalStateException(method + " cannot be called; expected the package of " + type.getName()
                    + " to be exported or opened to dev.crosscut.core");
        }
        Method own = ofClass(method);
        Operation operation = own.getAnnotation(Operation.class);
        if (operation == null) {
            operation = method.getAnnotation(Operation.class);
        }
        return Map.entry(operation == null ? type.getSimpleName() + "." + method.getName() : operation.value(), own);
    }

    /**
     * As the object's class declares it; as the interface does for a default method, a lambda or another stand-in. A bridge
     * to the method of a generic interface has that one's annotations.
     */
    private Method ofClass(Method method) {
        Class<?> type = target.getClass();
        boolean declares = !type.isHidden() && !Proxy.isProxyClass(type);
        for (Class<?> c = declares ? type : null; c != null; c = c.getSuperclass()) {
            Optional<Method> own = Arrays.stream(c.getDeclaredMethods())
                    .filter(m -> m.getName().equals(method.getName()))
                    .filter(m -> Arrays.equals(m.getParameterTypes(), method.getParameterTypes()))
                    .min(Comparator.comparing(Method::isBridge));
            if (own.isPresent()) {
                return own.get();
            }
        }
        return method;
    }
}
