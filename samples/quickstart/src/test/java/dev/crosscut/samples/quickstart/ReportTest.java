package dev.crosscut.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReportTest {

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private Report report(boolean coloured) {
        return new Report(new PrintStream(shown, true, StandardCharsets.UTF_8), coloured);
    }

    private String shown() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void promisesThatWereAllKeptAreCounted() {
        Report report = report(false);
        report.step("The first");
        report.promise("it is so", true);
        report.promise("it is so too", true);

        assertThat(report.finish()).isTrue();
        assertThat(shown()).contains("All 2 promises were kept, in ").doesNotContain("BROKEN", "\u001b");
    }

    @Test
    void aPromiseThatWasBrokenIsNamedWithItsStep() {
        Report report = report(false);
        report.step("The first");
        report.promise("it is so", true);
        report.step("The second");
        report.promise("it is so too", false);
        report.promise("it is so again", true);

        assertThat(report.finish()).isFalse();
        assertThat(shown().lines())
                .contains("   BROKEN it is so too")
                .endsWith("1 of 3 promises were broken:", "  2. it is so too");
    }

    @Test
    void aLineOfJsonIsShownAsItCameInRowsThatBreakBetweenItsFields() {
        String line =
                "{\"message\":\"paid 1, 2\"" + ",\"field\":\"of some length\"".repeat(12) + ",\"last\":[\"a\",\"b\"]}";
        report(false).json(line);

        List<String> rows = shown().lines().toList();
        assertThat(rows).hasSizeBetween(3, 5).allSatisfy(row -> {
            assertThat(row).startsWith("   | ").hasSizeLessThanOrEqualTo(105);
            assertThat(row.endsWith(",") || row.endsWith("}")).isTrue();
        });
        assertThat(rows.stream().map(row -> row.substring(5)).collect(Collectors.joining()))
                .isEqualTo(line);
    }

    @Test
    void coloursChangeNothingOfTheText() {
        for (boolean coloured : new boolean[] {false, true}) {
            Report report = report(coloured);
            report.step("The first");
            report.json("{\"a\":1}");
            report.promise("it is so", false);
            report.finish();
        }
        String text = shown().replaceAll("\u001b\\[[0-9]+m", "");

        assertThat(shown()).contains("\u001b[31mBROKEN \u001b[0m");
        assertThat(text.substring(0, text.length() / 2)).isEqualTo(text.substring(text.length() / 2));
    }
}
