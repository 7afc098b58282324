package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.AdapterContract;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;

/** Runs the contract's handler as a servlet for every path. */
final class ContractServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private final transient AdapterContract.Handler handler;

    private ContractServlet(AdapterContract.Handler handler) {
        this.handler = handler;
    }

    /** The servlet for every path, behind a filter that is registered by hand. */
    static ServletContainerInitializer application(Crosscut crosscut, AdapterContract.Handler handler) {
        return (classes, context) -> {
            FilterRegistration.Dynamic filter = context.addFilter("crosscut", new CrosscutFilter(crosscut));
            filter.setAsyncSupported(true);
            filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
            ServletRegistration.Dynamic servlet = context.addServlet("contract", new ContractServlet(handler));
            servlet.setAsyncSupported(true);
            servlet.addMapping("/*");
        };
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        try {
            handler.handle(new ServletRequest(request, response));
        } catch (RuntimeException | IOException | ServletException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    private record ServletRequest(HttpServletRequest request, HttpServletResponse response)
            implements AdapterContract.Request {

        @Override
        public String path() {
            return request.getDispatcherType() == DispatcherType.INCLUDE
                    ? (String) request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO)
                    : request.getPathInfo();
        }

        @Override
        public byte[] body() throws IOException {
            return request.getInputStream().readAllBytes();
        }

        @Override
        public void status(int status) {
            response.setStatus(status);
        }

        @Override
        public void header(String name, String value) {
            response.setHeader(name, value);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            response.getOutputStream().write(bytes);
        }

        @Override
        public void flush() throws IOException {
            response.flushBuffer();
        }

        @Override
        public void redirect(String location) throws IOException {
            response.sendRedirect(location);
        }

        @Override
        public Runnable async(Duration timeout) {
            AsyncContext context = request.startAsync();
            context.setTimeout(timeout.toMillis());
            return context::complete;
        }

        @Override
        public void forward(String path) throws ServletException, IOException {
            request.getRequestDispatcher(path).forward(request, response);
        }

        @Override
        public void include(String path) throws ServletException, IOException {
            request.getRequestDispatcher(path).include(request, response);
        }
    }
}
