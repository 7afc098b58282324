package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An Item that is a String (RFC 9651, 3.3.3 and 4.2), character by character and parameter by parameter. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StructuredStringTest {

    private static final int LAST = 0x17f;

    private static void refused(String field) {
        assertThatIllegalArgumentException()
                .as("%s", field)
                .isThrownBy(() -> StructuredString.parse(field))
                .withMessageMatching("an? .*|no .*|something .*")
                .withMessageContaining(" at character ");
    }

    private static boolean isVisible(int c) {
        return c >= ' ' && c <= '~';
    }

    @Test
    void each_visible_character_stands_for_itself_but_for_quotation_mark_and_backslash() {
        for (int c = 0; c <= LAST; c++) {
            String content = "<" + (char) c + ">";
            if (isVisible(c) && c != '"' && c != '\\') {
                assertThat(StructuredString.parse("\"" + content + "\"")).isEqualTo(content);
            } else {
                refused("\"" + content + "\"");
            }
        }
    }

    @Test
    void quotation_mark_and_backslash_are_escaped_and_nothing_else_is() {
        for (int c = 0; c <= LAST; c++) {
            String field = "\"\\" + (char) c + "\"";
            if (c == '"' || c == '\\') {
                assertThat(StructuredString.parse(field)).isEqualTo("" + (char) c);
            } else {
                refused(field);
            }
        }
    }

    @Test
    void spaces_before_and_behind_are_none_of_it_and_those_within_are() {
        assertThat(StructuredString.parse("   \" a  b \"  ")).isEqualTo(" a  b ");
        assertThat(StructuredString.parse("\"   \"")).isEqualTo("   ");
    }

    @Test
    void any_other_character_before_or_behind_refuses() {
        for (int c = 0; c <= LAST; c++) {
            if (c != ' ') {
                refused((char) c + "\"a\"");
                refused("\"a\"" + (char) c);
                refused("\"a\" " + (char) c);
            }
        }
    }

    @Test
    void an_empty_string_is_one() {
        assertThat(StructuredString.parse("\"\"")).isEmpty();
    }

    @Test
    void any_length_is_taken() {
        String content = "foo ".repeat(20_000);
        assertThat(StructuredString.parse("\"" + content + "\"")).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "\"",
                "\"abc",
                "\"abc\\",
                "\"abc\\\"",
                "\"ab\\c\"",
                "'abc'",
                "abc",
                "*abc",
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
                "42",
                "-1.5",
                "?1",
                ":aGVsbG8=:",
                "@1659578233",
                "%\"abc\"",
                "(\"a\" \"b\")",
                "()",
                "a=\"b\"",
                "\"a\", \"b\"",
                "\"a\",",
                ",\"a\"",
                "\"a\" \"b\"",
                "\"a\"b",
                "\"a\"\"b\"",
                "\"a\"=1",
                "\u201ca\u201d"
            })
    void what_is_no_string_is_refused(String field) {
        refused(field);
    }

    static Stream<String> goodParameters() {
        return Stream.of(
                ";a",
                ";*",
                ";*a-b_c.d*0",
                "; a",
                ";   a;b;c",
                ";a=1;a=2",
                // Integers and Decimals
                ";a=0",
                ";a=-0",
                ";a=042",
                ";a=123456789012345",
                ";a=-123456789012345",
                ";a=1.5",
                ";a=-1.123",
                ";a=123456789012.123",
                // Strings
                ";a=\"\"",
                ";a=\"b \\\" \\\\ ;c,\"",
                // Tokens
                ";a=b",
                ";a=*",
                ";a=B!#$%&'*+-.^_`|~:/09Az",
                // Byte Sequences, the padding of which may be missing
                ";a=::",
                ";a=:aGVsbG8=:",
                ";a=:aGVsbG8:",
                ";a=:/+Ah:",
                ";a=:iZ==:",
                // Booleans
                ";a=?0",
                ";a=?1",
                // Dates
                ";a=@0",
                ";a=@-0",
                ";a=@1659578233",
                ";a=@-62135596800",
                ";a=@999999999999999",
                // Display Strings
                ";a=%\"\"",
                ";a=%\"b c\\'\"",
                ";a=%\"f%c3%bc%22%25\"",
                ";a=%\"%ef%bb%bf%f0%9f%99%82\"");
    }

    @ParameterizedTest
    @MethodSource("goodParameters")
    void parameters_say_nothing(String parameters) {
        assertThat(StructuredString.parse("\"key\"" + parameters)).isEqualTo("key");
        assertThat(StructuredString.parse("\"key\"" + parameters + "  ")).isEqualTo("key");
        assertThat(StructuredString.parse("\"key\"" + parameters + ";z" + parameters))
                .isEqualTo("key");
    }

    static Stream<String> badParameters() {
        return Stream.of(
                ";",
                ";;",
                "; ",
                ";=1",
                ";A",
                ";1",
                ";-a",
                ";_a",
                ";a;",
                ";\"a\"",
                ";\ta",
                ";a\t",
                ";aB",
                ";a,b",
                ";a=",
                ";a= 1",
                ";a =1",
                ";a==1",
                ";a=,",
                ";a=(1)",
                ";a=#",
                ";a=\u00fc",
                // Integers and Decimals
                ";a=-",
                ";a=--1",
                ";a=- 1",
                ";a=-b",
                ";a=+1",
                ";a=1b",
                ";a=1-1",
                ";a=1234567890123456",
                ";a=-1234567890123456",
                ";a=1.",
                ";a=.5",
                ";a=1..5",
                ";a=1.5.5",
                ";a=1. 5",
                ";a=1.1234",
                ";a=1234567890123.0",
                // Strings
                ";a=\"",
                ";a=\"b",
                ";a=\"b\\\"",
                ";a=\"\\b\"",
                ";a=\"\t\"",
                ";a=\"\u00fc\"",
                ";a='b'",
                // Byte Sequences
                ";a=:",
                ";a=:aGVsbG8=",
                ";a=:=aGVsbG8=:",
                ";a=:a=GVsbG8=:",
                ";a=:=:",
                ";a=:a:",
                ";a=:aGVsbG8==:",
                ";a=:aGVsbG8.:",
                ";a=:aGVsb G8=:",
                ";a=: :",
                ";a=:_-Ah:",
                ";a=:aGVsbG8=!:",
                // Booleans
                ";a=?",
                ";a=?2",
                ";a=?T",
                ";a=?true",
                ";a=? 1",
                ";a=?-0",
                ";a=?10",
                // Dates
                ";a=@",
                ";a=@-",
                ";a=@b",
                ";a=@ 1",
                ";a=@1.5",
                ";a=@1234567890123456",
                // Display Strings
                ";a=%",
                ";a=%b",
                ";a=%'b'",
                ";a=%\"",
                ";a=%\"b",
                ";a=%\"%\"",
                ";a=%\"%a\"",
                ";a=%\"%g0\"",
                ";a=%\"%C3%BC\"",
                ";a=%\"\u00fc\"",
                ";a=%\"\t\"",
                ";a=%\"%c3%28\"",
                ";a=%\"%a0%a1\"",
                ";a=%\"%e2%28%a1\"",
                ";a=%\"%f0%28%8c%28\"",
                ";a=%\"%c3\"",
                ";a=%\"%ed%a0%80\"");
    }

    @ParameterizedTest
    @MethodSource("badParameters")
    void a_parameter_that_is_malformed_refuses(String parameters) {
        refused("\"key\"" + parameters);
        refused("\"key\";z" + parameters);
    }

    @Test
    void each_character_begins_and_goes_on_the_name_of_a_parameter_or_refuses() {
        for (int c = 0; c <= LAST; c++) {
            boolean isLower = c >= 'a' && c <= 'z';
            boolean goesOn = isLower || (c >= '0' && c <= '9') || "_-.*".indexOf(c) >= 0;
            taken(isLower || c == '*' || c == ' ', "\"key\";" + (char) c + "a");
            taken(goesOn || c == ' ' || c == ';', "\"key\";a" + (char) c + (c == ';' ? "b" : ""));
        }
    }

    @Test
    void each_character_begins_and_goes_on_a_token_or_refuses() {
        for (int c = 0; c <= LAST; c++) {
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean goesOn = isLetter || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~:/".indexOf(c) >= 0;
            taken(isLetter || c == '*', "\"key\";a=" + (char) c + "/");
            taken(goesOn || c == ';', "\"key\";a=b" + (char) c + "b");
        }
    }

    private static void taken(boolean isGood, String field) {
        if (isGood) {
            assertThat(StructuredString.parse(field)).as("%s", field).isEqualTo("key");
        } else {
            refused(field);
        }
    }

    @Test
    void whatever_is_cut_off_or_put_in_is_refused_or_taken_and_never_anything_else() {
        String whole = "  \"k\\\\e\\\"y\" ; a;b=-1.5;c=\"d\";e=:aGVsbG8=:;f=?1;g=@-1;h=%\"%c3%bc\";i=t/ "
                .replace("\" ;", "\";");
        assertThat(StructuredString.parse(whole)).isEqualTo("k\\e\"y");
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < whole.length(); i++) {
            fields.add(whole.substring(0, i));
            fields.add(whole.substring(i));
            for (char c : "\u0000\t \",;=\\%:?@-.aA1~\u007f\u00fc".toCharArray()) {
                fields.add(whole.substring(0, i) + c + whole.substring(i));
                fields.add(whole.substring(0, i) + c + whole.substring(i + 1));
            }
        }
        for (String field : fields) {
            String key;
            try {
                key = StructuredString.parse(field);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("[a-zA-Z ]+ at character \\d+");
                continue;
            }
            assertThat(key.chars()).allMatch(StructuredStringTest::isVisible);
        }
        assertThat(fields).hasSizeGreaterThan(2000);
    }
}
