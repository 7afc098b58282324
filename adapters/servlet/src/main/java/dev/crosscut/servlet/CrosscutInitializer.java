package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.EnumSet;
import java.util.Set;

/**
 * Registers {@link CrosscutFilter} for all requests of a web application, before the filters that it declares (Servlet
 * 6.1, section 8.2.4). Uses the {@link Crosscut} that is found in the servlet context under that class's name, else builds
 * one from the usual sources and closes it with the application. Does nothing where the application has registered the
 * filter, or {@code crosscut.servlet.register} is false.
 */
public final class CrosscutInitializer implements ServletContainerInitializer {

    /** Makes the initialiser; the container does. */
    public CrosscutInitializer() {}

    @Override
    public void onStartup(Set<Class<?>> classes, ServletContext context) {
        boolean registered = context.getFilterRegistrations().values().stream()
                .anyMatch(filter -> CrosscutFilter.class.getName().equals(filter.getClassName()));
        if (registered) {
            return;
        }
        if (context.getAttribute(Crosscut.class.getName()) instanceof Crosscut given) {
            register(given, context);
            return;
        }
        Crosscut own = Crosscut.builder().build();
        if (own.settings().get(ServletPlugin.REGISTER)) {
            context.addListener(new Closing(own));
            register(own, context);
        } else {
            own.close();
        }
    }

    private static void register(Crosscut crosscut, ServletContext context) {
        FilterRegistration.Dynamic filter = context.addFilter("crosscut", new CrosscutFilter(crosscut));
        if (filter != null) {
            filter.setAsyncSupported(true);
            filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
        }
    }

    private record Closing(Crosscut crosscut) implements ServletContextListener {
        @Override
        public void contextDestroyed(ServletContextEvent event) {
            crosscut.close();
        }
    }
}
