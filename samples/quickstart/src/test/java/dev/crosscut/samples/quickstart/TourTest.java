package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TourTest {

    @Test
    void everyPromiseOfTheTourIsKeptAndTwoLinesOfTheLogAreShownWhole() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        boolean kept = Tour.run(new Report(new PrintStream(bytes, true, StandardCharsets.UTF_8), false));

        String shown = bytes.toString(StandardCharsets.UTF_8);
        assertThat(kept).as("the tour:%n%s", shown).isTrue();
        List<Map<String, Object>> whole = wholeLines(shown);
        assertThat(whole)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .containsKeys("@timestamp", "correlation_id", "process.thread.name")
                        .containsEntry("http.route", "/payments")
                        .containsEntry("service.name", "quickstart"));
        assertThat(String.valueOf(whole.get(0).get("message"))).startsWith("paid 700 EUR to ***1111 as pay-");
        assertThat(whole.get(1))
                .containsEntry("log.logger", "crosscut.access")
                .containsEntry("http.response.status_code", 201)
                .containsEntry("correlation_id", whole.get(0).get("correlation_id"));
    }

    /** The lines that are shown as JSON, put together from their rows. */
    @SuppressWarnings("unchecked") // a JSON object is a map by its names
    private static List<Map<String, Object>> wholeLines(String shown) {
        List<Map<String, Object>> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String row : shown.lines().toList()) {
            if (row.startsWith("   | {") || (row.startsWith("   | ") && !line.isEmpty())) {
                line.append(row, "   | ".length(), row.length());
            }
            if (!line.isEmpty() && row.endsWith("}")) {
                lines.add(Json.read(line.toString().getBytes(StandardCharsets.UTF_8), Map.class));
                line.setLength(0);
            }
        }
        return lines;
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
