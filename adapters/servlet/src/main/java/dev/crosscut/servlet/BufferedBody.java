package dev.crosscut.servlet;

import dev.crosscut.core.Scope;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** A request body that was read before. */
final class BufferedBody extends ServletInputStream {

    private final ByteArrayInputStream bytes;
    private final ServletInputStream container;
    private final Dispatched dispatched;

    BufferedBody(byte[] bytes, ServletInputStream container, Dispatched dispatched) {
        this.bytes = new ByteArrayInputStream(bytes);
        this.container = container;
        this.dispatched = dispatched;
    }

    @Override
    public int read() {
        return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        return bytes.read(target, offset, length);
    }

    @Override
    public int available() {
        return bytes.available();
    }

    @Override
    public boolean isFinished() {
        return bytes.available() == 0;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    /**
     * The container says when, so that it calls no two listeners of a request at once. Tomcat does not where all was read
     * before the request was dispatched back.
     */
    @Override
    public void setReadListener(ReadListener listener) {
        Listener told = new Listener(listener);
        container.setReadListener(told);
        dispatched.cycles().afterDispatchBack(told::onAllDataRead);
    }

    /** Of the container's stream all is read, which is where the listener gets to hear of the buffered bytes. */
    private final class Listener implements ReadListener {
        private final ReadListener listener;
        private final AtomicBoolean told = new AtomicBoolean();

        Listener(ReadListener listener) {
            this.listener = Objects.requireNonNull(listener);
        }

        @Override
        public void onDataAvailable() {}

        @Override
        public void onAllDataRead() {
            if (told.compareAndSet(false, true)) {
                try (Scope scope = dispatched.attach()) {
                    tell();
                }
            }
        }

        private void tell() {
            try {
                if (!isFinished()) {
                    listener.onDataAvailable();
                }
                if (isFinished()) {
                    listener.onAllDataRead();
                }
            } catch (VirtualMachineError e) {
                throw e;
            } catch (Throwable thrown) { // containers expect the last that they tell a listener to go well
                listener.onError(thrown);
            }
        }

        @Override
        public void onError(Throwable thrown) {
            try (Scope scope = dispatched.attach()) {
                listener.onError(thrown);
            }
        }
    }
}
