package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Propagation;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's storage of the current {@link Context}, made to take the exchange along: where somebody makes a context
 * current that belongs to an exchange, on whatever thread, the exchange is current there too.
 */
final class TravellingStorage implements ContextStorage {

    private static final ContextKey<Boolean> PROBE = ContextKey.named("dev.crosscut.probe");

    private final ContextStorage storage;

    private TravellingStorage(ContextStorage storage) {
        this.storage = storage;
    }

    /** The storage is wrapped once, however many pipelines there are. */
    private static final class Added {

        static final boolean ONCE = add();

        private static boolean add() {
            ContextStorage.addWrapper(TravellingStorage::new);
            return true;
        }
    }

    /** Whether it is wrapped is seen only when it is used, from when on nobody else can wrap it. */
    private static final class Checked {

        static final boolean ONCE = check();

        private static boolean check() {
            try (Scope probe = Context.root().with(PROBE, true).makeCurrent()) {
                if (probe instanceof Probed) {
                    return true;
                }
            }
            System.getLogger("dev.crosscut.tracing")
                    .log(
                            System.Logger.Level.WARNING,
                            "OpenTelemetry's Context had been used before Crosscut was built, or another library has wrapped"
                                    + " its storage since: it does not take the exchange to other threads. Expected"
                                    + " Crosscut.builder().build() before spans are made; Propagation.wrap takes the exchange"
                                    + " along in any case");
            return false;
        }
    }

    /** Sees to it that exchanges travel, where nothing has used the storage yet. */
    static boolean install() {
        return Added.ONCE;
    }

    /** Says once if exchanges do not travel; returns whether they do. */
    static boolean check() {
        return Checked.ONCE;
    }

    /** Makes a context current whose exchange is current already. */
    @SuppressWarnings("MustBeClosedChecker") // by who gets it
    static Scope mirror(Context context) {
        Scope scope = ContextStorage.get() instanceof TravellingStorage ours ? ours.storage.attach(context) : null;
        return scope == null ? context.makeCurrent() : scope;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // this very exchange, whatever an adapter makes of equals
    public @Nullable Scope attach(Context context) {
        Scope scope = storage.attach(context);
        Exchange exchange = context.get(ExchangeContext.EXCHANGE);
        if (exchange == null) {
            return context.get(PROBE) == null ? scope : new Probed(scope);
        }
        if (Exchange.current().orElse(null) == exchange) {
            return scope;
        }
        dev.crosscut.core.Scope attached = Propagation.attach(exchange);
        return () -> {
            attached.close();
            scope.close();
        };
    }

    private record Probed(Scope scope) implements Scope {

        @Override
        public void close() {
            scope.close();
        }
    }

    @Override
    public @Nullable Context current() {
        return storage.current();
    }

    @Override
    public Context root() {
        return storage.root();
    }
}
