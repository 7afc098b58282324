package dev.crosscut.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plugin of a name with some settings, which keeps the values that it was installed with. */
final class Settable implements Plugin {

    private final String name;
    private final List<Setting<?>> settings;
    private @Nullable Settings values;

    Settable(String name, Setting<?>... settings) {
        this.name = name;
        this.settings = List.of(settings);
    }

    /** What the text under {@code crosscut.x.value} is read as. */
    static <T> T read(Setting<T> setting, String text) {
        return read(setting, Map.of(setting.key(), text));
    }

    static <T> T read(Setting<T> setting, Map<String, String> values) {
        return build(values, new Settable("x", setting)).settings().get(setting);
    }

    static Crosscut build(Map<String, String> values, Plugin... plugins) {
        return build(List.of(Source.of("test", values)), plugins);
    }

    static Crosscut build(List<Source> sources, Plugin... plugins) {
        Crosscut.Builder builder = Crosscut.builder().discoverPlugins(false);
        sources.forEach(builder::source);
        List.of(plugins).forEach(builder::plugin);
        return builder.build();
    }

    boolean isInstalled() {
        return values != null;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Setting<?>> settings() {
        return settings;
    }

    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        values = settings;
    }
}
