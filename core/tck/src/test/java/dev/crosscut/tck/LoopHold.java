package dev.crosscut.tck;

import dev.crosscut.core.Call;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.tck.LoopServer.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * Captures bodies for {@link LoopAdapter}: a request's for the guards that need it, a response's until they have settled.
 * Never waits: what the handler does while the guards settle is done when they have.
 */
final class LoopHold implements LoopServer.Sink {

    private enum State {
        HOLDING,
        SETTLING,
        PASSING,
        DROPPING
    }

    private interface Step {
        void run() throws IOException;
    }

    private final Context context;
    private final Call call;
    private final LoopServer.Sink sink;
    private final Map<String, List<String>> headersBefore;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final Queue<Step> waiting = new ArrayDeque<>();
    private State state = State.HOLDING;

    private LoopHold(Context context, Call call) {
        this.context = context;
        this.call = call;
        this.sink = context.sink();
        this.headersBefore = new LinkedHashMap<>(context.responseHeaders());
    }

    static void install(Context context, Call call) {
        if (call.heldBytes() > 0) {
            context.sink(new LoopHold(context, call));
        }
    }

    static CompletionStage<Optional<ByteBuffer>> read(Context context, int limit) {
        return context.body(limit).thenApply(bytes -> {
            context.body(bytes);
            return bytes.length > limit ? Optional.empty() : Optional.of(ByteBuffer.wrap(bytes));
        });
    }

    static void send(Reply reply, Context context) {
        send(reply, context, context.sink());
    }

    private static void send(Reply reply, Context context, LoopServer.Sink sink) {
        context.status(reply.status());
        reply.headers().forEach(context::header);
        byte[] body = new byte[reply.body().remaining()];
        reply.body().get(body);
        context.guarded(() -> {
            sink.write(body);
            sink.end();
        });
    }

    @Override
    public synchronized void write(byte[] bytes) throws IOException {
        if (state == State.HOLDING && kept.size() + bytes.length > call.heldBytes()) {
            settle(call.settleAsync(Outcome.completed(context.status())));
        }
        if (state == State.HOLDING) {
            kept.writeBytes(bytes);
        } else {
            then(() -> sink.write(bytes));
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        boolean stream = context.responseHeaders()
                .getOrDefault("Content-type", List.of())
                .contains("text/event-stream");
        if (state == State.HOLDING && stream) {
            settle(call.settleAsync(Outcome.completed(context.status())));
        }
        if (state != State.HOLDING) {
            then(sink::flush);
        }
    }

    @Override
    public synchronized void end() throws IOException {
        if (state == State.HOLDING) {
            settle(call.settleAsync(Outcome.completed(context.status()), ByteBuffer.wrap(kept.toByteArray())));
        }
        then(sink::end);
    }

    @Override
    public synchronized void expire(TimeoutException timeOut) {
        if (state != State.HOLDING) {
            sink.expire(timeOut);
            return;
        }
        state = State.SETTLING;
        call.settleAsync(Outcome.failed(timeOut, 500))
                .thenAccept(instead -> context.later(() -> expired(timeOut, instead)));
    }

    private synchronized void expired(TimeoutException timeOut, Optional<Reply> instead) {
        if (instead.isPresent()) {
            settled(instead);
        } else {
            state = State.DROPPING;
            sink.expire(timeOut);
        }
    }

    private void then(Step step) throws IOException {
        switch (state) {
            case PASSING -> step.run();
            case DROPPING -> {}
            default -> waiting.add(step);
        }
    }

    private void settle(CompletionStage<Optional<Reply>> settling) {
        state = State.SETTLING;
        settling.thenAccept(instead -> context.later(() -> settled(instead)));
    }

    private synchronized void settled(Optional<Reply> instead) {
        if (instead.isPresent()) {
            state = State.DROPPING;
            context.clearHeaders();
            headersBefore.forEach(context::header);
            send(instead.get(), context, sink);
            return;
        }
        state = State.PASSING;
        context.guarded(() -> {
            sink.write(kept.toByteArray());
            for (Step step = waiting.poll(); step != null; step = waiting.poll()) {
                step.run();
            }
        });
    }
}
