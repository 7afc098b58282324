package dev.crosscut.samples.quickstart;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes payments: books each in the ledger, then sends a receipt without keeping the client waiting. */
final class PaymentService {

    private static final Logger LOG = LoggerFactory.getLogger("payments");

    private final Map<String, Payment> payments = new ConcurrentHashMap<>();
    private final LedgerClient ledger;
    private final Executor background;

    PaymentService(LedgerClient ledger, Executor background) {
        this.ledger = ledger;
        this.background = background;
    }

    Payment pay(PaymentRequest request) throws InterruptedException {
        Payment payment = request.checked("pay-" + UUID.randomUUID());
        ledger.book(payment);
        payments.put(payment.id(), payment);
        LOG.info("paid {} {} to {} as {}", payment.amount(), payment.currency(), payment.to(), payment.id());
        background.execute(() -> LOG.info("sent the receipt for {}", payment.id()));
        return payment;
    }

    Optional<Payment> find(String id) {
        return Optional.ofNullable(payments.get(id));
    }
}
