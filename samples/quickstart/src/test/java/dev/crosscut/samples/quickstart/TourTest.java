package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TourTest {

    @Test
    void everyPromiseOfTheTourIsKept() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();

        boolean kept = Tour.run(new Report(new PrintStream(shown, true, StandardCharsets.UTF_8), false));

        assertThat(kept)
                .as("the tour:%n%s", shown.toString(StandardCharsets.UTF_8))
                .isTrue();
    }

    @Test
    void aPromiseThatIsBrokenFailsTheCommand() throws Exception {
        // so that each JVM writes to stdout what is no JSON
        Program tour = Program.java(Map.of("JAVA_TOOL_OPTIONS", "-Xlog:gc"), Tour.class);

        assertThat(tour.exit()).isEqualTo(1);
        assertThat(tour.stdout().lines().map(line -> line.replaceAll("^  \\d+\\. ", "")))
                .anyMatch(line -> line.matches("1 of \\d+ promises were broken:"))
                .contains("and wrote nothing but JSON to stdout, one object a line");
    }

    @Test
    void theCommandSaysHowToUseItAndTakesNothingElse() throws Exception {
        Program help = Program.java(Map.of(), Tour.class, "--help");
        Program wrong = Program.java(Map.of(), Tour.class, "--colour");

        assertThat(help.exit()).isZero();
        assertThat(help.stdout()).startsWith("Usage: samples/quickstart/tour");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.stderr())
                .isEqualTo("tour: unknown argument '--colour'; see tour --help" + System.lineSeparator());
    }
}
