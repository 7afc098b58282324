package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The part of {@link AdapterContract} on requests, correlation and failures. */
abstract class RequestsContract extends AdapterFixture {

    // Plain requests

    @Test
    void a_request_is_one_exchange_that_is_current_in_its_handler() throws Exception {
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/plain", request -> {
            current.complete(Exchange.current());
            request.status(201);
            request.header("X-Handler", "yes");
            request.write(bytes("héllo"));
        });

        RawClient.Response response = get("/plain");

        assertEquals(201, response.status());
        assertEquals("héllo", response.text());
        assertEquals(List.of("yes"), response.header("X-Handler"));
        RecordingObserver.Recorded recorded = recorded("/plain");
        assertSame(recorded.exchange(), current.get().orElseThrow());
        assertEquals(Exchange.Kind.SERVER, recorded.exchange().kind());
        assertEquals("http", recorded.exchange().protocol());
        assertEquals("GET", recorded.exchange().operation());
        assertEquals(Outcome.completed(201), recorded.outcome().orElseThrow());
    }

    @Test
    void a_query_is_not_part_of_the_path_and_is_as_it_was_sent() throws Exception {
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        handlers.put(
                "/query", request -> seen.add(Exchange.current().orElseThrow().query()));
        handlers.put(
                "/no-query",
                request -> seen.add(Exchange.current().orElseThrow().query()));

        get("/query?token=a%20b+c&x=/y?&x=%C3%A9&z");
        get("/no-query");

        assertEquals(List.of(Optional.of("token=a%20b+c&x=/y?&x=%C3%A9&z"), Optional.empty()), seen);
        recorded("/query");
    }

    @Test
    void an_exchange_tells_what_the_semantic_conventions_of_http_ask_for() throws Exception {
        CompletableFuture<List<Object>> seen = new CompletableFuture<>();
        handlers.put(
                "/attributes",
                request -> seen.complete(Stream.of(
                                "url.scheme",
                                "server.address",
                                "network.peer.address",
                                "network.protocol.version",
                                "db.system.name")
                        .map(name ->
                                Exchange.current().orElseThrow().attribute(name).orElse("unknown"))
                        .toList()));

        get("/attributes");

        assertEquals(List.of("http", "localhost", "127.0.0.1", "1.1", "unknown"), seen.get());
        recorded("/attributes");
    }

    @Test
    void every_value_of_a_request_header_is_seen_in_order() throws Exception {
        CompletableFuture<List<String>> seen = new CompletableFuture<>();
        handlers.put(
                "/many-values",
                request -> seen.complete(Exchange.current().orElseThrow().requestHeaders("x-MANY")));

        get("/many-values", "X-Many: one", "X-Other: no", "X-Many: two");

        assertEquals(List.of("one", "two"), seen.get());
        recorded("/many-values");
    }

    @Test
    void a_missing_header_has_no_values() throws Exception {
        CompletableFuture<List<String>> seen = new CompletableFuture<>();
        handlers.put(
                "/no-values",
                request -> seen.complete(Exchange.current().orElseThrow().requestHeaders("X-Missing")));

        get("/no-values");

        assertEquals(List.of(), seen.get());
    }

    @Test
    void a_head_request_gets_headers_and_no_body() throws Exception {
        handlers.put("/head", request -> {
            request.header("X-Handler", "yes");
            request.write(bytes("not sent"));
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("HEAD", "/head", new byte[0]));
            RawClient.Response response = client.read("HEAD");
            assertEquals(200, response.status());
            assertEquals(List.of("yes"), response.header("X-Handler"));
            assertFalse(response.header(ID).isEmpty());
            assertTrue(client.isSilent(100));
        }
        assertEquals("HEAD", recorded("/head").exchange().operation());
    }

    @Test
    void an_options_request_is_an_exchange_like_any_other() throws Exception {
        handlers.put("/options", request -> {
            request.status(204);
            request.header("Allow", "GET");
        });

        RawClient.Response response = RawClient.exchange(server.port(), "OPTIONS", "/options", "");

        assertEquals(204, response.status());
        assertEquals("OPTIONS", recorded("/options").exchange().operation());
    }

    @Test
    void a_redirect_is_a_response_like_any_other() throws Exception {
        handlers.put("/redirect", request -> request.redirect("/elsewhere"));

        RawClient.Response response = get("/redirect");

        assertEquals(302, response.status());
        assertTrue(response.header("Location").get(0).endsWith("/elsewhere"));
        assertFalse(response.header(ID).isEmpty());
        assertEquals(302, status(recorded("/redirect")));
    }

    @Test
    void a_chunked_request_body_reaches_the_handler() throws Exception {
        handlers.put("/chunked", request -> request.write(request.body()));

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/chunked", "hello", " world"));
            assertEquals("hello world", client.read("POST").text());
        }
        recorded("/chunked");
    }

    @Test
    void a_large_body_passes_both_ways_unchanged() throws Exception {
        handlers.put("/large", request -> request.write(request.body()));
        String large = "0123456789abcdef".repeat(256 * 1024);

        RawClient.Response response = post("/large", large);

        assertArrayEquals(bytes(large), response.body());
        recorded("/large");
    }

    @Test
    void pipelined_requests_are_answered_in_order_each_as_its_own_exchange() throws Exception {
        need(AdapterContract.Capability.PIPELINING);
        handlers.put("/pipeline-1", request -> request.write(bytes("first")));
        handlers.put("/pipeline-2", request -> request.write(bytes("second")));

        try (RawClient client = new RawClient(server.port())) {
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(RawClient.request("GET", "/pipeline-1", new byte[0], ID + ": one"));
            both.writeBytes(RawClient.request("GET", "/pipeline-2", new byte[0], ID + ": two"));
            client.send(both.toByteArray());
            RawClient.Response first = client.read("GET");
            RawClient.Response second = client.read("GET");
            assertEquals("first one", first.text() + " " + first.header(ID).get(0));
            assertEquals("second two", second.text() + " " + second.header(ID).get(0));
        }
        recorded("/pipeline-1");
        recorded("/pipeline-2");
    }

    @Test
    void parallel_requests_never_see_each_other() throws Exception {
        handlers.put("/parallel", request -> {
            String before = Correlation.current().orElse("none");
            LockSupport.parkNanos(100_000);
            request.write(bytes(before + " " + Correlation.current().orElse("none")));
        });
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String id = "parallel-" + i;
            all.add(WORKERS.submit(() -> get("/parallel", ID + ": " + id).text().equals(id + " " + id)));
        }
        for (Future<Boolean> each : all) {
            assertTrue(each.get());
        }
    }

    // Correlation

    @Test
    void a_valid_correlation_id_is_kept_and_echoed() throws Exception {
        handlers.put(
                "/accepted",
                request -> request.write(bytes(Correlation.current().orElse("none"))));

        RawClient.Response response = get("/accepted", "x-correlation-id: order-42/A.b_c:d+e=f");

        assertEquals("order-42/A.b_c:d+e=f", response.text());
        assertEquals(List.of("order-42/A.b_c:d+e=f"), response.header(ID));
        assertEquals(
                "order-42/A.b_c:d+e=f",
                recorded("/accepted").exchange().get(Key.CORRELATION_ID).orElseThrow());
    }

    @Test
    void the_second_header_counts_where_the_first_is_absent() throws Exception {
        assertEquals(
                List.of("from-request-id"),
                get("/second", "X-Request-ID: from-request-id").header(ID));
    }

    @Test
    void a_request_without_a_correlation_id_gets_one_of_its_own() throws Exception {
        String first = get("/generated").header(ID).get(0);
        String second = get("/generated").header(ID).get(0);

        assertTrue(first.matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), first);
        assertNotEquals(first, second);
    }

    @Test
    void a_hostile_correlation_id_is_replaced_and_never_echoed() throws Exception {
        List<String> hostile = List.of(
                "a b",
                "a,b",
                "",
                "x".repeat(129),
                "<script>",
                "a\tb",
                "r\u00e9sum\u00e9",
                "a\"b",
                "{\"level\":\"ERROR\"}",
                "${jndi:ldap://127.0.0.1/a}");
        for (String id : hostile) {
            RawClient.Response response = get("/hostile", ID + ": " + id);
            assertEquals(36, response.header(ID).get(0).length(), () -> "sent " + id + " got " + response.headers());
            assertEquals(1, response.header(ID).size());
        }
    }

    @Test
    void two_different_correlation_ids_are_none() throws Exception {
        assertEquals(
                36,
                get("/two-ids", ID + ": one", ID + ": two").header(ID).get(0).length());
    }

    @Test
    void bytes_that_no_header_may_have_are_refused_or_replaced() throws Exception {
        for (String value : List.of("a\u0000b", "a\u0001b", "a\rb", "a\u007fb", "x".repeat(100_000))) {
            try (RawClient client = new RawClient(server.port())) {
                client.send(RawClient.request("GET", "/hostile-bytes", new byte[0], ID + ": " + value));
                RawClient.Response response = client.read("GET");
                boolean refused = response.status() >= 400 && response.status() != 404;
                boolean replaced = response.header(ID).size() == 1
                        && response.header(ID).get(0).length() == 36;
                assertTrue(refused || replaced, () -> response.status() + " " + response.headers());
                assertTrue(response.headers().stream().noneMatch(h -> h.contains(value)));
            }
        }
    }

    // Failures

    @Test
    void an_exception_before_the_response_fails_the_exchange_and_is_answered_with_500() throws Exception {
        IllegalStateException thrown = new IllegalStateException("boom");
        handlers.put("/throws", request -> {
            throw thrown;
        });

        RawClient.Response response = get("/throws");

        assertEquals(500, response.status());
        Outcome.Failed failed = assertInstanceOf(
                Outcome.Failed.class, recorded("/throws").outcome().orElseThrow());
        assertSame(thrown, failed.error());
        assertEquals(500, failed.status().orElseThrow());
    }

    @Test
    void an_exception_after_the_response_began_fails_the_exchange_with_the_status_that_was_sent() throws Exception {
        handlers.put("/throws-late", request -> {
            request.status(202);
            request.write(bytes("the beginning"));
            request.flush();
            throw new IllegalStateException("late");
        });

        RawClient.Response response = get("/throws-late");

        assertEquals(202, response.status());
        assertEquals("the beginning", response.text());
        assertNotEquals(capabilities.contains(AdapterContract.Capability.CUT), response.complete());
        assertInstanceOf(
                Outcome.Failed.class, recorded("/throws-late").outcome().orElseThrow());
        assertEquals(202, status(recorded("/throws-late")));
    }

    @Test
    void an_error_is_an_exception_like_any_other() throws Exception {
        handlers.put("/throws-error", request -> {
            throw new AssertionError("boom");
        });

        assertEquals(500, get("/throws-error").status());
        assertInstanceOf(
                Outcome.Failed.class, recorded("/throws-error").outcome().orElseThrow());
    }

    @Test
    void an_error_handler_runs_within_the_exchange_that_failed() throws Exception {
        need(AdapterContract.Capability.ERROR_DISPATCH);
        CompletableFuture<Optional<String>> seen = new CompletableFuture<>();
        handlers.put("/throws-to-handler", request -> {
            throw new IllegalStateException("boom");
        });
        handlers.put("/error", request -> {
            seen.complete(Correlation.current());
            request.write(bytes("sorry"));
        });
        try {
            RawClient.Response response = get("/throws-to-handler", ID + ": failing");

            assertEquals(500, response.status());
            assertEquals("sorry", response.text());
            assertEquals(Optional.of("failing"), seen.get());
            assertEquals(List.of("failing"), response.header(ID));
            recorded("/throws-to-handler");
            assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/error"))));
        } finally {
            handlers.remove("/error");
        }
    }

    @Test
    void a_client_that_goes_away_ends_the_exchange_once() throws Exception {
        byte[] block = new byte[64 * 1024];
        handlers.put("/goes-away", request -> {
            for (int i = 0; i < 1024; i++) {
                request.write(block);
                request.flush();
            }
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/goes-away", new byte[0]));
            assertEquals(200, client.readHead().status());
            client.abort();
        }

        assertFalse(recorded("/goes-away").outcome().orElseThrow() instanceof Outcome.Answered);
    }

    @Test
    void an_observer_that_throws_in_every_method_changes_no_reply() throws Exception {
        handlers.put("/observer-throws", request -> request.write(bytes("fine")));
        handlers.put("/observer-end-throws", request -> request.write(bytes("fine")));
        handlers.put("/observer-throws/failing", request -> {
            throw new IllegalStateException("boom");
        });

        assertEquals("fine", get("/observer-throws").text());
        assertEquals("fine", get("/observer-end-throws").text());
        assertEquals(500, get("/observer-throws/failing").status());
        recorded("/observer-throws");
        recorded("/observer-end-throws");
        assertTrue(crosscut.faults().getOrDefault(ThrowingObserver.class.getName(), 0L) >= 3);
    }
}
