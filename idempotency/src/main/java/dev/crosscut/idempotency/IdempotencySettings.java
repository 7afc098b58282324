package dev.crosscut.idempotency;

import dev.crosscut.core.RoutePattern;
import dev.crosscut.core.Secret;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The settings of this concern. */
final class IdempotencySettings {

    /** What becomes of a request while the store fails. */
    enum OnStoreFailure {
        REFUSE,
        PROCEED
    }

    private static final String PREFIX = "crosscut.idempotency.";
    private static final String CORRELATION = "crosscut.correlation.headers";
    private static final String ROUTE = PREFIX + "route.<name>";
    private static final long LARGEST = 64L << 20;
    private static final String EXPECTED_SIZE = "0B to 64MB";
    private static final String EXPECTED_REQUEST = "1B to 64MB";

    /** Header fields that are of one response alone, or of one connection. */
    private static final Set<String> NEVER_KEPT = Set.of(
            "set-cookie",
            "set-cookie2",
            "clear-site-data",
            "www-authenticate",
            "proxy-authenticate",
            "authentication-info",
            "proxy-authentication-info",
            "date",
            "age",
            "expires",
            "connection",
            "proxy-connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "server-timing",
            "traceresponse",
            "traceparent",
            "tracestate",
            "b3",
            "x-b3-traceid",
            "x-b3-spanid",
            "x-b3-parentspanid",
            "x-b3-sampled",
            "x-b3-flags",
            "x-trace-id",
            "x-amzn-trace-id",
            "x-cloud-trace-context",
            "uber-trace-id",
            "x-correlation-id",
            "x-request-id",
            "idempotent-replayed");

    static final Setting<String> STORE = Setting.text(
                    PREFIX + "store",
                    "Where records are kept: `embedded`, in the memory of this process alone, or what a store on the class"
                            + " path is called: `jdbc` (crosscut-idempotency-jdbc), `redis` (crosscut-idempotency-redis).")
            .check("the name of a store", name -> !name.isBlank())
            .or("embedded");

    static final Setting<Long> EMBEDDED_SIZE = Setting.size(
                    PREFIX + "embedded.max-size",
                    "The memory that the records of the embedded store may take. New keys are refused while it is full: no"
                            + " record is dropped before its retention is over.")
            .check("at least 1KB", size -> size >= 1024)
            .or(64L << 20);

    static final Setting<Duration> LEASE = Setting.duration(
                    PREFIX + "lease",
                    "How long an owner has before its record counts as abandoned, unless it renews its lease, which it does"
                            + " at a third of it: how long a retry waits after a crash.")
            .check(Policy.EXPECTED_LEASE, Policy::isLease)
            .or(Policy.DEFAULT.lease());

    static final Setting<Duration> RETENTION = Setting.duration(
                    PREFIX + "retention", "How long an outcome is kept and replayed. State it to your clients.")
            .check(Policy.EXPECTED_RETENTION, Policy::isRetention)
            .or(Policy.DEFAULT.retention());

    static final Setting<OnAbandoned> ON_ABANDONED = Setting.choice(
                    PREFIX + "on-abandoned",
                    "What becomes of work whose owner crashed or failed before it said how it came out: `refuse` it until a"
                            + " person has found out, or `re-execute` it, for work that passes its downstream key on or is"
                            + " otherwise harmless twice.",
                    OnAbandoned.class)
            .or(Policy.DEFAULT.onAbandoned());

    static final Setting<Duration> WAIT = Setting.duration(
                    PREFIX + "wait",
                    "How long a request waits while another with the same key is at work, before it is answered with 409.")
            .check("0s to 1h", wait -> !wait.isNegative() && wait.compareTo(Duration.ofHours(1)) <= 0)
            .or(Duration.ZERO);

    static final Setting<KeyMode> KEY = Setting.choice(
                    PREFIX + "key",
                    "Whether requests of the methods that no route names have a key: `required`, `optional` or `off`.",
                    KeyMode.class)
            .or(KeyMode.OPTIONAL);

    static final Setting<List<String>> METHODS = Setting.text(
                    PREFIX + "methods", "The HTTP methods whose requests may have a key, where no route names them.")
            .check("the name of a method", method -> method.matches("[A-Z]+"))
            .list()
            .or(List.of("POST", "PATCH"));

