package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A response of which nothing is sent before the guards have settled. Status and header fields go to the container, which
 * does not send them before the first byte; the body is kept here up to the bound.
 *
 * <p>HOLDING until the handler is done; or until the body outgrows the bound or turns out to be a stream, which settles at
 * once and is then PASSING through. Where a guard answered instead, or the container has taken over, it is DROPPING what
 * the handler still writes.
 */
final class HeldResponse extends HttpServletResponseWrapper {

    private static final List<String> STREAMS = List.of(
            "text/event-stream", "application/x-ndjson", "application/stream+json", "multipart/x-mixed-replace");

    private enum State {
        HOLDING,
        PASSING,
        DROPPING
    }

    /** What sends an error or a redirect; kept until the guards have settled. */
    @FunctionalInterface
    private interface Deferred {
        void send() throws IOException;
    }

    private final HttpServletResponse response;
    private final ServletExchange exchange;
    private final Call call;
    private final Map<String, List<String>> headersBefore = new LinkedHashMap<>();
    private final HeldBody body = new HeldBody();
    /** Held while the state changes, which takes as long as the guards do: who gives up waits for who settles. */
    private final ReentrantLock settling = new ReentrantLock();

    private volatile State state = State.HOLDING;
    private volatile boolean finished;
    private volatile boolean expired;
    private boolean closed;
    private boolean nonBlocking;
    private @Nullable Deferred deferred;
    private int deferredStatus;

    HeldResponse(HttpServletResponse response, ServletExchange exchange, Call call) {
        super(response);
        this.response = response;
        this.exchange = exchange;
        this.call = call;
        for (String name : response.getHeaderNames()) {
            headersBefore.put(name, List.copyOf(response.getHeaders(name)));
        }
    }

    // Settling

    /** The handler is done. */
    void finish() throws IOException {
        settling.lock();
        try {
            finished |= state != State.DROPPING; // a guard may have answered its time-out
            if (state == State.HOLDING) {
                Deferred action = deferred;
                Outcome outcome = Outcome.completed(getStatus());
                Optional<Reply> instead = action == null
                        ? call.settle(outcome, ByteBuffer.wrap(body.toByteArray()))
                        : call.settle(outcome); // the rest of the response is the container's
                if (passes(instead)) {
                    exchange.restoreResponseHeaders(response);
                    body.sendTo(response);
                    if (action != null) {
                        action.send();
                    }
                }
            }
        } finally {
            settling.unlock();
        }
    }

    /** Stops holding in the middle of a response: it is a stream, or has outgrown the bound. */
    private void release() throws IOException {
        settling.lock();
        try {
            if (state == State.HOLDING) {
                if (passes(call.settle(Outcome.completed(getStatus())))) {
                    body.sendTo(response);
                } else {
                    response.flushBuffer(); // so that the handler, which goes on, cannot lose it
                }
            }
        } finally {
            settling.unlock();
        }
    }

    /**
     * The handler failed, and what it had written is void. If others go on with the response, the container decides what
     * becomes of that.
     */
    void fail(boolean goesOn) {
        settling.lock();
        try {
            if (!goesOn) {
                drop();
            } else if (state == State.HOLDING) {
                body.clear();
                state = State.PASSING;
            }
        } finally {
            settling.unlock();
        }
    }

    /** The container answers in the handler's place; unless the handler was just done, or a guard has the answer. */
    void expire(Outcome outcome) throws IOException {
        settling.lock();
        try {
            boolean answered = state == State.HOLDING && !passes(call.settle(outcome));
            if (answered || !finished) {
                finished = answered;
                expired = true;
                drop();
            }
        } finally {
            settling.unlock();
        }
    }

    /** Whether all of the response, the handler's or a guard's, has gone to the container. */
    boolean isFinished() {
        return finished;
    }

    /** Whether the container, or a guard, answers in the handler's place. */
    boolean isExpired() {
        return expired;
    }

    private void drop() {
        state = State.DROPPING;
        seal();
        body.clear();
    }

