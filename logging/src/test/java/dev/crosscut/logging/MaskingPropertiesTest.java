package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every text. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class MaskingPropertiesTest {

    private static final Masking MASKING = Masking.DEFAULT;
    private static final long SECOND = 1_000_000_000L;

    /** What rules look for, and what is around it. */
    private static final List<String> PIECES = List.of(
            "password",
            "token",
            "secret",
            "Authorization",
            "Cookie",
            "pan",
            "x",
            "user",
            "=",
            ":",
            ": ",
            "=>",
            " ",
            ", ",
            ",",
            ";",
            "&",
            "?",
            ".",
            "-",
            "-----",
            "BEGIN PRIVATE KEY",
            "-----BEGIN PRIVATE KEY-----\n",
            "\n-----END PRIVATE KEY-----\n",
            "END",
            "token: ",
            "[0]",
            "\\n",
            "\"",
            "'",
            "\\",
            "\\\"",
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            "<",
            ">",
            "</",
            "/",
            "//",
            "://",
            "@",
            "example.com",
            "bob",
            "eyJ",
            "eyJhbGciOiJIUzI1NiJ9",
            "Bearer ",
            "Bearer",
            "0a1b2c3d4e5f",
            "Basic ",
            "Token  ",
            "dTpw",
            "AKIA",
            "AKIAIOSFODNN7EXAMPLE",
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111",
            "1111",
            "3782 822463 10005",
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "***",
            "null",
            "true",
            "\n",
            "\n\tat ",
            "a",
            "1",
            "é",
            "\ud83d\ude00",
            "\ud800",
            "%B",
            "<![CDATA[",
            "]]>");

    @RepeatedTest(20)
    void masking_is_idempotent_whatever_the_text() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            String text = random(random, 1 + random.nextInt(25));
            String once = MASKING.text(text);
            assertThat(MASKING.text(once)).as("seed %d: %s", seed, text).isEqualTo(once);
        }
    }

    private static String random(Random random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /** Places for a secret, between what does not belong to it. */
    private static final List<String> PLACES = List.of(
            "%s",
            "password=%s",
            "x=1&password=%s&y=2",
            "/a?token=%s HTTP/1.1",
            "{\"password\":\"%s\",\"y\":2}",
            "{\"x\":[1],\"secret\" : \"%s\"}",
            "{\\\"apiKey\\\":\\\"%s\\\"}",
            "Login[user=bob, password=%s, y=2]",
            "Login(password=%s)",
            "{password=%s, y=2}",
            "password='%s' and",
            "client_secret: %s",
            "Authorization: Bearer %s",
            "Authorization: Token  %s",
            "X-Auth-Token: Bearer %s",
            "token=DPoP %s",
            "password: token: %s",
            "passwords[0]=%s",
            "privateKey=-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----",
            "{\"key\":\"x\\npin=%s\"}",
            "[Authorization:\"Bearer %s\", Accept:\"*/*\"]",
            "Cookie: a=%s; b=%s",
            "<password>%s</password>",
            "<o:password x=\"1\">%s</o:password>",
            "https://user:%s@example.com/x",
            "jdbc:postgresql://db/x?user=app&password=%s&ssl=true",
            "jdbc:sqlserver://db;user=app;password=%s;encrypt=true",
            "com.acme.LoginException: password=%s\n\tat com.acme.Foo.bar(Foo.java:17)");

    @Test
    void no_secret_is_left_in_any_place_with_any_text_around_it() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String secret = secret(random);
            String place = PLACES.get(1 + random.nextInt(PLACES.size() - 1)).replace("%s", secret);
            String text = around(random) + " " + place + " " + around(random);
            assertThat(MASKING.text(text)).as("seed %d: %s", seed, text).doesNotContain(secret);
        }
    }

    private static String around(Random random) {
        List<String> words =
                List.of("order", "17", "x=1", "(a)", "took 12.5 ms", "\n", "{\"a\":1}", "https://h/x", "é", "\"b\"");
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(words.get(random.nextInt(words.size()))).append(' ');
        }
        return text.toString();
    }

    private static String secret(Random random) {
        String characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%*+-._~^|";
        StringBuilder secret = new StringBuilder("q7");
        for (int i = 6 + random.nextInt(30); i > 0; i--) {
            secret.append(characters.charAt(random.nextInt(characters.length())));
        }
        return secret.append("7q").toString();
    }

    @Test
    void every_card_number_of_an_issuer_is_masked_in_one_piece_and_in_groups() {
        Random random = new Random(17);
        String[] prefixes = {
            "4", "51", "55", "2221", "2720", "34", "37", "6011", "65", "3528", "3589", "62", "36", "6759"
        };
        int[] lengths = {16, 16, 16, 16, 16, 15, 15, 16, 16, 16, 16, 16, 14, 16};
        for (int i = 0; i < 10_000; i++) {
            int kind = random.nextInt(prefixes.length);
            String card = card(random, prefixes[kind], lengths[kind]);
            String lastFour = card.substring(card.length() - 4);
            assertThat(MASKING.text("card " + card + " ok")).isEqualTo("card ***" + lastFour + " ok");
            if (card.length() == 16) {
                String grouped = card.replaceAll("(.{4})(?!$)", "$1 ");
                assertThat(MASKING.text(grouped)).isEqualTo("***" + lastFour);
                assertThat(MASKING.text(grouped.replace(' ', '-'))).isEqualTo("***" + lastFour);
            }
            String wrong = card.substring(0, card.length() - 1)
                    + (char) ('0' + (card.charAt(card.length() - 1) - '0' + 1) % 10);
            assertThat(MASKING.text(wrong)).isSameAs(wrong);
        }
    }

    private static String card(Random random, String prefix, int length) {
        StringBuilder card = new StringBuilder(prefix);
        while (card.length() < length - 1) {
            card.append((char) ('0' + random.nextInt(10)));
        }
        int sum = 0;
        for (int i = card.length() - 1, weight = 2; i >= 0; i--, weight = 3 - weight) {
            int digit = (card.charAt(i) - '0') * weight;
            sum += digit > 9 ? digit - 9 : digit;
        }
        return card.append((char) ('0' + (10 - sum % 10) % 10)).toString();
    }

    @Test
    void ids_and_times_are_never_taken_for_cards() {
        Random random = new Random(17);
        for (int i = 0; i < 20_000; i++) {
            String uuid = new java.util.UUID(random.nextLong(), random.nextLong()).toString();
            assertThat(MASKING.text(uuid)).isSameAs(uuid);
            String trace = java.util.HexFormat.of().toHexDigits(random.nextLong() | 0xa000_0000_0000_0000L)
                    + java.util.HexFormat.of().toHexDigits(random.nextLong());
            assertThat(MASKING.text(trace)).isSameAs(trace);
            String nanos = Long.toString(1_700_000_000_000_000_000L + (long) (random.nextDouble() * 2.9e17));
            assertThat(MASKING.text(nanos)).isSameAs(nanos);
            String micros = nanos.substring(0, 16);
            assertThat(MASKING.text(micros)).isSameAs(micros);
        }
    }

    static Stream<String> hostile() {
        return Stream.concat(
                PIECES.stream(),
                Stream.of(
                        "eyJ.",
                        "eyJhbGciOi-",
                        "eyJaaaaaaaaa.",
                        "password=",
                        "password= ",
                        "password=,",
                        "password=a, ",
                        "(password=",
                        "[password=a ",
                        "password=(",
                        "password='",
                        "password='a''",
                        "\"password\":\"",
                        "\"password\":\"\n",
                        "\\\"password\\\":",
                        "secret={",
                        "secret={\n",
                        "secret=<",
                        "[cookie=",
                        "cookie=a\n",
                        "authorization: ",
                        "authorization: bearer ",
                        "token: ",
                        "token = ",
                        "token=token=",
                        "token: bearer ",
                        "token: bearer a\n",
                        "token=-----BEGIN PRIVATE KEY-----",
                        "token=-----BEGIN A-----\n",
                        "token=\"-----BEGIN A-----\n\"",
                        "token='a\n",
                        "token=\"a\n \"",
                        "token=://a:",
                        "token=a:b:c:",
                        "token={token={",
                        "token={\"token\":\"",
                        "token=\"token='",
                        "(token=token=(",
                        "pan=4111 1111 1111 ",
                        "pan=4111 1111 1111 1112 ",
                        "pan=DE89 3704 0044 0532 0130 00",
                        "[0]",
                        "password[0]=",
                        "]=1",
                        "-----BEGIN A-----a-----END ",
                        "token=-----BEGIN A-----a-----END ",
                        "\\npin=",
                        "-----BEGIN ",
                        "-----BEGIN PRIVATE KEY-----",
                        "-----BEGIN PRIVATE KEY-----a",
                        "<password>",
                        "<password><![CDATA[",
                        "<a ",
                        "a@",
                        "a.b@",
                        "x@a.",
                        "a@b.cc",
                        "4111 ",
                        "4-",
                        "DE89 ",
                        "DE89",
                        "bearer a",
                        "basic YTpi",
                        "a:a",
                        "://a",
                        "://@",
                        "x://a:",
                        "AKIAA",
                        "p".repeat(63) + "=",
                        "=p=[",
                        "\"\\",
                        "user[password]=a,["));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void time_grows_with_the_length_and_no_faster(String piece) {
        String shorter = piece.repeat(256 * 1024 / piece.length());
        long once = best(shorter);
        assertThat(once).as("ns of CPU for 256 KB of '%s'", piece).isLessThan(SECOND);
        long fourTimes = best(shorter.repeat(4));
        assertThat(fourTimes).as("ns of CPU for 1 MB, after %d", once).isLessThan(once * 12 + SECOND / 2);
    }

    private static long best(String text) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertThat(MASKING.text(text)).isNotNull();
            best = Math.min(best, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
        }
        return best;
    }

    @Test
    void a_text_in_which_nothing_is_masked_costs_no_allocation() {
        String text = "GET /orders/17?x=1: 200 in 12.5 ms (AB-12) <b> a@b J-9 \"k\":\"v\" at Foo.bar(Foo.java:17)";
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int length = 0;
        for (int i = 0; i < 20_000; i++) {
            length += MASKING.text(text).length();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            length += MASKING.text(text).length();
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(MASKING.text(text)).isSameAs(text);
        assertThat(length).isEqualTo(30_000 * text.length());
        assertThat(allocated).as("bytes for 10,000 texts").isLessThan(10_000);
    }
}