    static final Setting<String> HEADER = Setting.text(
                    PREFIX + "header", "The header field of a request that has its key.")
            .check("the name of a header field", name -> name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"))
            .or("Idempotency-Key");

    static final Setting<Boolean> LENIENT = Setting.flag(
                    PREFIX + "lenient-keys",
                    "Whether keys without quotation marks are taken too, as clients send them that know nothing of structured"
                            + " fields (RFC 9651).")
            .or(false);

    static final Setting<Integer> MAX_KEY_LENGTH = Setting.integer(
                    PREFIX + "max-key-length", "The longest key that is accepted, in characters.")
            .check("1 to 4096", length -> length >= 1 && length <= 4096)
            .or(255);

    static final Setting<List<HttpRequests.Scope>> SCOPE = Setting.choice(
                    PREFIX + "scope",
                    "What a key of a request belongs to: keys of one tenant, caller, method or route are none of another."
                            + " What is left out is shared.",
                    HttpRequests.Scope.class)
            .list()
            .check("at least one", parts -> !parts.isEmpty())
            .or(List.of(HttpRequests.Scope.values()));

    static final Setting<Long> MAX_REQUEST = Setting.size(
                    PREFIX + "max-request",
                    "The largest body of a request with a key; a larger one is answered with 413 before anything is"
                            + " claimed.")
            .check(EXPECTED_REQUEST, IdempotencySettings::isRequest)
            .or(1L << 20);

    static final Setting<Long> MAX_OUTCOME = Setting.size(
                    PREFIX + "max-outcome",
                    "The largest outcome that is kept. The work of a larger one, and of a stream, is not done again, but"
                            + " cannot be replayed.")
            .check(EXPECTED_SIZE, IdempotencySettings::isSize)
            .or((long) Policy.DEFAULT.maxOutcome());

    static final Setting<Statuses> STATUSES = Setting.choice(
                    PREFIX + "statuses",
                    "Which responses are kept: `ietf`, all but 408, 409, 423, 425 and 429, which release the key, and 5xx,"
                            + " after which it is not known what was done; `stripe`, 5xx too.",
                    Statuses.class)
            .or(Statuses.IETF);

    static final Setting<List<String>> HEADERS = Setting.text(
                    PREFIX + "headers", "The header fields of a response that are kept with it and replayed.")
            .check(
                    "the name of a header field that is not of one response alone, as Set-Cookie, WWW-Authenticate and Date"
                            + " are",
                    name -> name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
                            && !NEVER_KEPT.contains(name.toLowerCase(Locale.ROOT)))
            .list()
            .or(List.of(
                    "Content-Type",
                    "Content-Language",
                    "Content-Encoding",
                    "Content-Disposition",
                    "Content-Location",
                    "Location",
                    "ETag",
                    "Last-Modified",
                    "Link",
                    "Vary",
                    "Cache-Control"));

    static final Setting<Boolean> CANONICAL_JSON = Setting.flag(
                    PREFIX + "canonical-json",
                    "Whether bodies of JSON are compared by value, so that spaces and the order of members may differ.")
            .or(false);

    static final Setting<Integer> THREADS = Setting.integer(
                    PREFIX + "threads",
                    "How many threads wait for the store on behalf of asynchronous callers and of leases.")
            .check("1 to 1024", threads -> threads >= 1 && threads <= 1024)
            .or(16);

    static final Setting<Long> NEAR_CACHE = Setting.size(
                    PREFIX + "near-cache",
                    "The memory for finished records beside a store that is far, so that replays cost no round trip.")
            .check("0B or more", size -> size >= 0)
            .or(0L);

    static final Setting<Duration> NEAR_CACHE_AGE = Setting.duration(
                    PREFIX + "near-cache-age",
                    "How long a record stays in the near cache at most, also where it has been expired by hand.")
            .check("1s to 1d", age -> age.toMillis() >= 1000 && age.compareTo(Duration.ofDays(1)) <= 0)
            .or(Duration.ofMinutes(1));

    static final Setting<Optional<Long>> COMPRESS_ABOVE = Setting.size(
                    PREFIX + "compress-above", "Deflates outcomes that are larger.")
            .check(EXPECTED_SIZE, IdempotencySettings::isSize)
            .optional();

    static final Setting<Optional<String>> ENCRYPTION_KEY = Setting.text(
                    PREFIX + "encryption-key",
                    "The name of the key that outcomes are encrypted with from now on, by AES-GCM.")
            .check("1 to 64 characters", name -> !name.isBlank() && name.length() <= 64)
            .optional();

    static final Setting<Map<String, Secret>> ENCRYPTION_KEYS = Setting.secret(
                    PREFIX + "encryption-keys.<name>",
                    "A key for outcomes: 16, 24 or 32 bytes in Base64, as `openssl rand -base64 32` makes them. One that is"
                            + " not used any more stays for as long as outcomes under it are kept.")
            .map();

    static final Setting<Map<String, String>> ROUTES = Setting.text(
                    ROUTE,
                    "Requests, messages or methods for which what follows is set otherwise, such as `POST /payments` or the"
                            + " name of a topic. The first that may be meant counts, in the order of the names. GET, HEAD,"
                            + " OPTIONS and TRACE are meant only where they are named.")
            .check(RoutePattern.EXPECTED, RoutePattern::isOne)
            .map();

    static final Setting<Map<String, KeyMode>> ROUTE_KEY = Setting.choice(
                    ROUTE + ".key", "Whether they have a key; they must, unless this is set.", KeyMode.class)
            .map();

    static final Setting<Map<String, String>> ROUTE_HEADER = Setting.text(
                    ROUTE + ".header",
                    "The header that has their key, in place of `crosscut.idempotency.header`; in place of the message's id"
                            + " for messages.")
            .check("the name of a header", name -> !name.isBlank())
            .map();

    static final Setting<Map<String, Duration>> ROUTE_LEASE = Setting.duration(ROUTE + ".lease", "Their lease.")
            .check(Policy.EXPECTED_LEASE, Policy::isLease)
            .map();

    static final Setting<Map<String, Duration>> ROUTE_RETENTION = Setting.duration(
                    ROUTE + ".retention", "How long their outcomes are kept.")
            .check(Policy.EXPECTED_RETENTION, Policy::isRetention)
            .map();

    static final Setting<Map<String, OnAbandoned>> ROUTE_ON_ABANDONED = Setting.choice(
                    ROUTE + ".on-abandoned", "What becomes of them once they are abandoned.", OnAbandoned.class)
            .map();

    static final Setting<Map<String, Duration>> ROUTE_WAIT = Setting.duration(
                    ROUTE + ".wait", "How long they wait for another with the same key.")
            .check("0s to 1h", wait -> !wait.isNegative() && wait.compareTo(Duration.ofHours(1)) <= 0)
            .map();

    static final Setting<Map<String, Statuses>> ROUTE_STATUSES = Setting.choice(
                    ROUTE + ".statuses", "Which of their responses are kept.", Statuses.class)
            .map();

    static final Setting<Map<String, Long>> ROUTE_MAX_REQUEST = Setting.size(
                    ROUTE + ".max-request", "Their largest body.")
            .check(EXPECTED_REQUEST, IdempotencySettings::isRequest)
            .map();

    static final Setting<Map<String, Long>> ROUTE_MAX_OUTCOME = Setting.size(
                    ROUTE + ".max-outcome", "Their largest outcome.")
            .check(EXPECTED_SIZE, IdempotencySettings::isSize)
            .map();

    static final Setting<Map<String, OnStoreFailure>> ROUTE_ON_STORE_FAILURE = Setting.choice(
                    ROUTE + ".on-store-failure",
                    "What becomes of them while the store fails: `refuse` them with 503, as all are unless this is set, or"
                            + " let them `proceed`, unprotected.",
                    OnStoreFailure.class)
            .map();

    private static final List<Setting<? extends Map<String, ?>>> OF_ROUTES = List.of(
            ROUTE_KEY,
            ROUTE_HEADER,
            ROUTE_LEASE,
            ROUTE_RETENTION,
            ROUTE_ON_ABANDONED,
            ROUTE_WAIT,
            ROUTE_STATUSES,
            ROUTE_MAX_REQUEST,
            ROUTE_MAX_OUTCOME,
            ROUTE_ON_STORE_FAILURE);

    private IdempotencySettings() {}

    static List<Setting<?>> all() {
        List<Setting<?>> all = new ArrayList<>(List.of(
                STORE,
                EMBEDDED_SIZE,
                LEASE,
                RETENTION,
                ON_ABANDONED,
                WAIT,
                KEY,
                METHODS,
                HEADER,
                LENIENT,
                MAX_KEY_LENGTH,
                SCOPE,
                MAX_REQUEST,
                MAX_OUTCOME,
                STATUSES,
                HEADERS,
                CANONICAL_JSON,
                THREADS,
                NEAR_CACHE,
                NEAR_CACHE_AGE,
                COMPRESS_ABOVE,
                ENCRYPTION_KEY,
                ENCRYPTION_KEYS,
                ROUTES));
        all.addAll(OF_ROUTES);
        return all;
    }

    private static boolean isSize(long size) {
        return size >= 0 && size <= LARGEST;
    }

    /** Of nothing, a request would not be told from another. */
    private static boolean isRequest(long size) {
        return size >= 1 && size <= LARGEST;
    }

    static Policy policy(Settings settings) {
        return Policy.DEFAULT
                .lease(settings.get(LEASE))
                .retention(settings.get(RETENTION))
                .onAbandoned(settings.get(ON_ABANDONED))
                .waiting(settings.get(WAIT))
                .maxOutcome(Math.toIntExact(settings.get(MAX_OUTCOME)));
    }

    /**
     * The header fields that are kept.
     *
     * @throws IllegalArgumentException if one of them carries the correlation id, which each exchange has of its own
     */
    static List<String> headers(Settings settings) {
        Set<String> kept = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        kept.addAll(settings.get(HEADERS));
        for (Setting<?> setting : settings.declared()) {
            if (setting.key().equals(CORRELATION) && settings.get(setting) instanceof List<?> names) {
                names.stream()
                        .map(Object::toString)
                        .filter(kept::contains)
                        .findFirst()
                        .ifPresent(name -> {
                            throw new IllegalArgumentException(
                                    HEADERS.key() + " has " + name + ", which carries the correlation id ("
                                            + CORRELATION + "); expected none that is of one response alone");
                        });
            }
        }
        return List.copyOf(kept);
    }

    /** The rule for what no route names. */
    static Rule others(Settings settings) {
        return new Rule(
                "",
                Optional.empty(),
                "",
                settings.get(KEY),
                Optional.empty(),
                policy(settings),
                Math.toIntExact(settings.get(MAX_REQUEST)),
                settings.get(STATUSES),
                false);
    }

    /**
     * The rules of the routes, in the order of their names.
     *
     * @throws IllegalArgumentException if something is set for a route that is not there, or a route is of a method that no
     *     request can have
     */
    static List<Rule> rules(Settings settings) {
        Map<String, String> routes = settings.get(ROUTES);
        Set<String> strays = new TreeSet<>();
        for (Setting<? extends Map<String, ?>> setting : OF_ROUTES) {
            for (String name : settings.get(setting).keySet()) {
                if (!routes.containsKey(name)) {
                    strays.add(setting.key().replace("<name>", name));
                }
            }
        }
        if (!strays.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", strays)
                    + " is set, but no such route; expected crosscut.idempotency.route.<name> with the pattern of it beside,"
                    + " and there are " + routes.keySet());
        }
        List<Rule> rules = new ArrayList<>();
        routes.forEach((name, pattern) -> rules.add(rule(name, pattern, settings)));
        return List.copyOf(rules);
    }

