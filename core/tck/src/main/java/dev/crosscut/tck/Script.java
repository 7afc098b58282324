package dev.crosscut.tck;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A guard that does as it is told and remembers what it saw. */
class Script implements Guard {

    final List<Outcome> settled = new CopyOnWriteArrayList<>();
    final CompletableFuture<Optional<String>> requestBody = new CompletableFuture<>();
    final CompletableFuture<Optional<String>> responseBody = new CompletableFuture<>();
    private final CompletableFuture<Decision> settling = new CompletableFuture<>();
    private final CompletableFuture<Void> reachedSettling = new CompletableFuture<>();
    private final int requestBytes;
    private final int responseBytes;
    private Decision admission = Decision.proceed();

    Script(int requestBytes, int responseBytes) {
        this.requestBytes = requestBytes;
        this.responseBytes = responseBytes;
    }

    static Script answering(Reply reply) {
        Script script = new Script(0, 0);
        script.admission = Decision.answer(reply);
        return script;
    }

    static Script buffering(int bytes) {
        return new Script(bytes, 0);
    }

    /** Holds the response until {@link #settleWith} is called. */
    static Script holding(int bytes) {
        return new Script(0, bytes);
    }

    Script settleWith(Decision decision) {
        settling.complete(decision);
        return this;
    }

    Script settleFailing(Exception fault) {
        settling.completeExceptionally(fault);
        return this;
    }

    void awaitSettling() throws Exception {
        reachedSettling.get(20, TimeUnit.SECONDS);
    }

    @Override
    public Phase phase() {
        return Phase.DEDUPLICATE;
    }

    @Override
    public int requestBytes(Exchange exchange) {
        return requestBytes;
    }

    @Override
    public int responseBytes(Exchange exchange) {
        return responseBytes;
    }

    @Override
    public Decision admit(Exchange exchange) {
        requestBody.complete(exchange.requestBody().map(Script::text));
        return admission;
    }

    @Override
    public Decision settle(Exchange exchange, Outcome outcome) throws Exception {
        settled.add(outcome);
        responseBody.complete(exchange.responseBody().map(Script::text));
        reachedSettling.complete(null);
        return responseBytes == 0 ? Decision.proceed() : settling.get(20, TimeUnit.SECONDS);
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }
}
