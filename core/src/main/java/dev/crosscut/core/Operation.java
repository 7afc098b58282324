package dev.crosscut.core;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of a method's exchange where the method is called through {@link Crosscut#proxy}. On the method of the class
 * it wins over the one of the interface; a method without any is named after its interface: {@code Reports.nightly}.
 *
 * <p>Logs, spans and meters carry the name, so it should outlive a renamed method and take few distinct values.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Operation {

    /**
     * The name.
     *
     * @return such as {@code nightly-report}
     */
    String value();
}
