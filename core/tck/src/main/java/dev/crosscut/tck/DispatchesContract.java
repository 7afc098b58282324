package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The part of {@link AdapterContract} on asynchronous handlers and further dispatches. */
abstract class DispatchesContract extends RequestsContract {

    // Asynchronous handlers

    @Test
    void an_asynchronous_exchange_ends_when_its_response_is_complete() throws Exception {
        need(AdapterContract.Capability.ASYNC);
        CompletableFuture<Void> mayComplete = new CompletableFuture<>();
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/async", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.execute(Propagation.wrap(() -> {
                mayComplete.join();
                current.complete(Exchange.current());
                request.status(202);
                write(request, "later");
                complete.run();
            }));
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/async", new byte[0]));
            assertTrue(client.isSilent(100));
            assertTrue(recorder.exchanges().stream()
                    .filter(r -> r.path().equals(Optional.of("/async")))
                    .allMatch(r -> r.outcome().isEmpty()));
            mayComplete.complete(null);
            RawClient.Response response = client.read("GET");
            assertEquals(202, response.status());
            assertEquals("later", response.text());
            assertFalse(response.header(ID).isEmpty());
        }
        assertSame(recorded("/async").exchange(), current.get().orElseThrow());
        assertEquals(Outcome.completed(202), recorded("/async").outcome().orElseThrow());
    }

    @Test
    void an_asynchronous_exchange_that_completes_before_its_handler_returns_ends_once() throws Exception {
        need(AdapterContract.Capability.ASYNC);
        handlers.put("/async-at-once", request -> {
            Runnable complete = request.async(Duration.ofSeconds(30));
            WORKERS.submit(() -> {
                        write(request, "at once");
                        complete.run();
                    })
                    .get();
        });

        for (int i = 0; i < 50; i++) {
            assertEquals("at once", get("/async-at-once").text());
        }
    }

    @Test
    void an_asynchronous_exchange_that_times_out_ends_once() throws Exception {
        need(AdapterContract.Capability.ASYNC_TIMEOUT);
        handlers.put("/async-timeout", request -> request.async(Duration.ofMillis(200)));

        RawClient.Response response = get("/async-timeout");

        assertTrue(response.status() >= 500, () -> "status " + response.status());
        assertFalse(recorded("/async-timeout").outcome().orElseThrow() instanceof Outcome.Completed);
    }

    // Dispatches

    @Test
    void a_forward_stays_within_its_exchange() throws Exception {
        need(AdapterContract.Capability.FORWARD);
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/forwarding", request -> request.forward("/forwarded"));
        handlers.put("/forwarded", request -> {
            current.complete(Exchange.current());
            request.write(bytes("forwarded"));
        });

        assertEquals("forwarded", get("/forwarding").text());
        assertSame(recorded("/forwarding").exchange(), current.get().orElseThrow());
        assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/forwarded"))));
    }

    @Test
    void an_include_stays_within_its_exchange() throws Exception {
        need(AdapterContract.Capability.INCLUDE);
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        handlers.put("/including", request -> {
            request.write(bytes("before "));
            request.include("/included");
            request.write(bytes(" after"));
        });
        handlers.put("/included", request -> {
            current.complete(Exchange.current());
            request.write(bytes("included"));
        });

        assertEquals("before included after", get("/including").text());
        assertSame(recorded("/including").exchange(), current.get().orElseThrow());
    }
}
