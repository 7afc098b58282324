package dev.crosscut.jdkhttpclient;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Reads a request body up to a bound, once; a publisher need not be able to publish twice. */
final class RequestBody implements Flow.Subscriber<ByteBuffer> {

    private final BodyPublisher publisher;
    private final int limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<Optional<byte[]>> whole = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    RequestBody(BodyPublisher publisher, int limit) {
        this.publisher = publisher;
        this.limit = limit;
    }

    void read() {
        try {
            publisher.subscribe(this);
        } catch (Throwable e) {
            whole.completeExceptionally(e);
        }
    }

    /** The body to come; nothing where it is longer than the bound. */
    CompletableFuture<Optional<byte[]>> whole() {
        return whole;
    }

    /** Publishes what was read, with the length, or none, that the body was declared to have. */
    BodyPublisher again(byte[] read) {
        BodyPublisher body = BodyPublishers.ofByteArray(read);
        long declared = publisher.contentLength();
        return declared < 0 ? BodyPublishers.fromPublisher(body) : BodyPublishers.fromPublisher(body, declared);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer item) {
        if (whole.isDone()) {
            return;
        }
        if (item.remaining() > limit - bytes.size()) {
            Flow.Subscription open = subscription;
            if (open != null) {
                open.cancel();
            }
            whole.complete(Optional.empty());
            return;
        }
        byte[] next = new byte[item.remaining()];
        item.get(next);
        bytes.writeBytes(next);
    }

    @Override
    public void onError(Throwable failure) {
        whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        whole.complete(Optional.of(bytes.toByteArray()));
    }
}
