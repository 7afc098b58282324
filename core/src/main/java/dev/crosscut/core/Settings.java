package dev.crosscut.core;

import java.util.IdentityHashMap;
import java.util.List;

/** The values of all settings, read and checked. Immutable but for secrets that are read again from their files. */
public final class Settings {

    private final IdentityHashMap<Setting<?>, Object> values;
    private final List<Setting<?>> declared;
    private final List<String> described;

    Settings(List<Setting<?>> declared, IdentityHashMap<Setting<?>, Object> values, List<String> described) {
        this.declared = List.copyOf(declared);
        this.values = new IdentityHashMap<>(values);
        this.described = List.copyOf(described);
    }

    /**
     * The value of a setting.
     *
     * @param setting a declaration that a plugin listed
     * @param <T> the type of the value
     * @return the value that is set, or the default
     * @throws IllegalArgumentException if no plugin listed the setting, or it has no value because its plugin is off
     */
    @SuppressWarnings("unchecked") // the reader puts under each declaration what its type read
    public <T> T get(Setting<T> setting) {
        Object value = values.get(setting);
        if (value == null) {
            throw new IllegalArgumentException(
                    setting.key() + " was not read; expected it in the settings() of a plugin that is there and on");
        }
        return (T) value;
    }

    /**
     * Every setting that was declared, in the order of declaration.
     *
     * @return the declarations
     */
    public List<Setting<?>> declared() {
        return declared;
    }

    /**
     * The values in effect and where each came from, one line each; secrets as stars.
     *
     * @return lines such as {@code crosscut.correlation.echo = true (default)}
     */
    public List<String> describe() {
        return described;
    }
}
