package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through its dispatches, and the one place that knows when it is over: when the first dispatch
 * returns, unless it went asynchronous; then when the container says that the asynchronous cycle is complete.
 */
final class Dispatched implements AsyncListener {

    private final Call call;
    private final ServletExchange exchange;
    private final HttpServletResponse response;
    private final AtomicInteger started = new AtomicInteger();
    private volatile @Nullable Throwable error;
    private volatile boolean clientGone;

    Dispatched(Call call, ServletExchange exchange, HttpServletResponse response) {
        this.call = call;
        this.exchange = exchange;
        this.response = response;
    }

    Scope attach() {
        return call.attach();
    }

    /** The response that the handler writes to. */
    HttpServletResponse handlerResponse() {
        return exchange.held().<HttpServletResponse>map(held -> held).orElse(response);
    }

    /** How often the request has gone asynchronous. */
    int started() {
        return started.get();
    }

    /** The request has gone asynchronous. Listeners are dropped with each new cycle (Servlet 6.1, 2.3.3.3). */
    void started(AsyncContext context) {
        if (started.getAndIncrement() == 0) {
            context.addListener(this);
        }
    }

    void answer(Reply reply, HttpServletResponse response) throws IOException {
        try {
            Replies.send(reply, response);
        } finally {
            end(Outcome.completed(reply.status()));
        }
    }

    /** The first dispatch returned. */
    void returned(ServletRequest request) throws IOException {
        if (started() == 0 && request.isAsyncStarted() && listen(request)) {
            return;
        }
        if (started() == 0) {
            try {
                finish();
            } catch (IOException e) {
                clientGone = true;
                throw e;
            } finally {
                end(outcome());
            }
        }
    }

    /** For a handler that went asynchronous behind the back of the request that it was given. */
    private boolean listen(ServletRequest request) {
        try {
            started(request.getAsyncContext());
            return true;
        } catch (IllegalStateException completedMeanwhile) {
            return false;
        }
    }

    void again(DispatcherType type, ServletResponse response) {
        if (type == DispatcherType.ERROR && response instanceof HttpServletResponse http && !http.isCommitted()) {
            exchange.restoreResponseHeaders(http);
        }
    }

    void threw(DispatcherType type, Throwable thrown) {
        if (type == DispatcherType.ASYNC) {
            failed(thrown);
        }
    }

    /** A further dispatch returned; an asynchronous one that did not go on asynchronously has written its response. */
    void returned(DispatcherType type, int startedBefore) throws IOException {
        if (type == DispatcherType.ASYNC && started() == startedBefore) {
            finish();
        }
    }

    /** The handler has written its response: what is held of it goes out, once the guards have settled. */
    private void finish() throws IOException {
        Optional<HeldResponse> held = exchange.held();
        if (held.isPresent()) {
            held.get().finish();
        }
    }

    /** An asynchronous handler is done; the container ends the exchange once it has sent the response. */
    void completing() {
        try {
            finish();
        } catch (IOException e) {
            clientGone = true;
        }
    }

    void end(Outcome outcome) {
        call.end(outcome);
        exchange.letGo();
    }

    private Outcome outcome() {
        Throwable thrown = error;
        int status = response.getStatus();
        if (thrown != null && (status >= 500 || !response.isCommitted())) {
            return Outcome.failed(thrown, status >= 500 ? status : 500);
        }
        return clientGone ? Outcome.cancelled("the client went away") : Outcome.completed(status);
    }

    private void failed(Throwable thrown) {
        error = thrown;
        call.settle(Outcome.failed(thrown, HttpServletResponse.SC_INTERNAL_SERVER_ERROR));
        exchange.held().ifPresent(HeldResponse::giveUp);
    }

    @Override
    public void onComplete(AsyncEvent event) {
        end(outcome());
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        failed(new TimeoutException(
                "the response was not complete after " + event.getAsyncContext().getTimeout() + " ms"));
    }

    @Override
    public void onError(AsyncEvent event) {
        Throwable thrown = event.getThrowable();
        failed(thrown == null ? new IOException("the container reported an error without an exception") : thrown);
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }
}
