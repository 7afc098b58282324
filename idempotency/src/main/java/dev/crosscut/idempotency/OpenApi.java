package dev.crosscut.idempotency;

import dev.crosscut.core.Key;
import dev.crosscut.core.Reply;
import dev.crosscut.core.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * What clients must know of idempotency keys, as OpenAPI 3.1 says it: for each route with a path its header field and the
 * replies that it adds, to be merged into the contract of the service; and the parts to refer to for requests of no route.
 */
final class OpenApi {

    private static final String PROBLEM = "IdempotencyProblem";
    private static final String ANY = "*";

    /** Methods that ask for something to be done, which a pattern without a method means. */
    private static final List<String> UNSAFE = List.of("PUT", "POST", "DELETE", "PATCH");

    private static final Set<String> METHODS =
            Set.of("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE");

    private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z0-9_.-]+)}");
    private static final String EXAMPLE = "8e03978e-40d5-43dd-bc93-6894a57f9324";

    /** Strings in quotation marks (RFC 9651) that need no escapes, and bare ones as lenient servers take them. */
    private static final String QUOTED = "[ !#-\\[\\]-~]";

    private static final String BARE = "[!#-+\\--:<-\\[\\]-~]";

    private static final String CONFLICT = "A request with this key is being processed, or it has been and its outcome"
            + " cannot be given again. Nothing was done now.";

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpRequests http;
    private final List<Rule> rules;
    private final Rule others;
    private final Settings settings;
    private final Map<String, Object> paths = new LinkedHashMap<>();
    private final Map<String, String> templates = new LinkedHashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();

    private OpenApi(Settings settings) {
        this.settings = settings;
        rules = IdempotencySettings.rules(settings);
        others = IdempotencySettings.others(settings);
        http = IdempotencyPlugin.http(settings, rules, others);
        rules.forEach(this::add);
    }

    static OpenApi of(Settings settings) {
        return new OpenApi(settings);
    }

    /** What is said of the routes that are left out, and of requests of no route. */
    List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        String methods = String.join(" or ", settings.get(IdempotencySettings.METHODS));
        all.add(
                others.mode() == KeyMode.OFF
                        ? "A " + methods + " of no route is left out: crosscut.idempotency.key is off"
                        : "A " + methods + " of no route: refer to the parameter IdempotencyKey and the responses"
                                + " in components");
        return all;
    }

    Map<String, Object> document() {
        return map(
                "openapi",
                "3.1.0",
                "info",
                map("title", "Idempotency keys", "version", "1"),
                "paths",
                paths,
                "components",
                components());
    }

    String yaml() {
        StringBuilder text = new StringBuilder();
        notes().forEach(note -> text.append("# ").append(note).append('\n'));
        return text.append(Yaml.of(document())).toString();
    }

    private void add(Rule rule) {
        String[] parts = rule.text().strip().split("\\s+", -1);
        String path = parts[parts.length - 1];
        String method = parts.length == 2 ? parts[0] : ANY;
        if (rule.mode() == KeyMode.OFF) {
            leaveOut(rule, "its keys are not looked at");
        } else if (!path.startsWith("/")) {
            leaveOut(rule, "it has no path, so it is of messages or methods, or of requests with any path");
        } else if (path.contains("**")) {
            leaveOut(rule, "OpenAPI has no path with any number of segments");
        } else if (!method.equals(ANY) && !METHODS.contains(method)) {
            leaveOut(rule, "OpenAPI has no method " + method);
        } else {
            Optional<String> template = template(path);
            template.ifPresentOrElse(
                    found -> (method.equals(ANY) ? UNSAFE : List.of(method)).forEach(each -> add(rule, each, found)),
                    () -> leaveOut(rule, "a segment of it is a template, but not a parameter alone"));
        }
    }

    /** No path has a line break, but a pattern may. */
    private void leaveOut(Rule rule, String why) {
        notes.add(
                "Route " + rule.name() + " (" + rule.text().strip().replaceAll("\\s+", " ") + ") is left out: " + why);
    }

    private static Optional<String> template(String path) {
        Set<String> names = new TreeSet<>();
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            Matcher parameter = PARAMETER.matcher(segment);
            String name = "";
            if (segment.equals(ANY)) {
                int number = names.size() + 1;
                while (names.contains("param" + number)) {
                    number++;
                }
                name = "param" + number;
            } else if (parameter.matches()) {
                name = parameter.group(1);
            } else if (segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0) {
                return Optional.empty();
            }
            if (!name.isEmpty() && !names.add(name)) {
                return Optional.empty();
            }
            segments.add(name.isEmpty() ? segment : "{" + name + "}");
        }
        return Optional.of("/" + String.join("/", segments));
    }

    private void add(Rule rule, String method, String template) {
        AskedRequest asked = new AskedRequest(method, template);
        asked.put(Key.ROUTE, template);
        String first = http.rule(asked).map(Rule::name).orElse("");
        if (!first.equals(rule.name())) {
            leaveOut(rule, "route " + first + " comes first for " + method + " " + template);
            return;
        }
        String known = templates.computeIfAbsent(PARAMETER.matcher(template).replaceAll("{}"), unnamed -> template);
        @SuppressWarnings("unchecked") // each value of paths is made here
        Map<String, Object> item = (Map<String, Object>) paths.computeIfAbsent(known, OpenApi::item);
        if (item.putIfAbsent(method.toLowerCase(Locale.ROOT), operation(rule)) != null) {
            leaveOut(rule, "OpenAPI cannot tell " + method + " " + template + " from " + known);
        }
    }

    private static Map<String, Object> item(String template) {
        Map<String, Object> item = new LinkedHashMap<>();
        List<Object> parameters = new ArrayList<>();
        Matcher names = PARAMETER.matcher(template);
        while (names.find()) {
            parameters.add(
                    map("name", names.group(1), "in", "path", "required", true, "schema", map("type", "string")));
        }
        if (!parameters.isEmpty()) {
            item.put("parameters", parameters);
        }
        return item;
    }

    private Map<String, Object> operation(Rule rule) {
        String wait = rule.policy().waiting().isZero()
                ? ""
                : " It is waited for up to " + text(rule.policy().waiting()) + ".";
        Map<String, Object> responses = map(
                "2XX",
                map(
                        "description",
                        "What the request comes to, the first time and each time again.",
                        "headers",
                        map(HttpRequests.REPLAYED, ref("headers", "IdempotentReplayed"))),
                "400",
                rejected(rule),
                "409",
                described(ref("responses", "IdempotencyConflict"), CONFLICT + wait),
                "413",
                described(
                        ref("responses", "IdempotencyContentTooLarge"),
                        "The content has more than " + rule.maxRequest() + " bytes. Nothing was done."),
                "422",
                ref("responses", "IdempotencyMismatch"));
        if (!rule.proceeds()) {
            responses.put("503", ref("responses", "IdempotencyUnavailable"));
        }
        return map("parameters", List.of(parameter(rule)), "responses", responses);
    }

    private Map<String, Object> components() {
        Map<String, Object> components = new LinkedHashMap<>();
        Map<String, Object> responses = new LinkedHashMap<>();
        if (others.mode() != KeyMode.OFF) {
            components.put("parameters", map("IdempotencyKey", parameter(others)));
            responses.put("IdempotencyKeyRejected", rejected(others));
        }
        responses.put(
                "IdempotencyConflict",
                response(
                        CONFLICT,
                        true,
                        Problems.conflict(Duration.ofSeconds(2)),
                        Problems.unknown(),
                        Problems.notReplayable()));
        responses.put(
                "IdempotencyContentTooLarge",
                response(
                        "The content is longer than that of a request with a key may be. Nothing was done.",
                        false,
                        Reply.problem(413, "content-too-large", "The request content is too large")
                                .detail("The content of this request may have at most " + others.maxRequest()
                                        + " bytes.")
                                .with("limit", others.maxRequest())
                                .reply()));
        responses.put(
                "IdempotencyMismatch",
                response("The key was used for another request. Nothing was done.", false, Problems.mismatch()));
        responses.put(
                "IdempotencyUnavailable",
                response(
                        "It cannot be said whether this request was processed before. Nothing was done.",
                        true,
                        Problems.unavailable()));
        components.put(
                "headers",
                map(
                        "IdempotentReplayed",
                        map(
                                "description",
                                "There, and `true`, where the response, of whatever status, is that to an earlier request"
                                        + " with this key.",
                                "schema",
                                map("type", "string", "const", "true")),
                        "RetryAfter",
                        map(
                                "description",
                                "After how many seconds the same request can be sent again.",
                                "schema",
                                map("type", "integer", "minimum", 1))));
        components.put("responses", responses);
        components.put(
                "schemas",
                map(
                        PROBLEM,
                        map(
                                "description",
                                "A problem (RFC 9457).",
                                "type",
                                "object",
                                "required",
                                List.of("type", "title", "status"),
                                "properties",
                                map(
                                        "type",
                                        map("type", "string", "format", "uri"),
                                        "title",
                                        map("type", "string"),
                                        "status",
                                        map("type", "integer"),
                                        "detail",
                                        map("type", "string")))));
        return components;
    }

    private Map<String, Object> parameter(Rule rule) {
        int longest = settings.get(IdempotencySettings.MAX_KEY_LENGTH);
        boolean isLenient = settings.get(IdempotencySettings.LENIENT);
        String times = "{1," + longest + "}";
        String pattern = "\"" + QUOTED + times + "\"";
        String description = String.join(
                "\n",
                rule.mode() == KeyMode.REQUIRED
                        ? "A text of the client's choice, another for each request: it is done once for it."
                        : "A text of the client's choice, another for each request. With it the request is done once.",
                "It is a string in quotation marks (RFC 9651, 3.3.3) of at most " + longest + " characters"
                        + (isLenient ? "; it may also come without the marks." : "."),
                "The same request with the same key is answered with the first response, which is kept for "
                        + text(rule.policy().retention()) + ".");
        return map(
                "name",
                rule.header().orElse(settings.get(IdempotencySettings.HEADER)),
                "in",
                "header",
                "required",
                rule.mode() == KeyMode.REQUIRED,
                "description",
                description,
                "schema",
                map(
                        "type",
                        "string",
                        "minLength",
                        isLenient ? 1 : 3,
                        "maxLength",
                        longest + 2,
                        "pattern",
                        isLenient ? "^(" + pattern + "|" + BARE + times + ")$" : "^" + pattern + "$"),
                "example",
                '"' + EXAMPLE.substring(0, Math.min(longest, EXAMPLE.length())) + '"');
    }

    private Map<String, Object> rejected(Rule rule) {
        Reply invalid = Problems.invalid("an empty key", http.expected(rule));
        return rule.mode() == KeyMode.REQUIRED
                ? response(
                        "There is no idempotency key, or it is malformed. Nothing was done.",
                        false,
                        Problems.missing(http.expected(rule)),
                        invalid)
                : response("The idempotency key is malformed. Nothing was done.", false, invalid);
    }

    /** As the service replies: the types and examples are those of replies. */
    private Map<String, Object> response(String description, boolean hasRetryAfter, Reply... replies) {
        List<Object> types = new ArrayList<>();
        Map<String, Object> examples = new LinkedHashMap<>();
        for (Reply reply : replies) {
            byte[] bytes = new byte[reply.body().remaining()];
            reply.body().get(bytes);
            Map<?, ?> problem = json.readValue(bytes, Map.class);
            String type = String.valueOf(problem.get("type"));
            types.add(type);
            examples.put(type.substring(type.lastIndexOf('/') + 1), map("value", problem));
        }
        Map<String, Object> response = map("description", description);
        if (hasRetryAfter) {
            response.put("headers", map("Retry-After", ref("headers", "RetryAfter")));
        }
        response.put(
                "content",
                map(
                        "application/problem+json",
                        map(
                                "schema",
                                map(
                                        "allOf",
                                        List.of(
                                                ref("schemas", PROBLEM),
                                                map("properties", map("type", map("enum", types))))),
                                "examples",
                                examples)));
        return response;
    }

    private static Map<String, Object> ref(String kind, String name) {
        return map("$ref", "#/components/" + kind + "/" + name);
    }

    private static Map<String, Object> described(Map<String, Object> reference, String description) {
        reference.put("description", description);
        return reference;
    }

    /** A name, its value, and so on; in this order. */
    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    /** For people: {@code 1 d 12 h}. */
    static String text(Duration duration) {
        List<String> parts = new ArrayList<>();
        addPart(parts, duration.toDaysPart(), " d");
        addPart(parts, duration.toHoursPart(), " h");
        addPart(parts, duration.toMinutesPart(), " min");
        addPart(parts, duration.toSecondsPart(), " s");
        addPart(parts, duration.toMillisPart(), " ms");
        return parts.isEmpty() ? "0 s" : String.join(" ", parts);
    }

    private static void addPart(List<String> parts, long number, String unit) {
        if (number > 0) {
            parts.add(number + unit);
        }
    }
}
