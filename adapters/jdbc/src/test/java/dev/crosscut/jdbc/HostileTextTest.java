package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that are made to be misread. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostileTextTest {

    private static final String SECRET = "s3cr3t";
    private static final int ROUNDS = 10_000;

    /** What a literal is made of, and what else is in it to make who reads it lose count. */
    private static final List<String> BAITS = List.of(
            "--",
            "--x",
            "/*",
            "*/",
            "#",
            "//",
            "''",
            "\"",
            "`",
            "[",
            "]",
            "{",
            "}",
            "$$",
            "$a$",
            "\\\\",
            "\\n",
            ";",
            "\n",
            "\r\n",
            " FROM ",
            " JOIN ",
            " SELECT ",
            "(",
            ")",
            ",",
            "q'['",
            "E''",
            "?",
            "1",
            "\ud83d\ude00",
            "é");

    /** One that is an even number of quotes, or none, so that it ends where it should in any dialect. */
    static String literal(Random random, Dialect dialect) {
        String bait = bait(random).replace("'", "''");
        String inside = bait + SECRET + bait(random).replace("'", "''");
        List<String> forms = new ArrayList<>(List.of("'" + inside + "'", "N'" + inside + "'", "DATE '" + inside + "'"));
        forms.add(
                dialect == Dialect.MYSQL || (dialect == Dialect.OTHER && random.nextBoolean())
                        ? "'" + inside + "\\' " + SECRET + "'"
                        : "'" + inside + "\\'");
        switch (dialect) {
            case POSTGRESQL -> {
                forms.add("E'" + inside + "\\' " + SECRET + "'");
                forms.add("$$" + inside.replace("$", "") + "$$");
                forms.add("$t_1$ $$ " + inside + " $t_1$");
            }
            case ORACLE -> {
                forms.add("q'[" + inside.replace("]", "") + "']'");
                forms.add("NQ'!" + inside + "!'");
            }
            case MYSQL -> {
                forms.add("\"" + inside.replace("\"", "\"\"") + "\"");
                forms.add("_utf8'" + inside + "'");
            }
            case H2 -> forms.add("$$" + inside.replace("$", "") + "$$");
            case SQL_SERVER -> forms.add("\"" + inside.replace("\"", "\"\"") + "\"");
            case OTHER -> {}
        }
        return forms.get(random.nextInt(forms.size()));
    }

    private static String bait(Random random) {
        StringBuilder bait = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            bait.append(BAITS.get(random.nextInt(BAITS.size())));
        }
        return bait.toString();
    }

    static String comment(Random random, Dialect dialect) {
        String inside = bait(random) + SECRET + bait(random);
        String line = inside.replaceAll("[\r\n]", " ");
        List<String> forms = new ArrayList<>(List.of("-- " + line + "\n", "-- " + line + "\r\n"));
        String flat = inside.replace("*/", "").replace("/*", "");
        forms.add("/* " + flat + " */");
        switch (dialect) {
            case POSTGRESQL, SQL_SERVER -> forms.add("/* " + flat + " /* " + flat + " */" + flat + " */");
            case MYSQL -> {
                forms.add("#" + line + "\n");
                forms.add("/* " + inside.replace("*/", "") + " */");
            }
            case ORACLE -> forms.add("/* " + inside.replace("*/", "") + " */");
            case H2 -> forms.add("//" + line + "\n");
            case OTHER -> {}
        }
        return forms.get(random.nextInt(forms.size()));
    }

    private static String code(Random random) {
        return List.of(
                        "SELECT",
                        "a",
                        "FROM",
                        "t",
                        "JOIN",
                        "(",
                        ")",
                        ",",
                        "=",
                        "?",
                        "5",
                        "-",
                        "INSERT INTO",
                        ";",
                        "x1",
                        "WITH",
                        "AS")
                .get(random.nextInt(17));
    }

    @ParameterizedTest
    @EnumSource
    void nothing_of_a_literal_or_a_comment_is_shown_whatever_is_around_it_and_in_it(Dialect dialect) {
        Random random = new Random(20261124);
        int whole = 0;
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder sql = new StringBuilder("SELECT");
            for (int i = random.nextInt(8); i >= 0; i--) {
                sql.append(random.nextBoolean() ? " " : "\n");
                sql.append(
                        switch (random.nextInt(4)) {
                            case 0 -> literal(random, dialect);
                            case 1 -> comment(random, dialect);
                            default -> code(random);
                        });
            }
            Query query = Query.of(sql.toString(), dialect);

            assertThat(query.text()).as("the text of %s", sql).doesNotContain(SECRET);
            assertThat(query.summary()).as("the summary of %s", sql).doesNotContain(SECRET);
            whole += query.text().endsWith("...") ? 0 : 1;
        }
        assertThat(whole).as("texts that were not hidden in part").isGreaterThan(ROUNDS / 4);
    }

    @ParameterizedTest
    @EnumSource
    void no_text_makes_it_fail(Dialect dialect) {
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            StringBuilder sql = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
            for (int i = random.nextInt(6); i > 0; i--) {
                sql.insert(random.nextInt(sql.length() + 1), bait(random) + code(random));
            }
            Query query = Query.of(sql.toString(), dialect);

            assertThat(query.text().length()).as("%s", sql).isLessThanOrEqualTo(Query.LONGEST_TEXT);
            assertThat(query.summary().length()).as("%s", sql).isLessThanOrEqualTo(255);
        }
    }

    static Stream<String> long_texts() {
        int length = 1_000_000;
        return Stream.of(
                        "'",
                        "''",
                        "\"",
                        "`",
                        "[",
                        "]",
                        "[]",
                        "(",
                        ")",
                        "()",
                        "/*",
                        "*/",
                        "/* /*",
                        "-",
                        "--",
                        "-- \n",
                        "#",
                        "//",
                        "{",
                        "{ ",
                        "$",
                        "$$",
                        "$a",
                        "$a$",
                        "$a$b",
                        "$1",
                        "\\'",
                        "'\\",
                        "\\",
                        ".",
                        "a.",
                        "a",
                        "1",
                        "1e+",
                        "1.",
                        "SELECT * FROM t,",
                        "SELECT(",
                        "FROM(",
                        "WITH x AS (",
                        ",",
                        ";",
                        "?",
                        " ",
                        "\r",
                        "\0",
                        "é",
                        "q'[",
                        "E'\\'",
                        "UPDATE t;",
                        "INSERT INTO ",
                        "'a' ",
                        "EXPLAIN ",
                        "CREATE ",
                        "EXEC @",
                        "'x',")
                .map(part -> part.repeat(length / part.length()));
    }

    /** A quadratic reading of a million characters takes minutes. */
    @ParameterizedTest(name = "{index}")
    @MethodSource("long_texts")
    void a_million_characters_take_a_moment(String sql) {
        for (Dialect dialect : Dialect.values()) {
            long began = System.nanoTime();
            String text = QueryText.of("SELECT a " + sql, dialect, 2_000_000);
            String summary = QuerySummary.of("SELECT a " + sql, dialect).text();

            assertThat((System.nanoTime() - began) / 1_000_000)
                    .as("milliseconds for %s with %.20s", dialect, sql)
                    .isLessThan(3000);
            assertThat(text).startsWith("SELECT a");
            assertThat(summary).startsWith("SELECT");
        }
    }
}
