package dev.crosscut.core;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline that every exchange of a service goes through. Built once from settings and plugins; immutable and safe
 * for use by any number of threads.
 *
 * <pre>{@code
 * try (Crosscut crosscut = Crosscut.builder().build()) {
 *     crosscut.run("nightly-report", reports::writeAll);
 * }
 * }</pre>
 */
public final class Crosscut implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.crosscut");

    private final Pipeline pipeline;
    private final Settings settings;
    private final Map<String, LongSupplier> counters;
    private final Map<String, LongSupplier> gauges;
    private final Runnable closing;
    private final AtomicBoolean closed = new AtomicBoolean();

    Crosscut(
            Pipeline pipeline,
            Settings settings,
            Map<String, LongSupplier> counters,
            Map<String, LongSupplier> gauges,
            Runnable closing) {
        this.pipeline = pipeline;
        this.settings = settings;
        this.counters = counters;
        this.gauges = gauges;
        this.closing = closing;
    }

    /**
     * Starts a configuration. Without more, it reads the settings from the system properties, the environment, the file
     * {@code crosscut.properties} in the working directory and that on the class path, the first that has a key winning,
     * and installs each plugin on the class path.
     *
     * @return takes what should be otherwise
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins an exchange: observers begin, guards are asked, on this thread, which may block as long as they do.
     *
     * @param exchange a new exchange
     * @return the call, to be ended by who began it
     * @throws IllegalStateException if the exchange has begun before
     */
    public Call begin(Exchange exchange) {
        Call call = pipeline.begin(exchange);
        pipeline.admit(call);
        return call;
    }

    /**
     * As {@link #begin}, without blocking the calling thread.
     *
     * @param exchange a new exchange
     * @return the call, to come; never completed exceptionally but by a {@link VirtualMachineError}
     * @throws IllegalStateException if the exchange has begun before
     */
    public CompletionStage<Call> beginAsync(Exchange exchange) {
        Call call = pipeline.begin(exchange);
        return pipeline.guards.length == 0 ? CompletableFuture.completedFuture(call) : new AsyncRing(call).admit();
    }

    /**
     * Does a piece of work that no framework starts, as a {@link Exchange.Kind#LOCAL} exchange.
     *
     * @param name what it is called in logs, spans and meters
     * @param work the work
     * @throws RefusedException if a guard refuses it
     */
    public void run(String name, Runnable work) {
        LocalExchange exchange = new LocalExchange(name);
        Call call = admitted(exchange);
        try (Scope scope = call.attach()) {
            work.run();
        } catch (Throwable e) {
            call.end(Outcome.failed(e));
            throw e;
        }
        completed(call);
    }

    /**
     * As {@link #run}, for work with a result.
     *
     * @param name what it is called in logs, spans and meters
     * @param work the work
     * @param <T> the type of the result
     * @return the result
     * @throws RefusedException if a guard refuses it
     * @throws Exception what the work throws
     */
    public <T extends @Nullable Object> T call(String name, Callable<T> work) throws Exception {
        LocalExchange exchange = new LocalExchange(name);
        Call call = admitted(exchange);
        T result;
        try (Scope scope = call.attach()) {
            result = work.call();
        } catch (Throwable e) {
            call.end(Outcome.failed(e));
            throw e;
        }
        completed(call);
        return result;
    }

    /**
     * A stand-in for an object, on which each call of a method is a {@link Exchange.Kind#LOCAL} exchange, named by
     * {@link Operation} where the method has one, with the call at {@link Key#INVOCATION}. Where the result is a
     * {@link CompletionStage} and may be a {@link CompletableFuture}, the exchange ends when that completes.
     *
     * @param type the interface through which the object is used
     * @param target the object
     * @param <T> the interface
     * @return the stand-in
     * @throws IllegalArgumentException if the type is not an interface
     */
    public <T> T proxy(Class<T> type, T target) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName()
                    + " is not an interface; expected the interface that callers use the target through");
        }
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                new ProxiedMethods(this, type, Objects.requireNonNull(target))));
    }

    private Call admitted(Exchange exchange) {
        Call call = begin(exchange);
        Optional<Reply> refusal = call.answer();
        if (refusal.isPresent()) {
            call.end(Outcome.completed());
            throw new RefusedException(exchange, refusal.get());
        }
        return call;
    }

    /** What a guard answers in place of what the work returned. */
    static Optional<Reply> complete(Call call) {
        try {
            return call.settle(Outcome.completed());
        } finally {
            call.end(Outcome.completed());
        }
    }

    private static void completed(Call call) {
        complete(call).ifPresent(refusal -> {
            throw new RefusedException(call.exchange(), refusal);
        });
    }

    /**
     * The settings in effect.
     *
     * @return the settings
     */
    public Settings settings() {
        return settings;
    }

    /**
     * What participants have done wrong so far: exceptions of observers, guards and bindings, objections of guards that came
     * too late, scopes closed where they should not be, request bodies that an adapter failed to read, resources that could
     * not be closed, and, with {@code crosscut.leak-detection}, calls never ended.
     *
     * @return the number of faults by class name, in the order of the names
     */
    public Map<String, Long> faults() {
        return pipeline.faults.counted();
    }

    /**
     * What participants count, by {@link Builder#counter}: as it is now.
     *
     * @return the counts by name, in the order of the names
     */
    public Map<String, Long> counters() {
        return now(counters);
    }

    /**
     * What rises and falls with participants, by {@link Builder#gauge}: as it is now.
     *
     * @return the values by name, in the order of the names
     */
    public Map<String, Long> gauges() {
        return now(gauges);
    }

    private static Map<String, Long> now(Map<String, LongSupplier> meters) {
        Map<String, Long> now = new TreeMap<>();
        meters.forEach((name, value) -> now.put(name, value.getAsLong()));
        return now;
    }

    /** Closes what the plugins opened, the last first. Exchanges still open are counted in a warning. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            warnOfOpen(pipeline.open.sum());
        } finally {
            closing.run();
        }
    }

    private static void warnOfOpen(long open) {
        if (open > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    open
                            + " exchange(s) had not ended when Crosscut was closed; expected the server to be stopped first,"
                            + " and each adapter to call end (crosscut.leak-detection=true names those that are dropped)");
        }
    }

    /**
     * A {@link Crosscut} in the making. For one thread; {@link #build()} once. A {@link Plugin} gets it to add its
     * participants, and may call only the methods that do so.
     */
    public static final class Builder {

        private final Assembly assembly = new Assembly();

        private Builder() {}

        /**
         * Sets a value, over all sources.
         *
         * @param key the key of the setting
         * @param value the value, as it would be written in a file
         * @return this
         */
        public Builder property(String key, String value) {
            assembly.configuring().property(key, value);
            return this;
        }

        /**
         * Reads settings from this source in place of the usual ones. The one added first wins.
         *
         * @param source the source
         * @return this
         */
        public Builder source(Source source) {
            assembly.configuring().sources.add(Objects.requireNonNull(source));
            return this;
        }

        /**
         * Installs a plugin besides those on the class path, or in place of the one of its class.
         *
         * @param plugin the plugin
         * @return this
         */
        public Builder plugin(Plugin plugin) {
            assembly.configuring().plugins.add(Objects.requireNonNull(plugin));
            return this;
        }

        /**
         * Says whether plugins on the class path are installed.
         *
         * @param discover false to install only those given to {@link #plugin}
         * @return this
         */
        public Builder discoverPlugins(boolean discover) {
            assembly.configuring().discover = discover;
            return this;
        }

        /**
         * Adds an observer.
         *
         * @param observer the observer
         * @return this
         */
        public Builder observer(Observer observer) {
            assembly.open().observers.add(Objects.requireNonNull(observer));
            return this;
        }

        /**
         * Adds a guard.
         *
         * @param guard the guard
         * @return this
         */
        public Builder guard(Guard guard) {
            assembly.open().guards.add(Objects.requireNonNull(guard));
            return this;
        }

        /**
         * Adds a binding.
         *
         * @param binding the binding
         * @return this
         */
        public Builder binding(Binding binding) {
            assembly.open().bindings.add(Objects.requireNonNull(binding));
            return this;
        }

        /**
         * Adds a count of something that no exchange tells of, such as lines of a log that were dropped. It is to be seen at
         * {@link Crosscut#counters()}, where meters read it.
         *
         * @param name what is counted, as meters name it: {@code crosscut.logging.dropped.info}
         * @param total how often it has happened so far; asked by any thread at any time, and throws nothing
         * @return this
         */
        public Builder counter(String name, LongSupplier total) {
            assembly.open().register(assembly.counters, name, total);
            return this;
        }

        /**
         * Adds something that rises and falls, such as how many lines wait to be written, to be seen at
         * {@link Crosscut#gauges()}.
         *
         * @param name what it is, as meters name it: {@code crosscut.logging.queue}
         * @param value how much it is now; asked by any thread at any time, and throws nothing
         * @return this
         */
        public Builder gauge(String name, LongSupplier value) {
            assembly.open().register(assembly.gauges, name, value);
            return this;
        }

        /**
         * Adds something to close with the {@link Crosscut}, or at once where building it fails.
         *
         * @param resource what to close; the last one added is closed first
         * @return this
         */
        public Builder closing(AutoCloseable resource) {
            assembly.open().resources.add(Objects.requireNonNull(resource));
            return this;
        }

        /**
         * Reads and checks all settings, installs the plugins and orders the participants.
         *
         * @return the pipeline, ready for exchanges
         * @throws SettingsException if the configuration cannot be used; lists everything that is wrong with it
         * @throws IllegalStateException if this was called before, or a plugin cannot be installed
         */
        public Crosscut build() {
            return assembly.configuring().build(this);
        }

        /** For tests: the clock, in nanoseconds, that the pipeline reads. */
        Builder clock(LongSupplier clock) {
            assembly.configuring().clock = clock;
            return this;
        }
    }
}
