package dev.crosscut.metrics;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The settings of this module, and the dimensions that they make. */
final class MetricsSettings {

    private static final int MOST_DECLARED = 64;

    static final Setting<List<String>> TIERS = Setting.text(
                    "crosscut.metrics.tiers",
                    "The tiers that tenants may have, as values of `crosscut.tenant.tier`: `gold, silver`. Any other is"
                            + " `_OTHER`, so that no request can make up one.")
            .check("1 to 64 characters", tier -> tier.length() <= MOST_DECLARED && !tier.isBlank())
            .list()
            .check("at most 64 tiers", tiers -> tiers.size() <= MOST_DECLARED)
            .or(List.of());

    static final Setting<Map<String, Integer>> MAX_VALUES = Setting.integer(
                    "crosscut.metrics.max-values.<key>",
                    "How many values a key may have; each further one is `_OTHER` in that key. In the key of the setting,"
                            + " that of the meter has dashes for dots and underscores:"
                            + " `crosscut.metrics.max-values.http-route=1000`. Else it is 500 for `http.route`,"
                            + " `operation`, `db.query.summary` and `rpc.method`; 200 for the names of collections,"
                            + " procedures and destinations; 100 for addresses, ports and status codes; 64 for `error.type`"
                            + " and whatever is not named here; 16 for schemes, systems, protocols and their versions, types"
                            + " of operation, results and decisions.")
            .check("1 to " + Dimension.MOST, most -> most >= 1 && most <= Dimension.MOST)
            .map();

    static final Setting<Integer> MAX_SERIES = Setting.integer(
                    "crosscut.metrics.max-series",
                    "How many series there may be, of all meters of exchanges together, a series being one combination of"
                            + " values. What would be a further one is counted with `_OTHER` in each key that takes values"
                            + " from outside; these come on top, at most one for each method and tier of a meter.")
            .check("1 to 1000000", most -> most >= 1 && most <= 1_000_000)
            .or(5000);

    static final Setting<Optional<List<String>>> KNOWN_METHODS = Setting.text(
                    "crosscut.metrics.known-methods",
                    "The HTTP methods that are known, in place of all others; what is not is `_OTHER`. Case matters. Else"
                            + " it is what OpenTelemetry is told: `otel.instrumentation.http.known-methods` or"
                            + " `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`; else those of RFC 9110, `PATCH` and `QUERY`.")
            .check("the name of a method", method -> !method.isBlank() && method.length() <= MOST_DECLARED)
            .list()
            .check("at most 64 methods", methods -> methods.size() <= MOST_DECLARED)
            .optional();

    static final Setting<List<Experimental>> EXPERIMENTAL = Setting.choice(
                    "crosscut.metrics.experimental",
                    "Which meters are recorded too whose conventions are not stable, so that their names may change: those"
                            + " of remote procedure calls, those of messages.",
                    Experimental.class)
            .list()
            .or(List.of());

    private static final List<String> METHODS =
            List.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");

    private static final int MANY = 500;
    private static final int NAMES = 200;
    private static final int PLACES = 100;
    private static final int SOME = 64;
    private static final int FEW = 16;

    private MetricsSettings() {}

    /** Conventions that may change. */
    enum Experimental {
        RPC,
        MESSAGING
    }

    static List<Setting<?>> all() {
        List<Setting<?>> all = new ArrayList<>(List.of(TIERS, MAX_VALUES, MAX_SERIES, KNOWN_METHODS, EXPERIMENTAL));
        all.addAll(SloSettings.all());
        return all;
    }

