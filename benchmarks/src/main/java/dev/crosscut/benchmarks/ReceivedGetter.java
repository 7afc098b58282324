package dev.crosscut.benchmarks;

import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.instrumentation.api.semconv.http.HttpServerAttributesGetter;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How OpenTelemetry reads a request that was received. */
final class ReceivedGetter implements HttpServerAttributesGetter<Received, Received>, TextMapGetter<Received> {

    @Override
    public @Nullable String get(@Nullable Received request, String name) {
        List<String> values = request == null ? List.of() : request.headers(name);
        return values.isEmpty() ? null : values.get(0);
    }

    @Override
    public Iterator<String> getAll(@Nullable Received request, String name) {
        return request == null
                ? List.<String>of().iterator()
                : request.headers(name).iterator();
    }

    @Override
    public String getHttpRequestMethod(Received request) {
        return request.method;
    }

    @Override
    public List<String> getHttpRequestHeader(Received request, String name) {
        return request.headers(name);
    }

    @Override
    public Integer getHttpResponseStatusCode(Received request, Received answer, @Nullable Throwable error) {
        return answer.status;
    }

    @Override
    public List<String> getHttpResponseHeader(Received request, Received answer, String name) {
        return List.of();
    }

    @Override
    public String getUrlScheme(Received request) {
        return request.scheme;
    }

    @Override
    public String getUrlPath(Received request) {
        return request.path;
    }

    @Override
    public String getUrlQuery(Received request) {
        return request.query;
    }

    @Override
    public String getNetworkProtocolName(Received request, @Nullable Received answer) {
        return "http";
    }

    @Override
    public String getNetworkProtocolVersion(Received request, @Nullable Received answer) {
        return request.version;
    }

    @Override
    public String getNetworkPeerAddress(Received request, @Nullable Received answer) {
        return request.peer;
    }

    @Override
    public Integer getNetworkPeerPort(Received request, @Nullable Received answer) {
        return request.peerPort;
    }
}
