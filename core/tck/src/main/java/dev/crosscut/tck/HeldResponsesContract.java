package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The part of {@link AdapterContract} on responses that a guard holds. */
abstract class HeldResponsesContract extends GuardsContract {

    @Test
    void nothing_of_a_held_response_is_sent_before_its_guard_has_settled() throws Exception {
        handlers.put("/held", request -> {
            request.status(201);
            request.header("X-AdapterContract.Handler", "yes");
            request.write(bytes("held "));
            request.flush();
            request.write(bytes("back"));
        });
        Script guard = Script.holding(1000);
        guards.at("/held", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held", bytes("x")));
            guard.awaitSettling();
            assertTrue(client.isSilent(200), "bytes were sent before the guard had settled");
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(201, response.status());
            assertEquals("held back", response.text());
            assertEquals(List.of("yes"), response.header("X-AdapterContract.Handler"));
        }
        assertEquals(List.of(Outcome.completed(201)), guard.settled);
        assertEquals(Optional.of("held back"), guard.responseBody.get());
        assertEquals(Outcome.completed(201), recorded("/held").outcome().orElseThrow());
    }

    @Test
    void a_held_response_without_a_body_is_held_too() throws Exception {
        handlers.put("/held-empty", request -> request.status(204));
        Script guard = Script.holding(1000);
        guards.at("/held-empty", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("DELETE", "/held-empty", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            assertEquals(204, client.read("DELETE").status());
        }
        assertEquals(Optional.of(""), guard.responseBody.get());
        recorded("/held-empty");
    }

    @Test
    void a_held_redirect_is_held_too() throws Exception {
        handlers.put("/held-redirect", request -> request.redirect("/elsewhere"));
        Script guard = Script.holding(1000);
        guards.at("/held-redirect", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-redirect", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(302, response.status());
            assertTrue(response.header("Location").get(0).endsWith("/elsewhere"));
        }
        assertEquals(List.of(Outcome.completed(302)), guard.settled);
        recorded("/held-redirect");
    }

    @Test
    void a_guard_may_answer_in_place_of_a_held_response() throws Exception {
        handlers.put("/held-replaced", request -> {
            request.status(201);
            request.header("X-AdapterContract.Handler", "yes");
            request.write(bytes("never seen"));
        });
        Reply reply = Reply.problem(503, "urn:test:unavailable", "Not stored").reply();
        guards.at("/held-replaced", Script.holding(1000).settleWith(Decision.answer(reply)));

        RawClient.Response response = post("/held-replaced", "x", ID + ": replaced");

        assertEquals(503, response.status());
        assertTrue(response.text().contains("Not stored"));
        assertEquals(List.of(), response.header("X-AdapterContract.Handler"));
        assertEquals(List.of("application/problem+json"), response.header("Content-Type"));
        assertEquals(List.of("replaced"), response.header(ID));
        assertInstanceOf(
                Outcome.Answered.class, recorded("/held-replaced").outcome().orElseThrow());
    }

    @Test
    void a_guard_that_fails_to_settle_withholds_a_held_response() throws Exception {
        handlers.put("/held-failing", request -> request.write(bytes("never seen")));
        guards.at("/held-failing", Script.holding(1000).settleFailing(new IOException("disk full")));

        RawClient.Response response = post("/held-failing", "x");

        assertEquals(500, response.status());
        assertFalse(response.text().contains("never seen") || response.text().contains("disk full"));
        recorded("/held-failing");
    }

    @Test
    void a_response_over_its_bound_settles_before_its_first_byte_and_arrives_whole() throws Exception {
        String large = "0123456789".repeat(20_000);
        handlers.put("/held-large", request -> {
            request.write(bytes(large.substring(0, 5)));
            request.write(bytes(large.substring(5)));
        });
        Script guard = Script.holding(1000);
        guards.at("/held-large", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/held-large", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(100));
            guard.settleWith(Decision.proceed());
            assertEquals(large, client.read("GET").text());
        }
        assertEquals(Optional.empty(), guard.responseBody.get());
        assertEquals(1, guard.settled.size());
        recorded("/held-large");
    }

    @Test
    void a_stream_of_events_is_not_held_back() throws Exception {
        CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        handlers.put("/held-events", request -> {
            request.header("Content-Type", "text/event-stream");
            request.write(bytes("data: 1\n\n"));
            request.flush();
            mayEnd.get(20, TimeUnit.SECONDS);
            request.write(bytes("data: 2\n\n"));
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-events", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/held-events", new byte[0]));
            assertEquals(200, client.readHead().status());
            assertEquals("data: 1\n\n", text(client.readChunk()));
            mayEnd.complete(null);
            assertEquals("data: 2\n\n", text(client.readChunk()));
        }
        assertEquals(Optional.empty(), guard.responseBody.get());
        recorded("/held-events");
    }

