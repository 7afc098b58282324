package dev.crosscut.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** What is called in place of an object of the driver, or of a pool, and passes on all that it does not say otherwise. */
abstract class StandIn implements InvocationHandler {

    private static final Object[] NONE = {};

    private final Object target;

    StandIn(Object target) {
        this.target = target;
    }

    /**
     * A method of the object was called.
     *
     * @param self the object that stands in for it
     */
    abstract @Nullable Object called(Object self, Method method, Object[] arguments) throws Throwable;

    @Override
    public final @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        Object[] given = arguments == null ? NONE : arguments;
        if (method.getDeclaringClass() != Object.class) {
            return called(self, method, given);
        }
        return method.getName().equals("equals") ? isSame(given[0]) : pass(method, given);
    }

    /** Calls the object, and throws the very exception that it throws. */
    final @Nullable Object pass(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** What stands in for the same object is the same. */
    private boolean isSame(@Nullable Object other) {
        return other != null
                && Proxy.isProxyClass(other.getClass())
                && Proxy.getInvocationHandler(other) instanceof StandIn another
                && another.target.equals(target);
    }
}
