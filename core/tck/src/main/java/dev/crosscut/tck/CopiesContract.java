package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The part of {@link AdapterContract} on bodies that observers look at. */
abstract class CopiesContract extends HeldResponsesContract {

    private CopyingObserver.Copies copies(String path) {
        return recorded(path).exchange().get(CopyingObserver.COPIES).orElseThrow();
    }

    private void assertCopied(String request, String response, String path) {
        assertEquals(new CopyingObserver.Copies(Optional.of(request), Optional.of(response)), copies(path));
    }

    @Test
    void bodies_are_copied_up_to_the_bound_and_counted_as_a_whole() throws Exception {
        for (int size : List.of(0, 1, 15, 16, 17, 1 << 20)) {
            String path = "/copied-" + size;
            handlers.put(path, request -> request.write(request.body()));
            String body = "0123456789abcdef".repeat(1 + size / 16).substring(0, size);

            assertEquals(body, post(path, body).text());
            String copy = size + " " + body.substring(0, Math.min(16, size));
            assertCopied(copy, copy, path);
        }
    }

    @Test
    void a_chunked_body_is_copied_as_what_is_in_the_chunks() throws Exception {
        handlers.put("/copied-chunked", request -> {
            request.write(bytes("a chunk, "));
            request.flush();
            request.write(request.body());
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/copied-chunked", "hello", " world"));
            assertEquals("a chunk, hello world", client.read("POST").text());
        }
        assertCopied("11 hello world", "20 a chunk, hello w", "/copied-chunked");
    }

    @Test
    void where_only_the_length_is_asked_for_nothing_is_kept() throws Exception {
        handlers.put("/counted", request -> {
            request.body();
            request.write(bytes("hello"));
        });

        post("/counted", "the body");

        assertCopied("8 ", "5 ", "/counted");
    }

    @Test
    void where_nobody_asks_nothing_is_copied() throws Exception {
        handlers.put("/not-copied", request -> request.write(request.body()));
        handlers.put("/not-copied-held", request -> request.write(request.body()));
        guards.at("/not-copied-held", new Script(1000, 1000).settleWith(Decision.proceed()));

        for (String path : List.of("/not-copied", "/not-copied-held")) {
            assertEquals("the body", post(path, "the body").text());
            assertEquals(new CopyingObserver.Copies(Optional.empty(), Optional.empty()), copies(path));
        }
    }

    @Test
    void a_body_that_the_handler_does_not_read_is_not_copied() throws Exception {
        handlers.put("/copied-unread", request -> request.write(bytes("unread")));

        assertEquals("unread", post("/copied-unread", "the body").text());
        assertCopied("0 ", "6 unread", "/copied-unread");
    }

    @Test
    void a_body_that_a_guard_needed_is_copied_as_a_whole() throws Exception {
        handlers.put("/copied-buffered", request -> request.write(request.body()));
        handlers.put("/copied-buffered-unread", request -> request.write(bytes("unread")));
        guards.at("/copied-buffered", Script.buffering(1000));
        guards.at("/copied-buffered-unread", Script.buffering(1000));
        guards.at("/copied-buffered-answered", new Script(1000, 0) {
            @Override
            public Decision admit(Exchange exchange) {
                return Decision.answer(Reply.of(403));
            }
        });

        assertEquals("the body", post("/copied-buffered", "the body").text());
        assertCopied("8 the body", "8 the body", "/copied-buffered");
        post("/copied-buffered-unread", "the body");
        assertCopied("8 the body", "6 unread", "/copied-buffered-unread");
        post("/copied-buffered-answered", "the body");
        assertCopied("8 the body", "0 ", "/copied-buffered-answered");
    }

    @Test
    void a_streamed_response_is_not_held_back_for_its_copy() throws Exception {
        CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        handlers.put("/copied-stream", request -> {
            request.write(bytes("first "));
            request.flush();
            mayEnd.get(20, TimeUnit.SECONDS);
            request.write(bytes("second"));
        });

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("GET", "/copied-stream", new byte[0]));
            assertEquals(200, client.readHead().status());
            assertEquals("first ", text(client.readChunk()));
            mayEnd.complete(null);
            assertEquals("second", text(client.readChunk()));
        }
        assertCopied("0 ", "12 first second", "/copied-stream");
    }

    @Test
    void the_type_of_a_response_is_known_at_the_end_whether_it_was_sent_by_then_or_not() throws Exception {
        handlers.put("/copied-type", request -> {
            request.header("Content-Type", "application/json");
            request.write(bytes("{}"));
        });
        handlers.put("/copied-type-sent", request -> {
            request.header("Content-Type", "application/json");
            request.write(bytes("{}"));
            request.flush();
        });

        for (String path : List.of("/copied-type", "/copied-type-sent")) {
            assertEquals("{}", get(path).text());
            String type = recorded(path).exchange().getOrDefault(CopyingObserver.RESPONSE_TYPE, "");
            assertTrue(type.startsWith("application/json"), () -> path + " is '" + type + "'");
        }
    }

    // Responses that a guard holds or replaces

    @Test
    void a_held_response_is_copied() throws Exception {
        handlers.put("/copied-held", request -> {
            request.write(bytes("held "));
            request.flush();
            request.write(bytes("back"));
        });
        guards.at("/copied-held", Script.holding(1000).settleWith(Decision.proceed()));

        assertEquals("held back", get("/copied-held").text());
        assertCopied("0 ", "9 held back", "/copied-held");
    }

    @Test
    void a_held_response_that_outgrew_its_bound_is_copied() throws Exception {
        handlers.put("/copied-held-large", request -> {
            request.write(bytes("held"));
            request.write(bytes(" back".repeat(20_000)));
        });
        guards.at("/copied-held-large", Script.holding(1000).settleWith(Decision.proceed()));

        assertEquals(100_004, get("/copied-held-large").body().length);
        assertCopied("0 ", "100004 held back back b", "/copied-held-large");
    }

    @Test
    void what_a_guard_answers_is_copied_in_place_of_what_the_handler_wrote() throws Exception {
        Reply reply = new Reply(429, Map.of(), ByteBuffer.wrap(bytes("later, please, not now")));
        guards.at("/copied-answered", Script.answering(reply));
        for (String path : List.of("/copied-replaced", "/copied-replaced-large")) {
            handlers.put(path, request -> {
                request.write(bytes("never"));
                request.write(bytes(" seen".repeat(path.endsWith("large") ? 20_000 : 1)));
            });
            guards.at(path, Script.holding(1000).settleWith(Decision.answer(reply)));
        }

        for (String path : List.of("/copied-answered", "/copied-replaced", "/copied-replaced-large")) {
            assertEquals("later, please, not now", post(path, "the body").text());
            assertCopied("0 ", "22 later, please, n", path);
        }
    }

    // Responses that are not as they were written

    @Test
    void a_head_request_is_copied_what_the_handler_wrote() throws Exception {
        handlers.put("/copied-head", request -> request.write(bytes("not sent")));

        RawClient.exchange(server.port(), "HEAD", "/copied-head", "");

        assertCopied("0 ", "8 not sent", "/copied-head");
    }

    @Test
    void a_redirect_has_no_body_to_copy() throws Exception {
        handlers.put("/copied-redirect", request -> request.redirect("/elsewhere"));

        assertEquals(302, get("/copied-redirect").status());
        assertCopied("0 ", "0 ", "/copied-redirect");
    }

    @Test
    void what_an_exception_drops_before_it_is_sent_is_not_in_the_copy_and_what_was_sent_is() throws Exception {
        handlers.put("/copied-throws", request -> {
            request.write(bytes("dropped"));
            throw new IllegalStateException("boom");
        });
        handlers.put("/copied-throws-late", request -> {
            request.write(bytes("sent"));
            request.flush();
            throw new IllegalStateException("boom");
        });

        get("/copied-throws");
        get("/copied-throws-late");

        assertCopied("0 ", "0 ", "/copied-throws");
        assertCopied("0 ", "4 sent", "/copied-throws-late");
    }

    @Test
    void what_a_time_out_drops_is_not_in_the_copy() throws Exception {
        need(AdapterContract.Capability.ASYNC_TIMEOUT);
        handlers.put("/copied-timeout", request -> {
            request.async(Duration.ofMillis(200));
            request.write(bytes("dropped"));
        });

        assertTrue(get("/copied-timeout").status() >= 500);
        assertCopied("0 ", "0 ", "/copied-timeout");
    }

    // Asynchronous handlers and further dispatches

    @Test
    void bodies_are_copied_on_other_threads() throws Exception {
        need(AdapterContract.Capability.ASYNC);
        for (String path : List.of("/copied-async", "/copied-async-held")) {
            handlers.put(path, request -> {
                byte[] body = request.body();
                Runnable complete = request.async(Duration.ofSeconds(30));
                WORKERS.execute(() -> {
                    write(request, "read ");
                    write(request, text(body));
                    complete.run();
                });
            });
        }
        guards.at("/copied-async-held", Script.holding(1000).settleWith(Decision.proceed()));

        for (String path : List.of("/copied-async", "/copied-async-held")) {
            assertEquals("read the body", post(path, "the body").text());
            assertCopied("8 the body", "13 read the body", path);
        }
    }

    @Test
    void of_a_forward_what_its_target_writes_is_copied() throws Exception {
        need(AdapterContract.Capability.FORWARD);
        handlers.put("/copied-forwarding", request -> {
            request.write(bytes("dropped"));
            request.forward("/copied-forwarded");
        });
        handlers.put("/copied-forwarded", request -> request.write(request.body()));

        assertEquals("the body", post("/copied-forwarding", "the body").text());
        assertCopied("8 the body", "8 the body", "/copied-forwarding");
    }

    @Test
    void an_include_is_copied_where_it_is() throws Exception {
        need(AdapterContract.Capability.INCLUDE);
        handlers.put("/copied-including", request -> {
            request.write(bytes("a "));
            request.include("/copied-included");
            request.write(bytes(" c"));
        });
        handlers.put("/copied-included", request -> request.write(bytes("b")));

        assertEquals("a b c", get("/copied-including").text());
        assertCopied("0 ", "5 a b c", "/copied-including");
    }
}
