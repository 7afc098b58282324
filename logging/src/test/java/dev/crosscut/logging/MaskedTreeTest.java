package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Values with fields of their own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MaskedTreeTest {

    private static JsonNode json(String text) {
        return JsonLines.STRICT.readTree(text.replace('\'', '"'));
    }

    private static String masked(Masking masking, String name, String text) {
        return masking.tree(name, json(text)).toString().replace('"', '\'');
    }

    private static Masking paths(String... paths) {
        return new Masking(
                EnumSet.noneOf(MaskPattern.class), HiddenNames.NONE, new HiddenPaths(List.of(paths)), List.of());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            login    | {'user':'bob','password':'abc'}           | {'user':'bob','password':'***'}
            login    | {'a':{'b':[{'apiKey':'x'},{'y':1}]}}      | {'a':{'b':[{'apiKey':'***'},{'y':1}]}}
            card     | {'cvv':123,'pin':0,'brand':'x'}           | {'cvv':'***','pin':'***','brand':'x'}
            x        | {'secret':{'a':1},'secrets':[1,2]}        | {'secret':'***','secrets':'***'}
            x        | {'secret':null,'token':true,'pin':''}     | {'secret':null,'token':true,'pin':''}
            password | {'a':1}                                   | '***'
            password | 'abc'                                     | '***'
            password | 17                                        | '***'
            password | null                                      | null
            x        | {'n':4111111111111111,'m':17}             | {'n':'***1111','m':17}
            x        | ['4111111111111111',{'e':'bob@b.example'}]  | ['***1111',{'e':'***@b.example'}]
            x        | {'url':'https://h?token=abc'}             | {'url':'https://h?token=***'}
            x        | {'bob@b.example':1,'eve@b.example':2}     | {'***@b.example':1,'***@b.example_2':2}
            """)
    void names_and_patterns_hold_at_every_depth(String name, String value, String expected) {
        assertThat(masked(Masking.DEFAULT, name, value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            card.number      | x       | {'card':{'number':'1','brand':'v'},'number':'2'} | {'card':{'number':'***','brand':'v'},'number':'2'}
            card.number      | x       | {'a':[{'Card':{'NUMBER':1}}]}                   | {'a':[{'Card':{'NUMBER':'***'}}]}
            card.number      | card    | {'number':'1','x':{'number':'2'}}               | {'number':'***','x':{'number':'2'}}
            card.number      | a.card  | {'number':'1'}                                  | {'number':'***'}
            card.number      | x       | {'card.number':'1'}                             | {'card.number':'***'}
            *.iban           | x       | {'iban':'1','a':{'iban':'2'}}                   | {'iban':'***','a':{'iban':'***'}}
            *.iban           | iban    | '1'                                             | '1'
            iban             | iban    | '1'                                             | '***'
            items[*].note    | x       | {'items':[{'note':'1'},{'note':'2'}]}           | {'items':[{'note':'***'},{'note':'***'}]}
            items.note       | items   | [{'note':'1'},[{'note':'2'}]]                   | [{'note':'***'},[{'note':'***'}]]
            card.*           | x       | {'card':{'a':1,'b':{'c':2}},'d':3}              | {'card':{'a':'***','b':'***'},'d':3}
            a.*.c            | x       | {'a':{'b':{'c':1},'c':2}}                       | {'a':{'b':{'c':'***'},'c':2}}
            user.is_vip      | user    | {'isVip':true,'is-vip':null}                    | {'isVip':'***','is-vip':null}
            """)
    void a_path_hides_the_field_at_its_end(String path, String name, String value, String expected) {
        assertThat(masked(paths(path), name, value)).isEqualTo(expected);
    }

    @Test
    void a_value_without_anything_to_hide_is_the_same_instance() {
        JsonNode node = json("{'a':[1,true,null,1.5,{'b':'c'}],'d':{}}");

        assertThat(Masking.DEFAULT.tree("x", node)).isSameAs(node);
        assertThat(Masking.NONE.tree("x", json("{'password':'abc'}")))
                .asString()
                .contains("abc");
    }

    @Test
    void the_value_that_was_given_is_not_changed() {
        JsonNode node = json("{'a':[{'password':'abc'}]}");

        assertThat(Masking.DEFAULT.tree("x", node).toString()).doesNotContain("abc");
        assertThat(node).isEqualTo(json("{'a':[{'password':'abc'}]}"));
    }

    @Test
    void a_field_of_the_line_itself_is_hidden_by_its_path() {
        Masking masking = paths("card.number", "iban");

        assertThat(masking.hides("card.number")).isTrue();
        assertThat(masking.hides("payment.card.number")).isTrue();
        assertThat(masking.hides("number")).isFalse();
        assertThat(masking.hides("iban")).isTrue();
    }

    @Test
    void a_whole_number_is_hidden_where_it_is_that_of_a_card() {
        assertThat(Masking.DEFAULT.hides(4111111111111111L)).isTrue();
        assertThat(Masking.DEFAULT.hides(4111111111111112L)).isFalse();
        assertThat(Masking.DEFAULT.hides(17)).isFalse();
        assertThat(Masking.DEFAULT.hides(Long.MIN_VALUE)).isFalse();
        assertThat(Masking.NONE.hides(4111111111111111L)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "a.", ".a", "a..b", "*", "*.*", "[*]", "*[*]", "a[0]", "a[*", "a.**", "$.a", "a b", "a/b"
            })
    void what_is_no_path_or_hides_everything_is_none(String path) {
        assertThat(HiddenPaths.isPath(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "*.a", "a.*", "a[*].b", "a_b.c-d", "*.*.a"})
    void what_is_a_path_is_one(String path) {
        assertThat(HiddenPaths.isPath(path)).isTrue();
    }
}
