package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is understood of a query. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class QuerySummaryTest {

    private static String summary(String sql) {
        return QuerySummary.of(sql, Dialect.POSTGRESQL).text();
    }

    /** The queries under "Generating a summary of the query" of the conventions for database client spans, version 1.44. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "SELECT * FROM   wuser_table WHERE  username = ? | SELECT wuser_table",
                "INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders WHERE order_id = ?"
                        + " | INSERT shipping_details SELECT orders",
                "SELECT * FROM   songs, artists WHERE  songs.artist_id == artists.id | SELECT songs artists",
                "SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.customer_id)"
                        + " | SELECT SELECT orders customers",
                "{call some_stored_procedure} | call some_stored_procedure",
            })
    void the_examples_of_the_conventions_are_understood(String sql, String expected) {
        assertThat(summary(sql)).isEqualTo(expected);
    }

    @Test
    void where_the_conventions_show_a_literal_as_a_table_it_is_not_shown() {
        assertThat(summary("SELECT * FROM   \"song list\", 'artists'")).isEqualTo("SELECT \"song list\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "-",
            value = {
                "select a, (select max(b) from Other) from public.payments p where c in (select d from e)"
                        + " | select select Other public.payments select e",
                "SELECT 1 | SELECT",
                "SELECT a FROM x UNION ALL SELECT b FROM y, z ORDER BY 1, 2 | SELECT x SELECT y z",
                "(SELECT a FROM x) UNION (SELECT b FROM y) | SELECT x SELECT y",
                "SELECT a FROM (x JOIN y USING (id)) LEFT OUTER JOIN \"a b\".z AS q ON q.i = x.i, w WHERE r = 1"
                        + " | SELECT x y \"a b\".z w",
                "SELECT a FROM t1, LATERAL (SELECT b FROM t2) s, unnest(c) d | SELECT t1 SELECT t2 unnest",
                "SELECT extract(year FROM d), trim(BOTH FROM n), a IS DISTINCT FROM b FROM t | SELECT t",
                "SELECT a FROM t WHERE b IS NOT DISTINCT FROM c FOR UPDATE OF t | SELECT t",
                "SELECT DISTINCT a FROM t | SELECT t",
                "SELECT a FROM ONLY t | SELECT t",
                "INSERT INTO t VALUES (1, 'x') ON CONFLICT DO UPDATE SET a = 1 | INSERT t",
                "INSERT INTO t (replace, call, \"select\") VALUES (1, 2, 3) RETURNING id | INSERT t",
                "INSERT OR REPLACE INTO t VALUES (1) | INSERT t",
                "INSERT t SET a = 1 ON DUPLICATE KEY UPDATE a = 2 | INSERT t",
                "REPLACE INTO t VALUES (1) | REPLACE t",
                "UPDATE t SET a = 1 FROM s WHERE s.i = t.i | UPDATE t s",
                "UPDATE a, b SET a.x = b.x, a.y = 2 | UPDATE a b",
                "DELETE FROM t WHERE a IN (SELECT b FROM c) | DELETE t SELECT c",
                "DELETE FROM t USING u, v WHERE t.i = u.i | DELETE t u v",
                "DELETE TOP (5) FROM t | DELETE t",
                "MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT (i) VALUES (1)"
                        + " | MERGE t s",
                "MERGE INTO t USING (SELECT a FROM s) x ON t.i = x.i | MERGE t SELECT s",
                "WITH x AS (SELECT a FROM t), RECURSIVE_y (b) AS (SELECT c FROM x) SELECT * FROM x JOIN recursive_Y"
                        + " | SELECT t SELECT SELECT",
                "WITH d AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d | DELETE t INSERT u SELECT",
                "CREATE TABLE IF NOT EXISTS payments (id BIGINT PRIMARY KEY, n VARCHAR(10)) | CREATE TABLE payments",
                "CREATE GLOBAL TEMPORARY TABLE x AS SELECT a FROM y | CREATE TABLE x SELECT y",
                "CREATE OR REPLACE MATERIALIZED VIEW v AS WITH c AS (SELECT 1) SELECT * FROM c, t"
                        + " | CREATE MATERIALIZED VIEW v SELECT SELECT t",
                "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) | CREATE INDEX i",
                "CREATE INDEX ON t (a) | CREATE INDEX",
                "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1 FROM t $$; SELECT secret | CREATE FUNCTION f",
                "CREATE USER bob IDENTIFIED BY secret | CREATE USER",
                "ALTER TABLE t ADD COLUMN c INT | ALTER TABLE t",
                "DROP TABLE IF EXISTS a, b CASCADE | DROP TABLE a b",
                "TRUNCATE TABLE a, b | TRUNCATE TABLE a b",
                "TRUNCATE users | TRUNCATE users",
                "EXPLAIN (ANALYZE, COSTS) SELECT a FROM t | EXPLAIN SELECT t",
                "explain analyze select a from t | explain select t",
                "{ ? = call pkg.proc(?, (SELECT a FROM t)) } | call pkg.proc",
                "EXEC @r = dbo.p 1, 'x' | EXEC dbo.p",
                "EXECUTE IMMEDIATE 'DROP TABLE t' | EXECUTE",
                "SET search_path TO secret | SET",
                "BEGIN; INSERT INTO a VALUES (1); UPDATE b SET c = 1; COMMIT | BEGIN INSERT a UPDATE b COMMIT",
                "DECLARE x INT; SELECT 1 FROM t | DECLARE",
                "GRANT SELECT ON t TO u | GRANT",
                "VALUES (1, 2) | VALUES",
                "SELECT a FROM s . t | SELECT s.t",
                "SELECT a FROM ?; COMMIT | SELECT COMMIT",
                "frobnicate the database | -",
                "'SELECT' a FROM t | -",
                "-- SELECT a FROM t | -",
                "? | -",
                ";; SELECT a FROM t | SELECT t",
                "SELECT ) a FROM t | SELECT t",
            })
    void operations_and_tables_are_named_as_they_are_written(String sql, String expected) {
        assertThat(summary(sql)).isEqualTo(expected == null ? "" : expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT a FROM t WHERE b = 'FROM secret'",
                "SELECT a FROM t /* JOIN secret */ WHERE b = 1",
                "SELECT a FROM t WHERE b = $$ FROM secret $$",
                "SELECT a FROM t WHERE b = E'\\' FROM secret'",
                "SELECT a FROM t WHERE b = 'x\\' UNION SELECT a FROM secret --'"
            })
    void nothing_of_a_literal_or_a_comment_is_in_it(String sql) {
        assertThat(summary(sql)).isEqualTo("SELECT t");
    }

    @Test
    void what_is_a_name_is_for_the_database_to_say() {
        String sql = "SELECT * FROM \"a\" JOIN `b` JOIN [c]";
        assertThat(QuerySummary.of(sql, Dialect.MYSQL).text()).isEqualTo("SELECT `b` c");
        assertThat(QuerySummary.of(sql.replace("`", ""), Dialect.SQL_SERVER).text())
                .isEqualTo("SELECT b [c]");
        assertThat(QuerySummary.of(sql, Dialect.H2).text()).isEqualTo("SELECT \"a\" `b` c");
    }

    @Test
    void it_ends_between_names_at_255_characters() {
        StringBuilder sql = new StringBuilder("SELECT * FROM t0");
        for (int i = 1; i < 500; i++) {
            sql.append(", table_").append(i);
        }

        assertThat(summary(sql.toString())).hasSizeBetween(240, 255).matches("SELECT t0( table_\\d+)+");
        assertThat(summary("SELECT * FROM " + "x".repeat(300))).isEqualTo("SELECT");
    }

    @Test
    void a_procedure_is_named_where_nothing_else_is_done() {
        assertThat(QuerySummary.of("{call a.b(?)}", Dialect.OTHER).procedure()).isEqualTo("a.b");
        assertThat(QuerySummary.of("CALL p(1); SELECT 1", Dialect.OTHER).procedure())
                .isNull();
        assertThat(QuerySummary.of("SELECT call FROM t", Dialect.OTHER).procedure())
                .isNull();
    }
}
