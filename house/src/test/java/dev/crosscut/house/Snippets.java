package dev.crosscut.house;

import dev.crosscut.core.Binding;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Operation;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Scope;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.idempotency.Idempotency;
import dev.crosscut.idempotency.IdempotencyKey;
import dev.crosscut.idempotency.IdempotencyPlugin;
import dev.crosscut.idempotency.Idempotent;
import dev.crosscut.idempotency.IdempotentOperation;
import dev.crosscut.idempotency.IdempotentRun;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.metrics.ExchangeExemplars;
import dev.crosscut.metrics.MetricsPlugin;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tracing.TracingPlugin;
import dev.crosscut.tracing.W3cTraceContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/** The code that the documentation shows, so that it compiles. */
final class Snippets {

    private Snippets() {}

    static Crosscut tracing(OpenTelemetry openTelemetry) {
        TracingPlugin tracing = new TracingPlugin(openTelemetry);
        Crosscut crosscut = Crosscut.builder().plugin(tracing).build();
        return crosscut;
    }

    static ContextPropagators propagators() {
        ContextPropagators propagators = ContextPropagators.create(new W3cTraceContext());
        return propagators;
    }

    record Receipt(String id) {}

    record Refund(String id) {}

    interface Gateway {
        Receipt charge(byte[] order, String key);
    }

    interface Refunds {
        @Idempotent
        Refund refund(@IdempotencyKey String key, String payment, long cents);
    }

    static Receipt once(Idempotency idempotency, String tenant, String key, byte[] order, Gateway gateway) {
        Receipt receipt = idempotency
                .operation("charge")
                .scope(tenant)
                .key(key)
                .fingerprint(order)
                .once(Receipt.class, run -> gateway.charge(order, run.downstreamKey("gateway")));
        return receipt;
    }

    static Idempotency idempotency() {
        IdempotencyPlugin plugin = new IdempotencyPlugin();
        Crosscut crosscut = Crosscut.builder().plugin(plugin).build();
        Idempotency idempotency = plugin.idempotency();
        crosscut.close();
        return idempotency;
    }

    static void downstream(HttpRequest.Builder request) {
        IdempotentRun.current()
                .ifPresent(run -> request.header("Idempotency-Key", '"' + run.downstreamKey("ledger") + '"'));
    }

    static Receipt transaction(IdempotentOperation charge, String key, Connection connection, byte[] order)
            throws SQLException {
        connection.setAutoCommit(false);
        Receipt receipt = charge.key(key).inTransaction(connection).once(Receipt.class, run -> book(connection, order));
        connection.commit();
        return receipt;
    }

    private static Receipt book(Connection connection, byte[] order) {
        return new Receipt(connection + Integer.toString(order.length));
    }

    static void span(long amount) {
        Span.current().setAttribute("payment.amount", amount);
    }

    static List<Object> wiring() {
        Crosscut crosscut = Crosscut.builder().build();
        CrosscutFilter filter = new CrosscutFilter(crosscut);
        HttpClient http = CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);
        ExecutorService background = Propagation.wrap(Executors.newFixedThreadPool(2));
        return List.of(filter, http, background);
    }

    static Crosscut metrics(MeterRegistry registry) {
        return Crosscut.builder().plugin(new MetricsPlugin(registry)).build();
    }

    static MeterRegistry otlp() {
        return OtlpMeterRegistry.builder(OtlpConfig.DEFAULT)
                .exemplarContextProvider(new ExchangeExemplars())
                .build();
    }

    static void tier(Exchange exchange) {
        exchange.put(Key.TENANT_TIER, "gold");
    }

    interface Reports {
        @Operation("nightly-report")
        void writeAll();

        CompletableFuture<Integer> count();
    }

    static void local(Crosscut crosscut, Reports reports) {
        crosscut.run("nightly-report", reports::writeAll);

        Reports observed = crosscut.proxy(Reports.class, reports);
        observed.writeAll(); // an exchange named nightly-report
    }

    static CompletableFuture<Void> propagation(CompletableFuture<String> response) {
        ExecutorService pool = Propagation.wrap(Executors.newFixedThreadPool(4));
        pool.execute(() -> audit("runs within the exchange that is current here"));

        return Propagation.wrap(response).thenAccept(body -> audit("runs within it too, on whatever thread"));
    }

    static void audit(String text) {
        System.getLogger("audit").log(System.Logger.Level.INFO, text);
    }

    static final Key<String> ORDER = Key.of("order_id", String.class).loggable();

    static void keys(String orderId) {
        Exchange.current().ifPresent(exchange -> exchange.put(ORDER, orderId));
    }

    static void route() {
        Exchange.current().ifPresent(exchange -> exchange.put(Key.ROUTE, "/payments/{id}"));
    }

    /** Counts how exchanges come out. */
    static final class Counting implements Observer {
        private final LongAdder failed = new LongAdder();

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            if (outcome instanceof Outcome.Failed) {
                failed.increment();
            }
        }
    }

    /** Adds up what clients send and get. */
    static final class Traffic implements Observer.OfBodies {
        private final LongAdder bytes = new LongAdder();

        @Override
        public int requestCopy(Exchange exchange) {
            return 0; // the length and no more
        }

        @Override
        public int responseCopy(Exchange exchange) {
            return 0;
        }

        @Override
        public void end(Exchange exchange, Outcome outcome) {
            exchange.requestCopy().ifPresent(copy -> bytes.add(copy.size()));
            exchange.responseCopy().ifPresent(copy -> bytes.add(copy.size()));
        }
    }

    /** Refuses requests while the service is being maintained. */
    static final class Maintenance implements Guard {
        private static final Reply REFUSAL = Reply.problem(503, "https://example.org/problems/maintenance", "Closed")
                .detail("The service is being maintained. Try again later.")
                .header("Retry-After", "120")
                .reply();

        private final boolean closed;

        Maintenance(boolean closed) {
            this.closed = closed;
        }

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return closed && exchange.kind() == Exchange.Kind.SERVER ? Decision.answer(REFUSAL) : Decision.proceed();
        }
    }

    /** Shows the current exchange in the name of the thread. */
    static final class ThreadNames implements Binding {
        @Override
        public Scope attach(Exchange exchange) {
            return named(exchange.operation());
        }

        @Override
        public Scope clear() {
            return named("idle");
        }

        private static Scope named(String name) {
            Thread thread = Thread.currentThread();
            String before = thread.getName();
            thread.setName(name);
            return () -> thread.setName(before);
        }
    }

    /** Wires the three, from settings. */
    static final class MaintenancePlugin implements Plugin {
        private static final Setting<Boolean> CLOSED = Setting.flag(
                        "crosscut.maintenance.closed", "Whether requests are refused.")
                .or(false);

        @Override
        public String name() {
            return "maintenance";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of(CLOSED);
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {
            builder.guard(new Maintenance(settings.get(CLOSED)));
            builder.observer(new Counting());
        }
    }
}
