package dev.crosscut.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.benchmarks.Suite.Row;
import dev.crosscut.benchmarks.Suite.Table;
import dev.crosscut.benchmarks.Suite.Target.Bytes;
import dev.crosscut.benchmarks.Suite.Target.BytesRatio;
import dev.crosscut.benchmarks.Suite.Target.Nanoseconds;
import dev.crosscut.benchmarks.Suite.Target.Ratio;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** {@code jmh.json} is in the form in which JMH 1.37 writes, cut down. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReportTest {

    private static final Suite ATTACH = new Suite(
            "Attach",
            AttachBenchmark.class,
            List.of(new Table(
                    "Making current",
                    "openTelemetryMakeCurrent",
                    List.of(
                            Row.ours("attach", "Ours", new Nanoseconds(20), new Bytes(24), new Ratio(2)),
                            Row.ours("attachWithBinding", "Ours, bound", new Bytes(55), new Ratio(0.5)),
                            Row.peer("openTelemetryMakeCurrent", "Theirs"),
                            Row.peer("mdcPutRemove", "A row that was not measured")))));

    private static final Suite CORRELATION = new Suite(
            "Correlation",
            CorrelationBenchmark.class,
            List.of(new Table(
                    "On two threads",
                    "randomUuidContended",
                    List.of(
                            Row.ours("newIdContended", "Ours", new Ratio(0.1)),
                            Row.peer("randomUuidContended", "Theirs")))));

    private static final Suite SERVLET = new Suite(
            "Servlet",
            ServletBenchmark.class,
            List.of(new Table(
                    "Requests", "plain", List.of(Row.peer("plain", "Without"), Row.ours("filtered", "With")))));

    private static final Suite UNMEASURED = new Suite(
            "Hand-over",
            HandOverBenchmark.class,
            List.of(new Table("Tasks", "mdc", List.of(Row.peer("mdc", "By hand")))));

    private final Map<String, Measured> measured = Measured.read(resource("jmh.json"));

    @Test
    void the_tables_are_those_of_the_golden_file() throws IOException {
        assertThat(report(measured).markdown()).isEqualTo(Files.readString(resource("report.md")));
    }

    @Test
    void an_allocation_over_its_target_is_named_with_its_bound_and_a_time_is_not() {
        assertThat(report(measured).allocationsOverTarget())
                .containsExactly(
                        "dev.crosscut.benchmarks.AttachBenchmark.attachWithBinding allocates 56 B; expected ≤ 55 B");
    }

    @Test
    void an_allocation_over_a_share_of_the_baselines_is_named_with_the_baseline() {
        Row theirs = Row.peer("openTelemetryMakeCurrent", "Theirs");
        Suite shares = new Suite(
                "Shares",
                AttachBenchmark.class,
                List.of(new Table(
                        "Making current",
                        theirs.method(),
                        List.of(
                                Row.ours("attach", "Ours", new BytesRatio(0.75)),
                                Row.ours("attachWithBinding", "Ours, bound", new BytesRatio(1)),
                                theirs))));
        Report report = new Report(List.of(shares), measured, LocalDate.of(2026, 1, 31), 2);

        assertThat(report.allocationsOverTarget())
                .containsExactly(
                        "dev.crosscut.benchmarks.AttachBenchmark.attachWithBinding allocates 56 B;"
                                + " expected ≤ 1.00× the bytes of dev.crosscut.benchmarks.AttachBenchmark.openTelemetryMakeCurrent");
        assertThat(report.markdown()).contains("≤ 0.75× the bytes holds |", "≤ 1.00× the bytes **missed** |");
    }

    @Test
    void without_its_baseline_a_row_has_no_ratio_and_no_verdict_on_one() {
        Map<String, Measured> alone = measured.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(".attach"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

        assertThat(report(alone).markdown())
                .contains("|  | 24 B | ≤ 20 ns holds, ≤ 24 B holds, ≤ 2.00× not measured |")
                .doesNotContain("Theirs", "Servlet");
    }

    @Test
    void a_run_without_its_profilers_is_refused() {
        Measured attach = measured.get("dev.crosscut.benchmarks.AttachBenchmark.attach");
        Measured unprofiled = new Measured(
                attach.benchmark(), 1, attach.jdkVersion(), attach.vmName(), attach.primaryMetric(), Map.of());

        assertThatThrownBy(() -> report(Map.of(attach.benchmark(), unprofiled)).markdown())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("AttachBenchmark.attach was measured without processor.time");
    }

    @Test
    void quartiles_lie_between_the_figures_beside_them() {
        Sample sample = new Sample(4, 1, 3, 2);

        assertThat(sample.lowerQuartile()).isEqualTo(1.75);
        assertThat(sample.median()).isEqualTo(2.5);
        assertThat(sample.upperQuartile()).isEqualTo(3.25);
        assertThat(new Sample(7).upperQuartile()).isEqualTo(7);
    }

    private static Report report(Map<String, Measured> measured) {
        return new Report(List.of(ATTACH, UNMEASURED, CORRELATION, SERVLET), measured, LocalDate.of(2026, 1, 31), 2);
    }

    private static Path resource(String name) {
        try {
            return Path.of(ReportTest.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
