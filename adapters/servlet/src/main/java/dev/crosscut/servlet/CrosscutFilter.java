package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes an exchange of each request. Mapped to all dispatcher types, with asynchronous support, before any filter that
 * reads the request body or writes a response. Further dispatches of a request, and a second filter, run within the
 * exchange that the first began.
 */
public final class CrosscutFilter implements Filter {

    private static final String REQUEST = CrosscutFilter.class.getName();

    private final Crosscut crosscut;

    /**
     * A filter for this pipeline.
     *
     * @param crosscut the pipeline; not closed by the filter
     */
    public CrosscutFilter(Crosscut crosscut) {
        this.crosscut = Objects.requireNonNull(crosscut);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getAttribute(REQUEST) instanceof Dispatched dispatched) {
            again(dispatched, request, response, chain);
        } else if (request instanceof HttpServletRequest http && response instanceof HttpServletResponse httpResponse) {
            first(http, httpResponse, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    private void first(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ServletExchange exchange = new ServletExchange(request, response);
        Call call = crosscut.begin(exchange);
        Dispatched dispatched = new Dispatched(call, exchange, response);
        request.setAttribute(REQUEST, dispatched);
        Optional<Reply> answer = call.answer();
        if (answer.isPresent()) {
            dispatched.answer(answer.get(), response);
            return;
        }
        try (Scope scope = call.attach()) {
            chain.doFilter(exchange.request(request, dispatched), exchange.response(request, response, call));
        } catch (Throwable e) {
            dispatched.end(Outcome.failed(e, status(e, response)));
            throw e;
        }
        dispatched.returned(request);
    }

    private static void again(
            Dispatched dispatched, ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        int started = dispatched.started();
        dispatched.again(request.getDispatcherType(), response);
        try (Scope scope = dispatched.attach()) {
            chain.doFilter(request, response);
        } catch (Throwable e) {
            dispatched.threw(request.getDispatcherType(), e);
            throw e;
        }
        dispatched.returned(request.getDispatcherType(), started);
    }

    /** What the container answers an exception with, where no error page says otherwise (Servlet 6.1, 10.9.2). */
    private static int status(Throwable e, HttpServletResponse response) {
        if (response.isCommitted()) {
            return response.getStatus();
        }
        if (e instanceof UnavailableException unavailable) {
            return unavailable.isPermanent()
                    ? HttpServletResponse.SC_NOT_FOUND
                    : HttpServletResponse.SC_SERVICE_UNAVAILABLE;
        }
        return HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
    }
}
