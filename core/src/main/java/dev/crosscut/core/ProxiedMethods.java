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
            Object answer = ProxiedResult.answer(call, refusal.get());
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
            return ProxiedResult.completedWith(call, invocation, stage);
        }
        invocation.returned(result);
        refusal = Crosscut.complete(call);
        return refusal.isPresent() ? ProxiedResult.answer(call, refusal.get()) : result;
    }

    private boolean standsForTheSame(@Nullable Object other) {
        return other != null
                && Proxy.isProxyClass(other.getClass())
                && Proxy.getInvocationHandler(other) instanceof ProxiedMethods same
                && target.equals(same.target);
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
