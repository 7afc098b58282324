package dev.crosscut.core;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** The values of all settings, read and checked. Immutable but for secrets that are read again from their files. */
public final class Settings {

    record Value(Object value, String shown, String origin) {}

    private final IdentityHashMap<Setting<?>, Value> values;
    private final List<Setting<?>> declared;

    Settings(List<Setting<?>> declared, IdentityHashMap<Setting<?>, Value> values) {
        this.declared = List.copyOf(declared);
        this.values = new IdentityHashMap<>(values);
    }

    /**
     * The value of a setting.
     *
     * @param setting a declaration that a plugin listed
     * @param <T> the type of the value
     * @return the value that is set, or the default
     * @throws IllegalArgumentException if no plugin listed the setting
     */
    @SuppressWarnings("unchecked") // the reader puts under each declaration what its type read
    public <T> T get(Setting<T> setting) {
        Value value = values.get(setting);
        if (value == null) {
            throw new IllegalArgumentException(
                    setting.key() + " was not declared; expected it in the settings() of a plugin that is installed");
        }
        return (T) value.value;
    }

    /**
     * Whether a plugin is there and on.
     *
     * @param plugin the name of the plugin
     * @return true where it was found and {@code crosscut.<name>.enabled} is true
     */
    public boolean isEnabled(String plugin) {
        String key = "crosscut." + plugin + ".enabled";
        return declared.stream()
                .filter(setting -> setting.key().equals(key))
                .anyMatch(setting -> Boolean.TRUE.equals(get(setting)));
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
        List<String> lines = new ArrayList<>();
        for (Setting<?> setting : declared) {
            Value value = values.get(setting);
            if (value != null) {
                lines.add(setting.key() + " = " + value.shown + " (" + value.origin + ")");
            }
        }
        return lines;
    }
}
