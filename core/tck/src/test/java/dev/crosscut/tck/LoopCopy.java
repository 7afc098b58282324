package dev.crosscut.tck;

import dev.crosscut.core.BodyCopy;
import dev.crosscut.core.Exchange;
import dev.crosscut.tck.LoopServer.Context;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Copies bodies for {@link LoopAdapter}, as they pass, where an observer asks. Below {@link LoopHold}: what is sent passes. */
final class LoopCopy implements LoopServer.Sink {

    private final LoopServer.Sink sink;
    private final BodyCopy copy;

    private LoopCopy(LoopServer.Sink sink, BodyCopy copy) {
        this.sink = sink;
        this.copy = copy;
    }

    static void install(Context context, Exchange exchange) {
        exchange.responseCopy().ifPresent(copy -> {
            context.sink(new LoopCopy(context.sink(), copy));
            context.onEnd((status, failure) -> ended(failure, context, copy));
        });
        if (exchange.requestBody().isEmpty()) {
            exchange.requestCopy().ifPresent(copy -> context.body(new Reading(context.body(), copy)));
        }
    }

    /** The framework drops what it has not begun to send of a response that failed. */
    private static void ended(@Nullable Throwable failure, Context context, BodyCopy copy) {
        if (failure != null && !context.started()) {
            copy.clear();
        }
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        sink.write(bytes);
        copy.add(bytes, 0, bytes.length);
    }

    @Override
    public void flush() throws IOException {
        sink.flush();
    }

    @Override
    public void end() throws IOException {
        sink.end();
    }

    @Override
    public void expire(TimeoutException timeOut) {
        sink.expire(timeOut);
    }

    private static final class Reading extends FilterInputStream {
        private final BodyCopy copy;

        Reading(InputStream in, BodyCopy copy) {
            super(in);
            this.copy = copy;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            if (read > 0) {
                copy.add(target, offset, read);
            }
            return read;
        }
    }
}
