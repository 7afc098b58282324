package dev.crosscut.samples.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger service, as the payments service sees it. */
final class LedgerClient {

    private static final Logger LOG = LoggerFactory.getLogger("payments");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient http;
    private final URI ledger;

    LedgerClient(HttpClient http, URI ledger) {
        this.http = http;
        this.ledger = ledger;
    }

    void book(Payment payment, String key) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(ledger.resolve("/entries"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", '"' + key + '"')
                .POST(BodyPublishers.ofByteArray(Json.bytes(payment)))
                .build();
        LOG.debug("asks the ledger to book {} {} to {}", payment.amount(), payment.currency(), payment.to());
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            LOG.debug("the ledger answered {}", response.statusCode());
            if (response.statusCode() != 201) {
                LOG.warn("the ledger answered {} for {}: {}", response.statusCode(), payment.id(), response.body());
                throw new ProblemException(502, "The ledger refused the payment", "The payment was not booked.");
            }
        } catch (IOException e) {
            LOG.warn("the ledger could not be reached for {}", payment.id(), e);
            throw new ProblemException(
                    503, "The ledger cannot be reached", "Whether the payment was booked is not known.");
        }
    }
}
