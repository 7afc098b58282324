package dev.crosscut.core;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Runs each method of a proxied object as an exchange; equals, hashCode and toString go straight to the object. */
final class ProxiedMethods implements InvocationHandler {

    private final Crosscut crosscut;
    private final Class<?> type;
    private final Object target;
    private final Map<Method, Target> targets = new ConcurrentHashMap<>();

    private record Target(String operation, Method method) {}

    ProxiedMethods(Crosscut crosscut, Class<?> type, Object target) {
        this.crosscut = crosscut;
        this.type = type;
        this.target = target;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return invoke(method, arguments);
        }
        Target called = targets.computeIfAbsent(method, this::find);
        Exchange exchange = new LocalExchange(called.operation);
        exchange.put(Key.METHOD, called.method);
        Call call = crosscut.admitted(exchange);
        Object result;
        try (Scope scope = call.attach()) {
            result = invoke(method, arguments);
        } catch (Throwable e) {
            call.end(Outcome.failed(e));
            throw e;
        }
        if (result instanceof CompletionStage<?> stage && isStage(method.getReturnType())) {
            return completedWith(call, stage);
        }
        Crosscut.complete(call);
        return result;
    }

    private static boolean isStage(Class<?> returned) {
        return returned == CompletionStage.class || returned == CompletableFuture.class;
    }

    /** The caller gets the result only after the guards have settled; its cancellation reaches the work. */
    private static CompletableFuture<Object> completedWith(Call call, CompletionStage<?> work) {
        CompletableFuture<Object> result = new CompletableFuture<>();
        work.whenComplete((value, error) -> {
            Outcome outcome = error == null ? Outcome.completed() : Outcome.failed(error);
            call.settleAsync(outcome).whenComplete((refusal, fatal) -> {
                call.end(outcome);
                if (error != null) {
                    result.completeExceptionally(error);
                } else if (fatal != null) {
                    result.completeExceptionally(fatal);
                } else if (refusal.isPresent()) {
                    result.completeExceptionally(new RefusedException(call.exchange(), refusal.get()));
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

    private Target find(Method method) {
        if (!method.trySetAccessible()) {
            throw new IllegalStateException(method + " cannot be called; expected the package of " + type.getName()
                    + " to be exported or opened to dev.crosscut.core");
        }
        Method own = ofClass(method);
        Operation operation = own.getAnnotation(Operation.class);
        if (operation == null) {
            operation = method.getAnnotation(Operation.class);
        }
        return new Target(operation == null ? type.getSimpleName() + "." + method.getName() : operation.value(), own);
    }

    /** As the object's class declares it; as the interface does for a default method or a lambda. */
    private Method ofClass(Method method) {
        for (Class<?> c = target.getClass(); c != null; c = c.getSuperclass()) {
            Optional<Method> own = Arrays.stream(c.getDeclaredMethods())
                    .filter(m -> m.getName().equals(method.getName()) && !m.isBridge())
                    .filter(m -> Arrays.equals(m.getParameterTypes(), method.getParameterTypes()))
                    .findFirst();
            if (own.isPresent()) {
                return own.get();
            }
        }
        return method;
    }
}
