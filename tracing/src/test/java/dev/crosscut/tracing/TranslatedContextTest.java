package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** With a storage that translates contexts and knows none but its own, as that of an agent, spans are where they belong. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TranslatedContextTest {

    /** OpenTelemetry and Crosscut once more: a storage is chosen for as long as their classes live. */
    private static final class Apart extends ClassLoader {

        Apart(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.opentelemetry.") && !name.startsWith("dev.crosscut.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            return known == null ? defined(name) : known;
        }

        private Class<?> defined(String name) throws ClassNotFoundException {
            try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (file == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private record Translated(Context own) implements Context {

        @Override
        public <V> @Nullable V get(ContextKey<V> key) {
            return own.get(key);
        }

        @Override
        public <V> Context with(ContextKey<V> key, V value) {
            return new Translated(own.with(key, value));
        }
    }

    private static final class Translating implements ContextStorage {

        private final ContextStorage storage;
        private final Context root;

        Translating(ContextStorage storage) {
            this.storage = storage;
            this.root = new Translated(storage.root());
        }

        @Override
        public @Nullable Scope attach(Context context) {
            return storage.attach(context instanceof Translated known ? known.own : storage.root());
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the root is one object
        public Context current() {
            Context own = storage.current();
            return own == null || own == storage.root() ? root : new Translated(own);
        }

        @Override
        public Context root() {
            return root;
        }
    }

    /** Whether contexts of ours are kept; then the ids of a request and of spans within it, and what is left of both. */
    static List<String> served() {
        ContextStorage.addWrapper(Translating::new);
        try (Recorder recorder = new Recorder()) {
            TestExchange server = new TestExchange(Kind.SERVER)
                    .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            TestExchange client = new TestExchange(Kind.CLIENT);
            Call call = recorder.crosscut.begin(server);
            boolean isAlong;
            try (dev.crosscut.core.Scope scope = call.attach()) {
                recorder.sdk.getTracer("test").spanBuilder("inner").startSpan().end();
                recorder.crosscut.begin(client).end(Outcome.completed(200));
                isAlong = Context.current().get(ExchangeContext.EXCHANGE) == server;
            }
            call.end(Outcome.completed(200));
            List<SpanData> spans = recorder.spans.getFinishedSpanItems();
            return List.of(
                    "kept " + ExchangeContext.isKept(),
                    "along " + isAlong,
                    "inner below "
                            + spans.get(0)
                                    .getParentSpanId()
                                    .equals(server.get(Key.SPAN_ID).orElseThrow()),
                    "client below "
                            + spans.get(1).getParentSpanId().equals(spans.get(2).getSpanId()),
                    "caller " + spans.get(2).getParentSpanId() + ' '
                            + spans.get(2).getTraceId(),
                    "sent " + client.sent("traceparent").contains(spans.get(1).getSpanId()),
                    "left " + Exchange.current().isPresent()
                            + Span.current().getSpanContext().isValid(),
                    "faults " + recorder.crosscut.faults());
        }
    }

    @Test
    void spans_are_below_that_of_the_exchange_and_nothing_is_left() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        ClassLoader apart = new Apart(getClass().getClassLoader());
        Method served = apart.loadClass(getClass().getName()).getDeclaredMethod("served");
        served.setAccessible(true);
        Object said;
        thread.setContextClassLoader(apart); // by which OpenTelemetry finds its storages
        try {
            said = served.invoke(null);
        } finally {
            thread.setContextClassLoader(before);
        }

        assertThat(said)
                .isEqualTo(List.of(
                        "kept false",
                        "along true",
                        "inner below true",
                        "client below true",
                        "caller 00f067aa0ba902b7 4bf92f3577b34da6a3ce929d0e0e4736",
                        "sent true",
                        "left falsefalse",
                        "faults {}"));
    }
}
