package dev.crosscut.jdkhttpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Outcome;
import dev.crosscut.tck.RecordingObserver;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What reaches the client that is wrapped, seen from a client that sends nothing. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WrappedClientTest {

    private static final URI ANYWHERE = URI.create("http://127.0.0.1/payments/1?x=y");

    private final RecordingObserver recorder = new RecordingObserver();
    private CompletableFuture<Decision> decision = CompletableFuture.completedFuture(Decision.proceed());
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .observer(recorder)
            .binding(recorder)
            .guard(new LateGuard())
            .build();
    private final StubClient stub;
    private final HttpClient client;

    /** Decides on outgoing requests when the test does. */
    private final class LateGuard implements Guard.Async {
        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public CompletionStage<Decision> admitAsync(Exchange exchange) {
            return exchange.kind() == Exchange.Kind.CLIENT
                    ? decision
                    : CompletableFuture.completedFuture(Decision.proceed());
        }

        @Override
        public CompletionStage<Decision> settleAsync(Exchange exchange, Outcome outcome) {
            return CompletableFuture.completedFuture(Decision.proceed());
        }
    }

    WrappedClientTest() throws Exception {
        stub = new StubClient();
        client = CrosscutHttpClient.wrap(stub, crosscut);
    }

    @AfterEach
    void close() {
        crosscut.close();
    }

    private static Stream<Method> methodsOfHttpClient() {
        return Stream.of(HttpClient.class.getDeclaredMethods())
                .filter(method ->
                        Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()));
    }

    @Test
    void every_method_that_a_client_has_on_this_version_of_Java_is_overridden() {
        assertThat(methodsOfHttpClient())
                .hasSizeGreaterThanOrEqualTo(13)
                .allSatisfy(method -> assertThat(
                                WrappedClient.class.getDeclaredMethod(method.getName(), method.getParameterTypes()))
                        .isNotNull());
    }

    @Test
    void every_method_but_those_that_send_is_passed_on() throws Exception {
        for (Method method : methodsOfHttpClient().toList()) {
            if (method.getName().startsWith("send")) {
                continue;
            }
            Object[] arguments = method.getParameterCount() == 0 ? new Object[0] : new Object[] {Duration.ofDays(1)};
            stub.asked.clear();

            Object returned = method.invoke(client, arguments);

            assertThat(stub.asked).containsExactly(method.getName());
            if (returned instanceof Boolean flag) {
                assertThat(flag).isTrue();
            }
        }
        assertThat(client.connectTimeout()).contains(Duration.ofSeconds(7));
        assertThat(client.followRedirects()).isEqualTo(HttpClient.Redirect.ALWAYS);
        assertThat(client.proxy()).contains(StubClient.NO_PROXY);
        assertThat(client.sslContext()).isSameAs(stub.context);
        assertThat(client.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(client.executor()).isPresent();
        assertThat(client).hasToString("wrapped " + stub);
    }

    @Test
    void closing_closes_the_client_since_Java_21() throws Exception {
        assumeThat(HttpClient.class.getInterfaces()).contains(AutoCloseable.class);
        HttpClient closed = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);

        ((AutoCloseable) (Object) closed).close();

        assertThat(HttpClient.class.getMethod("isTerminated").invoke(closed)).isEqualTo(true);
        assertThatThrownBy(() -> closed.send(HttpRequest.newBuilder(ANYWHERE).build(), BodyHandlers.discarding()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        recorder.verify();
    }

    @Test
    void what_the_client_throws_when_it_is_closed_is_thrown_since_Java_21() throws Exception {
        assumeThat(HttpClient.class.getInterfaces()).contains(AutoCloseable.class);
        Method await = HttpClient.class.getMethod("awaitTermination", Duration.class);

        assertThatThrownBy(() -> await.invoke(client, Duration.ofSeconds(-1)))
                .isInstanceOf(InvocationTargetException.class)
                .hasCauseExactlyInstanceOf(InterruptedException.class)
                .hasRootCauseMessage("as asked");
    }

    @Test
    void closing_says_so_where_there_is_no_such_thing_before_Java_21() {
        assumeThat(HttpClient.class.getInterfaces()).doesNotContain(AutoCloseable.class);

        assertThatThrownBy(((WrappedClient) client)::close)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("HttpClient.close came with Java 21; this is Java "
                        + Runtime.version().feature());
    }

    @Test
    void a_client_that_is_wrapped_already_is_not_wrapped_again() {
        assertThat(CrosscutHttpClient.wrap(client, crosscut)).isSameAs(client);
        try (Crosscut other = Crosscut.builder().discoverPlugins(false).build()) {
            assertThat(CrosscutHttpClient.wrap(client, other)).isNotSameAs(client);
        }
    }

    @Test
    void nothing_begins_without_a_request_and_a_body_handler() {
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE).build();
        BodyHandler<Void> handler = BodyHandlers.discarding();

        assertThatNullPointerException().isThrownBy(() -> client.send(null, handler));
        assertThatNullPointerException().isThrownBy(() -> client.send(request, null));
        assertThatNullPointerException().isThrownBy(() -> client.sendAsync(null, handler));
        assertThatNullPointerException().isThrownBy(() -> client.sendAsync(request, null));
        assertThatNullPointerException().isThrownBy(() -> client.sendAsync(request, null, null));
        assertThat(recorder.exchanges()).isEmpty();
    }

    @Test
    void what_the_client_throws_at_once_fails_the_future() throws Exception {
        IllegalArgumentException unsupported = new IllegalArgumentException("on purpose");
        HttpClient throwing = clientThatReturns(() -> {
            throw unsupported;
        });

        CompletableFuture<HttpResponse<Void>> response =
                throwing.sendAsync(HttpRequest.newBuilder(ANYWHERE).build(), BodyHandlers.discarding());

        assertThatThrownBy(response::join)
                .isInstanceOf(CompletionException.class)
                .hasCause(unsupported);
        assertThat(recorder.only(each -> true).outcome())
                .hasValueSatisfying(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                Outcome.Failed.class,
                                failed -> assertThat(failed.error()).isSameAs(unsupported)));
    }

    @Test
    void a_client_that_returns_nothing_leaves_no_caller_waiting_and_no_exchange_open() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE).build();
        HttpClient noFuture = clientThatReturns(() -> null);
        HttpClient noResponse = clientThatReturns(() -> CompletableFuture.completedFuture(null));

        assertThat(noFuture.sendAsync(request, BodyHandlers.discarding())).isCompletedExceptionally();
        assertThat(noResponse.sendAsync(request, BodyHandlers.discarding())).isCompletedExceptionally();
        assertThatNullPointerException().isThrownBy(() -> noResponse.send(request, BodyHandlers.discarding()));
        recorder.verify();
    }

    private HttpClient clientThatReturns(Supplier<CompletableFuture<?>> response) throws Exception {
        StubClient returning = new StubClient() {
            @Override
            public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
                return null;
            }

            @Override
            @SuppressWarnings("unchecked") // it has no response
            public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
                return (CompletableFuture<HttpResponse<T>>) response.get();
            }
        };
        return CrosscutHttpClient.wrap(returning, crosscut);
    }

    @Test
    void a_request_keeps_all_but_the_headers_that_are_set_on_it() {
        BodyPublisher body = BodyPublishers.ofString("body");
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE)
                .method("PATCH", body)
                .timeout(Duration.ofSeconds(3))
                .version(HttpClient.Version.HTTP_1_1)
                .expectContinue(true)
                .header("X-Own", "one")
                .header("X-Own", "two")
                .header("x-correlation-id", "mine")
                .build();

        assertThat(client.sendAsync(request, BodyHandlers.discarding())).isNotDone();
        assertThat(client.sendAsync(request, BodyHandlers.discarding())).isNotDone();

        HttpRequest first = stub.requests.get(0);
        HttpRequest second = stub.requests.get(1);
        assertThat(List.of(first, second)).allSatisfy(sent -> {
            assertThat(sent.uri()).isEqualTo(ANYWHERE);
            assertThat(sent.method()).isEqualTo("PATCH");
            assertThat(sent.bodyPublisher()).containsSame(body);
            assertThat(sent.timeout()).contains(Duration.ofSeconds(3));
            assertThat(sent.version()).contains(HttpClient.Version.HTTP_1_1);
            assertThat(sent.expectContinue()).isTrue();
            assertThat(sent.headers().allValues("X-Own")).containsExactly("one", "two");
            assertThat(sent.headers().allValues("X-Correlation-ID")).hasSize(1).doesNotContain("mine");
        });
        assertThat(first.headers().map()).isNotEqualTo(second.headers().map());
        assertThat(request.headers().allValues("X-Correlation-ID")).containsExactly("mine");
        assertThat(recorder.exchanges()).hasSize(2);
    }

    @Test
    void a_request_without_a_body_stays_without_one() {
        HttpRequest get = HttpRequest.newBuilder(ANYWHERE).build();
        HttpRequest delete = HttpRequest.newBuilder(ANYWHERE).DELETE().build();

        assertThat(client.sendAsync(get, BodyHandlers.discarding())).isNotDone();
        assertThat(client.sendAsync(delete, BodyHandlers.discarding())).isNotDone();

        assertThat(stub.requests)
                .hasSize(2)
                .allSatisfy(sent -> assertThat(sent.bodyPublisher()).isEmpty());
    }

    @Test
    void a_request_on_which_nothing_is_set_is_sent_as_it_is() {
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE).build();
        try (Crosscut bare = Crosscut.builder()
                .discoverPlugins(false)
                .property("crosscut.correlation.enabled", "false")
                .build()) {
            CompletableFuture<?> response =
                    CrosscutHttpClient.wrap(stub, bare).sendAsync(request, BodyHandlers.discarding());

            assertThat(stub.requests).containsExactly(request);
            response.cancel(true);
        }
    }

    @Test
    void a_request_is_sent_within_the_exchange_of_the_caller_whoever_lets_it_proceed() throws Exception {
        CompletableFuture<Optional<Exchange>> current = new CompletableFuture<>();
        HttpClient sending = clientThatReturns(() -> {
            current.complete(Exchange.current());
            return CompletableFuture.failedFuture(new IOException("on purpose"));
        });
        CompletableFuture<Exchange> caller = new CompletableFuture<>();
        decision = new CompletableFuture<>();
        CompletableFuture<HttpResponse<Void>> response = crosscut.call("caller", () -> {
            caller.complete(Exchange.current().orElseThrow());
            return sending.sendAsync(HttpRequest.newBuilder(ANYWHERE).build(), BodyHandlers.discarding());
        });

        CompletableFuture.runAsync(() -> decision.complete(Decision.proceed())).get(20, TimeUnit.SECONDS);

        assertThat(response).failsWithin(Duration.ofSeconds(20));
        assertThat(current).isCompletedWithValueMatching(exchange -> exchange.equals(Optional.of(caller.join())));
    }

    @Test
    void a_request_that_is_cancelled_before_a_guard_lets_it_proceed_never_reaches_the_client() {
        decision = new CompletableFuture<>();
        CompletableFuture<HttpResponse<Void>> response =
                client.sendAsync(HttpRequest.newBuilder(ANYWHERE).build(), BodyHandlers.discarding());

        assertThat(response.cancel(true)).isTrue();
        decision.complete(Decision.proceed());

        assertThat(stub.requests).isEmpty();
        recorder.verify();
    }

    @Test
    void a_handler_of_pushed_promises_and_what_it_accepts_run_within_the_exchange_of_the_caller() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE).build();
        CompletableFuture<Exchange> caller = new CompletableFuture<>();
        CompletableFuture<Optional<Exchange>> handled = new CompletableFuture<>();
        CompletableFuture<Optional<Exchange>> accepted = new CompletableFuture<>();
        CompletableFuture<Optional<Exchange>> followed = new CompletableFuture<>();
        crosscut.run("caller", () -> {
            caller.complete(Exchange.current().orElseThrow());
            PushPromiseHandler<Void> handler = (initiating, pushed, acceptor) -> {
                handled.complete(Exchange.current());
                CompletionStage<HttpResponse<Void>> response = acceptor.apply(head -> {
                    accepted.complete(Exchange.current());
                    return BodyHandlers.discarding().apply(head);
                });
                response.thenRun(() -> followed.complete(Exchange.current()));
            };
            assertThat(client.sendAsync(request, BodyHandlers.discarding(), handler))
                    .isNotDone();
        });
        @SuppressWarnings("unchecked")
        PushPromiseHandler<Void> given = (PushPromiseHandler<Void>) stub.pushed.get();

        CompletableFuture.runAsync(() -> given.applyPushPromise(request, request, body -> {
                    CompletableFuture.runAsync(() -> body.apply(null)).join();
                    return CompletableFuture.completedFuture(null);
                }))
                .get(20, TimeUnit.SECONDS);

        assertThat(handled.get(20, TimeUnit.SECONDS)).containsSame(caller.join());
        assertThat(accepted.get(20, TimeUnit.SECONDS)).containsSame(caller.join());
        assertThat(followed.get(20, TimeUnit.SECONDS)).containsSame(caller.join());
    }

    @Test
    void no_handler_of_pushed_promises_stays_none() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(ANYWHERE).build();

        assertThat(client.sendAsync(request, BodyHandlers.discarding(), null)).isNotDone();
        assertThat(stub.pushed).isCompletedWithValue(null);
    }
}
