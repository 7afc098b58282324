package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Observer;
import dev.crosscut.tck.AdapterContract.Running;
import dev.crosscut.tck.RecordingObserver;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A container with one servlet for all paths, whose handlers are found under the last segment of the path: the segments
 * before tell {@link TestGuard} what to do.
 */
final class Service implements AutoCloseable {

    /** Handles requests. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    /** How much is copied at most. */
    static final int COPIED = 100_000;

    final RecordingObserver recorder = new RecordingObserver();
    final TestGuard guard = new TestGuard();
    final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .observer(recorder)
            .observer(new Copying())
            .binding(recorder)
            .guard(guard)
            .build();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Running running;

    /** Wants copies where the first segment of a path says so: {@code /copied}, {@code /both-copied}. */
    private static final class Copying implements Observer.OfBodies {
        private static int bound(Exchange exchange) {
            return exchange.path().orElse("").split("/", 3)[1].endsWith("copied") ? COPIED : -1;
        }

        @Override
        public int requestCopy(Exchange exchange) {
            return bound(exchange);
        }

        @Override
        public int responseCopy(Exchange exchange) {
            return bound(exchange);
        }
    }

    /** Registers what else the web application has. */
    @FunctionalInterface
    interface Setup {
        void configure(ServletContext context, Crosscut crosscut);
    }

    private Service(Servers container, Map<?, String> errorPages, Setup setup) throws Exception {
        running = container.start(errorPages, List.of((classes, context) -> {
            setup.configure(context, crosscut);
            var servlet = context.addServlet("handlers", new Handlers(handlers));
            servlet.setAsyncSupported(true);
            servlet.addMapping("/*");
        }));
    }

    /** With the filter for all requests, and {@code /error} for all errors. */
    static Service start(Servers container) throws Exception {
        return start(
                container,
                Map.of(Servers.ANY_ERROR, "/error"),
                (context, crosscut) -> register(context, new CrosscutFilter(crosscut), "/*"));
    }

    static Service start(Servers container, Map<?, String> errorPages, Setup setup) throws Exception {
        return new Service(container, errorPages, setup);
    }

    /** Registers a filter after those before it. */
    static void register(ServletContext context, Filter filter, String pattern) {
        FilterRegistration.Dynamic registration =
                context.addFilter("filter-" + context.getFilterRegistrations().size(), filter);
        registration.setAsyncSupported(true);
        registration.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, pattern);
    }

    private static final class Handlers extends HttpServlet {
        private static final long serialVersionUID = 1L;
        private final transient Map<String, Handler> handlers;

        Handlers(Map<String, Handler> handlers) {
            this.handlers = handlers;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            String path = request.getDispatcherType() == DispatcherType.INCLUDE
                    ? (String) request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO)
                    : request.getPathInfo();
            Handler handler = handlers.get(path.substring(path.lastIndexOf('/') + 1));
            if (handler == null) {
                if (request.getDispatcherType() != DispatcherType.ERROR) {
                    response.setStatus(404);
                }
                return;
            }
            try {
                handler.handle(request, response);
            } catch (RuntimeException | IOException | ServletException e) {
                throw e;
            } catch (Exception e) {
                throw new ServletException(e);
            }
        }
    }

    int port() {
        return running.port();
    }

    Wire.Response get(String path, String... headers) throws IOException {
        return send("GET", path, "", headers);
    }

    Wire.Response post(String path, String body, String... headers) throws IOException {
        return send("POST", path, body, headers);
    }

    /** Sends a request, each character of whose body is a byte. */
    Wire.Response send(String method, String path, String body, String... headers) throws IOException {
        List<String> lines = new ArrayList<>(List.of(method + " " + path));
        lines.addAll(List.of(headers));
        return Wire.exchange(port(), Wire.request(body, lines.toArray(String[]::new)));
    }

    /** The only exchange on a path so far, once it has ended. */
    RecordingObserver.Recorded recorded(String path) {
        return recorder.only(r -> r.path().orElse("").equals(path));
    }

    Service on(String name, Handler handler) {
        handlers.put(name, handler);
        return this;
    }

    @Override
    public void close() throws Exception {
        running.close();
        crosscut.close();
    }
}
