package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What an adapter for an HTTP server framework must do, on real sockets. An adapter's test extends this class, starts a
 * server whose every request goes through the adapter to the given handler, and says what its framework has no notion of.
 *
 * <p>The server listens on the loopback address, has more than one thread, and is started once for all tests.
 */
public abstract class AdapterContract extends CopiesContract {

    /** Makes the contract; JUnit does. */
    protected AdapterContract() {}

    /** What a framework may have no notion of. */
    public enum Capability {
        /** A handler may return and complete the response later. */
        ASYNC,
        /** An asynchronous response that is not completed in time is given up by the framework. */
        ASYNC_TIMEOUT,
        /** A request may be dispatched to another handler. */
        FORWARD,
        /** Another handler may add to the response. */
        INCLUDE,
        /** A handler that throws is followed by one for the error, at {@code /error}. */
        ERROR_DISPATCH,
        /** A response that fails midway is cut off, so that the client can tell. */
        CUT,
        /** Requests are taken from a connection before the former is answered. */
        PIPELINING
    }

    /** A server that listens. */
    public interface Running extends AutoCloseable {

        /**
         * Where it listens.
         *
         * @return a port of the loopback address
         */
        int port();

        @Override
        void close() throws Exception;
    }

    /** What the server does with a request. Each call of a {@link Request}'s methods is passed to the framework. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Handles a request. Unless it called {@link Request#async}, the response is complete when it returns.
         *
         * @param request the request, and its response
         * @throws Exception passed on to the framework, as an exception of a handler
         */
        void handle(Request request) throws Exception;
    }

    /** A request, and the response to it, in the terms of the framework under test. */
    public interface Request {

        /**
         * The path, which changes with a dispatch.
         *
         * @return the path
         */
        String path();

        /**
         * Reads the whole request body, as a handler does.
         *
         * @return the body
         * @throws IOException if it cannot be read
         */
        byte[] body() throws IOException;

        /**
         * Sets the status.
         *
         * @param status the status code
         */
        void status(int status);

        /**
         * Sets a response header.
         *
         * @param name the name
         * @param value the value
         */
        void header(String name, String value);

        /**
         * Writes to the response.
         *
         * @param bytes what to write
         * @throws IOException if it cannot be written
         */
        void write(byte[] bytes) throws IOException;

        /**
         * Sends what was written so far.
         *
         * @throws IOException if it cannot be sent
         */
        void flush() throws IOException;

        /**
         * Redirects the client.
         *
         * @param location where to
         * @throws IOException if it cannot be sent
         */
        default void redirect(String location) throws IOException {
            status(302);
            header("Location", location);
        }

        /**
         * The response is completed later. Only with {@link Capability#ASYNC}.
         *
         * @param timeout after which the framework gives up, with {@link Capability#ASYNC_TIMEOUT}
         * @return completes the response, from any thread
         */
        default Runnable async(Duration timeout) {
            throw new UnsupportedOperationException("the framework has no ASYNC");
        }

        /**
         * Dispatches to another path. Only with {@link Capability#FORWARD}.
         *
         * @param path where to
         * @throws Exception what the handler there throws
         */
        default void forward(String path) throws Exception {
            throw new UnsupportedOperationException("the framework has no FORWARD");
        }

        /**
         * Lets another path add to the response. Only with {@link Capability#INCLUDE}.
         *
         * @param path which
         * @throws Exception what the handler there throws
         */
        default void include(String path) throws Exception {
            throw new UnsupportedOperationException("the framework has no INCLUDE");
        }
    }

    @Test
    void thousands_of_mixed_requests_leave_nothing_on_any_thread() throws Exception {
        handlers.put("/mixed-fine", request -> request.write(bytes("fine")));
        handlers.put("/mixed-throws", request -> {
            throw new StackLessError();
        });
        handlers.put("/mixed-held", request -> request.write(bytes("held")));
        handlers.put("/mixed-async", request -> {
            if (capabilities.contains(Capability.ASYNC)) {
                Runnable complete = request.async(Duration.ofSeconds(30));
                WORKERS.execute(complete);
            }
        });
        guards.at("/mixed-answered", Script.answering(Reply.of(403)));
        guards.at("/mixed-held", Script.holding(10).settleWith(Decision.proceed()));
        List<String> paths = List.of("/mixed-fine", "/mixed-throws", "/mixed-held", "/mixed-async", "/mixed-answered");
        List<Future<Integer>> clients = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            int client = c;
            clients.add(WORKERS.submit(() -> {
                int answered = 0;
                for (int i = 0; i < 500; i++) {
                    answered += get(paths.get((i + client) % paths.size())).status() > 0 ? 1 : 0;
                }
                return answered;
            }));
        }
        int all = 0;
        for (Future<Integer> client : clients) {
            all += client.get();
        }

        assertEquals(2000, all);
        recorder.verify();
        assertEquals(
                2000,
                recorder.exchanges().stream()
                        .filter(r -> r.path().orElse("").startsWith("/mixed-"))
                        .count());
    }
}
