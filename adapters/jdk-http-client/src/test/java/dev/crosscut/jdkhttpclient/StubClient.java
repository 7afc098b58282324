package dev.crosscut.jdkhttpclient;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A client that sends nothing: it notes what it is asked, by the names of its methods, and keeps what it is given. */
class StubClient extends HttpClient {

    final List<String> asked = new ArrayList<>();
    final List<HttpRequest> requests = new ArrayList<>();
    final CompletableFuture<PushPromiseHandler<?>> pushed = new CompletableFuture<>();
    final SSLContext context;

    StubClient() throws Exception {
        context = SSLContext.getDefault();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        asked.add("cookieHandler");
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        asked.add("connectTimeout");
        return Optional.of(Duration.ofSeconds(7));
    }

    @Override
    public Redirect followRedirects() {
        asked.add("followRedirects");
        return Redirect.ALWAYS;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        asked.add("proxy");
        return Optional.of(NO_PROXY);
    }

    static final ProxySelector NO_PROXY = ProxySelector.of(null);

    @Override
    public SSLContext sslContext() {
        asked.add("sslContext");
        return context;
    }

    @Override
    public SSLParameters sslParameters() {
        asked.add("sslParameters");
        return context.getDefaultSSLParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        asked.add("authenticator");
        return Optional.empty();
    }

    @Override
    public Version version() {
        asked.add("version");
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        asked.add("executor");
        return Optional.of(Runnable::run);
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        asked.add("newWebSocketBuilder");
        return HttpClient.newHttpClient().newWebSocketBuilder();
    }

    public void shutdown() {
        asked.add("shutdown");
    }

    public boolean awaitTermination(Duration duration) throws InterruptedException {
        asked.add("awaitTermination");
        if (duration.isNegative()) {
            throw new InterruptedException("as asked");
        }
        return true;
    }

    public boolean isTerminated() {
        asked.add("isTerminated");
        return true;
    }

    public void shutdownNow() {
        asked.add("shutdownNow");
    }

    public void close() {
        asked.add("close");
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        requests.add(request);
        return new CompletableFuture<>();
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, PushPromiseHandler<T> pushPromiseHandler) {
        requests.add(request);
        pushed.complete(pushPromiseHandler);
        return new CompletableFuture<>();
    }
}
