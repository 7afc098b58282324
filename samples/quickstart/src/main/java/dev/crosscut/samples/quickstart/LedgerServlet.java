package dev.crosscut.samples.quickstart;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /entries}: the ledger service. */
final class LedgerServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger("ledger");

    private static final String CLOSED = "acct-closed";

    private final AtomicLong entries = new AtomicLong();

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            Payment payment = Json.read(request, Payment.class);
            if (payment.to().equals(CLOSED)) {
                throw new ProblemException(409, "The account is closed", "Nothing was booked.");
            }
            long entry = entries.incrementAndGet();
            LOG.info("booked {} {} as entry {}", payment.amount(), payment.currency(), entry);
            Json.write(response, 201, Map.of("entry", entry));
        } catch (ProblemException e) {
            Json.problem(response, e.status(), e.title(), e.detail());
        }
    }
}
