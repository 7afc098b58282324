package dev.crosscut.samples.quickstart;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.URI;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.LoggerFactory;

/** One service on an embedded Jetty, on the loopback address. */
final class WebServer {

    private final Server server;
    private final ServerConnector connector;

    private WebServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    static WebServer start(int port, Filter filter, HttpServlet servlet, String... paths) throws IOException {
        return start(port, filter, Stream.of(paths).collect(Collectors.toMap(path -> path, path -> servlet)));
    }

    /** Starts with these servlets by their paths, and those that each service has. */
    static WebServer start(int port, Filter filter, Map<String, HttpServlet> servlets) throws IOException {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addFilter(new FilterHolder(filter), "/*", EnumSet.allOf(DispatcherType.class));
        Map<HttpServlet, ServletHolder> holders = new HashMap<>();
        servlets.forEach((path, servlet) ->
                context.addServlet(holders.computeIfAbsent(servlet, each -> new ServletHolder(each)), path));
        context.addServlet(new HealthServlet(), "/health");
        context.addServlet(new ErrorServlet(), "/error");
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        errors.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, "/error");
        context.setErrorHandler(errors);
        server.setHandler(context);
        try {
            server.start();
        } catch (IOException e) {
            throw new IOException(
                    "port " + port + " of 127.0.0.1 cannot be used (" + e.getMessage()
                            + "); set PORT to another one, or to 0 for any that is free",
                    e);
        } catch (Exception e) {
            throw new IOException("the server did not start: " + e, e);
        }
        return new WebServer(server, connector);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            LoggerFactory.getLogger(WebServer.class).warn("the server did not stop cleanly", e);
        }
    }
}
