package dev.crosscut.servlet;

import dev.crosscut.tck.AdapterContract.Running;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The two containers, each with one web application on a free port of the loopback address. */
final class Servers {

    private static final int THREADS = 12;

    private Servers() {}

    static Running jetty(Servlet servlet, Consumer<ServletContextHandler> application) throws Exception {
        Server server = new Server(new QueuedThreadPool(THREADS));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/*");
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        errors.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, "/error");
        context.setErrorHandler(errors);
        application.accept(context);
        server.setHandler(context);
        server.start();
        return running(connector.getLocalPort(), server::stop);
    }

    static Running tomcat(Servlet servlet, Consumer<Context> application) throws Exception {
        Path base = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxThreads", Integer.toString(THREADS));
        Context context = tomcat.addContext("", base.toString());
        Tomcat.addServlet(context, "contract", servlet).setAsyncSupported(true);
        context.addServletMapping("/*", "contract");
        ErrorPage page = new ErrorPage();
        page.setLocation("/error");
        context.addErrorPage(page);
        application.accept(context);
        tomcat.start();
        return running(tomcat.getConnector().getLocalPort(), () -> {
            tomcat.stop();
            tomcat.destroy();
            delete(base);
        });
    }

    static Consumer<Context> tomcatFilter(Filter filter) {
        return context -> {
            FilterDef definition = new FilterDef();
            definition.setFilterName("crosscut");
            definition.setFilter(filter);
            definition.setAsyncSupported("true");
            context.addFilterDef(definition);
            FilterMap mapping = new FilterMap();
            mapping.setFilterName("crosscut");
            mapping.addURLPattern("/*");
            for (var type : EnumSet.allOf(jakarta.servlet.DispatcherType.class)) {
                mapping.setDispatcher(type.name());
            }
            context.addFilterMap(mapping);
        };
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
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
