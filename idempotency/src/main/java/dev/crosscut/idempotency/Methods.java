package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Methods of proxied objects that are {@link Idempotent}. */
final class Methods implements Protocol {

    private final List<Rule> rules;
    private final Rule others;
    private final ValueCodec codec;

    Methods(List<Rule> rules, Rule others, ValueCodec codec) {
        this.rules = rules;
        this.others = others;
        this.codec = codec;
    }

    private static Method method(Exchange exchange) {
        return exchange.get(Key.INVOCATION)
                .flatMap(call -> call.annotated(Idempotent.class))
                .orElseThrow();
    }

    @Override
    public Optional<Rule> rule(Exchange exchange) {
        Optional<Method> method = exchange.get(Key.INVOCATION).flatMap(call -> call.annotated(Idempotent.class));
        if (method.isEmpty()) {
            return Optional.empty();
        }
        OnAbandoned onAbandoned = method.get().getAnnotation(Idempotent.class).onAbandoned();
        return Optional.of(rules.stream()
                .filter(rule -> rule.pattern()
                        .filter(pattern -> pattern.matches(exchange))
                        .isPresent())
                .findFirst()
                .orElseGet(() -> required(others, others.policy().onAbandoned(onAbandoned))));
    }

    private static Rule required(Rule others, Policy policy) {
        return new Rule(
                "", Optional.empty(), "", KeyMode.REQUIRED, "", policy, others.maxRequest(), others.statuses(), false);
    }

    @Override
    public Optional<String> key(Exchange exchange, Rule rule) {
        int index = keyIndex(method(exchange));
        Object key = exchange.get(Key.INVOCATION).orElseThrow().arguments().get(index);
        if (key == null || key.toString().isEmpty()) {
            throw new IllegalArgumentException("no key: the argument " + index + " is null or empty");
        }
        return Optional.of(key.toString());
    }

    private static int keyIndex(Method method) {
        int found = -1;
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].isAnnotationPresent(IdempotencyKey.class)) {
                if (found >= 0) {
                    throw new IllegalStateException(method + " has two parameters with @IdempotencyKey; expected one");
                }
                found = i;
            }
        }
        if (found < 0) {
            throw new IllegalStateException(method
                    + " is @Idempotent, and none of its parameters is its @IdempotencyKey; expected one, on the same"
                    + " method");
        }
        return found;
    }

    @Override
    public String label(Exchange exchange, Rule rule) {
        return exchange.operation();
    }

    @Override
    public List<String> scope(Exchange exchange, Rule rule) {
        return List.of(
                exchange.getOrDefault(Key.TENANT, ""), exchange.getOrDefault(Key.CALLER, ""), exchange.operation());
    }

    @Override
    public Fingerprint fingerprint(Exchange exchange) {
        Method method = method(exchange);
        int key = keyIndex(method);
        var arguments = exchange.get(Key.INVOCATION).orElseThrow().arguments();
        Digest.Builder digest = Fingerprint.builder();
        for (int i = 0; i < arguments.size(); i++) {
            if (i != key) {
                digest.add(codec.write(arguments.get(i), method.getGenericParameterTypes()[i]));
            }
        }
        return new Fingerprint(digest.build());
    }

    @Override
    public Statuses.Fate fate(Outcome outcome, Rule rule) {
        return outcome instanceof Outcome.Failed ? Statuses.Fate.GIVE_UP : Statuses.Fate.STORE;
    }

    @Override
    public Kept kept(Exchange exchange, Outcome outcome, Rule rule) {
        Object result = exchange.get(Key.INVOCATION).orElseThrow().result().orElse(null);
        try {
            return new Kept(Kind.VALUE, codec.write(result, type(method(exchange))));
        } catch (RuntimeException e) {
            return Problems.tombstone(
                    "what it returned could not be written (" + e.getClass().getName() + ")");
        }
    }

    private static Type type(Method method) {
        Type type = method.getGenericReturnType();
        return CompletionStage.class.isAssignableFrom(method.getReturnType())
                ? type instanceof ParameterizedType stage ? stage.getActualTypeArguments()[0] : Object.class
                : type;
    }

    @Override
    public Decision replay(Exchange exchange, Content content) {
        exchange.get(Key.INVOCATION).orElseThrow().answer(codec.read(content.bytes, type(method(exchange))));
        return Decision.answer(Reply.of(200));
    }
}