    /** What a system property says, or else the environment variable that is named after it. */
    static @Nullable String environment(@Nullable String property) {
        if (property == null) {
            return null;
        }
        String value = System.getProperty(property);
        return value == null ? System.getenv(property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_")) : value;
    }

    static List<String> knownMethods(Settings settings, UnaryOperator<@Nullable String> environment) {
        Optional<List<String>> set = settings.get(KNOWN_METHODS);
        if (set.isPresent()) {
            return set.get();
        }
        String said = environment.apply("otel.instrumentation.http.known-methods");
        List<String> methods = said == null
                ? List.of()
                : Stream.of(said.split(",", -1))
                        .map(String::strip)
                        .filter(method -> !method.isEmpty())
                        .limit(MOST_DECLARED)
                        .toList();
        return methods.isEmpty() ? METHODS : methods;
    }

    /**
     * Every key, by its name.
     *
     * @throws IllegalStateException if a bound is set for a key that there is not
     */
    static Map<String, Dimension> dimensions(Settings settings, UnaryOperator<@Nullable String> environment) {
        Map<String, Integer> bounds = settings.get(MAX_VALUES);
        Map<String, Dimension> all = new LinkedHashMap<>();
        put(all, Dimension.closed(Conventions.HTTP_REQUEST_METHOD, knownMethods(settings, environment)));
        put(all, Dimension.declared(Conventions.TENANT_TIER, settings.get(TIERS), TIERS.key()));
        open(all, bounds, MANY, Conventions.HTTP_ROUTE);
        open(all, bounds, PLACES, Conventions.HTTP_RESPONSE_STATUS_CODE);
        open(all, bounds, SOME, Conventions.ERROR_TYPE);
        open(all, bounds, FEW, Conventions.URL_SCHEME, "http", "https");
        open(all, bounds, FEW, Conventions.NETWORK_PROTOCOL_NAME, "http");
        open(all, bounds, FEW, Conventions.NETWORK_PROTOCOL_VERSION, "1.0", "1.1", "2", "3");
        for (String key : List.of(
                Conventions.SERVER_ADDRESS,
                Conventions.SERVER_PORT,
                Conventions.NETWORK_PEER_ADDRESS,
                Conventions.NETWORK_PEER_PORT)) {
            open(all, bounds, PLACES, key);
        }
        open(all, bounds, FEW, Conventions.DB_SYSTEM_NAME);
        open(all, bounds, SOME, Conventions.DB_NAMESPACE);
        open(all, bounds, NAMES, Conventions.DB_COLLECTION_NAME);
        open(all, bounds, SOME, Conventions.DB_OPERATION_NAME);
        open(all, bounds, MANY, Conventions.DB_QUERY_SUMMARY);
        open(all, bounds, NAMES, Conventions.DB_STORED_PROCEDURE_NAME);
        open(all, bounds, PLACES, Conventions.DB_RESPONSE_STATUS_CODE);
        if (settings.get(EXPERIMENTAL).contains(Experimental.RPC)) {
            open(all, bounds, FEW, Conventions.RPC_SYSTEM_NAME);
            open(all, bounds, MANY, Conventions.RPC_METHOD);
            open(all, bounds, PLACES, Conventions.RPC_STATUS_CODE);
        }
        if (settings.get(EXPERIMENTAL).contains(Experimental.MESSAGING)) {
            open(all, bounds, FEW, Conventions.MESSAGING_SYSTEM);
            open(all, bounds, SOME, Conventions.MESSAGING_OPERATION_NAME);
            open(all, bounds, FEW, Conventions.MESSAGING_OPERATION_TYPE);
            open(all, bounds, NAMES, Conventions.MESSAGING_DESTINATION_NAME);
            open(all, bounds, NAMES, Conventions.MESSAGING_DESTINATION_TEMPLATE);
            open(all, bounds, NAMES, Conventions.MESSAGING_DESTINATION_SUBSCRIPTION_NAME);
            open(all, bounds, SOME, Conventions.MESSAGING_DESTINATION_PARTITION_ID);
            open(all, bounds, SOME, Conventions.MESSAGING_CONSUMER_GROUP_NAME);
        }
        open(all, bounds, MANY, Conventions.OPERATION);
        open(all, bounds, FEW, Conventions.RESULT);
        open(all, bounds, FEW, Conventions.DECISION);
        refuseUnknown(bounds, all);
        return all;
    }

    private static void open(
            Map<String, Dimension> all, Map<String, Integer> bounds, int usual, String key, String... known) {
        put(all, Dimension.open(key, bounds.getOrDefault(dashed(key), usual), setting(key), known));
    }

    private static void put(Map<String, Dimension> all, Dimension dimension) {
        all.put(dimension.key(), dimension);
    }

    private static String setting(String key) {
        return MAX_VALUES.key().replace("<key>", dashed(key));
    }

    private static String dashed(String key) {
        return key.toLowerCase(Locale.ROOT).replace('.', '-').replace('_', '-');
    }

    private static void refuseUnknown(Map<String, Integer> bounds, Map<String, Dimension> all) {
        List<String> known = all.values().stream()
                .filter(Dimension::isOpen)
                .map(dimension -> dashed(dimension.key()))
                .sorted()
                .toList();
        List<String> unknown = new ArrayList<>(bounds.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new IllegalStateException(MAX_VALUES.key().replace("<key>", unknown.get(0))
                    + " is for a key that no meter has; expected one of " + known);
        }
    }
}
