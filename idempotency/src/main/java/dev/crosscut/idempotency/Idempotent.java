package dev.crosscut.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method that is done once for one key, where it is called through {@link dev.crosscut.core.Crosscut#proxy}: later calls get
 * what the first returned. One parameter is the {@link IdempotencyKey}; the others must be the same for each use of a key. On
 * the method of the class, or of the interface where the class has none.
 *
 * <p>A call that is not done throws {@link dev.crosscut.core.RefusedException}, whose reply says why, as for a request.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Idempotent {

    /**
     * What becomes of a call whose owner did not say how it came out, unless a route of the settings is that of the method.
     *
     * @return refuse, unless set
     */
    OnAbandoned onAbandoned() default OnAbandoned.REFUSE;
}
