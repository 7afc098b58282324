package dev.crosscut.servlet;

import dev.crosscut.core.Call;
import dev.crosscut.core.Scope;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;

/** The stream of a response that is held. */
final class HeldStream extends ServletOutputStream {

    private final HeldResponse held;
    private final HttpServletResponse container;
    private final Call call;

    HeldStream(HeldResponse held, HttpServletResponse container, Call call) {
        this.held = held;
        this.container = container;
        this.call = call;
    }

    @Override
    public void write(int b) throws IOException {
        held.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        held.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        held.flushBuffer();
    }

    @Override
    public void close() throws IOException {
        held.close(() -> container.getOutputStream().close());
    }

    @Override
    public boolean isReady() {
        try {
            return held.isReady();
        } catch (IOException e) {
            return true; // and the write says what is wrong
        }
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        Listener told = new Listener(listener);
        try {
            container.getOutputStream().setWriteListener(told);
            held.nonBlocking();
        } catch (IOException e) {
            told.onError(e);
        }
    }

    /** The container says when, so that it calls no two listeners of a request at once. */
    private final class Listener implements WriteListener {
        private final WriteListener listener;

        Listener(WriteListener listener) {
            this.listener = Objects.requireNonNull(listener);
        }

        @Override
        public void onWritePossible() throws IOException {
            try (Scope scope = call.attach()) {
                listener.onWritePossible();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            try (Scope scope = call.attach()) {
                listener.onError(thrown);
            }
        }
    }
}
