package dev.crosscut.benchmarks;

import dev.crosscut.core.Exchange;
import java.util.List;

/** An incoming request with at most one header, and a response with at most one. */
final class Request extends Exchange {

    private final List<String> correlationId;
    private String echoed = "";

    /** A request with these values of {@code X-Correlation-ID}. */
    Request(List<String> correlationId) {
        super(Kind.SERVER);
        this.correlationId = correlationId;
    }

    @Override
    public String protocol() {
        return "benchmark";
    }

    @Override
    public String operation() {
        return "request";
    }

    @Override
    public List<String> requestHeaders(String name) {
        return name.equalsIgnoreCase("X-Correlation-ID") ? correlationId : List.of();
    }

    @Override
    public void responseHeader(String name, String value) {
        echoed = value;
    }

    String echoed() {
        return echoed;
    }
}
