package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left of the text of a query. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class QueryTextTest {

    private static String text(String sql, Dialect dialect) {
        return QueryText.of(sql, dialect, Query.LONGEST_TEXT);
    }

    @ParameterizedTest
    @EnumSource
    void literals_are_a_question_mark_and_the_rest_is_as_it_was_written(Dialect dialect) {
        assertThat(text("select Id, t1.x_2 from Payments t1 where id=17 AND name = 'O''Brien' or a<>-1.5e-3", dialect))
                .isEqualTo("select Id, t1.x_2 from Payments t1 where id=? AND name = ? or a<>-?");
        assertThat(text("UPDATE t SET a = TRUE, b = false, c = NULL, d = 0x1F, e = X'AB', f = .5", dialect))
                .isEqualTo("UPDATE t SET a = ?, b = ?, c = NULL, d = ?, e = ?, f = ?");
        assertThat(text("SELECT * FROM t WHERE d > DATE '2026-01-01' AND n = N'x' LIMIT 10", dialect))
                .isEqualTo("SELECT * FROM t WHERE d > DATE ? AND n = ? LIMIT ?");
    }

    @ParameterizedTest
    @EnumSource
    void parameters_stay(Dialect dialect) {
        assertThat(text("INSERT INTO t (a, b) VALUES (?, :name)", dialect))
                .isEqualTo("INSERT INTO t (a, b) VALUES (?, :name)");
        assertThat(text("{? = call p(?, 'x')}", dialect)).isEqualTo("{? = call p(?, ?)}");
    }

    @ParameterizedTest
    @EnumSource
    void comments_are_left_out_and_white_space_is_one_blank(Dialect dialect) {
        assertThat(text(" \n SELECT /* it's 1 */ a, -- it's 2\r\n\t b\n\n FROM t -- 'end", dialect))
                .isEqualTo("SELECT a, b FROM t");
        assertThat(text("SELECT 1 /* never closed 'secret'", dialect)).isEqualTo("SELECT ?");
    }

    @ParameterizedTest
    @EnumSource
    void what_is_never_closed_is_hidden_to_its_end(Dialect dialect) {
        assertThat(text("SELECT a FROM t WHERE b = 'secret", dialect)).isEqualTo("SELECT a FROM t WHERE b = ?");
        assertThat(text("SELECT a FROM t WHERE b = \"secret", dialect)).isEqualTo("SELECT a FROM t WHERE b = ?");
    }

    @ParameterizedTest
    @EnumSource
    void a_quote_that_may_or_may_not_be_escaped_hides_the_rest(Dialect dialect) {
        assertThat(text("SELECT a FROM t WHERE b = 'x\\' OR secret = 'y'", dialect))
                .isEqualTo("SELECT a FROM t WHERE b = ...");
        assertThat(text("SELECT a FROM t WHERE b = 'x\\\\' OR c = 'y'", dialect))
                .isEqualTo("SELECT a FROM t WHERE b = ? OR c = ?");
        assertThat(text("SELECT 'a\\\\''b', c", dialect)).isEqualTo("SELECT ?, c");
    }

    @ParameterizedTest
    @EnumSource
    void a_password_that_needs_no_quotes_is_hidden(Dialect dialect) {
        assertThat(text("ALTER USER scott IDENTIFIED BY tiger REPLACE lion", dialect))
                .isEqualTo("ALTER USER scott IDENTIFIED BY...");
    }

    @ParameterizedTest
    @EnumSource
    void what_only_some_databases_run_of_a_comment_hides_the_rest(Dialect dialect) {
        assertThat(text("SELECT a /*!40000 , '*/ secret' */", dialect)).isEqualTo("SELECT a ...");
        assertThat(text("SELECT a /*M!100 , '*/ secret' */", dialect)).isEqualTo("SELECT a ...");
        assertThat(text("SELECT /*+ SET_VAR(x = '*/ secret') */ a", dialect)).isEqualTo("SELECT ...");
        assertThat(text("SELECT /*+ INDEX(t i) */ a", dialect)).isEqualTo("SELECT a");
    }

    @ParameterizedTest
    @EnumSource
    void what_cannot_be_read_hides_the_rest(Dialect dialect) {
        assertThat(text("SELECT a -- b\rFROM 'secret'", dialect)).isEqualTo("SELECT a ...");
        assertThat(text("SELECT a \0 'secret'", dialect)).isEqualTo("SELECT a ...");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // names in quotes
                "POSTGRESQL | SELECT \"my \"\"t\" FROM a | SELECT \"my \"\"t\" FROM a",
                "ORACLE     | SELECT \"my t\" FROM a     | SELECT \"my t\" FROM a",
                "H2         | SELECT \"my t\", `b c` FROM a | SELECT \"my t\", `b c` FROM a",
                "MYSQL      | SELECT \"secret\", `b c` FROM a | SELECT ?, `b c` FROM a",
                "SQL_SERVER | SELECT \"secret\", [it's ]] b] FROM a | SELECT ?, [it's ]] b] FROM a",
                "OTHER      | SELECT \"secret\" FROM a | SELECT ? FROM a",
                "POSTGRESQL | SELECT a ` 'secret' | SELECT a ...",
                "ORACLE     | SELECT a ` 'secret' | SELECT a ...",
                "SQL_SERVER | SELECT a ` 'secret' | SELECT a ...",
                // brackets
                "POSTGRESQL | SELECT a[1], ARRAY['secret'] | SELECT a[?], ARRAY[?]",
                "ORACLE     | SELECT a[1], b['secret']     | SELECT a[?], b...",
                "OTHER      | SELECT [it's], secret'       | SELECT ...",
                "MYSQL      | SELECT [a b], 'secret'       | SELECT [a b], ?",
                // dollars
                "POSTGRESQL | DO $$ it's 'secret' $$ | DO ?",
                "POSTGRESQL | SELECT $a$ $b$ it's $b$ secret $a$, b$c$d, $1, $a 1 | SELECT ?, b$c$d, ?, $a ?",
                "H2         | SELECT $$it's secret$$, a$$b, $1 | SELECT ?, a$$b, ?",
                "SQL_SERVER | SELECT $12.34, £12.34, $action | SELECT ?, £?, $action",
                "MYSQL      | SELECT $a$, 'secret' | SELECT $a$, ?",
                "OTHER      | SELECT $a$ it's secret $a$ | SELECT ...",
                // escapes and prefixes
                "POSTGRESQL | SELECT E'it\\'s secret', e'\\\\', U&'d\\0061t' | SELECT ?, ?, U&?",
                "MYSQL      | SELECT E'it\\'s secret', a | SELECT ...",
                "ORACLE     | SELECT q'[it's secret]', Q'!it's!', nq'(it's)' FROM t | SELECT ?, ?, ? FROM t",
                "OTHER      | SELECT q'[it's secret]' | SELECT ...",
                "MYSQL      | SELECT _utf8'secret', b'01' | SELECT _utf8?, ?",
                "OTHER      | SELECT '''it's secret''' | SELECT ...",
                "OTHER      | SELECT '', 'a' | SELECT ?, ?",
                // comments
                "POSTGRESQL | SELECT a /* b /* 'c' */ it's secret */ FROM t | SELECT a FROM t",
                "SQL_SERVER | SELECT a /* b /* 'c' */ it's secret */ FROM t | SELECT a FROM t",
                "MYSQL      | SELECT a /* b /* 'c' */ FROM t | SELECT a FROM t",
                "ORACLE     | SELECT a /* b /* 'c' */ FROM t | SELECT a FROM t",
                "H2         | SELECT a /* b /* 'c' */ 'd */ secret' | SELECT a ...",
                "OTHER      | SELECT a /* b /* 'c' */ 'd */ secret' | SELECT a ...",
                "MYSQL      | SELECT 5--'1' | SELECT ?--?",
                "MYSQL      | SELECT 5 # it's secret | SELECT ?",
                "POSTGRESQL | SELECT 5--'1' | SELECT ?",
                "POSTGRESQL | SELECT a #> '{b,secret}', c # 1 | SELECT a #> ?, c # ?",
                "SQL_SERVER | SELECT a FROM #t WHERE b = 'c' | SELECT a FROM #t WHERE b = ?",
                "OTHER      | SELECT 5 --'1' | SELECT ? ...",
                "OTHER      | SELECT 5 # it's secret | SELECT ? ...",
                "OTHER      | SELECT 5 // it's secret | SELECT ? ...",
                "H2         | SELECT 5 // it's secret | SELECT ?",
                "OTHER      | SELECT 5 { it's } secret' | SELECT ? ...",
                "OTHER      | SELECT {fn now()}, {ts '2026'} | SELECT {fn now()}, {ts ?}"
            })
    void each_database_is_read_as_it_reads_itself(Dialect dialect, String sql, String expected) {
        assertThat(text(sql, dialect)).isEqualTo(expected);
    }

    @Test
    void a_long_text_is_cut_and_says_so() {
        assertThat(QueryText.of("SELECT abcdef FROM t", Dialect.H2, 12)).isEqualTo("SELECT ab...");
        assertThat(QueryText.of("SELECT abcde", Dialect.H2, 12)).isEqualTo("SELECT abcde");
        assertThat(QueryText.of("SELECT a\ud83d\ude00bcdefg", Dialect.H2, 12)).isEqualTo("SELECT a...");
        assertThat(text("SELECT " + "a, ".repeat(10_000), Dialect.H2))
                .hasSize(Query.LONGEST_TEXT)
                .endsWith("...");
    }

    @Test
    void a_name_with_control_characters_is_hidden() {
        assertThat(text("SELECT \"a\nb\" FROM t", Dialect.POSTGRESQL)).isEqualTo("SELECT ? FROM t");
    }
}
