package dev.crosscut.idempotency;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Does requests, messages and methods once for their idempotency key. Where it is, requests of the methods POST and PATCH that
 * have the header field {@code Idempotency-Key} are done once. Of one {@link Crosscut}; safe for use by several threads.
 */
public final class IdempotencyPlugin implements Plugin {

    static final String EMBEDDED = "embedded";

    private final Optional<IdempotencyStore> given;
    private final List<IdempotencyListener> listeners = new ArrayList<>();
    private final Map<String, StoreProvider> providers = new TreeMap<>();
    private final List<String> twins = new ArrayList<>();
    private volatile @Nullable Idempotency idempotency;

    /** Makes the plugin with the store that the settings name; {@link java.util.ServiceLoader} does. */
    public IdempotencyPlugin() {
        this.given = Optional.empty();
        ServiceLoader.load(StoreProvider.class, classLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(provider -> provider.getClass().getName()))
                .forEach(this::add);
    }

    private void add(StoreProvider provider) {
        String name = provider.name();
        StoreProvider other = providers.putIfAbsent(name, provider);
        if (other != null || name.equals(EMBEDDED)) {
            twins.add("two stores are named " + name + ": "
                    + (other == null ? "that in memory" : other.getClass().getName()) + " and "
                    + provider.getClass().getName() + "; expected one, so take the other off the class path");
        }
    }

    /** As core looks for plugins. */
    private static ClassLoader classLoader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null ? context : IdempotencyPlugin.class.getClassLoader();
    }

    /**
     * Makes the plugin with a store of the service's own.
     *
     * @param store keeps the records; not closed by the plugin
     */
    public IdempotencyPlugin(IdempotencyStore store) {
        this.given = Optional.of(store);
    }

    /**
     * Adds a listener, before the plugin is installed.
     *
     * @param listener is told what becomes of keys
     * @return this
     */
    public IdempotencyPlugin listener(IdempotencyListener listener) {
        listeners.add(Objects.requireNonNull(listener));
        return this;
    }

    /**
     * What does work once, over the same store and with the same settings.
     *
     * @return the engine
     * @throws IllegalStateException before the plugin is installed, and where it is off
     */
    public Idempotency idempotency() {
        Idempotency built = idempotency;
        if (built == null) {
            throw new IllegalStateException("the plugin idempotency is not installed; expected Crosscut.builder()"
                    + ".plugin(this).build() before, and crosscut.idempotency.enabled not to be false");
        }
        return built;
    }

    @Override
    public String name() {
        return "idempotency";
    }

    /**
     * What is read for this concern and for the stores on the class path.
     *
     * @return the declarations
     * @throws IllegalStateException if two stores have one name
     */
    @Override
    public List<Setting<?>> settings() {
        if (!twins.isEmpty()) {
            throw new IllegalStateException(String.join("; ", twins));
        }
        List<Setting<?>> all = IdempotencySettings.all();
        providers.values().forEach(provider -> all.addAll(provider.settings()));
        return all;
    }

    /**
     * Opens the store, and adds the guard.
     *
     * @param builder takes both
     * @param settings the values
     */
    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        List<Rule> rules = IdempotencySettings.rules(settings);
        Rule others = IdempotencySettings.others(settings);
        IdempotencyStore store = given.orElseGet(() -> open(settings));
        if (given.isEmpty()) {
            builder.closing(store);
        }
        EventCounts counts = new EventCounts();
        counts.forEach(builder::counter);
        Idempotency.Builder engine = Idempotency.builder(store)
                .policy(others.policy())
                .threads(settings.get(IdempotencySettings.THREADS))
                .nearCache(
                        settings.get(IdempotencySettings.NEAR_CACHE), settings.get(IdempotencySettings.NEAR_CACHE_AGE))
                .listener(counts);
        settings.get(IdempotencySettings.COMPRESS_ABOVE).ifPresent(size -> engine.compressAbove(Math.toIntExact(size)));
        engine.decryption(settings.get(IdempotencySettings.ENCRYPTION_KEYS));
        settings.get(IdempotencySettings.ENCRYPTION_KEY).ifPresent(name -> engine.encryption(name, Map.of()));
        listeners.forEach(engine::listener);
        Idempotency built = engine.build();
        builder.closing(built);
        builder.gauge("crosscut.idempotency.owned", built.engine::owned);
        builder.gauge("crosscut.idempotency.pending", built.engine::pending);
        builder.guard(new IdempotencyGuard(built.engine, protocols(settings, rules, others, built.engine.codec)));
        idempotency = built;
    }

    private static List<Protocol> protocols(Settings settings, List<Rule> rules, Rule others, ValueCodec codec) {
        return List.of(http(settings, rules, others), new Messages(rules), new Methods(rules, others, codec));
    }

    static HttpRequests http(Settings settings, List<Rule> rules, Rule others) {
        return new HttpRequests(
                rules,
                others,
                settings.get(IdempotencySettings.HEADER),
                Set.copyOf(settings.get(IdempotencySettings.METHODS)),
                settings.get(IdempotencySettings.LENIENT),
                settings.get(IdempotencySettings.MAX_KEY_LENGTH),
                EnumSet.copyOf(settings.get(IdempotencySettings.SCOPE)),
                IdempotencySettings.headers(settings),
                settings.get(IdempotencySettings.CANONICAL_JSON) ? Optional.of(new CanonicalJson()) : Optional.empty());
    }

    /** The store that the settings name, for who closes it. */
    IdempotencyStore open(Settings settings) {
        String name = settings.get(IdempotencySettings.STORE);
        if (name.equals(EMBEDDED)) {
            return IdempotencyStore.embedded(settings.get(IdempotencySettings.EMBEDDED_SIZE));
        }
        StoreProvider provider = providers.get(name);
        if (provider == null) {
            throw new IllegalStateException("crosscut.idempotency.store is '" + name
                    + "', and no such store is on the class path; expected embedded"
                    + providers.keySet().stream().map(other -> " or " + other).reduce("", String::concat)
                    + "; crosscut-idempotency-jdbc has jdbc, crosscut-idempotency-redis has redis");
        }
        return provider.open(settings);
    }
}
