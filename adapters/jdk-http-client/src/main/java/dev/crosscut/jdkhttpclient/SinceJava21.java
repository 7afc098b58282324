package dev.crosscut.jdkhttpclient;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls, by name, the methods that {@link HttpClient} has since Java 21. Each has a name of its own. */
final class SinceJava21 {

    private SinceJava21() {}

    /**
     * Calls a method of a client.
     *
     * @param <R> what it returns
     * @param <X> what it throws beside unchecked exceptions
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // whoever calls knows the method
    static <R extends @Nullable Object, X extends Throwable> R call(HttpClient client, String name, Object... arguments)
            throws X {
        try {
            return (R) method(name).invoke(client, arguments);
        } catch (InvocationTargetException e) {
            throw (X) e.getCause();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("HttpClient." + name + " is not public", e);
        }
    }

    private static Method method(String name) {
        return Stream.of(HttpClient.class.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UnsupportedOperationException("HttpClient." + name + " came with Java 21; this is Java "
                                + Runtime.version().feature()));
    }
}
