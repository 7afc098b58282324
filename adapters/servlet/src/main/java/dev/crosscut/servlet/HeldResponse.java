package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    private final HttpServletRequest request;
    private final ServletExchange exchange;
    private final Call call;
    private final int limit;
    private final Map<String, List<String>> headersBefore = new LinkedHashMap<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private State state = State.HOLDING;
    private boolean closed;
    private @Nullable Deferred deferred;
    private int deferredStatus;
    private @Nullable ServletOutputStream stream;
    private @Nullable PrintWriter writer;

    HeldResponse(
            HttpServletRequest request, HttpServletResponse response, ServletExchange exchange, Call call, int limit) {
        super(response);
        this.request = request;
        this.response = response;
        this.exchange = exchange;
        this.call = call;
        this.limit = limit;
        for (String name : response.getHeaderNames()) {
            headersBefore.put(name, List.copyOf(response.getHeaders(name)));
        }
    }

    /** The handler is done. */
    void finish() throws IOException {
        PrintWriter open = writer;
        if (open != null) {
            open.flush();
        }
        if (state != State.HOLDING) {
            return;
        }
        Deferred action = deferred;
        Outcome outcome = Outcome.completed(getStatus());
        if (action == null) {
            if (settled(call.settle(outcome, ByteBuffer.wrap(kept.toByteArray())))) {
                sendKept();
            }
        } else if (settled(call.settle(outcome))) { // the body of an error page or a redirect is the container's
            action.send();
        }
    }

    /** The container answers in the handler's place. */
    void giveUp() {
        if (state == State.HOLDING) {
            state = State.DROPPING;
        }
    }

    /** Whether the handler's response may be sent, now that the guards have settled. */
    private boolean settled(Optional<Reply> instead) throws IOException {
        if (instead.isEmpty()) {
            state = State.PASSING;
            return true;
        }
        state = State.DROPPING;
        response.reset();
        headersBefore.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        Replies.send(instead.get(), response);
        return false;
    }

    private void sendKept() throws IOException {
        if (kept.size() > 0) {
            kept.writeTo(response.getOutputStream());
            kept.reset();
        }
    }

    /** Stops holding in the middle of a response: it is a stream, or has outgrown the bound. */
    private void release() throws IOException {
        if (settled(call.settle(Outcome.completed(getStatus())))) {
            sendKept();
        }
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed || deferred != null) {
            return;
        }
        if (state == State.HOLDING && kept.size() + (long) length > limit) {
            release();
        }
        switch (state) {
            case HOLDING -> kept.write(bytes, offset, length);
            case PASSING -> response.getOutputStream().write(bytes, offset, length);
            case DROPPING -> {}
        }
    }

    private boolean isStream() {
        String type = getContentType();
        return type != null && STREAMS.contains(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }

    private void defer(int status, Deferred action) {
        if (isCommitted()) {
            throw new IllegalStateException("the response is committed; expected no error or redirect after that");
        }
        kept.reset();
        deferredStatus = status;
        deferred = action;
    }

    // What the handler calls

    @Override
    public int getStatus() {
        return deferred == null ? super.getStatus() : deferredStatus;
    }

    @Override
    public boolean isCommitted() {
        return state == State.HOLDING ? closed || deferred != null : super.isCommitted();
    }

    @Override
    public void flushBuffer() throws IOException {
        if (state == State.HOLDING && isStream()) {
            release();
        }
        if (state == State.PASSING) {
            super.flushBuffer();
        }
    }

    @Override
    public void reset() {
        resetBuffer();
        super.reset();
        exchange.restoreResponseHeaders(response);
        stream = null;
        writer = null;
    }

    @Override
    public void resetBuffer() {
        if (isCommitted()) {
            throw new IllegalStateException("the response is committed; expected no reset after that");
        }
        kept.reset();
    }

    @Override
    public void sendError(int status) throws IOException {
        if (state == State.PASSING) {
            super.sendError(status);
        } else if (state == State.HOLDING) {
            defer(status, () -> response.sendError(status));
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        if (state == State.PASSING) {
            super.sendError(status, message);
        } else if (state == State.HOLDING) {
            defer(status, () -> response.sendError(status, message));
        }
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendRedirect(location, SC_FOUND, true);
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
        if (state == State.PASSING) {
            super.sendRedirect(location, status, clearBuffer);
        } else if (state == State.HOLDING) {
            byte[] body = clearBuffer ? new byte[0] : kept.toByteArray();
            defer(status, () -> {
                if (body.length > 0) {
                    response.getOutputStream().write(body);
                }
                response.sendRedirect(location, status, clearBuffer);
            });
        }
    }

    @Override
    public ServletOutputStream getOutputStream() {
        if (writer != null) {
            throw new IllegalStateException("getWriter() was called before; expected one of the two on a response");
        }
        ServletOutputStream open = stream;
        if (open == null) {
            open = new Stream();
            stream = open;
        }
        return open;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (stream != null) {
            throw new IllegalStateException(
                    "getOutputStream() was called before; expected one of the two on a response");
        }
        PrintWriter open = writer;
        if (open == null) {
            setCharacterEncoding(getCharacterEncoding());
            open = new PrintWriter(new OutputStreamWriter(new Stream(), getCharacterEncoding()));
            writer = open;
        }
        return open;
    }

    private final class Stream extends ServletOutputStream {
        @Override
        public void write(int b) throws IOException {
            HeldResponse.this.write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            HeldResponse.this.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            flushBuffer();
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        /** Writing never has to wait, so the listener is told once that it can. */
        @Override
        public void setWriteListener(WriteListener listener) {
            request.getAsyncContext().start(() -> {
                try {
                    listener.onWritePossible();
                } catch (Throwable e) {
                    listener.onError(e);
                }
            });
        }
    }
}
