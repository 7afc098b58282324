package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.tck.RecordingObserver;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DispatchTest extends ServiceTest {

    private static final String ID = "X-Correlation-ID";

    private final RecordingObserver second = new RecordingObserver();
    private final Crosscut secondCrosscut =
            Crosscut.builder().discoverPlugins(false).observer(second).build();

    private static final class OrderConflict extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Unavailable extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException {
            throw request.getParameter("permanent") == null
                    ? new UnavailableException("back soon", 1)
                    : new UnavailableException("gone");
        }
    }

    /** Paths under {@code /twice} have another filter, {@code /two} one of another Crosscut, {@code /sub} the only one. */
    @Override
    Service start() throws Exception {
        String query = Servers.SERVLET_6_1 ? "?of=the+page" : ""; // before that, nothing has the query that was sent
        Map<Object, String> errorPages =
                Map.of(OrderConflict.class, "/plain/conflict", 418, "/plain/teapot", 419, "/sub/error-page" + query);
        Service started = Service.start(container, errorPages, (context, crosscut) -> {
            CrosscutFilter filter = new CrosscutFilter(crosscut);
            Filter between = (request, response, chain) -> {
                chain.doFilter(request, response);
                if (!request.isAsyncStarted()) {
                    response.getWriter().print(" between");
                }
            };
            for (String path : List.of("/plain/*", "/held/*", "/both/*")) {
                Service.register(context, new CrosscutFilter(crosscut), path);
            }
            Service.register(context, between, "/held/twice/*");
            Service.register(context, between, "/plain/twice/*");
            Service.register(context, new CrosscutFilter(crosscut), "/held/twice/*");
            Service.register(context, new CrosscutFilter(crosscut), "/plain/twice/*");
            Service.register(context, new CrosscutFilter(secondCrosscut), "/plain/two/*");
            Service.register(context, new CrosscutFilter(secondCrosscut), "/held/two/*");
            Service.register(context, filter, "/sub/*");
            var unavailable = context.addServlet("unavailable", new Unavailable());
            unavailable.addMapping("/plain/unavailable");
            var gone = context.addServlet("gone", new Unavailable());
            gone.addMapping("/plain/gone");
        });
        started.on("conflict", (request, response) -> {
            response.setStatus(409);
            response.getWriter().print("conflict " + Correlation.current().orElse("none"));
        });
        started.on("teapot", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ERROR) {
                response.getWriter().print("teapot " + Correlation.current().orElse("none"));
            }
        });
        return started;
    }

    private Outcome outcome(String path) {
        return service.recorded(path).outcome().orElseThrow();
    }

    // Two filters in a chain

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_second_filter_runs_within_the_exchange_of_the_first(String mode) throws Exception {
        service.on("sync", (request, response) -> response.getWriter().print("handler"));
        service.on("back", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch();
            } else {
                response.getWriter().print("handler");
            }
        });

        for (String name : List.of("sync", "back")) {
            String path = mode + "twice/" + name;
            assertThat(service.get(path).text()).isEqualTo("handler between");
            assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
            assertThat(service.guard.settled(path)).hasSize(1);
        }
        assertThat(service.guard.settled("/held/twice/sync").stream().map(TestGuard.Settled::response))
                .allMatch(body -> body.equals(Optional.of("handler between")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_second_filter_of_another_crosscut_leaves_the_request_to_the_first(String mode) throws Exception {
        String path = mode + "two/crosscuts";
        service.on("crosscuts", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.start(() -> {
                try {
                    response.getWriter().print(Correlation.current().orElse("none"));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                context.complete();
            });
        });

        Wire.Response response = service.get(path, ID + ": first");

        assertThat(response.text()).isEqualTo("first");
        assertThat(response.header(ID)).containsExactly("first");
        assertThat(second.exchanges()).isEmpty();
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
    }

    // A filter for some paths only

    private static String target() {
        Exchange exchange = Exchange.current().orElseThrow();
        return exchange.path().orElseThrow()
                + exchange.query().map(query -> "?" + query).orElse("");
    }

    @Test
    void a_request_that_the_filter_first_meets_as_a_forward_is_an_exchange_with_the_target_that_was_sent()
            throws Exception {
        service.on("outside", (request, response) -> {
            assertThat(Exchange.current()).isEmpty();
            request.getRequestDispatcher("/sub/inside?of=the+forward").forward(request, response);
        });
        service.on("inside", (request, response) -> response.getWriter().print(target()));

        assertThat(service.get("/outside?a=%20b").text()).isEqualTo("/outside?a=%20b");
        assertThat(outcome("/outside")).isEqualTo(Outcome.completed(200));
        assertThat(service.get("/outside").text()).isEqualTo("/outside");
    }

    @Test
    void a_request_that_the_filter_first_meets_as_a_dispatch_back_is_an_exchange_with_the_target_that_was_sent()
            throws Exception {
        service.on(
                "outside-back",
                (request, response) -> request.startAsync().dispatch("/sub/inside-back?of=the+dispatch"));
        service.on("inside-back", (request, response) -> response.getWriter().print(target()));

        assertThat(service.get("/outside-back?a=%20b").text()).isEqualTo("/outside-back?a=%20b");
        assertThat(outcome("/outside-back")).isEqualTo(Outcome.completed(200));
        assertThat(service.get("/outside-back").text()).isEqualTo("/outside-back");
    }

    @Test
    void a_request_that_the_filter_first_meets_as_an_error_is_an_exchange_with_the_target_that_was_sent()
            throws Exception {
        service.on("outside-error", (request, response) -> response.sendError(419));
        service.on("error-page", (request, response) -> response.getWriter().print(target()));

        Wire.Response response = service.get("/outside-error?a=%20b");

        assertThat(response.text()).isEqualTo("/outside-error?a=%20b");
        assertThat(response.status()).isEqualTo(419);
        assertThat(response.header(ID)).hasSize(1);
        assertThat(outcome("/outside-error")).isEqualTo(Outcome.completed(419));
    }

    @Test
    void includes_of_a_request_that_the_filter_has_not_met_are_one_exchange() throws Exception {
        service.on("including", (request, response) -> {
            request.getRequestDispatcher("/sub/part?of=the+include").include(request, response);
            request.getRequestDispatcher("/sub/part?of=the+include").include(request, response);
        });
        service.on("part", (request, response) -> response.getWriter().print(target() + " "));

        assertThat(service.get("/including?a=%20b").text()).isEqualTo("/including?a=%20b /including?a=%20b ");
        assertThat(outcome("/including")).isInstanceOf(Outcome.Completed.class);
    }

    // Errors

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_error_page_for_a_status_runs_within_the_exchange_and_keeps_its_id(String mode) throws Exception {
        service.on("sends", (request, response) -> response.sendError(418));

        Wire.Response response = service.get(mode + "sends", ID + ": brewing");

        assertThat(response.status()).isEqualTo(418);
        assertThat(response.text()).isEqualTo("teapot brewing");
        assertThat(response.header(ID)).containsExactly("brewing");
        assertThat(outcome(mode + "sends")).isEqualTo(Outcome.completed(418));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_error_page_for_a_type_of_exception_runs_within_the_exchange_and_keeps_its_id(String mode) throws Exception {
        service.on("conflicts", (request, response) -> {
            response.reset();
            throw new OrderConflict();
        });

        Wire.Response response = service.get(mode + "conflicts", ID + ": conflicting");

        assertThat(response.status()).isEqualTo(409);
        assertThat(response.text()).isEqualTo("conflict conflicting");
        assertThat(response.header(ID)).containsExactly("conflicting");
        // The exchange has ended before the error page says otherwise.
        assertThat(outcome(mode + "conflicts")).isInstanceOf(Outcome.Failed.class);
        assertThat(outcome(mode + "conflicts").status()).hasValue(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_error_page_that_fails_itself_ends_nothing_twice(String mode) throws Exception {
        service.on("error-fails", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.setAttribute("fails", true);
                response.sendError(418);
            }
        });
        service.on("teapot", (request, response) -> {
            if (request.getAttribute("fails") != null) {
                response.sendError(400);
            } else if (request.getDispatcherType() == DispatcherType.ERROR) {
                response.getWriter().print("teapot " + Correlation.current().orElse("none"));
            }
        });

        assertThat(service.get(mode + "error-fails").status()).isGreaterThanOrEqualTo(400);
        assertThat(outcome(mode + "error-fails")).isEqualTo(Outcome.completed(418));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void the_error_pages_of_the_container_itself_keep_the_id(String mode) throws Exception {
        service.on("errs", (request, response) -> response.sendError(400));
        service.on("throws", (request, response) -> {
            response.setHeader("X-Before", "yes");
            response.getOutputStream().print("void");
            throw new IllegalStateException("on purpose");
        });
        service.on("throws-after-reset", (request, response) -> {
            response.reset();
            throw new IllegalStateException("on purpose");
        });
        service.on("fails-later", (request, response) -> {
            request.startAsync();
            throw new IllegalStateException("on purpose");
        });

        assertThat(service.get(mode + "errs", ID + ": kept").header(ID)).containsExactly("kept");
        assertThat(service.get(mode + "throws", ID + ": kept").header(ID)).containsExactly("kept");
        assertThat(service.get(mode + "throws-after-reset", ID + ": kept").header(ID))
                .containsExactly("kept");
        if (Servers.SERVLET_6_1) { // Tomcat 10.1 closes the connection, with or without a filter
            assertThat(service.get(mode + "fails-later", ID + ": kept").header(ID))
                    .containsExactly("kept");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_handler_that_resets_its_response_keeps_the_id(String mode) throws Exception {
        service.on("resets", (request, response) -> {
            response.reset();
            response.getWriter().print("anew");
        });

        Wire.Response response = service.get(mode + "resets", ID + ": kept");

        assertThat(response.text()).isEqualTo("anew");
        assertThat(response.header(ID)).containsExactly("kept");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_handler_may_set_the_header_of_the_id_itself(String mode) throws Exception {
        service.on("sets-id", (request, response) -> response.setHeader(ID.toLowerCase(java.util.Locale.ROOT), "own"));

        assertThat(service.get(mode + "sets-id", ID + ": sent").header(ID)).containsExactly("own");
    }

    /** Jetty turns the exception into an error by itself, before any filter sees it. */
    @Test
    void a_servlet_that_is_unavailable_ends_the_exchange_with_the_status_that_the_container_sends() throws Exception {
        assertThat(service.get("/plain/unavailable").status()).isEqualTo(503);
        assertThat(outcome("/plain/unavailable").status()).hasValue(503);

        assertThat(service.get("/plain/gone?permanent").status()).isEqualTo(404);
        assertThat(outcome("/plain/gone").status()).hasValue(404);
    }

    @Test
    void an_error_dispatch_has_the_attributes_of_the_container() throws Exception {
        service.on("attributes", (request, response) -> response.sendError(418, "why"));
        service.on("teapot", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ERROR) {
                response.getWriter()
                        .print(request.getAttribute(RequestDispatcher.ERROR_MESSAGE) + " "
                                + request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) + " "
                                + Exchange.current()
                                        .flatMap(e -> e.get(Key.CORRELATION_ID))
                                        .isPresent());
            }
        });

        assertThat(service.get("/held/attributes").text()).isEqualTo("why /held/attributes true");
    }
}
