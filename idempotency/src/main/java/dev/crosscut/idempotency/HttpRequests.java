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

    private static final String CONTENT_TYPE = "Content-Type";

    private final List<Rule> rules;
    private final Rule others;
    private final Set<String> methods;
    private final boolean lenient;
    private final int maxKeyLength;
    private final Set<Scope> scope;
    private final List<String> headers;
    private final Optional<CanonicalJson> json;

    HttpRequests(
            List<Rule> rules,
            Rule others,
            Set<String> methods,
            boolean lenient,
            int maxKeyLength,
            Set<Scope> scope,
            List<String> headers,
            Optional<CanonicalJson> json) {
        this.rules = rules;
        this.others = others;
        this.methods = methods;
        this.lenient = lenient;
        this.maxKeyLength = maxKeyLength;
        this.scope = scope;
        this.headers = headers;
        this.json = json;
    }

    /** A route that may be meant counts: nobody gets around it by the way its path is spelled. */
    @Override
    public Optional<Rule> rule(Exchange exchange) {
        if (exchange.kind() != Exchange.Kind.SERVER || !exchange.protocol().equals("http")) {
            return Optional.empty();
        }
        for (Rule rule : rules) {
            if (rule.pattern().filter(pattern -> pattern.mayMatch(exchange)).isPresent()) {
                return Optional.of(rule);
            }
        }
        return methods.contains(exchange.operation()) ? Optional.of(others) : Optional.empty();
    }

    @Override
    public Optional<String> key(Exchange exchange, Rule rule) {
        List<String> values = exchange.requestHeaders(rule.header());
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw new IllegalArgumentException(values.size() + " values");
        }
        String field = values.get(0).strip();
        String key = lenient && !field.startsWith("\"") ? bare(field) : StructuredString.parse(field);
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
            if (c <= ' ' || c > '~' || c == ',' || c == ';' || c == '"' || c == '\\') {
                throw new IllegalArgumentException(
                        "a bare key with a character that it cannot have at character " + (i + 1));
            }
        }
        return field;
    }

    @Override
    public String label(Exchange exchange, Rule rule) {
        return rule.pattern().isPresent() ? rule.text() : exchange.operation() + " " + target(exchange);
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
        if (outcome instanceof Outcome.Failed failed) {
            return new Kept(
                    Kind.REPLY,
                    StoredReply.write(Problems.failed(failed.status().orElse(500))));
        }
        int status = outcome.status().orElse(200);
        Optional<ByteBuffer> body = exchange.responseBody();
        if (body.isEmpty()) {
            return Problems.tombstone("its response was a stream, or longer than "
                    + rule.policy().maxOutcome() + " bytes (crosscut.idempotency.max-outcome)");
        }
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String name : headers) {
            List<String> values = exchange.responseHeaders(name);
            if (!values.isEmpty()) {
                kept.put(name, values);
            }
        }
        try {
            return new Kept(Kind.REPLY, StoredReply.write(new Reply(status, kept, body.get())));
        } catch (IllegalArgumentException e) {
            return Problems.tombstone("its response cannot be given twice: " + e.getMessage());
        }
    }

    @Override
    public Decision replay(Exchange exchange, Content content) {
        Reply first = StoredReply.read(content.bytes);
        Map<String, List<String>> marked = new LinkedHashMap<>(first.headers());
        marked.put(REPLAYED, List.of("true"));
        return Decision.answer(new Reply(first.status(), marked, first.body()));
    }
}