    /** Methods are told apart by case, and all that there are have capitals: with others, a route would hold nobody. */
    private static String requireMethod(String name, String pattern) {
        String[] parts = pattern.split("\\s+", -1);
        if (parts.length > 1 && parts[0].matches("[A-Z]*[a-z][A-Za-z]*")) {
            throw new IllegalArgumentException(PREFIX + "route." + name + " is '" + pattern
                    + "', and no request has the method " + parts[0] + "; expected "
                    + parts[0].toUpperCase(Locale.ROOT) + " " + parts[1]);
        }
        return String.join(" ", parts);
    }

    private static Rule rule(String name, String spelled, Settings settings) {
        String pattern = requireMethod(name, spelled);
        Policy base = policy(settings);
        Policy policy = base.lease(of(name, settings.get(ROUTE_LEASE), base.lease()))
                .retention(of(name, settings.get(ROUTE_RETENTION), base.retention()))
                .onAbandoned(of(name, settings.get(ROUTE_ON_ABANDONED), base.onAbandoned()))
                .waiting(of(name, settings.get(ROUTE_WAIT), base.waiting()))
                .maxOutcome(Math.toIntExact(of(name, settings.get(ROUTE_MAX_OUTCOME), (long) base.maxOutcome())));
        return new Rule(
                name,
                Optional.of(RoutePattern.parse(pattern)),
                pattern,
                of(name, settings.get(ROUTE_KEY), KeyMode.REQUIRED),
                Optional.ofNullable(settings.get(ROUTE_HEADER).get(name)),
                policy,
                Math.toIntExact(of(name, settings.get(ROUTE_MAX_REQUEST), settings.get(MAX_REQUEST))),
                of(name, settings.get(ROUTE_STATUSES), settings.get(STATUSES)),
                of(name, settings.get(ROUTE_ON_STORE_FAILURE), OnStoreFailure.REFUSE) == OnStoreFailure.PROCEED);
    }

    private static <T> T of(String name, Map<String, T> ofRoutes, T otherwise) {
        T own = ofRoutes.get(name);
        return own == null ? otherwise : own;
    }
}
