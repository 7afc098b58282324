package dev.crosscut.tck;

import dev.crosscut.core.Crosscut;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The contract, passed by an adapter for a framework of callbacks; and the proof that such an adapter is small. */
class CallbackAdapterTest extends AdapterContract {

    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.ASYNC, Capability.ASYNC_TIMEOUT, Capability.PIPELINING);
    }

    @Override
    protected Running start(Crosscut crosscut, Handler handler) throws IOException {
        return new LoopServer(List.of(new LoopAdapter(crosscut), context -> run(handler, context)));
    }

    static void run(Handler handler, LoopServer.Context context) throws Exception {
        LoopRequest request = new LoopRequest(context);
        handler.handle(request);
        if (!request.async) {
            context.end();
        }
    }

    private static final class LoopRequest implements Request {
        private final LoopServer.Context context;
        private boolean async;

        LoopRequest(LoopServer.Context context) {
            this.context = context;
        }

        @Override
        public String path() {
            return context.path();
        }

        @Override
        public byte[] body() throws IOException {
            return context.body().readAllBytes();
        }

        @Override
        public void status(int status) {
            context.status(status);
        }

        @Override
        public void header(String name, String value) {
            context.header(name, List.of(value));
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            context.write(bytes);
        }

        @Override
        public void flush() throws IOException {
            context.flush();
        }

        @Override
        public Runnable async(Duration timeout) {
            async = true;
            context.timeOut(timeout);
            return context::end;
        }
    }
}
