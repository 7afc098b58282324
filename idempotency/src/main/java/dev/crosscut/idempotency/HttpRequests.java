package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** HTTP requests that this service answers: draft-ietf-httpapi-idempotency-key-header-06. */
final class HttpRequests implements Protocol {

    /** What a key can be of. */
    enum Scope {
        TENANT,
        CALLER,
        METHOD,
        ROUTE
    }

    static final String REPLAYED = "Idempotent-Replayed";

    /** Methods that ask for nothing to be done (RFC 9110, 9.2.1). */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private static final String CONTENT_TYPE = "Content-Type";

    private final List<Rule> rules;
    private final Rule others;
    private final String header;
    private final Set<String> methods;
    private final boolean lenient;
    private final int maxKeyLength;
    private final Set<Scope> scope;
    private final List<String> headers;
    private final Optional<CanonicalJson> json;

    HttpRequests(
            List<Rule> rules,
            Rule others,
            String header,
            Set<String> methods,
            boolean lenient,
            int maxKeyLength,
            Set<Scope> scope,
            List<String> headers,
            Optional<CanonicalJson> json) {
        this.rules = rules;
        this.others = others;
        this.header = header;
        this.methods = methods;
        this.lenient = lenient;
        this.maxKeyLength = maxKeyLength;
        this.scope = scope;
        this.headers = headers;
        this.json = json;
    }

    @Override
    public Optional<Rule> rule(Exchange exchange) {
        if (exchange.kind() != Exchange.Kind.SERVER || !exchange.protocol().equals("http")) {
            return Optional.empty();
        }
        for (Rule rule : rules) {
            if (isMeant(exchange, rule)
                    && (!SAFE.contains(exchange.operation()) || names(rule, exchange.operation()))) {
                return Optional.of(rule);
            }
        }
        return methods.contains(exchange.operation()) ? Optional.of(others) : Optional.empty();
    }

    /** Whoever is held to something may be meant, and whoever is let off is for sure, however the path is spelled. */
    private static boolean isMeant(Exchange exchange, Rule rule) {
        return rule.pattern()
                .filter(pattern -> rule.mode() == KeyMode.OFF ? pattern.matches(exchange) : pattern.mayMatch(exchange))
                .isPresent();
    }

    private static boolean names(Rule rule, String method) {
        return rule.text().split(" ", 2)[0].equals(method);
    }

    @Override
    public Optional<String> key(Exchange exchange, Rule rule) {
        List<String> values = exchange.requestHeaders(rule.header().orElse(header));
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw new IllegalArgumentException("a field of " + values.size() + " values");
        }
        String field = values.get(0);
        String key = lenient && field.indexOf('"') < 0 ? bare(field) : StructuredString.parse(field);
        if (key.isEmpty()) {
            throw new IllegalArgumentException("an empty key");
        }
        if (key.length() > maxKeyLength) {
            throw new IllegalArgumentException("a key of " + key.length() + " characters, of at most " + maxKeyLength);
        }
        return Optional.of(key);
    }

    /** As clients send it that do not know of structured fields. */
    private static String bare(String field) {
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c <= ' ' || c > '~' || c == ',' || c == ';' || c == '\\') {
                throw new IllegalArgumentException(
                        "a bare key with a character that it cannot have at character " + (i + 1));
            }
        }
        return field;
    }

    @Override
    public String expected(Rule rule) {
        return "the header field " + rule.header().orElse(header)
                + " with one string in quotation marks (RFC 9651, 3.3.3)" + " of at most " + maxKeyLength
                + " characters, such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
    }

    /** Never the path: whoever asks chooses it, and as often as it likes. */
    @Override
    public String label(Exchange exchange, Rule rule) {
        return rule.pattern().isPresent()
                ? rule.text()
                : exchange.operation()
                        + exchange.get(Key.ROUTE).map(route -> " " + route).orElse("");
    }

    private static String target(Exchange exchange) {
        return exchange.get(Key.ROUTE).or(exchange::path).orElse("");
    }

    @Override
    public List<String> scope(Exchange exchange, Rule rule) {
        List<String> parts = new ArrayList<>();
        for (Scope part : Scope.values()) {
            parts.add(scope.contains(part) ? part(part, exchange, rule) : "");
        }
        return parts;
    }

    private static String part(Scope part, Exchange exchange, Rule rule) {
        return switch (part) {
            case TENANT -> exchange.getOrDefault(Key.TENANT, "");
            case CALLER -> exchange.getOrDefault(Key.CALLER, "");
            case METHOD -> exchange.operation();
            case ROUTE -> rule.pattern().isPresent() ? "=" + rule.text() : target(exchange);
        };
    }

    @Override
    public Fingerprint fingerprint(Exchange exchange) {
        ByteBuffer body = exchange.requestBody().orElseGet(() -> ByteBuffer.allocate(0));
        String type = String.join(",", exchange.requestHeaders(CONTENT_TYPE));
        Optional<byte[]> canonical =
                json.filter(any -> isJson(type)).flatMap(canonicalJson -> canonicalJson.of(body.duplicate()));
        Digest.Builder digest = Fingerprint.builder()
                .add(exchange.operation())
                .add(exchange.path().orElse(""))
                .add(exchange.query().orElse(""))
                .add(type)
                .add(canonical.isPresent() ? 1 : 0);
        return new Fingerprint((canonical.isPresent() ? digest.add(canonical.get()) : digest.add(body)).build());
    }

    private static boolean isJson(String type) {
        String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return media.equals("application/json") || media.endsWith("+json");
    }

    @Override
    public boolean hasBodies() {
        return true;
    }

    @Override
    public Statuses.Fate fate(Outcome outcome, Rule rule) {
        if (outcome instanceof Outcome.Failed failed) {
            return rule.statuses().of(failed.status().orElse(500));
        }
        return rule.statuses().of(outcome.status().orElse(200));
    }

    @Override
    public Kept kept(Exchange exchange, Outcome outcome, Rule rule) {
        Optional<ByteBuffer> body = exchange.responseBody();
        if (body.isEmpty() && !(outcome instanceof Outcome.Failed)) {
            return Problems.tombstone("its response was a stream, or longer than "
                    + rule.policy().maxOutcome() + " bytes (crosscut.idempotency.max-outcome)");
        }
        try {
            Reply reply = outcome instanceof Outcome.Failed failed
                    ? Problems.failed(failed.status().orElse(500))
                    : new Reply(outcome.status().orElse(200), kept(exchange), body.orElseThrow());
            return new Kept(Kind.REPLY, StoredReply.write(reply));
        } catch (IllegalArgumentException e) {
            return Problems.tombstone("its response cannot be given twice: " + e.getMessage());
        }
    }

    private Map<String, List<String>> kept(Exchange exchange) {
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String name : headers) {
            List<String> values = exchange.responseHeaders(name);
            if (!values.isEmpty()) {
                kept.put(name, values);
            }
        }
        return kept;
    }

    @Override
    public Decision replay(Exchange exchange, Content content) {
        Reply first = StoredReply.read(content.bytes);
        Map<String, List<String>> marked = new LinkedHashMap<>(first.headers());
        marked.put(REPLAYED, List.of("true"));
        return Decision.answer(new Reply(first.status(), marked, first.body()));
    }
}
