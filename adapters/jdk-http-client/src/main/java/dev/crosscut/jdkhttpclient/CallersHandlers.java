package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Propagation;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a caller hands in with a request, run within the exchange that is current for the caller. */
final class CallersHandlers {

    private CallersHandlers() {}

    /** A body handler that also tells the exchange of the response's head. */
    static <T> BodyHandler<T> of(BodyHandler<T> handler, ClientExchange exchange) {
        BodyHandler<T> callers = of(handler);
        return head -> {
            exchange.responded(head.statusCode(), head.headers(), head.version());
            return callers.apply(head);
        };
    }

    private static <T> BodyHandler<T> of(BodyHandler<T> handler) {
        Objects.requireNonNull(handler, "handler");
        Function<ResponseInfo, BodySubscriber<T>> callers =
                Propagation.wrapFunction(head -> new CallersSubscriber<>(handler.apply(head)));
        return callers::apply;
    }

    static <T> PushPromiseHandler<T> of(PushPromiseHandler<T> handler) {
        Consumer<Runnable> caller = Propagation.wrapConsumer(Runnable::run);
        return (request, pushed, acceptor) -> caller.accept(() ->
                handler.applyPushPromise(request, pushed, accepted -> Propagation.wrap(acceptor.apply(of(accepted)))));
    }

    /** Made where the exchange of the caller is current. */
    private static final class CallersSubscriber<T> implements BodySubscriber<T> {

        private final BodySubscriber<T> subscriber;
        private final Consumer<Runnable> caller = Propagation.wrapConsumer(Runnable::run);
        private final Supplier<CompletionStage<T>> body;

        CallersSubscriber(BodySubscriber<T> subscriber) {
            this.subscriber = Objects.requireNonNull(subscriber, "the subscriber that the body handler returned");
            this.body = Propagation.wrapSupplier(subscriber::getBody);
        }

        @Override
        public CompletionStage<T> getBody() {
            return body.get();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            caller.accept(() -> subscriber.onSubscribe(subscription));
        }

        @Override
        public void onNext(List<ByteBuffer> item) {
            caller.accept(() -> subscriber.onNext(item));
        }

        @Override
        public void onError(Throwable failure) {
            caller.accept(() -> subscriber.onError(failure));
        }

        @Override
        public void onComplete() {
            caller.accept(subscriber::onComplete);
        }
    }
}