    /** From here on the handler finds the response committed. */
    private void seal() {
        setResponse(new CommittedResponse(response));
    }

    /** Whether the handler's response may be sent, now that the guards have settled. */
    private boolean passes(Optional<Reply> instead) throws IOException {
        if (instead.isEmpty()) {
            state = State.PASSING;
            return true;
        }
        drop();
        response.reset();
        headersBefore.forEach((name, values) -> Replies.put(name, values, response));
        exchange.restoreResponseHeaders(response);
        Replies.send(instead.get(), response);
        return false;
    }

    // What the handler writes

    private boolean isOver() {
        return closed || deferred != null;
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        if (isOver()) {
            return;
        }
        if (state == State.HOLDING && body.size() + (long) length > call.heldBytes()) {
            if (nonBlocking) {
                body.write(bytes, offset, length);
                release();
                return;
            }
            release();
        }
        switch (state) {
            case HOLDING -> body.write(bytes, offset, length);
            case PASSING -> response.getOutputStream().write(bytes, offset, length);
            case DROPPING -> {}
        }
    }

    void write(char[] chars, int offset, int length, String encoding) throws IOException {
        if (isOver()) {
            return;
        }
        switch (state) {
            case HOLDING -> {
                body.write(chars, offset, length, encoding);
                if (body.size() > call.heldBytes()) {
                    release();
                }
            }
            case PASSING -> response.getWriter().write(chars, offset, length);
            case DROPPING -> {}
        }
    }

    /** The handler closed its stream or its writer. */
    void close(Closeable container) throws IOException {
        closed = true;
        if (state == State.HOLDING) {
            seal();
        } else if (state == State.PASSING) {
            container.close();
        }
    }

    /** The handler has a listener for when it may write. */
    void nonBlocking() {
        nonBlocking = true;
    }

    /** As the container says, also of what is held: before it has called the listener, nothing can be sent. */
    boolean isReady() throws IOException {
        return !nonBlocking
                || state == State.DROPPING
                || response.getOutputStream().isReady();
    }

    private boolean isStream() {
        String type = getContentType();
        return type != null && STREAMS.contains(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }

    /** Asks the container too: it knows which of the two was called, and what of a reset or a forward takes that back. */
    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (state != State.DROPPING) {
            response.getOutputStream();
        }
        return new HeldStream(this, response, call);
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        String encoding = "UTF-8";
        if (state != State.DROPPING) {
            response.getWriter();
            encoding = response.getCharacterEncoding();
        }
        return new PrintWriter(new HeldWriter(this, response, encoding));
    }

    @Override
    public void flushBuffer() throws IOException {
        if (state == State.HOLDING && isStream() && !isOver()) {
            release();
        }
        if (state == State.PASSING) {
            super.flushBuffer();
        }
    }

    @Override
    public void reset() {
        super.reset();
        body.clear();
        exchange.restoreResponseHeaders(response);
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        body.clear();
    }

    // Errors and redirects

    private void defer(int status, boolean clear, Deferred action) throws IOException {
        if (state == State.PASSING) {
            action.send();
            return;
        }
        if (isCommitted()) {
            throw new IllegalStateException("the response is committed; expected no error or redirect after that");
        }
        if (clear) {
            body.clear();
        }
        deferredStatus = status;
        deferred = action;
        seal();
    }

    @Override
    public int getStatus() {
        return deferred == null ? super.getStatus() : deferredStatus;
    }

    @Override
    public void sendError(int status) throws IOException {
        defer(status, true, () -> response.sendError(status));
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        defer(status, true, () -> response.sendError(status, message));
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        defer(SC_FOUND, true, () -> response.sendRedirect(location)); // all that a container of Servlet 6.0 has
    }

    @Override
    public void sendRedirect(String location, int status) throws IOException {
        sendRedirect(location, status, true);
    }

    @Override
    public void sendRedirect(String location, boolean clearBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearBuffer);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        defer(status, clearBuffer, () -> response.sendRedirect(location, status, clearBuffer));
    }
}
