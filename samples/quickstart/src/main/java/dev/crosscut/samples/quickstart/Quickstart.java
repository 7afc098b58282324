package dev.crosscut.samples.quickstart;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.SettingsException;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.metrics.ExchangeSpanContext;
import dev.crosscut.metrics.MetricsPlugin;
import dev.crosscut.servlet.CrosscutFilter;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Starts the two services, says on stderr what to try, and leaves stdout to the log. */
public final class Quickstart {

    private static final int DEFAULT_PORT = 8080;

    private Quickstart() {}

    /**
     * Runs until it is told to stop.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        try {
            int port = port(System.getenv("PORT"));

            // Crosscut, all of it
            PrometheusMeterRegistry registry = new PrometheusMeterRegistry(
                    PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, new ExchangeSpanContext());
            Crosscut crosscut = Crosscut.builder()
                    .plugin(new MetricsPlugin(registry))
                    .observer(new Tenants())
                    .build();
            CrosscutFilter filter = new CrosscutFilter(crosscut);
            HttpClient http = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);
            ExecutorService background = Propagation.wrap(Executors.newFixedThreadPool(2));

            WebServer ledger = WebServer.start(0, filter, new LedgerServlet(), "/entries");
            PaymentService service = new PaymentService(new LedgerClient(http, ledger.uri()), background);
            PaymentsServlet servlet = new PaymentsServlet(service);
            WebServer payments = WebServer.start(
                    port,
                    filter,
                    Map.of("/payments", servlet, "/payments/*", servlet, "/metrics", new MetricsServlet(registry)));

            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                payments.stop();
                stop(background);
                ledger.stop();
                crosscut.close();
                registry.close();
            }));
            System.err.println(welcome(payments.uri(), ledger.uri()));
        } catch (IllegalArgumentException | IOException | SettingsException e) {
            System.err.println("The quickstart cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void stop(ExecutorService background) {
        background.shutdown();
        try {
            if (!background.awaitTermination(5, TimeUnit.SECONDS)) {
                LoggerFactory.getLogger(Quickstart.class).warn("some receipts were not sent within 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where to listen, as the environment says. */
    static int port(String text) {
        if (text == null || text.isBlank()) {
            return DEFAULT_PORT;
        }
        if (!text.strip().matches("\\d{1,5}") || Integer.parseInt(text.strip()) > 65535) {
            throw new IllegalArgumentException(
                    "PORT (environment) is '" + text + "'; expected a number from 0 (any free port) to 65535");
        }
        return Integer.parseInt(text.strip());
    }

    private static String welcome(URI payments, URI ledger) {
        return """

                Crosscut quickstart

                  payments   %1$s
                  ledger     %2$s   (called by payments)

                Try, in another terminal:

                  curl -i %1$s/health
                  curl -i %1$s/payments -H 'X-Correlation-ID: my-first-id' \\
                       -d '{"amount": 1250, "currency": "EUR", "to": "acct-2"}'
                  curl -i %1$s/payments/<the id that it answered>
                  curl -i %1$s/payments -d '{"amount": -1}'
                  curl -i %1$s/payments -d '{"amount": 1, "currency": "EUR", "to": "acct-closed"}'
                  curl -i %1$s/payments -H 'X-Tenant: acme' \\
                       -d '{"amount": 1250, "currency": "EUR", "to": "acct-2"}'
                  curl -i %1$s/payments -H 'Idempotency-Key: "k-1"' \\
                       -d '{"amount": 1250, "currency": "EUR", "to": "acct-2"}'   (twice)
                  curl %1$s/metrics

                Each line of the log below that a request caused carries its correlation id,
                on both services and on each thread. Ctrl-C stops.
                """.formatted(payments, ledger);
    }
}
