package dev.crosscut.samples.quickstart;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/** {@code POST /payments} and {@code GET /payments/{id}}. */
final class PaymentsServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private final transient PaymentService service;

    PaymentsServlet(PaymentService service) {
        this.service = service;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        try {
            super.service(request, response);
        } catch (ProblemException e) {
            Json.problem(response, e.status(), e.title(), e.detail());
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (request.getPathInfo() != null) {
            response.setHeader("Allow", "GET");
            response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        try {
            Payment payment = service.pay(Json.read(request, PaymentRequest.class));
            response.setHeader("Location", "/payments/" + payment.id());
            Json.write(response, 201, payment);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServletException("interrupted while the ledger was called", e);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getPathInfo();
        if (path == null) {
            response.setHeader("Allow", "POST");
            response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        Optional<Payment> payment = service.find(path.substring(1));
        if (payment.isPresent()) {
            Json.write(response, 200, payment.get());
        } else {
            Json.problem(response, 404, "There is no such payment", "Expected the id that POST /payments answered.");
        }
    }
}
