package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Sends each request as an exchange; all else is the delegate's. */
final class WrappedClient extends HttpClient {

    private final HttpClient delegate;
    private final Crosscut crosscut;

    WrappedClient(HttpClient delegate, Crosscut crosscut) {
        this.delegate = delegate;
        this.crosscut = crosscut;
    }

    boolean isFor(Crosscut pipeline) {
        return crosscut == pipeline;
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        ClientExchange exchange = new ClientExchange(request, delegate);
        BodyHandler<T> callers = CallersHandlers.of(handler, exchange);
        Call call = crosscut.begin(exchange);
        Optional<Reply> answer = call.answer();
        if (answer.isPresent()) {
            call.end(Outcome.completed());
            throw new RefusedException(exchange, answer.get());
        }
        HttpResponse<T> response;
        Outcome outcome;
        try {
            response = delegate.send(exchange.request(), callers);
            outcome = exchange.responded(response);
        } catch (Throwable e) {
            call.end(Outcome.failed(e));
            throw e;
        }
        Optional<Reply> refusal;
        try {
            refusal = call.settle(outcome);
        } finally {
            call.end(outcome);
        }
        if (refusal.isPresent()) {
            throw Withheld.refused(exchange, refusal.get(), response);
        }
        return response;
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        ClientExchange exchange = new ClientExchange(request, delegate);
        BodyHandler<T> callers = CallersHandlers.of(handler, exchange);
        return begin(exchange, () -> delegate.sendAsync(exchange.request(), callers));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushed) {
        ClientExchange exchange = new ClientExchange(request, delegate);
        BodyHandler<T> callers = CallersHandlers.of(handler, exchange);
        PushPromiseHandler<T> callersPushed = pushed == null ? null : CallersHandlers.of(pushed);
        return begin(exchange, () -> delegate.sendAsync(exchange.request(), callers, callersPushed));
    }

    private <T> CompletableFuture<HttpResponse<T>> begin(
            ClientExchange exchange, Supplier<CompletableFuture<HttpResponse<T>>> delegated) {
        AsyncCall<T> call = new AsyncCall<>(exchange, delegated);
        crosscut.beginAsync(exchange).whenComplete(Propagation.wrapConsumer(call::begun));
        return Propagation.wrap(call.result());
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return delegate.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return delegate.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return delegate.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return delegate.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return delegate.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return delegate.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return delegate.authenticator();
    }

    @Override
    public Version version() {
        return delegate.version();
    }

    @Override
    public Optional<Executor> executor() {
        return delegate.executor();
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return delegate.newWebSocketBuilder();
    }

    // What HttpClient has since Java 21: these override it there, and to the compiler, which knows Java 17, are methods
    // like
    // any other.

    public void shutdown() {
        SinceJava21.call(delegate, "shutdown");
    }

    public boolean awaitTermination(Duration duration) throws InterruptedException {
        return SinceJava21.<Boolean, InterruptedException>call(delegate, "awaitTermination", duration);
    }

    public boolean isTerminated() {
        return SinceJava21.<Boolean, RuntimeException>call(delegate, "isTerminated");
    }

    public void shutdownNow() {
        SinceJava21.call(delegate, "shutdownNow");
    }

    public void close() {
        SinceJava21.call(delegate, "close");
    }

    @Override
    public String toString() {
        return "wrapped " + delegate;
    }
}
