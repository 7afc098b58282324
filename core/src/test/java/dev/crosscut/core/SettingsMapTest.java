package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A setting with a placeholder in its key, which maps each name that is set to its value. */
@Guarantees
class SettingsMapTest {

    private static final Setting<Integer> RATE = Setting.integer("crosscut.x.tenants.<name>.rate", "How many.");

    private static Map<String, Integer> read(Setting<Map<String, Integer>> setting, String... values) {
        Map<String, String> all = new java.util.HashMap<>();
        for (int i = 0; i < values.length; i += 2) {
            all.put(values[i], values[i + 1]);
        }
        return Settable.read(setting, all);
    }

    @Test
    void each_name_has_its_value_in_the_order_of_the_names() {
        assertThat(read(
                        RATE.map(),
                        "crosscut.x.tenants.zeta.rate",
                        "1",
                        "crosscut.x.tenants.acme.rate",
                        "2",
                        "crosscut.x.tenants.Acme_9.rate",
                        "3"))
                .containsExactly(Map.entry("Acme_9", 3), Map.entry("acme", 2), Map.entry("zeta", 1));
    }

    @Test
    void without_names_it_is_empty_and_nobody_can_change_it() {
        Map<String, Integer> none = read(RATE.map());

        assertThat(none).isEmpty();
        assertThatThrownBy(() -> none.put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_bound_on_each_value_and_one_on_the_whole_hold() {
        Setting<Map<String, Integer>> bounded = RATE.check("at least 1", rate -> rate >= 1)
                .map()
                .check("at most two tenants", tenants -> tenants.size() <= 2);

        assertThat(read(bounded, "crosscut.x.tenants.a.rate", "1")).hasSize(1);
        assertThatThrownBy(() -> read(bounded, "crosscut.x.tenants.a.rate", "0"))
                .hasMessageContaining("crosscut.x.tenants.a.rate (test) is '0'; expected a whole number (at least 1)");
        assertThatThrownBy(() -> read(
                        bounded,
                        "crosscut.x.tenants.a.rate",
                        "1",
                        "crosscut.x.tenants.b.rate",
                        "1",
                        "crosscut.x.tenants.c.rate",
                        "1"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.x.tenants.<name>.rate (test) is 'a: 1; b: 1; c: 1'; expected a whole"
                        + " number (at least 1) (at most two tenants)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crosscut.x.tenants.rate",
                "crosscut.x.tenants..rate",
                "crosscut.x.tenants.a.b.rate",
                "crosscut.x.tenants.a",
                "crosscut.x.tenants.a.rates"
            })
    void a_key_that_does_not_fit_is_unknown(String key) {
        assertThatThrownBy(() -> read(RATE.map(), key, "1"))
                .hasMessageContaining(key + " (test) is not a known setting");
    }

    @Test
    void a_key_that_is_spelled_out_wins_over_a_placeholder() {
        Setting<Integer> other =
                Setting.integer("crosscut.x.tenants.other.rate", "The rest.").or(0);
        Setting<Map<String, Integer>> map = RATE.map();
        Crosscut crosscut = Settable.build(
                Map.of("crosscut.x.tenants.other.rate", "1", "crosscut.x.tenants.acme.rate", "2"),
                new Settable("x", map, other));

        assertThat(crosscut.settings().get(map)).isEqualTo(Map.of("acme", 2));
        assertThat(crosscut.settings().get(other)).isEqualTo(1);
    }

    @Test
    void a_placeholder_may_be_the_last_or_the_first_segment_of_a_plugin() {
        Setting<Map<String, String>> last =
                Setting.text("crosscut.x.labels.<name>", "A label.").map();

        assertThat(Settable.read(last, Map.of("crosscut.x.labels.region", "eu")))
                .isEqualTo(Map.of("region", "eu"));
    }

    @Test
    void what_makes_no_sense_of_a_map_is_refused_where_it_is_declared() {
        assertThatThrownBy(() -> Setting.text("crosscut.x.y", "No placeholder.").map())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("crosscut.x.y has no placeholder");
        assertThatThrownBy(() -> RATE.map().optional())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.x.tenants.<name>.rate");
        assertThatThrownBy(() -> RATE.map().list()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_placeholder_without_a_map_is_refused_where_it_is_declared() {
        assertThatThrownBy(() -> Settable.build(Map.of(), new Settable("x", RATE.or(1))))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.x.tenants.<name>.rate")
                .hasMessageContaining("map()");
    }

    @Test
    void two_maps_whose_keys_differ_in_the_name_of_the_placeholder_alone_are_the_same() {
        Setting<Map<String, Integer>> other =
                Setting.integer("crosscut.x.tenants.<id>.rate", "The same.").map();

        assertThatThrownBy(() -> Settable.build(Map.of(), new Settable("x", RATE.map(), other)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("crosscut.x.tenants.<name>.rate and crosscut.x.tenants.<id>.rate");
    }

    @Test
    void the_first_source_that_has_a_name_wins_for_that_name() {
        Setting<Map<String, Integer>> map = RATE.map();
        Crosscut crosscut = Settable.build(
                List.of(
                        Source.of("first", Map.of("crosscut.x.tenants.a.rate", "1")),
                        Source.of(
                                "second", Map.of("crosscut.x.tenants.a.rate", "2", "crosscut.x.tenants.b.rate", "3"))),
                new Settable("x", map));

        assertThat(crosscut.settings().get(map)).isEqualTo(Map.of("a", 1, "b", 3));
    }
}
