package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through its dispatches, and the one place that knows when it is over: when a dispatch has thrown;
 * when the first has returned, unless the request went asynchronous; then when the container says that its last {@link
 * AsyncCycle} is complete.
 */
final class Dispatched {

    private final Call call;
    private final ServletExchange exchange;
    private final HttpServletResponse response;
    private final @Nullable CopiedResponse copied;
    private final @Nullable HeldResponse held;
    private final AsyncCycles cycles = new AsyncCycles(this);
    private volatile @Nullable Throwable error;
    private volatile boolean clientGone;

    Dispatched(Call call, ServletExchange exchange, HttpServletResponse container) {
        this.call = call;
        this.exchange = exchange;
        this.copied = exchange.responseCopy()
                .map(copy -> new CopiedResponse(container, copy))
                .orElse(null);
        this.response = copied == null ? container : copied;
        this.held = call.heldBytes() == 0 ? null : new HeldResponse(response, exchange, call);
    }

    Scope attach() {
        return call.attach();
    }

    AsyncCycles cycles() {
        return cycles;
    }

    /** The response that the handler writes to. */
    HttpServletResponse handlerResponse() {
        return held == null ? response : held;
    }

    void answer(Reply reply) throws IOException {
        try {
            Replies.send(reply, response);
        } finally {
            end(Outcome.completed(reply.status()));
        }
    }

    // Dispatches

    /** A further dispatch begins. */
    void again(DispatcherType type, HttpServletResponse to) {
        if (type == DispatcherType.ERROR) {
            exchange.restoreResponseHeaders(to);
        } else if (type == DispatcherType.FORWARD && (held != null || copied != null)) {
            HttpServletResponse wrapper = handlerResponse();
            if (!wrapper.isCommitted()) {
                wrapper.resetBuffer();
            }
        }
    }

    /** The first dispatch that came this way returned. Its response is written, unless it has gone asynchronous. */
    void returned(HttpServletRequest request) throws IOException {
        if (cycles.count() == 0) {
            written(request);
        }
    }

    /** A further dispatch returned: of the response it may have written a part only, or it is the container's. */
    void returned(HttpServletRequest request, int cyclesBefore) throws IOException {
        DispatcherType type = request.getDispatcherType();
        if (cycles.count() != cyclesBefore) {
            cycles.dispatchReturned();
        } else if (type == DispatcherType.FORWARD) {
            finish();
            close(); // as the container does
        } else if (type == DispatcherType.ASYNC) {
            written(request);
        }
    }

    private void written(HttpServletRequest request) throws IOException {
        try {
            if (request.isAsyncStarted()) {
                cycles.listenTo(request);
            }
            if (held == null) {
                exchange.restoreResponseHeaders(response);
            }
            finish();
        } finally {
            if (!cycles.isListening()) {
                end();
            }
        }
    }

    /** Whether the exception only says that the request is wrong, which is then answered with 400, as containers do. */
    boolean refuses(Throwable thrown) throws IOException {
        HttpServletResponse to = handlerResponse();
        if (!FormParameters.isMalformed(thrown) || cycles.goOn() || to.isCommitted()) {
            return false;
        }
        to.sendError(HttpServletResponse.SC_BAD_REQUEST, thrown.getMessage());
        return true;
    }

    /** A dispatch threw. The container may tell nobody else, and sends its error page next. */
    void threw(Throwable thrown) {
        dropUnsent();
        exchange.restoreResponseHeaders(response);
        end(Outcome.failed(thrown, statusOf(thrown)));
        if (held != null) {
            held.fail(cycles.goOn());
        }
    }

    private void close() {
        if (copied != null) {
            copied.close();
        }
    }

    private void dropUnsent() {
        if (copied != null && !isCommitted()) {
            copied.drop();
        }
    }

    /** What the container answers an exception with, where no error page says otherwise (Servlet 6.1, 10.9.2). */
    private int statusOf(Throwable thrown) {
        if (response.isCommitted()) {
            return response.getStatus();
        }
        if (thrown instanceof UnavailableException unavailable) {
            return unavailable.isPermanent()
                    ? HttpServletResponse.SC_NOT_FOUND
                    : HttpServletResponse.SC_SERVICE_UNAVAILABLE;
        }
        return HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
    }

    // The end

    /** The handler has written its response: what is held of it goes out, once the guards have settled. */
    void finish() throws IOException {
        try {
            if (held != null) {
                held.finish();
            }
        } catch (IOException e) {
            clientGone = true;
            throw e;
        } catch (Throwable e) {
            error = e;
            throw e;
        }
    }

    /** Whether the handler was done with a held response, and it has gone to the container. */
    boolean isFinished() {
        return held != null && held.isFinished();
    }

    /** The container gives up on the response, unless that is {@linkplain #isFinished finished} just now. */
    void expire(Throwable reason) throws IOException {
        if (held != null) {
            held.expire(Outcome.failed(reason, HttpServletResponse.SC_INTERNAL_SERVER_ERROR));
        }
        if (!isFinished()) {
            dropUnsent();
        }
    }

    /** Whether the container has given up on a held response, whatever the handler still does. */
    boolean isExpired() {
        return held != null && held.isExpired();
    }

    /** For the container, where a dispatch has taken the place of the error that it sends; unless a guard has answered. */
    void sendError() throws IOException {
        if (!isFinished() && !response.isCommitted()) {
            response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        }
    }

    /** How the exchange is going to end. */
    void failed(Throwable reason) {
        error = reason;
    }

    /** The container has given up on a response that has begun, and tells nobody. */
    void abandoned() {
        if (isCommitted()) {
            end(Outcome.cancelled("the container had given up the response before it was complete"));
        }
    }

    private boolean isCommitted() {
        try {
            return response.isCommitted();
        } catch (IllegalStateException usedForAnother) {
            return true;
        }
    }

    void end() {
        end(outcome());
    }

    private void end(Outcome outcome) {
        if (call.end(outcome)) {
            exchange.letGo();
        }
    }

    private Outcome outcome() {
        Throwable thrown = error;
        int status = response.getStatus();
        if (thrown != null) {
            boolean said = response.isCommitted() || status >= HttpServletResponse.SC_BAD_REQUEST;
            return Outcome.failed(thrown, said ? status : HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        }
        return clientGone ? Outcome.cancelled("the client went away") : Outcome.completed(status);
    }
}
