package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.List;

/** The settings of the servlet adapter. It has no participants: the filter brings exchanges to those of others. */
public final class ServletPlugin implements Plugin {

    static final Setting<Boolean> REGISTER = Setting.flag(
                    "crosscut.servlet.register",
                    "Whether the filter registers itself for all requests of a web application that the container starts."
                            + " Where false, or where the container does not look for initialisers, the application"
                            + " registers it.")
            .or(true);

    /** Makes the plugin; {@link java.util.ServiceLoader} does. */
    public ServletPlugin() {}

    /** Whether the filter registers itself: neither is that switched off, nor is the adapter as a whole. */
    static boolean registers(Settings settings) {
        return settings.declared().stream()
                .filter(setting -> setting == REGISTER || setting.key().equals("crosscut.servlet.enabled"))
                .allMatch(setting -> settings.get(setting).equals(true));
    }

    @Override
    public String name() {
        return "servlet";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(REGISTER);
    }

    @Override
    public void install(Crosscut.Builder builder, Settings settings) {}
}
