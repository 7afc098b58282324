package dev.crosscut.tck;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.tck.LoopServer.Context;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** All that an outsider writes to wire in {@link LoopServer}, but for its bodies: {@link LoopHold}, {@link LoopCopy}. */
record LoopAdapter(Crosscut crosscut) implements LoopServer.Handler {

    @Override
    public void handle(Context context) {
        crosscut.beginAsync(new LoopExchange(context)).thenAccept(call -> context.later(() -> begun(context, call)));
    }

    private static void begun(Context context, Call call) {
        LoopCopy.install(context, call.exchange());
        context.onEnd((status, e) -> call.end(e == null ? Outcome.completed(status) : Outcome.failed(e, status)));
        call.answer().ifPresentOrElse(reply -> LoopHold.send(reply, context), () -> admitted(context, call));
    }

    private static void admitted(Context context, Call call) {
        LoopHold.install(context, call);
        try (Scope scope = call.attach()) {
            context.next();
        }
    }

    static class LoopExchange extends Exchange {
        private final Context context;

        LoopExchange(Context context) {
            super(Kind.SERVER);
            this.context = context;
        }

        @Override
        public String protocol() {
            return "http";
        }

        @Override
        public String operation() {
            return context.method();
        }

        @Override
        public Optional<String> path() {
            return Optional.of(context.path());
        }

        @Override
        public Optional<String> query() {
            return context.query();
        }

        @Override
        public Optional<Object> attribute(String name) {
            return Optional.ofNullable(context.attributes().get(name));
        }

        @Override
        public List<String> requestHeaders(String name) {
            return context.requestHeaders(name);
        }

        @Override
        public List<String> responseHeaders(String name) {
            return context.responseHeaders().getOrDefault(name, List.of());
        }

        @Override
        public void responseHeader(String name, String value) {
            context.header(name, List.of(value));
        }

        @Override
        protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
            return LoopHold.read(context, limit);
        }
    }
}
