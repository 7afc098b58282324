package dev.crosscut.samples.quickstart;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code GET /metrics}: what was measured, for Prometheus to scrape; with traces where it asks for OpenMetrics. */
final class MetricsServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final String OPEN_METRICS = "application/openmetrics-text";

    private final transient PrometheusMeterRegistry registry;

    MetricsServlet(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String accept = request.getHeader("Accept");
        String type = accept != null && accept.contains(OPEN_METRICS)
                ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
        response.setContentType(type);
        registry.scrape(response.getOutputStream(), type);
    }
}
