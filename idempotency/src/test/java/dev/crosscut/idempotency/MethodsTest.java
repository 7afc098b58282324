package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.crosscut.core.Call;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Operation;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.RefusedException;
import dev.crosscut.core.Scope;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Methods of proxied objects that are done once. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MethodsTest {

    record Receipt(String id, BigDecimal amount) {}

    record Order(String item, int count) {}

    interface Payments {

        Receipt pay(String key, Order order) throws Exception;

        @Nullable
        Receipt find(UUID key);

        int count(long key);

        boolean isPaid(String key);

        char letter(String key);

        void send(String key);

        Optional<Receipt> maybe(String key);

        List<Receipt> all(String key, Map<String, Set<Order>> orders);

        CompletionStage<List<Receipt>> later(String key);

        CompletableFuture<Void> soon(String key);

        Receipt unmarked(String key);
    }

    /** What the class of a service has is each method's own; what it does is counted. */
    private static final class Counting implements Payments {

        private final AtomicInteger effects = new AtomicInteger();
        private volatile CompletableFuture<List<Receipt>> stage = new CompletableFuture<>();

        private Receipt receipt() {
            return new Receipt("r" + effects.incrementAndGet(), new BigDecimal("5.00"));
        }

        @Override
        @Idempotent
        public Receipt pay(@IdempotencyKey String key, Order order) throws Exception {
            if (order.count() < 0) {
                effects.incrementAndGet();
                throw new IOException("half done");
            }
            if (order.count() == 0) {
                IdempotentRun.current().orElseThrow().noEffect();
                effects.incrementAndGet();
                throw new IOException("nothing to pay");
            }
            return receipt();
        }

        @Override
        @Idempotent
        public @Nullable Receipt find(@IdempotencyKey UUID key) {
            effects.incrementAndGet();
            return null;
        }

        @Override
        @Idempotent
        public int count(@IdempotencyKey long key) {
            return effects.incrementAndGet();
        }

        @Override
        @Idempotent
        public boolean isPaid(@IdempotencyKey String key) {
            return effects.incrementAndGet() == 1;
        }

        @Override
        @Idempotent
        public char letter(@IdempotencyKey String key) {
            return (char) ('a' + effects.getAndIncrement());
        }

        @Override
        @Idempotent
        public void send(@IdempotencyKey String key) {
            effects.incrementAndGet();
        }

        @Override
        @Idempotent
        public Optional<Receipt> maybe(@IdempotencyKey String key) {
            return key.endsWith("none") && effects.incrementAndGet() > 0 ? Optional.empty() : Optional.of(receipt());
        }

        @Override
        @Idempotent
        public List<Receipt> all(@IdempotencyKey String key, Map<String, Set<Order>> orders) {
            return List.of(receipt(), receipt());
        }

        @Override
        @Idempotent
        public CompletionStage<List<Receipt>> later(@IdempotencyKey String key) {
            effects.incrementAndGet();
            return stage;
        }

        @Override
        @Idempotent
        public CompletableFuture<Void> soon(@IdempotencyKey String key) {
            effects.incrementAndGet();
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Receipt unmarked(String key) {
            return receipt();
        }
    }

    private static final String KEY = "key-7f3a";
    private static final Order ORDER = new Order("tea", 2);

    private Edge edge = Edge.open(Way.BLOCKING);
    private final Counting service = new Counting();
    private Payments payments = proxied();

    private Payments proxied() {
        edge.keep(KEY);
        return edge.crosscut.proxy(Payments.class, service);
    }

    private void reopen(String... settings) {
        edge.close();
        edge = Edge.open(Way.BLOCKING, settings);
        payments = proxied();
    }

    @AfterEach
    void close() {
        edge.close();
    }

    private static String refused(Callable<?> call) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, call::call);
        assertThat(refused).isNotNull();
        byte[] body = new byte[refused.reply().body().remaining()];
        refused.reply().body().get(body);
        String text = new String(body, StandardCharsets.UTF_8);
        assertThat(text + refused).doesNotContain(KEY);
        return refused.reply().status() + " " + text;
    }

    @Test
    void a_method_is_done_once_for_its_key_and_returns_the_same() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(payments.pay(KEY, ORDER)).isEqualTo(new Receipt("r1", new BigDecimal("5.00")));
        }
        assertThat(payments.pay(KEY + 2, ORDER).id()).isEqualTo("r2");
        assertThat(edge.crosscut.counters())
                .containsEntry("crosscut.idempotency.executed", 2L)
                .containsEntry("crosscut.idempotency.replayed", 2L);
    }

    @Test
    void a_method_without_the_annotation_is_done_each_time() {
        payments.unmarked(KEY);
        assertThat(payments.unmarked(KEY).id()).isEqualTo("r2");
        assertThat(edge.store.calls()).isEmpty();
    }

    @Test
    void null_primitives_void_optionals_and_generics_are_the_same_too() {
        UUID key = UUID.randomUUID();
        Map<String, Set<Order>> orders = Map.of("a", Set.of(ORDER));
        List<Object> first = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int before = service.effects.get();
            List<Object> all = new ArrayList<>();
            all.add(Optional.ofNullable(payments.find(key)));
            all.add(payments.count(5));
            all.add(payments.isPaid(KEY));
            all.add(payments.letter(KEY));
            payments.send(KEY);
            all.add(payments.maybe(KEY));
            all.add(payments.maybe(KEY + "none"));
            all.add(payments.all(KEY, orders));
            if (i == 0) {
                first = all;
                assertThat(service.effects).hasValue(9);
            } else {
                assertThat(all).isEqualTo(first);
                assertThat(service.effects).hasValue(before);
            }
        }
        assertThat(first.get(0)).isEqualTo(Optional.empty());
        assertThat(first.get(6)).asInstanceOf(InstanceOfAssertFactories.LIST).hasOnlyElementsOfType(Receipt.class);
    }

    @Test
    void a_stage_counts_as_done_when_it_has_come_to_something() {
        List<Receipt> receipts = List.of(new Receipt("r1", BigDecimal.ONE));
        CompletionStage<List<Receipt>> first = payments.later(KEY);
        assertThat(first.toCompletableFuture()).isNotDone();
        assertThat(refused(() -> payments.later(KEY))).startsWith("409").contains("idempotency-conflict");

        service.stage.complete(receipts);
        assertThat(first.toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(20))
                .isEqualTo(receipts);
        assertThat(payments.later(KEY).toCompletableFuture()).isCompletedWithValue(receipts);
        assertThat(service.effects).hasValue(1);

        assertThat(payments.soon(KEY)).succeedsWithin(Duration.ofSeconds(20)).isNull();
        assertThat(payments.soon(KEY)).isCompletedWithValue(null);
        assertThat(service.effects).hasValue(2);
    }

    @Test
    void a_stage_that_fails_is_a_failure() {
        CompletionStage<List<Receipt>> first = payments.later(KEY);
        service.stage.completeExceptionally(new IOException("half done"));
        assertThatThrownBy(() -> first.toCompletableFuture().join())
                .isInstanceOf(CompletionException.class)
                .hasRootCauseMessage("half done");
        assertThat(refused(() -> payments.later(KEY))).contains("idempotency-outcome-unknown");
        assertThat(service.effects).hasValue(1);
    }

    @Test
    void a_method_that_throws_does_so_once_and_is_not_done_again() {
        Order failing = new Order("tea", -1);
        assertThatThrownBy(() -> payments.pay(KEY, failing))
                .isInstanceOf(IOException.class)
                .hasMessage("half done");
        assertThat(refused(() -> payments.pay(KEY, failing))).startsWith("409").contains("idempotency-outcome-unknown");
        assertThat(service.effects).hasValue(1);
    }

    @Test
    void a_method_that_throws_before_it_has_an_effect_is_done_again() {
        Order empty = new Order("tea", 0);
        for (int i = 1; i < 3; i++) {
            assertThatThrownBy(() -> payments.pay(KEY, empty)).hasMessage("nothing to pay");
            assertThat(service.effects).hasValue(i);
        }
    }

    @Test
    void other_arguments_under_the_same_key_are_refused() throws Exception {
        payments.pay(KEY, ORDER);
        assertThat(refused(() -> payments.pay(KEY, new Order("tea", 3))))
                .startsWith("422")
                .contains("idempotency-mismatch");
        assertThat(service.effects).hasValue(1);
    }

    @Test
    void equal_maps_are_the_same_whatever_the_order_of_what_is_in_them() {
        Map<String, Set<Order>> one = new LinkedHashMap<>();
        one.put("a", Set.of());
        one.put("b", Set.of(ORDER));
        Map<String, Set<Order>> other = new LinkedHashMap<>();
        other.put("b", new HashSet<>(Set.of(ORDER)));
        other.put("a", new HashSet<>());
        List<Receipt> first = payments.all(KEY, one);
        assertThat(payments.all(KEY, other)).isEqualTo(first);
    }

    @Test
    void a_call_without_a_key_is_refused() {
        assertThat(refused(() -> payments.pay(null, ORDER)))
                .startsWith("400")
                .contains("idempotency-key-missing")
                .contains("There is none; expected an argument with @IdempotencyKey that is neither null nor empty");
        assertThat(refused(() -> payments.pay("", ORDER))).contains("idempotency-key-missing");
        assertThat(service.effects).hasValue(0);
        assertThat(edge.store.calls()).isEmpty();
    }

    @Test
    void tenants_callers_and_methods_have_keys_of_their_own() {
        payments.send(KEY);
        payments.isPaid(KEY);
        assertThat(service.effects).hasValue(2);
        within(TestExchange.request("GET", "/").knowing(Key.TENANT, "acme"));
        within(TestExchange.request("GET", "/").knowing(Key.CALLER, "acme"));
        within(TestExchange.request("GET", "/").knowing(Key.TENANT, "acme").knowing(Key.CALLER, "ann"));
        assertThat(service.effects).hasValue(5);
    }

    private void within(Exchange outer) {
        Call call = edge.crosscut.begin(outer);
        try (Scope scope = call.attach()) {
            payments.send(KEY);
        }
        call.end(Outcome.completed());
    }

    /** Of the same simple name as another interface. */
    private static final class Other {

        interface Payments {

            @Idempotent
            String send(@IdempotencyKey String key);

            @Idempotent
            String send(@IdempotencyKey UUID key);

            @Idempotent
            @Operation("send")
            String named(@IdempotencyKey String key);
        }

        interface Again {

            @Idempotent
            @Operation("send")
            String named(@IdempotencyKey String key);
        }
    }

    @Test
    void so_have_methods_of_the_same_name_elsewhere_and_with_other_parameters() {
        String key = UUID.randomUUID().toString();
        AtomicInteger effects = new AtomicInteger();
        Other.Payments others = edge.crosscut.proxy(Other.Payments.class, new Other.Payments() {
            @Override
            public String send(String key) {
                return "text " + effects.incrementAndGet();
            }

            @Override
            public String send(UUID key) {
                return "id " + effects.incrementAndGet();
            }

            @Override
            public String named(String key) {
                return "named " + effects.incrementAndGet();
            }
        });
        payments.send(key);
        assertThat(others.send(key)).isEqualTo("text 1");
        assertThat(others.send(UUID.fromString(key))).isEqualTo("id 2");
        assertThat(others.send(key)).isEqualTo("text 1");
    }

    @Test
    void methods_of_one_operation_have_the_same_keys() {
        Other.Payments first = edge.crosscut.proxy(Other.Payments.class, new Other.Payments() {
            @Override
            public String send(String key) {
                throw new AssertionError();
            }

            @Override
            public String send(UUID key) {
                throw new AssertionError();
            }

            @Override
            public String named(String key) {
                return "first";
            }
        });
        Other.Again second = edge.crosscut.proxy(Other.Again.class, key -> "second");
        assertThat(first.named(KEY)).isEqualTo("first");
        assertThat(second.named(KEY)).isEqualTo("first");
    }

    @Test
    void while_the_store_is_down_it_is_refused() {
        edge.store.fail("claim");
        assertThat(refused(() -> payments.pay(KEY, ORDER))).startsWith("503").contains("idempotency-unavailable");
        assertThat(service.effects).hasValue(0);
        edge.log();
    }

    @Test
    void a_route_says_what_becomes_of_its_methods() throws Exception {
        reopen(
                "route.pay",
                "Payments.pay",
                "route.pay.on-abandoned",
                "re-execute",
                "route.send",
                "Payments.send",
                "route.send.key",
                "off",
                "route.count",
                "Payments.isPaid",
                "route.count.key",
                "optional");
        Order failing = new Order("tea", -1);
        for (int i = 1; i < 3; i++) {
            assertThatThrownBy(() -> payments.pay(KEY, failing)).isInstanceOf(IOException.class);
            assertThat(service.effects).hasValue(i);
        }
        payments.send(KEY);
        payments.send(KEY);
        assertThat(service.effects).hasValue(4);
        payments.isPaid("");
        payments.isPaid("");
        assertThat(service.effects).hasValue(6);
    }

    @Test
    void settings_for_requests_are_none_of_methods() throws Exception {
        reopen("key", "off", "methods", "PUT", "header", "X-Key", "scope", "route", "max-key-length", "3");
        payments.pay(KEY, ORDER);
        payments.pay(KEY, ORDER);
        assertThat(service.effects).hasValue(1);
    }

    /** One method, as a lambda too. */
    interface Charge {
        @Idempotent(onAbandoned = OnAbandoned.RE_EXECUTE)
        @Operation("charge")
        String charge(@IdempotencyKey String key, int amount) throws IOException;
    }

    @Test
    void the_annotation_may_be_on_the_interface_and_say_that_it_is_done_again() throws Exception {
        AtomicInteger effects = new AtomicInteger();
        List<String> downstream = new ArrayList<>();
        Charge charge = edge.crosscut.proxy(Charge.class, (key, amount) -> {
            downstream.add(IdempotentRun.current().orElseThrow().downstreamKey("psp"));
            if (effects.incrementAndGet() == 1) {
                throw new IOException("half done");
            }
            return "charged " + amount;
        });
        assertThatThrownBy(() -> charge.charge(KEY, 5)).hasMessage("half done");
        assertThat(charge.charge(KEY, 5)).isEqualTo("charged 5");
        assertThat(charge.charge(KEY, 5)).isEqualTo("charged 5");
        assertThat(effects).hasValue(2);
        assertThat(downstream).hasSize(2);
        assertThat(downstream.get(0)).isEqualTo(downstream.get(1));
    }

    @Test
    @Timeout(60)
    void a_method_that_calls_itself_under_its_key_does_not_wait_for_itself() throws Exception {
        reopen("wait", "1h");
        List<Charge> itself = new ArrayList<>();
        List<String> inner = new ArrayList<>();
        Charge between =
                edge.crosscut.proxy(Charge.class, (key, amount) -> itself.get(0).charge(KEY, amount));
        Charge charge = edge.crosscut.proxy(Charge.class, (key, amount) -> {
            inner.add(refused(() -> itself.get(0).charge(KEY, amount)));
            inner.add(refused(() -> between.charge(KEY + "other", amount)));
            return "charged " + amount;
        });
        itself.add(charge);
        assertThat(charge.charge(KEY, 5)).isEqualTo("charged 5");
        assertThat(inner).hasSize(2).allMatch(text -> text.startsWith("409") && text.contains("idempotency-conflict"));
    }

    @Test
    void the_class_has_the_last_word_over_its_interface() {
        AtomicInteger effects = new AtomicInteger();
        Charge charge = edge.crosscut.proxy(Charge.class, new Charge() {
            @Override
            @Idempotent
            public String charge(@IdempotencyKey String key, int amount) throws IOException {
                effects.incrementAndGet();
                throw new IOException("half done");
            }
        });
        assertThatThrownBy(() -> charge.charge(KEY, 5)).hasMessage("half done");
        assertThat(refused(() -> charge.charge(KEY, 5))).contains("idempotency-outcome-unknown");
        assertThat(effects).hasValue(1);
    }

    interface Service<I, O> {
        O handle(String key, I input);
    }

    interface Texts {
        Receipt handle(String key, String input);
    }

    private static final class Typed implements Service<Order, Receipt>, Texts {
        private int effects;

        @Override
        @Idempotent
        public Receipt handle(@IdempotencyKey String key, Order input) {
            return new Receipt("r" + ++effects, BigDecimal.ONE);
        }

        @Override
        public Receipt handle(String key, String input) {
            throw new AssertionError();
        }
    }

    private static final class Twice implements Service<Order, Receipt>, Texts {

        @Override
        @Idempotent
        public Receipt handle(@IdempotencyKey String key, Order input) {
            throw new AssertionError();
        }

        @Override
        @Idempotent
        public Receipt handle(@IdempotencyKey String key, String input) {
            throw new AssertionError();
        }
    }

    @Test
    void a_class_says_the_types_of_its_generic_interface() {
        Typed typed = new Typed();
        @SuppressWarnings("unchecked")
        Service<Order, Receipt> service = edge.crosscut.proxy(Service.class, typed);
        Receipt first = service.handle(KEY, ORDER);
        Receipt second = service.handle(KEY, ORDER);
        assertThat(second).isEqualTo(first);
        assertThat(typed.effects).isEqualTo(1);
    }

    @Test
    void where_it_may_be_either_of_two_methods_it_is_refused() {
        @SuppressWarnings("unchecked")
        Service<Order, Receipt> service = edge.crosscut.proxy(Service.class, new Twice());
        isRefusedAsWronglyDeclared(() -> service.handle(KEY, ORDER), "expected methods of different names");
    }

    interface Marked<O> {
        @Idempotent
        List<? extends O> handle(@IdempotencyKey String key);
    }

    @Test
    void so_it_does_where_the_annotation_is_on_the_interface() {
        AtomicInteger effects = new AtomicInteger();
        class Of implements Marked<Receipt> {
            @Override
            public List<Receipt> handle(String key) {
                return List.of(new Receipt("r" + effects.incrementAndGet(), BigDecimal.ONE));
            }
        }
        @SuppressWarnings("unchecked")
        Marked<Receipt> marked = edge.crosscut.proxy(Marked.class, new Of());
        Receipt first = marked.handle(KEY).get(0);
        Receipt second = marked.handle(KEY).get(0);
        assertThat(second).isEqualTo(first);
        assertThat(effects).hasValue(1);
    }

    private void isRefusedAsWronglyDeclared(Callable<?> call, String... why) {
        assertThat(refused(call)).startsWith("500").contains("guard-failed");
        assertThat(edge.store.calls()).isEmpty();
        assertThat(edge.log().everything()).contains(why);
    }

    @Test
    void a_type_that_nobody_says_is_refused_before_anything_is_done() {
        AtomicInteger effects = new AtomicInteger();
        @SuppressWarnings("unchecked")
        Marked<Receipt> marked = edge.crosscut.proxy(Marked.class, key -> List.of(effects.incrementAndGet()));
        isRefusedAsWronglyDeclared(
                () -> marked.handle(KEY), "what is to be replayed as O is not known; expected a class that says it");
        assertThat(effects).hasValue(0);
    }

    interface Wrong {
        @Idempotent
        void none(String key);

        @Idempotent
        void two(@IdempotencyKey String key, @IdempotencyKey String other);

        @Idempotent
        void array(@IdempotencyKey byte[] key);

        @Idempotent
        void identity(@IdempotencyKey Object key);
    }

    private static Wrong wrong() {
        return new Wrong() {
            @Override
            public void none(String key) {
                throw new AssertionError();
            }

            @Override
            public void two(String key, String other) {
                throw new AssertionError();
            }

            @Override
            public void array(byte[] key) {
                throw new AssertionError();
            }

            @Override
            public void identity(Object key) {
                throw new AssertionError();
            }
        };
    }

    private static Callable<?> call(Runnable call) {
        return () -> {
            call.run();
            return true;
        };
    }

    @Test
    void a_method_without_the_parameter_that_is_its_key_is_refused() {
        Wrong wrong = edge.crosscut.proxy(Wrong.class, wrong());
        isRefusedAsWronglyDeclared(
                call(() -> wrong.none(KEY)),
                "Wrong.none(java.lang.String)",
                "none of its parameters is its @IdempotencyKey");
    }

    interface Elsewhere {
        void send(@IdempotencyKey String key);
    }

    @Test
    void so_is_one_whose_key_is_marked_on_another_method_than_the_annotation_is() {
        class Of implements Elsewhere {
            @Override
            @Idempotent
            public void send(String key) {
                throw new AssertionError();
            }
        }
        Elsewhere elsewhere = edge.crosscut.proxy(Elsewhere.class, new Of());
        isRefusedAsWronglyDeclared(call(() -> elsewhere.send(KEY)), "expected one, on the same method");
    }

    @Test
    void a_method_with_two_of_them_is_refused() {
        Wrong wrong = edge.crosscut.proxy(Wrong.class, wrong());
        isRefusedAsWronglyDeclared(
                call(() -> wrong.two(KEY, KEY)), "two parameters with @IdempotencyKey; expected one");
    }

    @Test
    void a_key_that_has_no_text_of_its_own_is_refused() {
        Wrong wrong = edge.crosscut.proxy(Wrong.class, wrong());
        isRefusedAsWronglyDeclared(
                call(() -> wrong.array(new byte[] {1})), "is a byte[], which has no text of its own");
    }

    @Test
    void neither_has_an_object_that_says_its_identity() {
        Wrong wrong = edge.crosscut.proxy(Wrong.class, wrong());
        isRefusedAsWronglyDeclared(
                call(() -> wrong.identity(new Object())), "is a java.lang.Object, which has no text of its own");
    }

    interface Odd {
        @Idempotent
        Object odd(@IdempotencyKey String key);
    }

    @Test
    void what_cannot_be_written_is_done_once_and_not_replayed() {
        AtomicInteger effects = new AtomicInteger();
        Odd odd = edge.crosscut.proxy(Odd.class, key -> {
            effects.incrementAndGet();
            List<Object> endless = new ArrayList<>();
            endless.add(endless);
            return endless;
        });
        assertThatCode(() -> odd.odd(KEY)).doesNotThrowAnyException();
        assertThat(refused(() -> odd.odd(KEY))).startsWith("409").contains("idempotency-not-replayable");
        assertThat(effects).hasValue(1);
        assertThat(edge.log().everything()).contains("what it returned could not be written");
    }

    @Test
    void so_is_what_is_longer_than_is_kept() {
        reopen("max-outcome", "10B");
        AtomicInteger effects = new AtomicInteger();
        Odd odd = edge.crosscut.proxy(Odd.class, key -> "x".repeat(key.length() + effects.getAndIncrement()));
        assertThat(odd.odd("12345678")).isEqualTo("xxxxxxxx");
        assertThat(odd.odd("12345678")).isEqualTo("xxxxxxxx");
        assertThat(odd.odd("123456789")).isEqualTo("xxxxxxxxxx");
        assertThat(refused(() -> odd.odd("123456789"))).contains("idempotency-not-replayable");
        assertThat(effects).hasValue(2);
    }

    @Test
    void an_owner_that_lost_its_key_returns_what_the_other_has_stored() {
        Odd odd = edge.crosscut.proxy(Odd.class, key -> {
            TestExchange exchange = TestExchange.request("GET", "/");
            Exchange.current().orElseThrow().forEach((name, value) -> {
                if (name.name().equals("idempotency_record")) {
                    exchange.put(Key.of("idempotency_record", String.class).loggable(), value.toString());
                }
            });
            RecordInfo info = edge.store.find(exchange).orElseThrow();
            edge.store.finish(
                    edge.store.takeOver(exchange, info.fingerprint()),
                    new OutcomeFormat(Integer.MAX_VALUE, Optional.empty(), Map.of())
                            .write(
                                    info.key(),
                                    OutcomeFormat.Kind.VALUE,
                                    "\"of the other\"".getBytes(StandardCharsets.UTF_8)));
            return "of the first";
        });
        assertThat(odd.odd(KEY)).isEqualTo("of the other");
        assertThat(edge.log().warnings()).anyMatch(text -> text.contains("lost "));
    }
}