    @Test
    void an_asynchronous_response_is_held_until_it_is_complete_and_its_guard_has_settled() throws Exception {
        need(AdapterContract.Capability.ASYNC);
        handlers.put("/held-async", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.execute(() -> {
                request.status(202);
                write(request, "held ");
                write(request, "async");
                complete.run();
            });
        });
        Script guard = Script.holding(1000);
        guards.at("/held-async", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-async", new byte[0]));
            guard.awaitSettling();
            assertTrue(client.isSilent(200), "bytes were sent before the guard had settled");
            guard.settleWith(Decision.proceed());
            RawClient.Response response = client.read("POST");
            assertEquals(202, response.status());
            assertEquals("held async", response.text());
        }
        assertEquals(Optional.of("held async"), guard.responseBody.get());
        assertEquals(Outcome.completed(202), recorded("/held-async").outcome().orElseThrow());
    }

    @Test
    void a_held_response_that_is_complete_just_as_it_times_out_is_sent_whole_or_not_at_all() throws Exception {
        raceTimeOuts("/held-raced-", Decision.proceed());
    }

    @Test
    void a_held_response_that_is_complete_just_as_its_time_out_is_answered_is_sent_whole_or_is_the_answer()
            throws Exception {
        Reply reply = Reply.problem(503, "urn:test:timed-out", "Timed out").reply();
        for (Raced raced : raceTimeOuts("/held-raced-answered-", Decision.answer(reply))) {
            RawClient.Response response = raced.response.get();
            if (response.status() != 202) {
                assertEquals(503, response.status());
                assertTrue(response.text().contains("Timed out"), response::text);
                assertInstanceOf(
                        Outcome.Answered.class, recorded(raced.path).outcome().orElseThrow());
            }
        }
    }

    private List<Raced> raceTimeOuts(String path, Decision onTimeOut) throws Exception {
        need(AdapterContract.Capability.ASYNC_TIMEOUT);
        List<Raced> races = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            CountDownLatch oneTimedOut = new CountDownLatch(1);
            List<Raced> all = new ArrayList<>();
            for (int place = 0; place < 40; place++) {
                all.add(race(path + round + "-" + place, place, oneTimedOut, onTimeOut));
            }
            for (Raced raced : all) {
                verifyWhole(
                        raced.response.get(),
                        raced.guard.settled,
                        recorded(raced.path).outcome().orElseThrow());
            }
            races.addAll(all);
        }
        return races;
    }

    private record Raced(String path, Script guard, Future<RawClient.Response> response) {}

    /** Sends a request that times out together with others: the first to do so lets the handlers of the rest be done. */
    private Raced race(String path, int place, CountDownLatch oneTimedOut, Decision onTimeOut) {
        handlers.put(path, request -> {
            request.status(202);
            request.write(bytes("the handler's "));
            Runnable complete = request.async(Duration.ofMillis(100));
            if (place > 0) {
                WORKERS.execute(() -> {
                    await(oneTimedOut);
                    LockSupport.parkNanos(place * 20_000L);
                    try {
                        write(request, "own");
                        complete.run();
                    } catch (RuntimeException tooLate) {
                        // each framework has its own
                    }
                });
            }
        });
        Script guard = new Script(0, 1000) {
            @Override
            public Decision settle(Exchange exchange, Outcome outcome) throws Exception {
                Decision decision = super.settle(exchange, outcome);
                oneTimedOut.countDown();
                if (outcome instanceof Outcome.Completed) {
                    return Decision.proceed();
                }
                LockSupport.parkNanos(400_000L); // so that the handlers of some are done meanwhile
                return decision;
            }
        };
        guards.at(path, guard.settleWith(onTimeOut));
        return new Raced(path, guard, WORKERS.submit(() -> get(path)));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void verifyWhole(RawClient.Response response, List<Outcome> settled, Outcome ended) {
        assertTrue(response.complete());
        assertEquals(1, settled.size());
        if (response.status() == 202) {
            assertEquals("the handler's own", response.text());
            assertEquals(Outcome.completed(202), settled.get(0));
            assertEquals(Outcome.completed(202), ended);
        } else {
            assertTrue(response.status() >= 500, () -> "status " + response.status());
            assertFalse(response.text().contains("the handler's"), response::text);
            assertFalse(settled.get(0) instanceof Outcome.Completed);
            assertFalse(ended instanceof Outcome.Completed);
        }
    }

    @Test
    void a_handler_that_throws_settles_its_guard_as_failed() throws Exception {
        IllegalStateException thrown = new IllegalStateException("boom");
        handlers.put("/held-throws", request -> {
            request.write(bytes("dropped"));
            throw thrown;
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-throws", guard);

        RawClient.Response response = post("/held-throws", "x");

        assertEquals(500, response.status());
        assertFalse(response.text().contains("dropped"));
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, guard.settled.get(0));
        assertSame(thrown, failed.error());
        recorded("/held-throws");
    }

    @Test
    void a_client_that_goes_away_changes_nothing_for_a_guard() throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        handlers.put("/held-gone", request -> {
            gone.get(20, TimeUnit.SECONDS);
            request.status(201);
            request.write(bytes("done"));
        });
        Script guard = Script.holding(1000).settleWith(Decision.proceed());
        guards.at("/held-gone", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("POST", "/held-gone", bytes("x")));
            client.abort();
        }
        gone.complete(null);

        recorded("/held-gone");
        assertEquals(List.of(Outcome.completed(201)), guard.settled);
        assertEquals(Optional.of("done"), guard.responseBody.get());
    }
}
