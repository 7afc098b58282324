package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Settings;

/**
 * The switch of the servlet adapter: with {@code crosscut.servlet.enabled=false} the filter does not register itself. It
 * has no participants; the filter brings exchanges to those of others.
 */
public final class ServletPlugin implements Plugin {

    /** Makes the plugin; {@link java.util.ServiceLoader} does. */
    public ServletPlugin() {}

    @Override
    public String name() {
        return "servlet";
    }

    @Override
    public void install(Crosscut.Builder builder, Settings settings) {}
}
