package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The part of {@link AdapterContract} on guards that answer, fail or need the request body. */
abstract class GuardsContract extends DispatchesContract {

    @Test
    void a_guard_that_answers_takes_the_place_of_the_handler() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/answered", request -> ran.incrementAndGet());
        Map<String, List<String>> headers = Map.of(
                "Content-Type", List.of("text/plain;charset=utf-8"),
                "Retry-After", List.of("7"),
                "WWW-Authenticate", List.of("Bearer", "DPoP algs=\"ES256\""));
        Reply reply = new Reply(429, headers, ByteBuffer.wrap(bytes("später")));
        guards.at("/answered", Script.answering(reply));

        RawClient.Response response = post("/answered", "x".repeat(100_000));

        assertEquals(429, response.status());
        assertEquals("später", response.text());
        assertEquals(List.of("7"), response.header("Retry-After"));
        assertEquals(List.of("Bearer", "DPoP algs=\"ES256\""), response.header("WWW-Authenticate"));
        assertEquals(1, response.header(ID).size());
        assertEquals(0, ran.get());
        Outcome.Answered answered = assertInstanceOf(
                Outcome.Answered.class, recorded("/answered").outcome().orElseThrow());
        assertEquals(reply, answered.reply());
    }

    @Test
    void an_answer_to_a_head_request_has_no_body() throws Exception {
        guards.at(
                "/answered-head",
                Script.answering(new Reply(401, Map.of("X-A", List.of("b")), ByteBuffer.wrap(bytes("no")))));

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.request("HEAD", "/answered-head", new byte[0]));
            assertEquals(401, client.read("HEAD").status());
            assertTrue(client.isSilent(100));
        }
        recorded("/answered-head");
    }

    @Test
    void a_guard_that_fails_refuses() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/guard-fails", request -> ran.incrementAndGet());
        handlers.put("/async-guard-fails", request -> ran.incrementAndGet());
        guards.at("/guard-fails", new Script(0, 0) {
            @Override
            public Decision admit(Exchange exchange) {
                throw new StackLessError();
            }
        });

        for (String path : List.of("/guard-fails", "/async-guard-fails")) {
            RawClient.Response response = get(path);
            assertEquals(500, response.status());
            assertTrue(response.text().contains("\"type\":\"https://crosscut.dev/problems/guard-failed\""));
            assertEquals(List.of("application/problem+json"), response.header("Content-Type"));
            assertEquals(1, response.header(ID).size());
            recorded(path);
        }
        assertEquals(0, ran.get());
    }

    @Test
    void a_guard_that_decides_on_another_thread_lets_the_request_proceed() throws Exception {
        handlers.put(
                "/async-guard",
                request -> request.write(bytes(Correlation.current().orElse("none"))));

        assertEquals("guarded", get("/async-guard", ID + ": guarded").text());
        recorded("/async-guard");
    }

    // AdapterContract.Request bodies that a guard needs

    @Test
    void a_guard_sees_the_request_body_and_so_does_the_handler() throws Exception {
        handlers.put("/buffered", request -> request.write(request.body()));
        Script guard = Script.buffering(1000);
        guards.at("/buffered", guard);

        assertEquals("the body", post("/buffered", "the body").text());
        assertEquals(Optional.of("the body"), guard.requestBody.get());
        recorded("/buffered");
    }

    @Test
    void a_chunked_request_body_of_just_the_bound_is_buffered() throws Exception {
        handlers.put("/buffered-chunked", request -> request.write(request.body()));
        Script guard = Script.buffering(11);
        guards.at("/buffered-chunked", guard);

        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/buffered-chunked", "hello", " world"));
            assertEquals("hello world", client.read("POST").text());
        }
        assertEquals(Optional.of("hello world"), guard.requestBody.get());
        recorded("/buffered-chunked");
    }

    @Test
    void a_request_without_a_body_is_buffered_as_an_empty_one() throws Exception {
        handlers.put("/buffered-empty", request -> request.write(bytes("[" + text(request.body()) + "]")));
        Script guard = Script.buffering(10);
        guards.at("/buffered-empty", guard);

        assertEquals("[]", get("/buffered-empty").text());
        assertEquals("", guard.requestBody.get().orElse(""));
        recorded("/buffered-empty");
    }

    @Test
    void a_request_body_over_the_bound_is_answered_with_413() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/too-large", request -> ran.incrementAndGet());
        Script guard = Script.buffering(10);
        guards.at("/too-large", guard);

        RawClient.Response declared = post("/too-large", "01234567890");
        assertFalse(guard.requestBody.isDone(), "the guard was asked without the body that it needs");
        assertEquals(413, declared.status());
        assertTrue(declared.text().contains("at most 10 bytes"), declared.text());
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.chunked("/too-large", "01234567890"));
            assertEquals(413, client.read("POST").status());
        }
        assertEquals(0, ran.get());
        assertFalse(guard.requestBody.isDone(), "the guard was asked without the body that it needs");
    }

    @Test
    void a_request_body_that_ends_too_early_is_refused() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        handlers.put("/cut", request -> ran.incrementAndGet());
        guards.at("/cut", Script.buffering(1000));

        try (RawClient client = new RawClient(server.port())) {
            client.send(bytes("POST /cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this"));
            client.abort();
        }

        recorded("/cut");
        assertEquals(0, ran.get());
    }

    @Test
    void a_handler_that_never_reads_the_body_leaves_the_connection_usable() throws Exception {
        handlers.put("/ignores-body", request -> request.write(bytes("ignored")));
        handlers.put("/ignores-buffered-body", request -> request.write(bytes("ignored")));
        guards.at("/ignores-buffered-body", Script.buffering(1000));

        for (String path : List.of("/ignores-body", "/ignores-buffered-body")) {
            try (RawClient client = new RawClient(server.port())) {
                client.send(RawClient.request("POST", path, bytes("GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")));
                assertEquals("ignored", client.read("POST").text());
                client.send(RawClient.request("POST", path, bytes("again")));
                assertEquals("ignored", client.read("POST").text());
            }
        }
        assertTrue(recorder.exchanges().stream().noneMatch(r -> r.path().equals(Optional.of("/smuggled"))));
    }
}
