package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Settings;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Registers {@link CrosscutFilter} for all requests of a web application, before the filters that it declares (Servlet
 * 6.1, section 8.2.4). Uses the {@link Crosscut} that is found in the servlet context under that class's name; else
 * builds one from the usual sources, leaves it there, and closes it with the application. Does nothing where the
 * application has registered the filter, or a filter named {@code crosscut}, or where {@code crosscut.servlet.enabled} is
 * false.
 */
public final class CrosscutInitializer implements ServletContainerInitializer {

    private static final String FILTER = "crosscut";
    private static final String ATTRIBUTE = Crosscut.class.getName();
    private static final String ENABLED = "crosscut.servlet.enabled";

    /** Makes the initialiser; the container does. */
    public CrosscutInitializer() {}

    /**
     * Registers the filter.
     *
     * @param classes not used
     * @param context the web application
     * @throws dev.crosscut.core.SettingsException if the configuration cannot be used, which fails the deployment
     */
    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext context) {
        if (isRegistered(context)) {
            return;
        }
        if (context.getAttribute(ATTRIBUTE) instanceof Crosscut given) {
            if (!isOff(given.settings())) {
                register(given, context);
            }
            return;
        }
        Crosscut own = Crosscut.builder().build();
        try {
            if (isOff(own.settings())) {
                own.close();
                return;
            }
            context.addListener(new Closing(own));
            register(own, context);
            context.setAttribute(ATTRIBUTE, own);
        } catch (Throwable e) {
            own.close();
            throw e;
        }
    }

    private static boolean isRegistered(ServletContext context) {
        return context.getFilterRegistration(FILTER) != null
                || context.getFilterRegistrations().values().stream()
                        .anyMatch(filter -> CrosscutFilter.class.getName().equals(filter.getClassName()));
    }

    /** A pipeline that was built without the plugin has no such setting, and was put there to be used. */
    private static boolean isOff(Settings settings) {
        return settings.declared().stream()
                .filter(setting -> setting.key().equals(ENABLED))
                .anyMatch(setting -> settings.get(setting).equals(false));
    }

    private static void register(Crosscut crosscut, ServletContext context) {
        FilterRegistration.Dynamic filter = context.addFilter(FILTER, new CrosscutFilter(crosscut));
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
    }

    private record Closing(Crosscut crosscut) implements ServletContextListener {
        @Override
        public void contextDestroyed(ServletContextEvent event) {
            event.getServletContext().removeAttribute(ATTRIBUTE);
            crosscut.close();
        }
    }
}
