package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.context.Context;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever OpenTelemetry, what is plugged into it, or an adapter throws, the exchange and its trace go on. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class FaultyTelemetryTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @AfterEach
    void nothing_is_left_on_the_thread() {
        assertThat(Exchange.current()).isEmpty();
        assertThat(Context.current()).isSameAs(Context.root());
    }

    /** Throws from the n-th of all calls of methods of an OpenTelemetry and what it returns. */
    private static final class Faulty {

        private final int throwing;
        private final List<String> called = new ArrayList<>();

        private final boolean isError;

        Faulty(int throwing, boolean isError) {
            this.throwing = throwing;
            this.isError = isError;
        }

        @SuppressWarnings("ReferenceEquality") // whether it is the very object
        <T> T wrap(Class<T> type, T target) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(target, arguments);
                        }
                        called.add(method.getName());
                        if (called.size() == throwing) {
                            throw isError
                                    ? new NoSuchMethodError("telemetry is broken")
                                    : new IllegalStateException("telemetry is broken");
                        }
                        Object result;
                        try {
                            result = method.invoke(target, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (result == target) {
                            return proxy;
                        }
                        Class<?> returned = method.getReturnType();
                        boolean isWrapped = returned.isInterface()
                                && returned.getName().startsWith("io.opentelemetry.api.")
                                && !returned.getSimpleName().matches("SpanContext|Attributes|ContextPropagators");
                        return isWrapped ? wrapped(returned, result) : result;
                    }));
        }

        @SuppressWarnings("unchecked")
        private <R> Object wrapped(Class<?> type, R result) {
            return wrap((Class<R>) type, result);
        }
    }

    /** One request with a call of its own; returns what the call sent. */
    private static TestExchange serve(Crosscut crosscut, TestExchange server) {
        TestExchange client = new TestExchange(Kind.CLIENT);
        Call served = crosscut.begin(server);
        assertThat(served.answer()).isEmpty();
        try (Scope scope = served.attach()) {
            Call called = crosscut.begin(client);
            called.end(Outcome.failed(new IllegalStateException("refused")));
        }
        assertThat(served.end(Outcome.completed(200))).isTrue();
        return client;
    }

    @ParameterizedTest
    @CsvSource({"false, events", "true, logs"})
    void every_call_that_OpenTelemetry_gets_may_throw(boolean isError, String exceptions) {
        int calls = Integer.MAX_VALUE;
        int throwing = 0;
        while (throwing <= calls) {
            Faulty faulty = new Faulty(throwing, isError);
            try (Recorder recorder = new Recorder();
                    Crosscut crosscut = Crosscut.builder()
                            .discoverPlugins(false)
                            .plugin(new TracingPlugin(faulty.wrap(OpenTelemetry.class, recorder.sdk)))
                            .property("crosscut.tracing.exceptions", exceptions)
                            .build()) {
                TestExchange client = serve(crosscut, new TestExchange(Kind.SERVER).header("traceparent", PARENT));

                assertThat(client.sent("traceparent"))
                        .as("call %d: %s", throwing, faulty.called)
                        .startsWith("00-" + TRACE);
                assertThat(crosscut.faults().values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .as("call %d: %s", throwing, faulty.called)
                        .isEqualTo(throwing == 0 ? 0 : 1);
                if (throwing == 0) {
                    calls = faulty.called.size();
                }
            }
            throwing++;
        }
        assertThat(calls).isGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"requestHeaders", "attribute", "path", "query", "responseHeader", "requestHeader", "errorType"})
    void an_adapter_may_throw_from_any_method(String method) {
        try (Recorder recorder = new Recorder(b -> b.property("crosscut.tracing.reply-headers", "traceresponse")
                .property("crosscut.correlation.enabled", "false"))) {
            Exchange exchange = new Broken(method, method.equals("requestHeader") ? Kind.CLIENT : Kind.SERVER);
            Call call = recorder.crosscut.begin(exchange);
            try (Scope scope = call.attach()) {
                assertThat(Exchange.current()).contains(exchange);
            }
            assertThat(call.end(Outcome.completed(200))).isTrue();

            assertThat(recorder.crosscut.faults()).containsOnlyKeys(SpanObserver.class.getName());
            assertThat(exchange.get(Key.TRACE_ID)).isPresent();
            assertThat(exchange.get(Key.SPAN_ID)).isPresent();
            assertThat(recorder.spans.getFinishedSpanItems()).hasSize(1);
        }
    }

    private static final class Broken extends Exchange {

        private final String broken;

        Broken(String broken, Kind kind) {
            super(kind);
            this.broken = broken;
        }

        private <T> T answer(String method, T value) {
            if (method.equals(broken)) {
                throw new IllegalStateException("the adapter is broken");
            }
            return value;
        }

        @Override
        public String protocol() {
            return "http";
        }

        @Override
        public String operation() {
            return "GET";
        }

        @Override
        public Optional<String> path() {
            return answer("path", Optional.of("/"));
        }

        @Override
        public Optional<String> query() {
            return answer("query", Optional.of("a=b"));
        }

        @Override
        public Optional<Object> attribute(String name) {
            return answer("attribute", Optional.empty());
        }

        @Override
        public List<String> requestHeaders(String name) {
            return answer("requestHeaders", List.of());
        }

        @Override
        public void requestHeader(String name, String value) {
            answer("requestHeader", "");
        }

        @Override
        public void responseHeader(String name, String value) {
            answer("responseHeader", "");
        }

        @Override
        public Optional<String> errorType(Outcome outcome) {
            return answer("errorType", Optional.empty());
        }
    }
}
