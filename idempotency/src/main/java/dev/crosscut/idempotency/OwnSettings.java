package dev.crosscut.idempotency;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.core.SettingsException;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings of this plugin and of the stores on the class path as a {@link Crosscut} does, from the same places in
 * the same order, and starts none: what other plugins are set to is not looked at, so that none of them need be there, and
 * neither are the keys of outcomes, which people who look into a store need not have.
 */
final class OwnSettings {

    private static final String FILE = "crosscut.properties";
    private static final String PREFIX = "crosscut.idempotency.";
    private static final String KEYS = PREFIX + "encryption-keys.";

    private OwnSettings() {}

    /**
     * Reads them.
     *
     * @param plugin declares them
     * @param config the file in place of those that are named {@code crosscut.properties}; null for these
     * @return the values; null where the plugin is off
     * @throws SettingsException if one of them cannot be used
     * @throws IOException if a file cannot be read
     */
    static @Nullable Settings read(IdempotencyPlugin plugin, @Nullable Path config) throws IOException {
        List<Source> sources = new ArrayList<>(List.of(Source.systemProperties(), Source.environment()));
        if (config != null) {
            sources.add(Source.file(config));
        } else {
            if (Files.isRegularFile(Path.of(FILE))) {
                sources.add(Source.file(Path.of(FILE)));
            }
            classPath().ifPresent(sources::add);
        }
        Reading reading = new Reading(plugin);
        Crosscut.Builder builder = Crosscut.builder().discoverPlugins(false).plugin(reading);
        sources.forEach(source -> builder.source(new Own(source, source.name())));
        try {
            builder.build().close();
            return null;
        } catch (IllegalStateException e) {
            if (reading.settings == null) {
                throw e;
            }
            return reading.settings;
        }
    }

    private static Optional<Source> classPath() throws IOException {
        List<URL> found =
                Thread.currentThread().getContextClassLoader().resources(FILE).toList();
        if (found.size() > 1) {
            throw new IOException(FILE + " is on the class path " + found.size() + " times: " + found
                    + "; expected one, or --config with the one that is meant");
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Path copy = Files.createTempFile("crosscut", ".properties");
        try (InputStream in = found.get(0).openStream()) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return Optional.of(new Own(Source.file(copy), FILE + " on the class path"));
        } catch (SettingsException e) {
            throw new IOException(
                    String.valueOf(e.getMessage()).replace(copy.toString(), FILE + " on the class path"), e);
        } finally {
            Files.delete(copy);
        }
    }

    /** Stands for the plugin where only its settings are wanted: once these are read, nothing is to be built of them. */
    private static final class Reading implements Plugin {

        private final IdempotencyPlugin plugin;
        private @Nullable Settings settings;

        Reading(IdempotencyPlugin plugin) {
            this.plugin = plugin;
        }

        @Override
        public String name() {
            return plugin.name();
        }

        @Override
        public List<Setting<?>> settings() {
            return plugin.settings();
        }

        @Override
        public void install(Crosscut.Builder builder, Settings read) {
            settings = read;
            throw new IllegalStateException("only the settings are wanted");
        }
    }

    /** A source of which only the settings of this plugin are seen. */
    private static final class Own implements Source {

        private final Source all;
        private final String name;

        Own(Source all, String name) {
            this.all = all;
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Set<String> keys() {
            return all.keys().stream().filter(this::isOwn).collect(Collectors.toUnmodifiableSet());
        }

        @Override
        public Optional<String> value(String key) {
            return isOwn(key) ? all.value(key) : Optional.empty();
        }

        private boolean isOwn(String key) {
            return key.startsWith(spelling(PREFIX)) && !key.startsWith(spelling(KEYS));
        }

        @Override
        public String spelling(String key) {
            return all.spelling(key);
        }

        @Override
        public String origin(String key) {
            return all.origin(key).replace(all.name(), name);
        }
    }
}
