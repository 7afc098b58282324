package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import dev.crosscut.core.Source;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A service with the plugin, and the adapter before it. Closing it makes sure that nothing was logged as a warning and no
 * participant was at fault, unless the test looked at that; and that no key that was sent is in the log or in a problem.
 */
final class Edge implements AutoCloseable {

    private static final int TELLING = 6;

    final WatchedStore store;
    final IdempotencyPlugin plugin;
    final Crosscut crosscut;
    /** How often a handler was run. */
    final AtomicInteger effects = new AtomicInteger();

    private final Way way;
    private final CapturedLog log = new CapturedLog();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private boolean logIsRead;

    private Edge(
            Way way,
            WatchedStore store,
            IdempotencyPlugin plugin,
            Map<String, String> settings,
            UnaryOperator<Crosscut.Builder> more) {
        this.way = way;
        this.store = store;
        this.plugin = plugin;
        Crosscut.Builder builder = Crosscut.builder()
                .discoverPlugins(false)
                .source(Source.of("test", settings))
                .plugin(plugin);
        crosscut = built(more.apply(builder));
    }

    private Crosscut built(Crosscut.Builder builder) {
        try {
            return builder.build();
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** With settings, name and value by turns, under {@code crosscut.idempotency.}. */
    static Edge open(Way way, String... settings) {
        return open(way, builder -> builder, settings);
    }

    static Edge open(Way way, UnaryOperator<Crosscut.Builder> more, String... settings) {
        WatchedStore store = way.watched();
        return new Edge(way, store, new IdempotencyPlugin(store), named(settings), more);
    }

    static Edge open(Way way, WatchedStore store, IdempotencyPlugin plugin, String... settings) {
        return new Edge(way, store, plugin, named(settings), builder -> builder);
    }

    static Map<String, String> named(String... settings) {
        Map<String, String> named = new TreeMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            String name = settings[i];
            named.put(name.startsWith("crosscut.") ? name : "crosscut.idempotency." + name, settings[i + 1]);
        }
        return named;
    }

    /** What is logged; the test answers for warnings. */
    CapturedLog log() {
        logIsRead = true;
        return log;
    }

    /** The key, to be looked for where it must not be. */
    void keep(String key) {
        if (key.length() >= TELLING) {
            keys.add(key);
        }
    }

    Response send(TestExchange exchange, Callable<Response> handler) {
        return send(exchange, handler, 500);
    }

    /** Where the handler throws, the framework answers by itself with the status. */
    Response send(TestExchange exchange, Callable<Response> handler, int failed) {
        Call call = begin(exchange);
        Optional<Reply> answer = call.answer();
        if (answer.isPresent()) {
            call.end(Outcome.completed(answer.get().status()));
            return seen(exchange.answered(answer.get()));
        }
        effects.incrementAndGet();
        try (Scope scope = call.attach()) {
            return ended(call, exchange, handler.call());
        } catch (Exception e) {
            Outcome outcome = Outcome.failed(e, failed);
            Optional<Reply> instead = way.settle(call, outcome);
            call.end(outcome);
            return instead.map(reply -> seen(exchange.answered(reply))).orElseGet(() -> Response.of(failed, "oops"));
        }
    }

    /** Begins, and leaves the rest to the test. */
    Call begin(TestExchange exchange) {
        exchange.requestHeaders(TestExchange.HEADER).forEach(value -> keep(value.replace("\"", "")));
        return way.begin(crosscut, exchange);
    }

    /** What the client gets for what a handler answered. */
    Response ended(Call call, TestExchange exchange, Response response) {
        exchange.responding(response.headers());
        Outcome outcome = Outcome.completed(response.status());
        boolean isHeld = !response.isStream() && response.body().length <= call.heldBytes();
        Optional<Reply> instead =
                isHeld ? way.settle(call, outcome, ByteBuffer.wrap(response.body())) : way.settle(call, outcome);
        call.end(outcome);
        return instead.map(reply -> seen(exchange.answered(reply))).orElse(response);
    }

    private Response seen(Response response) {
        if (response.header("Content-Type")
                .filter("application/problem+json"::equals)
                .isPresent()) {
            problems.add(response.text());
        }
        return response;
    }

    @Override
    public void close() {
        store.fail();
        crosscut.close();
        log.close();
        if (!logIsRead) {
            assertThat(log.warnings()).as("logged unexpectedly").isEmpty();
            assertThat(crosscut.faults()).as("faults").isEmpty();
        }
        String said = log.everything() + problems;
        for (String key : keys) {
            assertThat(said).as("what was logged and answered").doesNotContain(key);
        }
    }
}
