package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes an exchange of each request. Mapped to all dispatcher types, with asynchronous support, before any filter that
 * reads the request body or writes a response. Guards are asked once a request: its further dispatches, and a second
 * filter, run within the exchange that the first began.
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
        if (!(request instanceof HttpServletRequest http && response instanceof HttpServletResponse httpResponse)) {
            chain.doFilter(request, response);
        } else if (request.getAttribute(REQUEST) instanceof Dispatched dispatched) {
            again(dispatched, http, httpResponse, chain);
        } else {
            first(http, httpResponse, chain);
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
            dispatched.answer(answer.get());
            return;
        }
        try (Scope scope = call.attach()) {
            chain.doFilter(exchange.request(request, dispatched), dispatched.handlerResponse());
        } catch (Throwable e) {
            if (!dispatched.refuses(e)) {
                dispatched.threw(e);
                throw e;
            }
        }
        dispatched.returned(request);
    }

    private static void again(
            Dispatched dispatched, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        DispatcherType type = request.getDispatcherType();
        int cycles = dispatched.cycles().count();
        dispatched.again(type, response);
        try (Scope scope = dispatched.attach()) {
            if (type == DispatcherType.ASYNC && dispatched.isExpired()) {
                dispatched.sendError();
            } else {
                chain.doFilter(request, response);
            }
        } catch (Throwable e) {
            if (type != DispatcherType.ASYNC) {
                throw e;
            }
            if (!dispatched.refuses(e)) {
                dispatched.threw(e);
                throw e;
            }
        }
        dispatched.returned(request, cycles);
    }
}
