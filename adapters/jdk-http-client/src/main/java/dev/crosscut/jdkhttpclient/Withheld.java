package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import java.net.http.HttpResponse;
import java.util.concurrent.Flow;

/** A response that the caller never gets, because a guard answered when it settled. */
final class Withheld {

    private Withheld() {}

    /** Closes the response's body, which would otherwise keep its connection, and says what to throw instead. */
    static RefusedException refused(Exchange exchange, Reply reply, HttpResponse<?> response) {
        RefusedException refused = new RefusedException(exchange, reply);
        try {
            Object body = response.body();
            if (body instanceof AutoCloseable open) {
                open.close();
            } else if (body instanceof Flow.Publisher<?> publisher) {
                publisher.subscribe(new Cancelling());
            }
        } catch (Throwable e) {
            refused.addSuppressed(e);
        }
        return refused;
    }

    private static final class Cancelling implements Flow.Subscriber<Object> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(Object item) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }
}
