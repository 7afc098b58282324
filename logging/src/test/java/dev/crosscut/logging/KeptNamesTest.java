package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeptNamesTest {

    private static final int MAX_NAME = 300;

    private final KeptNames names = new KeptNames(",\"name\":\"".getBytes(StandardCharsets.US_ASCII), MAX_NAME);

    private String written(String name) {
        LineBuffer line = new LineBuffer();
        names.write(name, line);
        return line.toString();
    }

    @Test
    void isTheSameTheSecondTime() {
        for (String name : new String[] {"main", "", "wörker \"1\"\n", "x".repeat(MAX_NAME)}) {
            String first = written(name);

            assertThat(written(name)).isEqualTo(first);
        }
        assertThat(written("a \"b\"")).isEqualTo(",\"name\":\"a \\\"b\\\"\"");
    }

    @Test
    void namesThatShareAPlaceAreNotMixedUp() {
        String one = "AaAa";
        String other = "BBBB";
        assertThat(one).hasSameHashCodeAs(other);

        for (int i = 0; i < 3; i++) {
            assertThat(written(one)).isEqualTo(",\"name\":\"AaAa\"");
            assertThat(written(other)).isEqualTo(",\"name\":\"BBBB\"");
        }
    }

    @Test
    void moreNamesThanPlacesAreAllWritten() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5_000; i++) {
                assertThat(written("worker-" + i)).isEqualTo(",\"name\":\"worker-" + i + "\"");
            }
        }
    }

    @Test
    void oneThatIsCutSaysSoEachTime() {
        for (int i = 0; i < 2; i++) {
            LineBuffer line = new LineBuffer();
            names.write("x".repeat(MAX_NAME + 1), line);

            assertThat(line.isShortened()).isTrue();
            assertThat(line.toString()).isEqualTo(",\"name\":\"" + "x".repeat(MAX_NAME) + "\"");
        }
    }
}
