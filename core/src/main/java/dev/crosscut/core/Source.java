package dev.crosscut.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A place that settings come from: a file, the environment, a framework's own configuration. Read once, when a {@link
 * Crosscut} is built.
 */
public interface Source {

    /**
     * What to call this source in messages.
     *
     * @return such as {@code environment}
     */
    String name();

    /**
     * Every key of Crosscut's that is set here, as this source spells it, so that one that nobody reads can be refused.
     *
     * @return the keys
     */
    Set<String> keys();

    /**
     * The value of a key.
     *
     * @param key the key, as this source spells it
     * @return the value, empty where the key is not set
     */
    Optional<String> value(String key);

    /**
     * How this source spells a key, or a part of one up to or from a dot.
     *
     * @param key in lower case, with dots and dashes
     * @return the same unless overridden
     */
    default String spelling(String key) {
        return key;
    }

    /**
     * Where exactly a key is set.
     *
     * @param key the key, as this source spells it
     * @return the name of the source unless it knows better, such as {@code crosscut.properties:12}
     */
    default String origin(String key) {
        return name();
    }

    /**
     * The system properties that begin with {@code crosscut.}.
     *
     * @return the source
     */
    static Source systemProperties() {
        Map<String, String> properties = new TreeMap<>();
        for (String key : System.getProperties().stringPropertyNames()) {
            if (key.startsWith("crosscut.")) {
                properties.put(key, System.getProperty(key, ""));
            }
        }
        return of("system property", properties);
    }

    /**
     * The environment variables that begin with {@code CROSSCUT_}: the key in upper case, with underscores for dots and
     * dashes.
     *
     * @return the source
     */
    static Source environment() {
        return MapSource.environment(System.getenv());
    }

    /**
     * A file in the format of {@link java.util.Properties}, in UTF-8.
     *
     * @param file the file
     * @return the source
     * @throws IOException if it cannot be read
     * @throws SettingsException if it is malformed or sets a key twice
     */
    static Source file(Path file) throws IOException {
        return PropertiesReader.read(file.toString(), Files.readAllBytes(file));
    }

    /**
     * The entries of a map.
     *
     * @param name what to call it in messages
     * @param values keys with dots and dashes, and their values
     * @return the source
     */
    static Source of(String name, Map<String, String> values) {
        return new MapSource(name, values, Map.of());
    }
}
