package dev.crosscut.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("ReferenceEquality") // the very objects that the container hands out
class AsyncTest extends ServiceTest {

    private final ExecutorService workers = Executors.newCachedThreadPool();

    @AfterAll
    void stopWorkers() {
        workers.shutdownNow();
    }

    /** Does one thing when it hears of one, and remembers all. */
    private static class Hearing implements AsyncListener {
        final List<String> heard = new ArrayList<>();
        final CompletableFuture<List<String>> complete = new CompletableFuture<>();

        @Override
        public void onComplete(AsyncEvent event) throws IOException {
            hear("complete");
            complete.complete(heard);
        }

        @Override
        public void onTimeout(AsyncEvent event) throws IOException {
            hear("timeout");
        }

        @Override
        public void onError(AsyncEvent event) throws IOException {
            hear("error");
        }

        @Override
        public void onStartAsync(AsyncEvent event) throws IOException {
            hear("start");
        }

        private void hear(String what) {
            heard.add(Exchange.current().map(e -> what).orElse(what + " outside of the exchange"));
        }
    }

    private static void print(AsyncContext context, String text) {
        try {
            context.getResponse().getWriter().print(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Outcome> settled(String path) {
        return service.guard.settled(path).stream()
                .map(TestGuard.Settled::outcome)
                .toList();
    }

    private Outcome outcome(String path) {
        return service.recorded(path).outcome().orElseThrow();
    }

    // Dispatching back

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/", "/both/"})
    void a_dispatch_back_into_the_application_is_within_the_exchange_that_ends_once(String mode) throws Exception {
        String path = mode + "dispatches";
        List<Optional<Exchange>> current = new ArrayList<>();
        service.on("dispatches", (request, response) -> {
            current.add(Exchange.current());
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                response.getWriter().print("first ");
                request.startAsync().dispatch();
            } else {
                response.setStatus(202);
                response.getWriter().print("second " + request.getReader().readLine());
            }
        });

        Wire.Response response = service.post(path, "body");

        assertThat(response.status()).isEqualTo(202);
        assertThat(response.text()).isEqualTo("first second body");
        assertThat(outcome(path)).isEqualTo(Outcome.completed(202));
        assertThat(current)
                .hasSize(2)
                .containsOnly(Optional.of(service.recorded(path).exchange()));
        assertThat(service.guard.settled(path)).hasSize(1);
        assertThat(settled(path)).containsExactly(Outcome.completed(202));
        if (!mode.equals("/plain/")) {
            assertThat(service.guard.settled(path).get(0).response()).hasValue("first second body");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_dispatch_that_goes_asynchronous_again_ends_with_its_last_cycle(String mode) throws Exception {
        String path = mode + "again-and-again";
        AtomicInteger rounds = new AtomicInteger();
        Hearing hearing = new Hearing();
        service.on("again-and-again", (request, response) -> {
            int round = rounds.incrementAndGet();
            response.getWriter().print(round);
            AsyncContext context = request.startAsync();
            if (round == 1) {
                context.addListener(hearing);
            }
            if (round < 4) {
                workers.execute(context::dispatch);
            } else {
                workers.execute(() -> {
                    print(context, " done");
                    context.complete();
                });
            }
        });

        Wire.Response response = service.get(path);

        assertThat(response.text()).isEqualTo("1234 done");
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
        assertThat(settled(path)).containsExactly(Outcome.completed(200));
        assertThat(hearing.heard).containsExactly("start");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_dispatch_from_another_thread_before_the_first_returned_waits_for_it(String mode) throws Exception {
        String path = mode + "early-dispatch";
        service.on("early-dispatch", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                AsyncContext context = request.startAsync();
                workers.submit(() -> context.dispatch()).get();
                response.getWriter().print("first ");
            } else {
                response.getWriter().print("second");
            }
        });

        for (int i = 0; i < 20; i++) {
            assertThat(service.get(path + "?" + i).text()).isEqualTo("first second");
        }
        service.recorder.verify();
        assertThat(settled(path)).hasSize(20).containsOnly(Outcome.completed(200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void completing_before_returning_sends_what_was_written_before(String mode) throws Exception {
        String path = mode + "early-complete";
        service.on("early-complete", (request, response) -> {
            AsyncContext context = request.startAsync();
            response.getWriter().print("written");
            context.complete();
        });

        for (int i = 0; i < 20; i++) {
            assertThat(service.get(path).text()).isEqualTo("written");
        }
        service.recorder.verify();
        assertThat(settled(path)).hasSize(20).containsOnly(Outcome.completed(200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_asynchronous_error_is_sent_after_the_guards_have_settled(String mode) throws Exception {
        String path = mode + "async-send-error";
        service.on("async-send-error", (request, response) -> {
            AsyncContext context = request.startAsync();
            workers.execute(() -> {
                try {
                    ((HttpServletResponse) context.getResponse()).sendError(409, "busy");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                context.complete();
            });
        });
        service.on(
                "error",
                (request, response) -> response.getWriter()
                        .print(settled(path) + " " + Exchange.current().isPresent()));

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(409);
        assertThat(response.text()).endsWith(" true");
        if (mode.equals("/held/")) {
            assertThat(response.text()).isEqualTo(List.of(Outcome.completed(409)) + " true");
        }
        assertThat(outcome(path)).isEqualTo(Outcome.completed(409));
    }

    // Threads

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_task_that_the_context_starts_runs_within_the_exchange_and_leaves_nothing_on_the_thread(String mode)
            throws Exception {
        String path = mode + "starts";
        service.on("starts", (request, response) -> {
            AsyncContext context = request.startAsync();
            CountDownLatch outside = new CountDownLatch(1);
            workers.execute(
                    () -> { // where no exchange is current
                        context.start(() -> {
                            print(
                                    context,
                                    Exchange.current().map(Exchange::path).toString());
                            context.complete();
                        });
                        outside.countDown();
                    });
            outside.await();
        });
        service.on(
                "current",
                (request, response) -> response.getWriter()
                        .print(Exchange.current().orElseThrow().path().orElseThrow()));

        for (int i = 0; i < 20; i++) {
            assertThat(service.get(path).text())
                    .isEqualTo(Optional.of(Optional.of(path)).toString());
            assertThat(service.get("/plain/current").text()).isEqualTo("/plain/current");
        }
    }

    // Time-outs

    private interface PathTest {
        void run(String path) throws Exception;
    }

    /** Both at once: Tomcat looks for time-outs once a second. */
    private void plainAndHeld(String name, PathTest test) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (String mode : List.of("/plain/", "/held/")) {
            running.add(workers.submit(() -> {
                test.run(mode + name);
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    @Test
    void a_listener_that_answers_a_time_out_loses_nothing() throws Exception {
        Map<String, Hearing> hearing = new ConcurrentHashMap<>();
        service.on("answers-timeout", (request, response) -> {
            response.getWriter().print("now");
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            Hearing answering = new Hearing() {
                @Override
                public void onTimeout(AsyncEvent event) throws IOException {
                    super.onTimeout(event);
                    HttpServletResponse late =
                            (HttpServletResponse) event.getAsyncContext().getResponse();
                    late.setStatus(503);
                    late.getWriter().print(" and later");
                    event.getAsyncContext().complete();
                }
            };
            hearing.put(request.getRequestURI(), answering);
            context.addListener(answering);
        });

        plainAndHeld("answers-timeout", path -> {
            Wire.Response response = service.get(path);

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.text()).isEqualTo("now and later");
            assertThat(outcome(path)).isEqualTo(Outcome.completed(503));
            assertThat(settled(path)).containsExactly(Outcome.completed(503));
            assertThat(hearing.get(path).complete.get(20, TimeUnit.SECONDS)).containsExactly("timeout", "complete");
        });
    }

    @Test
    void a_listener_that_dispatches_on_a_time_out_loses_nothing() throws Exception {
        service.on("dispatches-timeout", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                response.setStatus(504);
                response.getWriter().print("late");
                return;
            }
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            context.addListener(new Hearing() {
                @Override
                public void onTimeout(AsyncEvent event) {
                    event.getAsyncContext().dispatch();
                }
            });
        });

        plainAndHeld("dispatches-timeout", path -> {
            Wire.Response response = service.get(path);

            assertThat(response.status()).isEqualTo(504);
            assertThat(response.text()).isEqualTo("late");
            assertThat(outcome(path)).isEqualTo(Outcome.completed(504));
            assertThat(settled(path)).containsExactly(Outcome.completed(504));
        });
    }

    @Test
    void a_time_out_that_nobody_answers_is_settled_before_the_error_page_is_sent_where_the_response_is_held()
            throws Exception {
        service.on("times-out", (request, response) -> {
            response.getWriter().print("void");
            request.startAsync().setTimeout(100);
        });
        service.on(
                "error",
                (request, response) -> response.getWriter()
                        .print(settled((String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI)).stream()
                                .map(o -> o.getClass().getSimpleName())
                                .toList()));

        plainAndHeld("times-out", path -> {
            Wire.Response response = service.get(path, "X-Correlation-ID: timed-out");

            assertThat(response.status()).isEqualTo(500);
            assertThat(response.text()).isEqualTo(path.startsWith("/held/") ? "[Failed]" : "[]");
            assertThat(response.header("X-Correlation-ID")).containsExactly("timed-out");
            Outcome.Failed failed = (Outcome.Failed) outcome(path);
            assertThat(failed.error()).isInstanceOf(TimeoutException.class).hasMessageContaining("100 ms");
            assertThat(failed.status()).hasValue(500);
            assertThat(settled(path)).hasSize(1).allMatch(settled -> settled instanceof Outcome.Failed);
        });
    }

    @Test
    void a_time_out_after_the_response_began_ends_the_exchange() throws Exception {
        service.on("times-out-late", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            response.setContentType("text/event-stream");
            response.getWriter().print("data: 1\n\n");
            response.flushBuffer();
        });

        plainAndHeld("times-out-late", path -> {
            assertThat(service.get(path).status()).isEqualTo(200);
            assertThat(outcome(path)).isInstanceOf(Outcome.Failed.class);
            assertThat(service.guard.settled(path)).hasSize(1);
        });
    }

    @Test
    void an_answer_takes_the_place_of_the_error_page_after_a_time_out() throws Exception {
        String path = "/held/times-out-answered";
        service.guard.settleWith(
                path, Decision.answer(Reply.problem(503, "x", "Try again").reply()));
        service.on("times-out-answered", (request, response) -> {
            response.setHeader("X-Handler", "void");
            request.startAsync().setTimeout(100);
        });

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).contains("Try again");
        assertThat(response.header("X-Handler")).isEmpty();
        assertThat(outcome(path)).isInstanceOf(Outcome.Answered.class);
    }

    @Test
    void what_a_handler_writes_to_a_held_response_after_the_time_out_is_dropped() throws Exception {
        String path = "/held/late";
        CountDownLatch timedOut = new CountDownLatch(1);
        CompletableFuture<String> late = new CompletableFuture<>();
        service.on("late", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            workers.execute(() -> {
                try {
                    timedOut.await();
                    response.setHeader("X-Late", "yes");
                    response.setStatus(299);
                    response.getWriter().print("late");
                    response.getWriter().flush();
                    String committed = String.valueOf(response.isCommitted());
                    try {
                        context.complete();
                        late.complete(committed + " completed");
                    } catch (IllegalStateException e) {
                        late.complete(committed + " refused");
                    }
                } catch (Throwable e) {
                    late.completeExceptionally(e);
                }
            });
        });
        service.on("error", (request, response) -> {
            timedOut.countDown();
            late.get(20, TimeUnit.SECONDS);
            response.getWriter().print("error page");
        });

        Wire.Response response = service.get(path);

        assertThat(response.text()).isEqualTo("error page");
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.header("X-Late")).isEmpty();
        assertThat(late.get()).isEqualTo("true refused");
        assertThat(settled(path)).hasSize(1);
        assertThat(outcome(path)).isInstanceOf(Outcome.Failed.class);
    }

    /** A handler that dispatches while a guard settles its time-out, which Tomcat lets it and Jetty does not. */
    private Wire.Response dispatchLate(String path) throws Exception {
        TestGuard.Gate gate = service.guard.gate(path);
        CompletableFuture<Void> tried = new CompletableFuture<>();
        CompletableFuture<Void> dispatched = new CompletableFuture<>();
        service.on(path.substring(path.lastIndexOf('/') + 1), (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                dispatched.complete(null);
                response.getWriter().print("late");
                return;
            }
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            workers.execute(() -> {
                try {
                    gate.awaitReached();
                    context.dispatch();
                } catch (IllegalStateException refused) {
                    // as it may
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                tried.complete(null);
            });
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET " + path));
            gate.awaitReached();
            tried.get(20, TimeUnit.SECONDS);
            gate.open();
            Wire.Response response = wire.read();
            assertThat(dispatched).isNotDone();
            return response;
        }
    }

    @Test
    void a_dispatch_while_a_time_out_is_settled_does_not_take_the_place_of_the_error_page() throws Exception {
        String path = "/held/dispatched-late";
        service.on("error", (request, response) -> response.getWriter().print("error page"));

        Wire.Response response = dispatchLate(path);

        assertThat(response.text()).isEqualTo("error page");
        assertThat(response.status()).isEqualTo(500);
        assertThat(settled(path)).hasSize(1).allMatch(settled -> settled instanceof Outcome.Failed);
        assertThat(outcome(path)).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void a_dispatch_while_a_time_out_is_settled_does_not_take_the_place_of_an_answer() throws Exception {
        String path = "/held/dispatched-late-answered";
        service.guard.settleWith(
                path, Decision.answer(Reply.problem(503, "x", "Try again").reply()));

        Wire.Response response = dispatchLate(path);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).contains("Try again");
        assertThat(outcome(path)).isInstanceOf(Outcome.Answered.class);
    }

    @Test
    void a_time_out_waits_for_a_handler_whose_response_is_being_settled_and_then_sends_that() throws Exception {
        String path = "/held/just-done";
        TestGuard.Gate gate = service.guard.gate(path);
        CompletableFuture<Void> completed = new CompletableFuture<>();
        service.on("just-done", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(100);
            workers.execute(() -> {
                print(context, "just done");
                try {
                    context.complete();
                    completed.complete(null);
                } catch (Throwable e) {
                    completed.completeExceptionally(e);
                }
            });
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET " + path));
            gate.awaitReached();
            assertThat(wire.isSilent(700))
                    .as("nothing is sent while the guard settles")
                    .isTrue();
            gate.open();
            Wire.Response response = wire.read();
            assertThat(response.text()).isEqualTo("just done");
            assertThat(response.status()).isEqualTo(200);
        }
        completed.get(20, TimeUnit.SECONDS);
        assertThat(settled(path)).containsExactly(Outcome.completed(200));
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
    }

    // Errors

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_exception_after_going_asynchronous_fails_the_exchange_before_the_error_page_is_sent(String mode)
            throws Exception {
        String path = mode + "async-throws";
        IllegalStateException thrown = new IllegalStateException("on purpose");
        service.on("async-throws", (request, response) -> {
            response.getWriter().print("discarded");
            request.startAsync();
            throw thrown;
        });
        service.on(
                "error",
                (request, response) -> response.getWriter()
                        .print(settled(path).stream()
                                .map(o -> o.getClass().getSimpleName())
                                .toList()));

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).isEqualTo("[Failed]");
        assertThat(outcome(path)).isEqualTo(Outcome.failed(thrown, 500));
        assertThat(service.guard.settled(path)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void an_exception_in_a_dispatch_back_fails_the_exchange_before_the_error_page_is_sent(String mode)
            throws Exception {
        String path = mode + "dispatch-throws";
        IllegalStateException thrown = new IllegalStateException("on purpose");
        service.on("dispatch-throws", (request, response) -> {
            response.getWriter().print("discarded");
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw thrown;
            }
            request.startAsync().dispatch();
        });
        service.on(
                "error",
                (request, response) -> response.getWriter()
                        .print(settled(path).stream()
                                .map(o -> o.getClass().getSimpleName())
                                .toList()));

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).isEqualTo("[Failed]");
        assertThat(outcome(path)).isEqualTo(Outcome.failed(thrown, 500));
    }

    @Test
    void an_exception_in_a_dispatch_back_after_the_response_began_ends_the_exchange() throws Exception {
        String path = "/plain/dispatch-throws-late";
        IllegalStateException thrown = new IllegalStateException("on purpose");
        service.on("dispatch-throws-late", (request, response) -> {
            response.getWriter().print("the beginning");
            response.flushBuffer();
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw thrown;
            }
            request.startAsync().dispatch();
        });

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(200);
        assertThat(outcome(path)).isEqualTo(Outcome.failed(thrown, 200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_listener_that_answers_an_error_is_heard_as_far_as_the_container_lets_it(String mode) throws Exception {
        String path = mode + "answers-error";
        Hearing hearing = new Hearing() {
            @Override
            public void onError(AsyncEvent event) throws IOException {
                super.onError(event);
                HttpServletResponse response =
                        (HttpServletResponse) event.getAsyncContext().getResponse();
                if (!response.isCommitted()) {
                    response.setStatus(503);
                    response.getWriter().print("sorry");
                }
                event.getAsyncContext().complete();
            }
        };
        service.on("answers-error", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.addListener(hearing);
            throw new IllegalStateException("on purpose");
        });
        service.on("error", (request, response) -> response.getWriter().print("error page"));

        Wire.Response response = service.get(path);

        // Tomcat sends its error page before it tells listeners of the error, Jetty only where they do nothing.
        assertThat(response.text()).isEqualTo(container == Servers.JETTY ? "sorry" : "error page");
        assertThat(response.status()).isEqualTo(container == Servers.JETTY ? 503 : 500);
        assertThat(hearing.complete.get(20, TimeUnit.SECONDS)).containsExactly("error", "complete");
        assertThat(outcome(path)).isInstanceOf(Outcome.Failed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_listener_that_throws_keeps_neither_the_others_nor_the_exchange_from_hearing(String mode) throws Exception {
        String path = mode + "listener-throws";
        Hearing second = new Hearing();
        service.on("listener-throws", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.addListener(new Hearing() {
                @Override
                public void onComplete(AsyncEvent event) {
                    throw new IllegalStateException("on purpose");
                }
            });
            context.addListener(second, request, response);
            workers.execute(context::complete);
        });

        assertThat(service.get(path).status()).isEqualTo(200);
        assertThat(second.complete.get(20, TimeUnit.SECONDS)).containsExactly("complete");
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_client_that_goes_away_from_a_stream_ends_the_exchange(String mode) throws Exception {
        String path = mode + "stream-abandoned";
        CompletableFuture<Void> done = new CompletableFuture<>();
        service.on("stream-abandoned", (request, response) -> {
            AsyncContext context = request.startAsync();
            response.setContentType("text/event-stream");
            workers.execute(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        response.getOutputStream().write(new byte[16 * 1024]);
                        response.flushBuffer();
                    }
                    done.completeExceptionally(new AssertionError("the client was never missed"));
                } catch (IOException e) {
                    try {
                        context.complete();
                    } catch (IllegalStateException containerKnows) {
                        // as it may
                    }
                    done.complete(null);
                }
            });
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET " + path));
            assertThat(wire.readHead().status()).isEqualTo(200);
            wire.abort();
        }

        done.get(20, TimeUnit.SECONDS);
        assertThat(outcome(path)).isNotInstanceOf(Outcome.Answered.class);
        assertThat(service.guard.settled(path)).hasSize(1);
    }

    // Going around the request

    @ParameterizedTest
    @ValueSource(strings = {"/plain/", "/held/"})
    void a_handler_that_unwraps_the_request_to_go_asynchronous_is_followed_all_the_same(String mode) throws Exception {
        String path = mode + "unwraps";
        CountDownLatch returned = new CountDownLatch(1);
        service.on("unwraps", (request, response) -> {
            HttpServletRequest bare = request;
            while (bare instanceof HttpServletRequestWrapper wrapper) {
                bare = (HttpServletRequest) wrapper.getRequest();
            }
            AsyncContext context = bare.startAsync(bare, response);
            response.getWriter().print("before ");
            workers.execute(() -> {
                try {
                    returned.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                print(context, "after");
                context.complete();
            });
        });

        try (Wire wire = new Wire(service.port())) {
            wire.send(Wire.request("", "GET " + path));
            assertThat(wire.isSilent(300)).isTrue();
            assertThat(service.recorder.exchanges().stream()
                            .filter(r -> r.path().equals(Optional.of(path))))
                    .allMatch(r -> r.outcome().isEmpty());
            returned.countDown();
            assertThat(wire.read().text()).isEqualTo("before after");
        }
        assertThat(outcome(path)).isEqualTo(Outcome.completed(200));
        assertThat(settled(path)).containsExactly(Outcome.completed(200));
    }

    @Test
    void an_answer_in_place_of_an_asynchronous_response_is_what_the_client_gets() throws Exception {
        String path = "/held/async-replaced";
        service.guard.settleWith(
                path, Decision.answer(Reply.problem(503, "x", "Not stored").reply()));
        service.on("async-replaced", (request, response) -> {
            AsyncContext context = request.startAsync();
            workers.execute(() -> {
                print(context, "never seen");
                context.complete();
            });
        });

        Wire.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).contains("Not stored").doesNotContain("never seen");
        assertThat(outcome(path)).isInstanceOf(Outcome.Answered.class);
    }

    @Test
    void the_context_is_the_same_each_time_and_refuses_what_the_container_refuses() throws Exception {
        CompletableFuture<Boolean> same = new CompletableFuture<>();
        service.on("same-context", (request, response) -> {
            assertThatThrownBy(request::getAsyncContext).isInstanceOf(IllegalStateException.class);
            AsyncContext context = request.startAsync(request, response);
            assertThat(context.hasOriginalRequestAndResponse()).isTrue();
            assertThat(context.getRequest()).isSameAs(request);
            assertThat(context.getResponse()).isSameAs(response);
            assertThatThrownBy(request::startAsync).isInstanceOf(IllegalStateException.class);
            same.complete(request.getAsyncContext() == context);
            context.complete();
        });

        assertThat(service.get("/held/same-context").status()).isEqualTo(200);
        assertThat(same.get()).isTrue();
    }
}
