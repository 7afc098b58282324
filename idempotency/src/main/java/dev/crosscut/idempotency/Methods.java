package dev.crosscut.idempotency;

import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Operation;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Methods of proxied objects that are {@link Idempotent}. */
final class Methods implements Protocol {

    private final List<Rule> rules;
    private final Rule others;
    private final ValueCodec codec;
    private final CanonicalJson canonical = new CanonicalJson();

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

    /** The method that says what the arguments and the result are: as the class declares it, and no bridge to that. */
    private static Method declared(Exchange exchange) {
        Method method = exchange.get(Key.INVOCATION).orElseThrow().method();
        if (!method.isBridge()) {
            return method;
        }
        List<Method> bridged = Stream.of(method.getDeclaringClass().getDeclaredMethods())
                .filter(each -> !each.isBridge() && isBridge(method, each))
                .toList();
        if (bridged.size() > 1) {
            throw new IllegalStateException(
                    method + " may stand for each of " + bridged + "; expected methods of different names");
        }
        return bridged.isEmpty() ? method : bridged.get(0);
    }

    private static boolean isBridge(Method bridge, Method to) {
        Class<?>[] wide = bridge.getParameterTypes();
        Class<?>[] narrow = to.getParameterTypes();
        return to.getName().equals(bridge.getName())
                && to.isAnnotationPresent(Idempotent.class) == bridge.isAnnotationPresent(Idempotent.class)
                && wide.length == narrow.length
                && bridge.getReturnType().isAssignableFrom(to.getReturnType())
                && IntStream.range(0, wide.length).allMatch(i -> wide[i].isAssignableFrom(narrow[i]));
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
                "",
                Optional.empty(),
                "",
                KeyMode.REQUIRED,
                Optional.empty(),
                policy,
                others.maxRequest(),
                others.statuses(),
                false);
    }

    @Override
    public Optional<String> key(Exchange exchange, Rule rule) {
        Method method = method(exchange);
        int index = keyIndex(method);
        requireKnown(declared(exchange).getGenericReturnType(), method);
        Object key = exchange.get(Key.INVOCATION).orElseThrow().arguments().get(index);
        return Optional.ofNullable(key).map(value -> text(value, method)).filter(text -> !text.isEmpty());
    }

    /** What an object has for its text by default is another for each object. */
    private static String text(Object key, Method method) {
        if (key.getClass().isArray() || isIdentity(key)) {
            throw new IllegalStateException("the @IdempotencyKey of " + method + " is a "
                    + key.getClass().getTypeName()
                    + ", which has no text of its own; expected text, a number, a UUID or"
                    + " another value with a toString() that says the same for the same");
        }
        return key.toString();
    }

    private static boolean isIdentity(Object key) {
        return Stream.of(key.getClass().getMethods())
                .filter(each -> each.getName().equals("toString") && each.getParameterCount() == 0)
                .allMatch(each -> each.getDeclaringClass() == Object.class);
    }

    @Override
    public String expected(Rule rule) {
        return "an argument with @IdempotencyKey that is neither null nor empty";
    }

    /** What is said by a type variable cannot be read again. */
    private static void requireKnown(Type type, Method method) {
        if (type instanceof TypeVariable) {
            throw new IllegalStateException(method + " returns " + method.getGenericReturnType()
                    + ", and what is to be replayed as " + type + " is not known; expected a class that says it");
        }
        if (type instanceof ParameterizedType generic) {
            Stream.of(generic.getActualTypeArguments()).forEach(each -> requireKnown(each, method));
        } else if (type instanceof WildcardType wildcard) {
            Stream.of(wildcard.getUpperBounds()).forEach(each -> requireKnown(each, method));
        } else if (type instanceof GenericArrayType array) {
            requireKnown(array.getGenericComponentType(), method);
        }
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

    /** What it is called is of one method where that says so by {@link Operation}, and of many otherwise. */
    @Override
    public List<String> scope(Exchange exchange, Rule rule) {
        Method method = method(exchange);
        boolean isNamed = exchange.get(Key.INVOCATION)
                .flatMap(call -> call.annotated(Operation.class))
                .isPresent();
        return List.of(
                exchange.getOrDefault(Key.TENANT, ""),
                exchange.getOrDefault(Key.CALLER, ""),
                exchange.operation(),
                isNamed ? "" : method.getDeclaringClass().getName() + Arrays.toString(method.getParameterTypes()));
    }

    /** Equal maps are the same, in whatever order they have their entries. */
    @Override
    public Fingerprint fingerprint(Exchange exchange) {
        Type[] types = declared(exchange).getGenericParameterTypes();
        int key = keyIndex(method(exchange));
        var arguments = exchange.get(Key.INVOCATION).orElseThrow().arguments();
        Digest.Builder digest = Fingerprint.builder();
        for (int i = 0; i < arguments.size(); i++) {
            if (i != key) {
                byte[] argument = codec.write(arguments.get(i), types[i]);
                digest.add(canonical.of(ByteBuffer.wrap(argument)).orElse(argument));
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
            return new Kept(Kind.VALUE, codec.write(result, type(declared(exchange))));
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
        exchange.get(Key.INVOCATION).orElseThrow().answer(codec.read(content.bytes, type(declared(exchange))));
        return Decision.answer(Reply.of(200));
    }
}
