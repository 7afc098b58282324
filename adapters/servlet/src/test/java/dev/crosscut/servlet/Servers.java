package dev.crosscut.servlet;

import dev.crosscut.tck.AdapterContract.Running;
import jakarta.servlet.ServletContainerInitializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The containers, each with one web application on a free port of the loopback address. */
enum Servers {
    JETTY {
        @Override
        Running start(String path, Map<?, String> errorPages, List<ServletContainerInitializer> application)
                throws Exception {
            Server server = new Server(new QueuedThreadPool(THREADS));
            ServerConnector connector = new ServerConnector(server);
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            ServletContextHandler context = new ServletContextHandler(ServletContextHandler.SESSIONS);
            context.setContextPath(path.isEmpty() ? "/" : path);
            ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
            errorPages.forEach((what, page) -> {
                if (what instanceof Integer status) {
                    errors.addErrorPage(status, page);
                } else if (what instanceof Class<?> type) {
                    errors.addErrorPage(type.getName(), page);
                } else {
                    errors.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, page);
                }
            });
            context.setErrorHandler(errors);
            application.forEach(context::addServletContainerInitializer);
            server.setHandler(context);
            try {
                server.start();
            } catch (Exception e) {
                server.stop();
                throw e;
            }
            return running(connector.getLocalPort(), server::stop);
        }
    },

    TOMCAT {
        @Override
        Running start(String path, Map<?, String> errorPages, List<ServletContainerInitializer> application)
                throws Exception {
            Path base = Files.createTempDirectory("tomcat");
            Tomcat tomcat = new Tomcat();
            tomcat.setBaseDir(base.toString());
            tomcat.setPort(0);
            tomcat.getConnector().setProperty("address", "127.0.0.1");
            tomcat.getConnector().setProperty("maxThreads", Integer.toString(THREADS));
            tomcat.getConnector().setThrowOnFailure(true);
            Context context = tomcat.addContext(path, base.toString());
            errorPages.forEach((what, location) -> {
                ErrorPage page = new ErrorPage();
                if (what instanceof Integer status) {
                    page.setErrorCode(status);
                } else if (what instanceof Class<?> type) {
                    page.setExceptionType(type.getName());
                }
                page.setLocation(location);
                context.addErrorPage(page);
            });
            application.forEach(initializer -> context.addServletContainerInitializer(initializer, null));
            Stop stop = () -> {
                tomcat.stop();
                tomcat.destroy();
                delete(base);
            };
            try {
                tomcat.start();
            } catch (Exception e) {
                stop.run();
                throw e;
            }
            return running(tomcat.getConnector().getLocalPort(), stop);
        }
    };

    /** The version of the API that this run of the tests is to have; {@link ContainersTest} holds it to that. */
    static final String API = System.getProperty("servlet.version", "6.1");

    static final boolean SERVLET_6_1 = API.equals("6.1");

    /** Of {@code errorPages}: the page for all errors that have none of their own. */
    static final Object ANY_ERROR = "*";

    private static final int THREADS = 12;

    /** Those of this run. Jetty 12.1 needs Servlet 6.1. */
    static List<Servers> all() {
        return SERVLET_6_1 ? List.of(values()) : List.of(TOMCAT);
    }

    /** Starts the container; the web application, at its path, is what the initialisers make of it, in their order. */
    abstract Running start(String path, Map<?, String> errorPages, List<ServletContainerInitializer> application)
            throws Exception;

    /** Starts it with the web application at the root. */
    Running start(Map<?, String> errorPages, List<ServletContainerInitializer> application) throws Exception {
        return start("", errorPages, application);
    }

    private interface Stop {
        void run() throws Exception;
    }

    private static Running running(int port, Stop stop) {
        return new Running() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() throws Exception {
                stop.run();
            }
        };
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
