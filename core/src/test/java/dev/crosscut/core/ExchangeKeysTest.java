package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept on an exchange under typed keys. */
@Guarantees
class ExchangeKeysTest {

    private static final Key<String> TEXT = Key.of("text", String.class);
    private static final Key<Integer> NUMBER = Key.of("number", Integer.class);

    private final TestExchange exchange = new TestExchange();

    private static Map<Key<?>, Object> all(Exchange exchange) {
        Map<Key<?>, Object> seen = new HashMap<>();
        exchange.forEach((key, value) ->
                assertThat(seen.put(key, value)).as("%s again", key).isNull());
        return seen;
    }

    @Test
    void a_value_is_there_until_it_is_replaced() {
        assertThat(exchange.get(TEXT)).isEmpty();
        assertThat(exchange.getOrDefault(TEXT, "none")).isEqualTo("none");

        exchange.put(TEXT, "a");
        exchange.put(NUMBER, 1);
        exchange.put(TEXT, "b");

        assertThat(exchange.get(TEXT)).contains("b");
        assertThat(exchange.getOrDefault(TEXT, "none")).isEqualTo("b");
        assertThat(all(exchange)).isEqualTo(Map.of(TEXT, "b", NUMBER, 1));
    }

    @Test
    void keys_of_one_name_are_different_keys() {
        Key<String> same = Key.of("text", String.class);
        exchange.put(TEXT, "a");
        exchange.put(same, "b");

        assertThat(exchange.get(TEXT)).contains("a");
        assertThat(exchange.get(same)).contains("b");
        assertThat(TEXT.loggable()).isNotEqualTo(TEXT);
        assertThat(exchange.get(TEXT.loggable())).isEmpty();
    }

    @Test
    void a_key_says_what_it_is() {
        Key<Integer> key = NUMBER.loggable().inherited();

        assertThat(key.name()).isEqualTo("number").isEqualTo(key.toString());
        assertThat(key.type()).isEqualTo(Integer.class);
        assertThat(List.of(key.isLoggable(), key.isInherited())).containsExactly(true, true);
        assertThat(List.of(NUMBER.isLoggable(), NUMBER.isInherited())).containsExactly(false, false);
        assertThat(NUMBER.inherited().loggable().isInherited()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void a_key_needs_a_name(String name) {
        assertThatThrownBy(() -> Key.of(name, String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("order_id");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void a_value_of_another_type_is_refused_where_it_is_put() {
        assertThatThrownBy(() -> exchange.put((Key) TEXT, 1)).isInstanceOf(ClassCastException.class);
        assertThatNullPointerException()
                .isThrownBy(() -> exchange.put(TEXT, null))
                .withMessage("text");
        assertThat(exchange.get(TEXT)).isEmpty();
    }

    @Test
    void keys_that_many_threads_put_at_once_are_all_kept() {
        int threads = 8;
        int each = 300;
        List<Key<Integer>> keys = new ArrayList<>();
        for (int i = 0; i < threads * each; i++) {
            keys.add(Key.of("k" + i, Integer.class));
        }

        Races.together(threads, thread -> {
            for (int i = 0; i < each; i++) {
                exchange.put(keys.get(i * threads + thread), i);
            }
        });

        assertThat(all(exchange)).hasSize(threads * each);
    }

    @Test
    void one_key_that_many_threads_put_at_once_is_kept_once() {
        for (int round = 0; round < 500; round++) {
            TestExchange shared = new TestExchange();

            Races.together(3, thread -> {
                shared.put(NUMBER, thread);
                shared.put(TEXT, "t" + thread);
                shared.put(NUMBER, shared.get(NUMBER).orElseThrow());
            });

            assertThat(all(shared)).hasSize(2);
        }
    }

    @Test
    void a_reader_never_sees_a_value_that_was_not_put() {
        Set<String> put = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 10_000; i++) {
            put.add("v" + i);
        }
        Races.together(3, thread -> {
            if (thread == 0) {
                put.forEach(value -> exchange.put(TEXT, value));
            } else {
                Set<String> seen = new HashSet<>();
                for (int i = 0; i < 20_000; i++) {
                    exchange.get(TEXT).ifPresent(seen::add);
                }
                assertThat(put).containsAll(seen);
            }
        });
    }
}
