package dev.crosscut.core;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The call of a method of a {@linkplain Crosscut#proxy proxied object}, as participants see it, at {@link Key#INVOCATION}. For
 * many threads, one after the other.
 */
public final class Invocation {

    private final Method method;
    private final Method called;
    private final List<@Nullable Object> arguments;
    private volatile Optional<Object> result = Optional.empty();
    private volatile boolean answered;
    private volatile @Nullable Object answer;

    Invocation(Method method, Method called, @Nullable Object @Nullable [] arguments) {
        this.method = method;
        this.called = called;
        List<@Nullable Object> copy = new ArrayList<>();
        if (arguments != null) {
            for (Object argument : arguments) {
                copy.add(argument);
            }
        }
        this.arguments = Collections.unmodifiableList(copy);
    }

    /**
     * The method, as the class of the object declares it, so that its annotations can be read.
     *
     * @return the method
     */
    public Method method() {
        return method;
    }

    /**
     * The method that has an annotation: that of the class, or that of the interface, through which it is called, where the
     * class's has none.
     *
     * @param annotation the type of the annotation
     * @return the method, empty where neither has it
     */
    public Optional<Method> annotated(Class<? extends Annotation> annotation) {
        return Stream.of(method, called)
                .filter(each -> each.isAnnotationPresent(annotation))
                .findFirst();
    }

    /**
     * What the method is called with.
     *
     * @return the arguments in order
     */
    public List<@Nullable Object> arguments() {
        return arguments;
    }

    /**
     * What the method returned, once guards settle and observers end: what its stage came to, where it returned one.
     *
     * @return the result; empty where there is none, and for null
     */
    public Optional<Object> result() {
        return result;
    }

    /**
     * Says what the caller gets, for a guard that then answers, with any reply: the value in place of a
     * {@link RefusedException}. Where the method returns a stage, what that comes to.
     *
     * @param value the value, of the type that the method returns
     */
    public void answer(@Nullable Object value) {
        answer = value;
        answered = true;
    }

    boolean isAnswered() {
        return answered;
    }

    @Nullable
    Object answer() {
        return answer;
    }

    void returned(@Nullable Object value) {
        result = Optional.ofNullable(value);
    }
}
