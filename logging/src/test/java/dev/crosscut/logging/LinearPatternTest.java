package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LinearPatternTest {

    private static final long SECOND = 1_000_000_000L;

    private static String masked(String pattern, String text) {
        return LinearPattern.parse(pattern).replaceAll(text, "***");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', textBlock = """
            CUST-\\d{8};                 a CUST-12345678 b;          a *** b
            CUST-\\d{8};                 a CUST-1234567 b;           a CUST-1234567 b
            CUST-\\d{8};                 CUST-123456789;             ***9
            \\bCUST-\\d{8}\\b;           CUST-123456789 CUST-12345678;  CUST-123456789 ***
            (?i)cust-\\d+;               x CuSt-1 CUST-22 y;         x *** *** y
            \\d{3}-\\d{2}-\\d{4};        123-45-6789;                ***
            [A-Z]{2}\\d{6,};             AB123456789;                ***
            emp(loyee)?[ =]\\w+;         emp=bob employee eve empty; *** *** empty
            a|ab|abc;                    xabcx;                      x***x
            ab|bc;                       xabcx;                      x***x
            ^x+;                         xxaxx;                      ***axx
            x+$;                         xxaxx;                      xxa***
            \\Bx;                        ax x;                       a*** x
            [^a-c]+;                     abcdeab;                    abc***ab
            [\\d-]+;                     a1-2b;                      a***b
            [-a]+;                       b-ab;                       b***b
            \\.\\*\\\\\\[;               a.*\\[b;                    a***b
            \\u00e9\\x41;                éA;                         ***
            .é;                          xé 😀é;                     *** ***
            """)
    void all_that_is_part_of_a_match_is_hidden(String pattern, String text, String expected) {
        assertThat(masked(pattern, text)).isEqualTo(expected);
    }

    @Test
    void text_without_a_match_is_the_same_instance() {
        String text = "order accepted";
        assertThat(LinearPattern.parse("x\\d").replaceAll(text, "***")).isSameAs(text);
        assertThat(LinearPattern.parse("o\\d").replaceAll(text, "***")).isSameAs(text);
    }

    /** Whether any match covers each character, as the JDK finds by trying all parts of the text. */
    private static String byTheJdk(String pattern, String text) {
        boolean[] hidden = new boolean[text.length()];
        Matcher matcher = Pattern.compile(pattern.replace("$", "\\z")).matcher(text);
        matcher.useAnchoringBounds(false).useTransparentBounds(true);
        for (int from = 0; from < text.length(); from++) {
            for (int to = from + 1; to <= text.length(); to++) {
                if (matcher.region(from, to).matches()) {
                    java.util.Arrays.fill(hidden, from, to, true);
                }
            }
        }
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < hidden.length; i++) {
            if (!hidden[i]) {
                shown.append(text.charAt(i));
            } else if (i == 0 || !hidden[i - 1]) {
                shown.append("***");
            }
        }
        return shown.toString();
    }

    @RepeatedTest(10)
    void random_patterns_hide_what_the_jdk_matches() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            String pattern = patternWithEdges(random);
            for (int j = 0; j < 10; j++) {
                String text = text(random);
                assertThat(masked(pattern, text))
                        .as("seed %d: %s in '%s'", seed, pattern, text)
                        .isEqualTo(byTheJdk(pattern, text));
            }
        }
    }

    /** Edges are outside of groups: the JDK does not try each way through a repeated group that may be empty. */
    private static String patternWithEdges(Random random) {
        List<String> edges = List.of("", "", "", "\\b", "\\B", "^", "$");
        return edges.get(random.nextInt(7))
                + pattern(random, 3)
                + edges.get(random.nextInt(7))
                + pattern(random, 1)
                + edges.get(random.nextInt(7));
    }

    private static String pattern(Random random, int depth) {
        List<String> atoms = List.of("a", "b", "\\d", "[ab]", "[^a]", ".", "\\w", "\\s", "-");
        StringBuilder pattern = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int choice = random.nextInt(atoms.size() + (depth > 0 ? 3 : 0));
            if (choice < atoms.size()) {
                pattern.append(atoms.get(choice));
            } else if (choice == atoms.size()) {
                pattern.append('(').append(pattern(random, depth - 1)).append(')');
            } else {
                pattern.append("(?:").append(pattern(random, depth - 1)).append('|');
                pattern.append(pattern(random, depth - 1)).append(')');
            }
            pattern.append(List.of("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}")
                    .get(random.nextInt(10)));
        }
        return pattern.toString();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(10); i > 0; i--) {
            text.append("aabb1 -\n".charAt(random.nextInt(8)));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a",
                "a)",
                "[a",
                "a{",
                "a{2",
                "a{2,1}",
                "a{x}",
                "*a",
                "+",
                "?",
                "a**",
                "a+?",
                "a*?",
                "a??",
                "a++",
                "a{2}?",
                "(?=a)",
                "(?!a)",
                "(?<=a)",
                "(?<n>a)",
                "(?s)a",
                "(a)\\1",
                "\\k",
                "\\pL",
                "\\Qa",
                "\\",
                "[b-a]",
                "[]",
                "[a&&b]",
                "[[a]]",
                "[\\",
                "a{1001}",
                "a{99999}",
                "(a{100}){100}",
                "\\x4",
                "\\u12",
                "\\xzz",
                "]",
                "}",
                "a|*"
            })
    void what_is_not_of_the_language_is_refused(String pattern) {
        assertThat(LinearPattern.isUsable(pattern)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> LinearPattern.parse(pattern));
    }

    @Test
    void a_pattern_of_any_depth_or_length_is_read_or_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> LinearPattern.parse("(".repeat(500)));
        assertThatIllegalArgumentException().isThrownBy(() -> LinearPattern.parse("a".repeat(1001)));
        assertThat(LinearPattern.isUsable("a".repeat(900))).isTrue();
        assertThat(LinearPattern.isUsable("(".repeat(50) + "a" + ")".repeat(50)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a*",
                "a?",
                "(|a)",
                "a{0,3}",
                "\\b",
                "^",
                "$",
                "^$",
                "(a*)+",
                ".",
                ".+",
                "\\S",
                "\\w+",
                "[a-z0-9]",
                "[^x]",
                "\\*",
                "\\**x?\\*",
                "(?i)[A-Z]|\\d",
                "\\w|x"
            })
    void what_matches_nothing_or_everything_is_not_usable(String pattern) {
        assertThat(LinearPattern.isUsable(pattern)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\d+", "a", "CUST-\\d{8}", "\\bacme\\b", "x.*", "[A-Z]{2}\\d{6}"})
    void what_matches_some_text_is(String pattern) {
        assertThat(LinearPattern.isUsable(pattern)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+b",
                "(a|aa)+$",
                "(a|a?)+b",
                "a.*b|a",
                "a*a*a*a*a*c",
                "(.*)(.*)(.*)x",
                "(a{1,20}){1,20}b",
                "a+b|a+"
            })
    void time_grows_with_the_length_and_no_faster(String pattern) {
        LinearPattern linear = LinearPattern.parse(pattern);
        long once = best(linear, "a".repeat(4 * 1024));
        assertThat(once).as("ns of CPU for 4 KB").isLessThan(3 * SECOND);
        long eightTimes = best(linear, "a".repeat(32 * 1024));
        assertThat(eightTimes).as("ns of CPU for 32 KB, after %d", once).isLessThan(once * 24 + SECOND / 2);
    }

    private static long best(LinearPattern pattern, String text) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertThat(pattern.replaceAll(text, "***")).isNotNull();
            best = Math.min(best, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
        }
        return best;
    }
}
