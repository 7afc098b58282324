package dev.crosscut.core;

import java.util.List;

/**
 * A concern, as {@link java.util.ServiceLoader} finds it: what it can be set to, and what it adds to the pipeline. A jar
 * that declares one is switched on by being there, and off by {@code crosscut.<name>.enabled=false}.
 */
public interface Plugin {

    /**
     * The name: the segment after {@code crosscut.} in the keys of its settings.
     *
     * @return lower-case letters, digits and dashes
     */
    String name();

    /**
     * Every setting that this plugin reads. Their keys begin with {@code crosscut.<name>.}; {@code enabled} is added.
     *
     * @return the settings, none by default
     */
    default List<Setting<?>> settings() {
        return List.of();
    }

    /**
     * Adds this plugin's observers, guards and bindings. Called once for each {@link Crosscut} that is built, after all
     * settings of all plugins have been read and checked.
     *
     * @param builder takes the participants, and what to close with the {@link Crosscut}
     * @param settings the values
     * @throws Exception fails the build, with the plugin named
     */
    void install(Crosscut.Builder builder, Settings settings) throws Exception;

    /**
     * All plugins are installed and the pipeline is as it stays: for what concerns the whole, such as meters of its faults
     * and counters. Called once, last of all, where the plugin is switched on.
     *
     * @param crosscut what was built
     * @throws Exception as {@link #install}
     */
    default void started(Crosscut crosscut) throws Exception {}
}
