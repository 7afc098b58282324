package dev.crosscut.samples.quickstart;

import dev.crosscut.idempotency.IdempotentRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

    /** Paying to this account takes its time, once the ledger has booked it. */
    private static final String SLOW = "acct-slow";

    private static final Duration SLOWNESS = Duration.ofSeconds(2);

    private final Map<String, Payment> payments = new ConcurrentHashMap<>();
    private final LedgerClient ledger;
    private final Executor background;

    PaymentService(LedgerClient ledger, Executor background) {
        this.ledger = ledger;
        this.background = background;
    }

    /** Under an idempotency key the payment has the same id, and the ledger the same key, however often it is tried. */
    Payment pay(PaymentRequest request) throws InterruptedException {
        Optional<IdempotentRun> run = IdempotentRun.current();
        String id = run.map(owner -> owner.downstreamKey("id")).orElseGet(PaymentService::random);
        Payment payment = request.checked("pay-" + UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)));
        ledger.book(payment, run.map(owner -> owner.downstreamKey("ledger")).orElseGet(PaymentService::random));
        if (payment.to().equals(SLOW)) {
            Thread.sleep(SLOWNESS.toMillis());
        }
        payments.put(payment.id(), payment);
        LOG.info("paid {} {} to {} as {}", payment.amount(), payment.currency(), payment.to(), payment.id());
        background.execute(() -> LOG.info("sent the receipt for {}", payment.id()));
        return payment;
    }

    private static String random() {
        return UUID.randomUUID().toString();
    }

    Optional<Payment> find(String id) {
        return Optional.ofNullable(payments.get(id));
    }
}
