package dev.crosscut.servlet;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import java.io.ByteArrayInputStream;

/** A request body that was read before. */
final class BufferedBody extends ServletInputStream {

    private final ByteArrayInputStream bytes;
    private final ServletRequest request;

    BufferedBody(byte[] bytes, ServletRequest request) {
        this.bytes = new ByteArrayInputStream(bytes);
        this.request = request;
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

    @Override
    public void setReadListener(ReadListener listener) {
        request.getAsyncContext().start(() -> {
            try {
                listener.onDataAvailable();
                if (isFinished()) {
                    listener.onAllDataRead();
                }
            } catch (Throwable e) {
                listener.onError(e);
            }
        });
    }
}
