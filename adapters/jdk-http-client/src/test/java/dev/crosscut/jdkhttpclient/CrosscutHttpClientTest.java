package dev.crosscut.jdkhttpclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Reply;
import dev.crosscut.tck.RecordingObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the contract of clients cannot know: what the JDK's client has and others have not. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CrosscutHttpClientTest {

    private static final int PATIENCE_SECONDS = 30;

    private final RecordingObserver recorder = new RecordingObserver();
    private Consumer<Exchange> begin = exchange -> {};
    private Consumer<Exchange> end = exchange -> {};
    private Consumer<Exchange> admit = exchange -> {};
    private Decision settlement = Decision.proceed();
    private int requestBytes;
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .observer(recorder)
            .binding(recorder)
            .observer(new TestObserver())
            .guard(new TestGuard())
            .build();
    private final ExecutorService serving = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final HttpClient client = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);

    private final class TestObserver implements Observer {
        @Override
        public void begin(Exchange exchange) {
            begin.accept(exchange);
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            end.accept(exchange);
        }
    }

    private final class TestGuard implements Guard {
        @Override
        public Phase phase() {
            return Phase.RECORD;
        }

        @Override
        public int requestBytes(Exchange exchange) {
            return requestBytes;
        }

        @Override
        public Decision admit(Exchange exchange) {
            admit.accept(exchange);
            return Decision.proceed();
        }

        @Override
        public Decision settle(Exchange exchange, Outcome outcome) {
            return settlement;
        }
    }

    CrosscutHttpClientTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(serving);
        server.start();
    }

    @AfterEach
    void close() {
        recorder.verify();
        assertThat(crosscut.faults()).doesNotContainKey("dev.crosscut.core.Scope");
        crosscut.close();
        server.stop(0);
        serving.shutdown();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
    }

    private void serve(String path, String body) {
        server.createContext(path, http -> {
            http.getRequestBody().readAllBytes();
            http.sendResponseHeaders(200, body.length());
            http.getResponseBody().write(body.getBytes(UTF_8));
            http.close();
        });
    }

    private Outcome onlyOutcome() {
        return recorder.only(r -> r.exchange().kind() == Exchange.Kind.CLIENT)
                .outcome()
                .orElseThrow();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    // Bodies that are read later

    /** Sends the first half, and the second once it may. */
    private CompletableFuture<Void> serveInHalves() {
        CompletableFuture<Void> secondHalf = new CompletableFuture<>();
        server.createContext("/halves", http -> {
            http.sendResponseHeaders(200, 0);
            http.getResponseBody().write("first ".getBytes(UTF_8));
            http.getResponseBody().flush();
            secondHalf.join();
            http.getResponseBody().write("second".getBytes(UTF_8));
            http.close();
        });
        return secondHalf;
    }

    @Test
    void a_stream_is_handed_over_as_it_arrives_and_its_exchange_has_ended_with_the_headers() throws Exception {
        CompletableFuture<Void> secondHalf = serveInHalves();

        HttpResponse<InputStream> response = client.send(to("/halves").build(), BodyHandlers.ofInputStream());

        try (InputStream body = response.body()) {
            assertThat(onlyOutcome()).isEqualTo(Outcome.completed(200));
            assertThat(body.readNBytes(6)).isEqualTo("first ".getBytes(UTF_8));
            secondHalf.complete(null);
            assertThat(body.readAllBytes()).isEqualTo("second".getBytes(UTF_8));
        }
    }

    @Test
    void a_published_body_reaches_its_subscriber_within_the_exchange_of_the_caller() throws Exception {
        CompletableFuture<Void> secondHalf = serveInHalves();
        CompletableFuture<Exchange> caller = new CompletableFuture<>();
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> response = crosscut.call("caller", () -> {
            caller.complete(Exchange.current().orElseThrow());
            return client.sendAsync(to("/halves").build(), BodyHandlers.ofPublisher());
        });
        Sighting sighting = new Sighting();
        BodySubscriber<String> subscriber = sighting.watching(BodySubscribers.ofString(UTF_8));

        get(response).body().subscribe(subscriber);
        secondHalf.complete(null);

        assertThat(get(subscriber.getBody().toCompletableFuture())).isEqualTo("first second");
        assertThat(sighting.at("onNext")).containsSame(get(caller));
        assertThat(sighting.at("onComplete")).containsSame(get(caller));
    }

    // The caller's exchange

    /** The exchange that was current in each method of a body handler and its subscriber. */
    private static final class Sighting {
        private final Map<String, Optional<Exchange>> current = new ConcurrentHashMap<>();

        Optional<Exchange> at(String method) {
            return Optional.ofNullable(current.get(method)).orElseThrow();
        }

        private void in(String method) {
            current.put(method, Exchange.current());
        }

        BodyHandler<String> handler() {
            return head -> {
                in("apply");
                return watching(BodySubscribers.mapping(BodySubscribers.ofString(UTF_8), body -> {
                    in("mapping");
                    return body;
                }));
            };
        }

        <T> BodySubscriber<T> watching(BodySubscriber<T> subscriber) {
            return new BodySubscriber<>() {
                @Override
                public CompletionStage<T> getBody() {
                    in("getBody");
                    return subscriber.getBody();
                }

                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    in("onSubscribe");
                    subscriber.onSubscribe(subscription);
                }

                @Override
                public void onNext(List<ByteBuffer> item) {
                    in("onNext");
                    subscriber.onNext(item);
                }

                @Override
                public void onError(Throwable failure) {
                    in("onError");
                    subscriber.onError(failure);
                }

                @Override
                public void onComplete() {
                    in("onComplete");
                    subscriber.onComplete();
                }
            };
        }
    }

    @Test
    void a_body_handler_and_its_subscriber_run_within_the_exchange_of_the_caller() throws Exception {
        serve("/watched", "body");
        for (boolean async : List.of(false, true)) {
            Sighting sighting = new Sighting();
            Exchange caller = crosscut.call("caller", () -> {
                HttpRequest request = to("/watched").build();
                HttpResponse<String> response = async
                        ? get(client.sendAsync(request, sighting.handler()))
                        : client.send(request, sighting.handler());
                assertThat(response.body()).isEqualTo("body");
                return Exchange.current().orElseThrow();
            });

            assertThat(sighting.current)
                    .containsOnlyKeys("apply", "onSubscribe", "onNext", "onComplete", "getBody", "mapping");
            assertThat(sighting.current.values())
                    .allSatisfy(current -> assertThat(current).containsSame(caller));
        }
    }

    @Test
    void a_subscriber_hears_of_a_failure_within_the_exchange_of_the_caller_and_the_head_is_known() throws Exception {
        server.createContext("/cut", http -> {
            http.getResponseHeaders().set("X-Answer", "yes");
            http.sendResponseHeaders(201, 100);
            http.getResponseBody().write("only this".getBytes(UTF_8));
            http.getResponseBody().flush();
            http.close();
        });
        CompletableFuture<OptionalInt> status = new CompletableFuture<>();
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        end = exchange -> {
            if (exchange.kind() == Exchange.Kind.CLIENT) {
                status.complete(exchange.status());
                answer.complete(exchange.responseHeaders("x-answer"));
            }
        };
        Sighting sighting = new Sighting();

        Exchange caller = crosscut.call("caller", () -> {
            assertThatThrownBy(() -> client.send(to("/cut").build(), sighting.handler()))
                    .isInstanceOf(IOException.class);
            return Exchange.current().orElseThrow();
        });

        assertThat(sighting.at("onError")).containsSame(caller);
        assertThat(onlyOutcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(get(status)).hasValue(201);
        assertThat(get(answer)).containsExactly("yes");
    }

    @Test
    void outside_of_any_exchange_a_body_handler_runs_outside_of_any() throws Exception {
        serve("/watched", "body");
        Sighting sighting = new Sighting();

        get(client.sendAsync(to("/watched").build(), sighting.handler()));

        assertThat(sighting.current.values())
                .hasSize(6)
                .allSatisfy(current -> assertThat(current).isEmpty());
    }

    @Test
    void the_threads_of_the_client_carry_nothing_when_a_task_is_done() throws Exception {
        serve("/watched", "body");
        AtomicInteger carried = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        HttpClient pooled = CrosscutHttpClient.wrap(
                HttpClient.newBuilder()
                        .executor(task -> threads.execute(() -> {
                            task.run();
                            ran.incrementAndGet();
                            Exchange.current().ifPresent(left -> carried.incrementAndGet());
                        }))
                        .build(),
                crosscut);
        for (int i = 0; i < 200; i++) {
            List<CompletableFuture<HttpResponse<String>>> responses = crosscut.call("caller", () -> {
                List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
                all.add(pooled.sendAsync(to("/watched").build(), BodyHandlers.ofString()));
                all.add(pooled.sendAsync(to("/watched").build(), BodyHandlers.ofString()));
                pooled.send(to("/watched").build(), BodyHandlers.ofString());
                return all;
            });
            for (CompletableFuture<HttpResponse<String>> each : responses) {
                assertThat(get(each).body()).isEqualTo("body");
            }
        }
        threads.shutdown();

        assertThat(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).hasValueGreaterThan(400);
        assertThat(carried).hasValue(0);
    }

    // Cancellation

    @Test
    void a_future_that_is_only_forsaken_lets_the_request_go_on() throws Exception {
        CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
        server.createContext("/forsaken", http -> {
            mayAnswer.join();
            http.sendResponseHeaders(204, -1);
            http.close();
        });
        CompletableFuture<HttpResponse<Void>> response =
                client.sendAsync(to("/forsaken").build(), BodyHandlers.discarding());

        assertThat(response.cancel(false)).isTrue();
        mayAnswer.complete(null);

        assertThat(onlyOutcome()).isEqualTo(Outcome.completed(204));
    }

    @Test
    void cancelling_what_was_derived_from_the_future_aborts_the_request() throws Exception {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
        server.createContext("/derived", http -> {
            arrived.complete(null);
            mayAnswer.join();
            http.close();
        });
        CompletableFuture<HttpResponse<Void>> response =
                client.sendAsync(to("/derived").build(), BodyHandlers.discarding());
        CompletableFuture<Integer> derived =
                response.thenApply(HttpResponse::statusCode).whenComplete((status, failure) -> {});
        get(arrived);

        assertThat(derived.cancel(true)).isTrue();

        assertThat(onlyOutcome()).isInstanceOf(Outcome.Cancelled.class);
        assertThat(response).failsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
        mayAnswer.complete(null);
    }

    @Test
    void whoever_keeps_a_derived_future_does_not_keep_the_response() throws Exception {
        serve("/kept", "body");
        CompletableFuture<WeakReference<HttpResponse<String>>> derived =
                client.sendAsync(to("/kept").build(), BodyHandlers.ofString()).thenApply(WeakReference::new);
        WeakReference<HttpResponse<String>> response = get(derived);

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (response.get() != null && System.nanoTime() - deadline < 0) {
            System.gc();
            LockSupport.parkNanos(10_000_000);
        }

        assertThat(response.get()).isNull();
        assertThat(derived).isDone();
    }

    // Faults

    @Test
    void a_header_that_the_client_does_not_allow_is_a_fault_of_the_observer_that_set_it() throws Exception {
        serve("/restricted", "body");
        begin = exchange -> exchange.requestHeader("Host", "elsewhere");

        assertThat(client.send(to("/restricted").build(), BodyHandlers.ofString())
                        .body())
                .isEqualTo("body");
        assertThat(get(client.sendAsync(to("/restricted").build(), BodyHandlers.ofString()))
                        .body())
                .isEqualTo("body");
        assertThat(crosscut.faults()).containsEntry(TestObserver.class.getName(), 2L);
    }

    @Test
    void a_header_that_the_client_does_not_allow_refuses_where_a_guard_sets_it() {
        admit = exchange -> exchange.requestHeader("X-Split", "a\r\nb");

        assertThatThrownBy(() -> client.send(to("/never").build(), BodyHandlers.ofString()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reply().status()).isEqualTo(500));
        assertThat(crosscut.faults()).containsEntry(TestGuard.class.getName(), 1L);
    }

    @Test
    void a_failing_virtual_machine_leaves_no_caller_waiting() {
        serve("/fatal", "body");
        end = exchange -> {
            throw new StackOverflowError("on purpose");
        };

        CompletableFuture<HttpResponse<String>> response =
                client.sendAsync(to("/fatal").build(), BodyHandlers.ofString());

        assertThatThrownBy(() -> get(response)).hasCauseInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> client.send(to("/fatal").build(), BodyHandlers.ofString()))
                .isInstanceOf(StackOverflowError.class);
    }

    // Responses that the caller never gets

    @Test
    void the_body_of_a_withheld_response_is_closed() throws Exception {
        CompletableFuture<Void> streamGone = serveUntilGone("/withheld-stream");
        CompletableFuture<Void> linesGone = serveUntilGone("/withheld-lines");
        CompletableFuture<Void> publisherGone = serveUntilGone("/withheld-publisher");
        settlement = Decision.answer(Reply.of(503));

        assertThatThrownBy(() -> client.send(to("/withheld-stream").build(), BodyHandlers.ofInputStream()))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> client.send(to("/withheld-lines").build(), BodyHandlers.ofLines()))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> get(client.sendAsync(to("/withheld-publisher").build(), BodyHandlers.ofPublisher())))
                .hasCauseInstanceOf(RefusedException.class);

        get(streamGone);
        get(linesGone);
        get(publisherGone);
    }

    /** Sends without end, until the client closes the connection. */
    private CompletableFuture<Void> serveUntilGone(String path) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        server.createContext(path, http -> {
            http.sendResponseHeaders(200, 0);
            byte[] block = new byte[64 * 1024];
            try {
                while (true) {
                    http.getResponseBody().write(block);
                }
            } catch (IOException e) {
                gone.complete(null);
            }
        });
        return gone;
    }

    // Request bodies that a guard needs

    /** A publisher that can publish once, as one that reads from elsewhere. */
    private static BodyPublisher once(String body) {
        AtomicInteger subscribed = new AtomicInteger();
        return BodyPublishers.ofInputStream(() -> {
            if (subscribed.incrementAndGet() > 1) {
                throw new IllegalStateException("the body was asked for twice");
            }
            return new ByteArrayInputStream(body.getBytes(UTF_8));
        });
    }

    @Test
    void a_body_of_unknown_length_that_a_guard_needs_is_published_once_and_sent_as_one() throws Exception {
        requestBytes = 100;
        List<Optional<String>> seen = new ArrayList<>();
        List<String> received = new ArrayList<>();
        admit = exchange ->
                seen.add(exchange.requestBody().map(body -> UTF_8.decode(body).toString()));
        server.createContext("/needed", http -> {
            received.add(
                    http.getRequestMethod() + " " + http.getRequestHeaders().get("Transfer-encoding") + " "
                            + http.getRequestHeaders().get("Content-length") + " "
                            + new String(http.getRequestBody().readAllBytes(), UTF_8));
            http.sendResponseHeaders(204, -1);
            http.close();
        });

        client.send(to("/needed").PUT(once("streamed")).build(), BodyHandlers.discarding());
        get(client.sendAsync(to("/needed").POST(once("later")).build(), BodyHandlers.discarding()));
        client.send(to("/needed").POST(BodyPublishers.ofString("known")).build(), BodyHandlers.discarding());
        client.send(to("/needed").build(), BodyHandlers.discarding());

        assertThat(seen)
                .containsExactly(Optional.of("streamed"), Optional.of("later"), Optional.of("known"), Optional.of(""));
        assertThat(received.subList(0, 3))
                .containsExactly("PUT [chunked] null streamed", "POST [chunked] null later", "POST null [5] known");
        assertThat(received.get(3)).startsWith("GET null");
    }

    @Test
    void a_body_of_unknown_length_over_the_bound_is_refused() {
        requestBytes = 4;

        assertThatThrownBy(() -> client.send(to("/never").POST(once("12345")).build(), BodyHandlers.discarding()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.reply().status()).isEqualTo(413));
    }

    @Test
    void a_body_that_cannot_be_published_is_refused() {
        requestBytes = 100;
        BodyPublisher broken = BodyPublishers.fromPublisher(subscriber -> {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {}

                @Override
                public void cancel() {}
            });
            subscriber.onError(new IOException("on purpose"));
        });
        BodyPublisher throwing = BodyPublishers.fromPublisher(subscriber -> {
            throw new IllegalStateException("on purpose");
        });

        for (BodyPublisher each : List.of(broken, throwing)) {
            HttpRequest request = to("/never").POST(each).build();
            assertThatThrownBy(() -> client.send(request, BodyHandlers.discarding()))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reply().status()).isEqualTo(400));
            assertThatThrownBy(() -> get(client.sendAsync(request, BodyHandlers.discarding())))
                    .hasCauseInstanceOf(RefusedException.class);
        }
    }

    @Test
    void an_interrupt_while_a_body_is_published_is_kept() {
        requestBytes = 100;
        BodyPublisher never = BodyPublishers.fromPublisher(subscriber -> {});
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> client.send(to("/never").POST(never).build(), BodyHandlers.discarding()))
                .isInstanceOf(RefusedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void the_root_of_a_server_is_a_path_too() throws Exception {
        serve("/", "root");
        URI root = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "?x=/y");

        client.send(HttpRequest.newBuilder(root).build(), BodyHandlers.discarding());

        assertThat(recorder.only(r -> true).path()).contains("/");
    }
}
