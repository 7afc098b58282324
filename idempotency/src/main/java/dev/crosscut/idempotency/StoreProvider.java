package dev.crosscut.idempotency;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.List;

/** How a store is opened that {@code crosscut.idempotency.store} names. Found by {@link java.util.ServiceLoader}. */
public interface StoreProvider {

    /**
     * What the property calls the store.
     *
     * @return such as {@code jdbc}
     */
    String name();

    /**
     * What is read for it, whether the property names it or not, so none is required.
     *
     * @return the declarations, all under {@code crosscut.idempotency.<name>}
     */
    List<Setting<?>> settings();

    /**
     * Opens the store. Called where the property names it.
     *
     * @param settings the values of {@link #settings()}, among others
     * @return the store; the caller closes it
     * @throws IllegalStateException if it cannot be used as it is set, with what is wrong and what was expected
     */
    IdempotencyStore open(Settings settings);
}
