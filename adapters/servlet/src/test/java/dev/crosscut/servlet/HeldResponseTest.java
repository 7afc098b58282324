package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import jakarta.servlet.Filter;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldResponseTest extends ServiceTest {

    private static final Reply REPLY = new Reply(
            503,
            Map.of("Content-Type", List.of("text/plain"), "X-Reply", List.of("a", "b"), "Set-Cookie", List.of("r=1")),
            ByteBuffer.wrap("replaced".getBytes(StandardCharsets.UTF_8)));

    /** With a filter before Crosscut that sets header fields. */
    @Override
    Service start() throws Exception {
        Filter outer = (request, response, chain) -> {
            HttpServletResponse http = (HttpServletResponse) response;
            http.setHeader("X-Outer", "kept");
            http.addHeader("X-Reply", "of the outer filter");
            http.addCookie(new Cookie("outer", "1"));
            http.addCookie(new Cookie("outer2", "2"));
            chain.doFilter(request, response);
        };
        return Service.start(container, Map.of(Servers.ANY_ERROR, "/error"), (context, crosscut) -> {
            Service.register(context, outer, "/held/replaced/*");
            Service.register(context, new CrosscutFilter(crosscut), "/*");
        });
    }

    private Optional<String> settledBody(String path) {
        assertThat(service.guard.settled(path)).hasSize(1);
        return service.guard.settled(path).get(0).response();
    }

    private Outcome outcome(String path) {
        return service.recorded(path).outcome().orElseThrow();
    }

    // In place of the handler's response

    @Test
    void an_answer_keeps_what_outer_filters_set_and_drops_what_the_handler_did() throws Exception {
        String path = "/held/replaced/headers";
        service.guard.settleWith(path, Decision.answer(REPLY));
        service.on("headers", (request, response) -> {
            Exchange.current().orElseThrow().responseHeader("X-Exchange", "kept");
            response.setStatus(201);
            response.setHeader("X-Handler", "dropped");
            response.addCookie(new Cookie("handler", "dropped"));
            response.setHeader("Content-Encoding", "gzip");
            response.setContentType("application/gzip");
            response.setContentLength(5);
            response.setTrailerFields(() -> Map.of("X-Trailer", "dropped"));
            response.getOutputStream().print("12345");
        });

        Wire.Response response = service.post(path, "x", "X-Correlation-ID: replaced");

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).isEqualTo("replaced");
        assertThat(response.header("X-Outer")).containsExactly("kept");
        assertThat(response.header("X-Exchange")).containsExactly("kept");
        assertThat(response.header("X-Correlation-ID")).containsExactly("replaced");
        assertThat(response.header("X-Reply")).containsExactly("a", "b");
        assertThat(response.header("Set-Cookie")).containsExactly("outer=1", "outer2=2", "r=1");
        assertThat(response.header("X-Handler")).isEmpty();
        assertThat(response.header("Content-Encoding")).isEmpty();
        assertThat(response.header("Content-Length")).containsExactly("8");
        assertThat(response.header("Content-Type")).singleElement().asString().startsWith("text/plain");
        assertThat(response.header("Server").size()).isLessThan(2);
        assertThat(response.header("Date")).hasSize(1);
        assertThat(response.trailers()).isEmpty();
        assertThat(outcome(path)).isInstanceOf(Outcome.Answered.class);
    }

    /** As where a handler waits to complete it while a guard answers its time-out. */
    @Test
    void a_response_that_a_guard_has_answered_stays_finished_whatever_the_handler_does() throws Exception {
        String path = "/held/expired-then-finished";
        service.guard.settleWith(path, Decision.answer(REPLY));
        CompletableFuture<Boolean> finished = new CompletableFuture<>();
        service.on("expired-then-finished", (request, response) -> {
            HeldResponse held = (HeldResponse) response;
            held.expire(Outcome.failed(new TimeoutException(), 500));
            held.finish();
            finished.complete(held.isFinished());
        });

        assertThat(service.get(path).text()).isEqualTo("replaced");
        assertThat(finished.get()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"writer", "stream", "error", "redirect", "closed", "nothing"})
    void an_answer_takes_the_place_of_whatever_the_handler_did(String what) throws Exception {
        String path = "/held/replaced-" + what;
        service.guard.settleWith(path, Decision.answer(REPLY));
        service.on("replaced-" + what, (request, response) -> {
            switch (what) {
                case "writer" -> response.getWriter().print("never seen");
                case "stream" -> response.getOutputStream().print("never seen");
                case "error" -> response.sendError(400, "never seen");
                case "redirect" -> response.sendRedirect("/never-seen");
                case "closed" -> response.getWriter().close();
                default -> response.setStatus(204);
            }
        });

        Wire.Response response = service.post(path, "x");

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).isEqualTo("replaced");
        assertThat(response.header("Location")).isEmpty();
    }

    @Test
    void a_handler_that_goes_on_after_its_response_was_replaced_cannot_change_the_answer() throws Exception {
        String path = "/held/replaced-midway";
        service.guard.settleWith(path, Decision.answer(REPLY));
        CompletableFuture<Void> checked = new CompletableFuture<>();
        service.on("replaced-midway", (request, response) -> {
            PrintWriter writer = response.getWriter();
            writer.print("x".repeat(TestGuard.BOUND + 1));
            try {
                assertThat(response.isCommitted()).isTrue();
                response.setHeader("X-Late", "yes");
                response.setStatus(200);
                assertThatThrownBy(response::reset).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(response::resetBuffer).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> response.sendError(400)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> response.sendRedirect("/x")).isInstanceOf(IllegalStateException.class);
                writer.print("more");
                response.flushBuffer();
                checked.complete(null);
            } catch (Throwable e) {
                checked.completeExceptionally(e);
            }
            throw new IllegalStateException("on purpose");
        });

        Wire.Response response = service.get(path);

        checked.get();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).isEqualTo("replaced");
        assertThat(response.header("X-Late")).isEmpty();
        assertThat(outcome(path)).isInstanceOf(Outcome.Answered.class);
    }

    // What the guard sees

    @Test
    void a_response_of_just_the_bound_is_held_and_one_byte_more_is_not() throws Exception {
        service.on(
                "bound",
                (request, response) ->
                        response.getOutputStream().print("x".repeat(Integer.parseInt(request.getParameter("n")))));
        service.on("bound-text", (request, response) -> {
            response.setCharacterEncoding("UTF-8");
            response.getWriter().print("é".repeat(Integer.parseInt(request.getParameter("n"))));
        });

        assertThat(service.get("/held/bound?n=" + TestGuard.BOUND).text()).hasSize(TestGuard.BOUND);
        assertThat(settledBody("/held/bound").orElseThrow()).hasSize(TestGuard.BOUND);
        assertThat(service.get("/held/./bound?n=" + (TestGuard.BOUND + 1)).text())
                .hasSize(TestGuard.BOUND + 1);
        assertThat(settledBody("/held/./bound")).isEmpty();

        assertThat(service.get("/held/bound-text?n=" + TestGuard.BOUND / 2).text())
                .hasSize(TestGuard.BOUND / 2);
        assertThat(settledBody("/held/bound-text").orElseThrow()).hasSize(TestGuard.BOUND / 2);
        assertThat(service.get("/held/./bound-text?n=" + (TestGuard.BOUND / 2 + 1))
                        .text())
                .hasSize(TestGuard.BOUND / 2 + 1);
        assertThat(settledBody("/held/./bound-text")).isEmpty();
    }

    @Test
    void text_is_seen_as_the_bytes_that_the_client_gets() throws Exception {
        service.on("text", (request, response) -> {
            response.setContentType("text/plain;charset=UTF-8");
            PrintWriter writer = response.getWriter();
            writer.print("h");
            writer.write('\uD83D');
            writer.write('\uDE00');
            writer.println("é");
            writer.flush();
            writer.append("€").printf("%d", 7);
        });

        String sent = service.get("/held/text").text();

        assertThat(sent).isEqualTo("h😀é" + System.lineSeparator() + "€7");
        assertThat(settledBody("/held/text")).hasValue(sent);
    }

    @Test
    void a_stream_settles_at_its_first_flush_and_passes_through() throws Exception {
        String path = "/held/events";
        CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        service.on("events", (request, response) -> {
            response.setContentType("text/event-stream;charset=utf-8");
            response.getWriter().print("data: 1\n\n");
            response.flushBuffer();
            mayEnd.join();
            response.getWriter().print("data: 2\n\n");
        });
        TestGuard.Gate gate = service.guard.gate(path);

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET " + path));
            gate.awaitReached();
            assertThat(wire.isSilent(200)).isTrue();
            gate.open();
            assertThat(wire.readHead().status()).isEqualTo(200);
            assertThat(mayEnd.isDone()).isFalse();
            mayEnd.complete(null);
        }
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
        assertThat(settledBody(path)).isEmpty();
    }

    // Where a held response differs from the container's own

    @Test
    void a_flush_sends_nothing_so_that_the_response_is_not_committed_and_gets_a_length() throws Exception {
        service.on("flushes", (request, response) -> {
            response.getWriter().print("flushed");
            response.getWriter().flush();
            response.flushBuffer();
            response.setHeader("X-Committed", String.valueOf(response.isCommitted()));
        });

        Wire.Response response = service.get("/held/flushes");

        assertThat(response.header("X-Committed")).containsExactly("false");
        assertThat(response.header("Content-Length")).containsExactly("7");
        assertThat(service.get("/plain/flushes").header("Content-Length")).isEmpty();
    }

    @Test
    void a_handler_that_throws_after_it_wrote_or_flushed_is_answered_like_one_that_did_not() throws Exception {
        service.on("flushes-and-throws", (request, response) -> {
            response.getWriter().print("void");
            response.flushBuffer();
            throw new IllegalStateException("on purpose");
        });
        service.on(
                "error",
                (request, response) -> response.getWriter()
                        .print("error page after " + service.guard.settled("/held/flushes-and-throws")));

        Wire.Response response = service.get("/held/flushes-and-throws");

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text())
                .startsWith("error page after [Settled[outcome=Failed")
                .doesNotContain("void");
    }

    @Test
    void a_handler_that_throws_after_it_sent_an_error_is_answered_with_500() throws Exception {
        service.on("errs-and-throws", (request, response) -> {
            response.sendError(400);
            throw new IllegalStateException("on purpose");
        });

        assertThat(service.get("/held/errs-and-throws").status()).isEqualTo(500);
        assertThat(outcome("/held/errs-and-throws")).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void an_answer_does_not_take_the_place_of_an_exception() throws Exception {
        String path = "/held/throws-answered";
        TestGuard objecting = new TestGuard().settleWith(path, Decision.answer(REPLY));
        try (Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .observer(service.recorder)
                        .guard(objecting)
                        .build();
                Service other = Service.start(
                        container,
                        Map.of(),
                        (context, ignored) -> Service.register(context, new CrosscutFilter(crosscut), "/*"))) {
            other.on("throws-answered", (request, response) -> {
                throw new IllegalStateException("on purpose");
            });

            assertThat(other.get(path).status()).isEqualTo(500);
            assertThat(outcome(path)).isInstanceOf(Outcome.Failed.class);
            assertThat(crosscut.faults()).containsEntry(TestGuard.class.getName(), 1L); // the objection is reported
        }
    }

    @Test
    void what_a_handler_sets_after_it_sent_an_error_is_without_effect() throws Exception {
        service.on("errs-and-sets", (request, response) -> {
            response.sendError(409);
            response.setStatus(200);
            response.setHeader("X-Late", "yes");
            response.addHeader("X-Late", "yes");
            response.setIntHeader("X-Late", 1);
            response.addIntHeader("X-Late", 1);
            response.setDateHeader("X-Late", 1);
            response.addDateHeader("X-Late", 1);
            response.addCookie(new Cookie("late", "yes"));
            response.setContentType("x/late");
            response.setContentLength(1);
            response.setContentLengthLong(1);
            response.setLocale(java.util.Locale.JAPAN);
            response.setCharacterEncoding("UTF-16");
            if (Servers.SERVLET_6_1) {
                response.setCharacterEncoding(StandardCharsets.UTF_16);
            }
            response.getOutputStream().print("late");
        });
        service.on("error", (request, response) -> response.getWriter().print("error page"));

        Wire.Response response = service.get("/held/errs-and-sets");

        assertThat(response.status()).isEqualTo(409);
        assertThat(response.text()).isEqualTo("error page");
        assertThat(response.headers().toString().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("late")
                .doesNotContain("utf-16")
                .doesNotContain("ja");
    }

    @Test
    void the_stream_prints_characters_as_iso_8859_1_as_the_api_itself_does() throws Exception {
        service.on("prints", (request, response) -> {
            response.setCharacterEncoding("ISO-8859-1");
            response.getOutputStream().print("é");
            assertThatThrownBy(() -> response.getOutputStream().print("€"))
                    .isInstanceOf(java.io.CharConversionException.class);
        });

        assertThat(service.get("/held/prints").body()).isEqualTo("é");
    }

    // Settling comes first

    @ParameterizedTest
    @ValueSource(strings = {"redirect", "error", "forward", "head", "no-content"})
    void nothing_is_sent_before_the_guard_has_settled(String what) throws Exception {
        String path = "/held/first-" + what;
        service.on("first-" + what, (request, response) -> {
            switch (what) {
                case "redirect" -> response.sendRedirect("/elsewhere");
                case "error" -> response.sendError(404);
                case "forward" ->
                    request.getRequestDispatcher("/plain/forwarded").forward(request, response);
                case "no-content" -> response.setStatus(204);
                default -> response.getWriter().print("x");
            }
        });
        service.on("forwarded", (request, response) -> response.getWriter().print("forwarded"));
        TestGuard.Gate gate = service.guard.gate(path);

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", (what.equals("head") ? "HEAD " : "GET ") + path));
            gate.awaitReached();
            assertThat(wire.isSilent(150)).isTrue();
            gate.open();
            Wire.Response response = wire.read();
            assertThat(response.status())
                    .isEqualTo(
                            switch (what) {
                                case "redirect" -> 302;
                                case "error" -> 404;
                                case "no-content" -> 204;
                                default -> 200;
                            });
            assertThat(outcome(path)).isEqualTo(Outcome.completed(response.status()));
        }
    }

    @Test
    void a_forward_replaces_what_was_written_and_is_seen_by_the_guard() throws Exception {
        service.on("forwards", (request, response) -> {
            response.getWriter().print("void");
            request.getRequestDispatcher("/plain/target").forward(request, response);
            response.getWriter().print("late");
        });
        service.on("target", (request, response) -> response.getWriter().print("forwarded"));

        assertThat(service.get("/held/forwards").text()).isEqualTo("forwarded");
        assertThat(settledBody("/held/forwards")).hasValue("forwarded");
    }

    @Test
    void what_the_guard_sets_on_the_response_while_it_settles_is_sent() throws Exception {
        // as a guard that counts what is left of a quota does
        Guard setting = new Guard() {
            @Override
            public Phase phase() {
                return Phase.RECORD;
            }

            @Override
            public Decision admit(Exchange exchange) {
                return Decision.proceed();
            }

            @Override
            public Decision settle(Exchange exchange, Outcome outcome) {
                exchange.responseHeader("X-Settled", outcome.status().toString());
                return Decision.proceed();
            }

            @Override
            public int responseBytes(Exchange exchange) {
                return 100;
            }
        };
        try (Crosscut crosscut = Crosscut.builder()
                        .discoverPlugins(false)
                        .guard(setting)
                        .guard(service.guard)
                        .build();
                Service other = Service.start(
                        container,
                        Map.of(),
                        (context, ignored) -> Service.register(context, new CrosscutFilter(crosscut), "/*"))) {
            other.on("ok", (request, response) -> response.getWriter().print("x"));
            service.guard.settleWith("/held/refused", Decision.answer(REPLY));
            other.on("refused", (request, response) -> response.getWriter().print("x"));

            assertThat(other.get("/held/ok").header("X-Settled")).containsExactly("OptionalInt[200]");
            Wire.Response refused = other.get("/held/refused");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("X-Settled")).containsExactly("OptionalInt[200]");
        }
    }
}
