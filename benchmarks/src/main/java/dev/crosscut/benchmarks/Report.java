package dev.crosscut.benchmarks;

import dev.crosscut.benchmarks.Suite.Row;
import dev.crosscut.benchmarks.Suite.Table;
import dev.crosscut.benchmarks.Suite.Target;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The results of one run as Markdown.
 *
 * @param suites what is shown; a row that was not measured, and a table without rows, is left out
 * @param measured by the name of the benchmark
 * @param day when it was measured
 * @param processors on how many
 */
record Report(List<Suite> suites, Map<String, Measured> measured, LocalDate day, int processors) {

    /** The tables, under a line that says where they come from. */
    String markdown() {
        StringBuilder text = new StringBuilder(conditions());
        for (Suite suite : suites) {
            List<Table> tables = suite.tables().stream()
                    .filter(table -> table.rows().stream()
                            .anyMatch(row -> find(suite, row).isPresent()))
                    .toList();
            if (!tables.isEmpty()) {
                text.append("\n### ").append(suite.title()).append('\n');
                tables.forEach(table -> append(text, suite, table));
            }
        }
        return text.toString();
    }

    /** The bounds on allocation that do not hold, one line each. Times depend on what else the machine does. */
    List<String> allocationsOverTarget() {
        List<String> over = new ArrayList<>();
        for (Suite suite : suites) {
            for (Table table : suite.tables()) {
                Optional<Measured> baseline = find(suite, table.baselineRow());
                for (Row row : table.rows()) {
                    find(suite, row)
                            .ifPresent(own -> row.targets().stream()
                                    .filter(target -> isOfBytes(target) && misses(target, own, baseline))
                                    .forEach(target -> over.add(suite.benchmark(row) + " allocates " + own.bytes()
                                            + " B; expected " + text(target)
                                            + (target instanceof Target.BytesRatio
                                                    ? " of " + suite.benchmark(table.baselineRow())
                                                    : ""))));
                }
            }
        }
        return over;
    }

    private static boolean isOfBytes(Target target) {
        return target instanceof Target.Bytes || target instanceof Target.BytesRatio;
    }

    private static boolean misses(Target target, Measured own, Optional<Measured> baseline) {
        return isJudged(target, baseline, List.of()) && !holds(target, own, baseline, List.of());
    }

    private String conditions() {
        Measured any = measured.values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nothing was measured"));
        int rounds = any.primaryMetric().rawData().size();
        return "Measured on " + day + " with JDK " + any.jdkVersion() + " (" + any.vmName() + ") on " + processors
                + " processors, in " + rounds + (rounds == 1 ? " round.\n" : " rounds.\n");
    }

    private void append(StringBuilder text, Suite suite, Table table) {
        Optional<Measured> baseline = find(suite, table.baselineRow());
        List<Row> rows = table.rows().stream()
                .filter(row -> find(suite, row).isPresent())
                .toList();
        text.append('\n').append(table.caption()).append(".\n\n");
        text.append("| | On the clock | Processor time | Ratio | Allocated | Target |\n");
        text.append("|:---|---:|---:|---:|---:|:---|\n");
        for (Row row : rows) {
            find(suite, row)
                    .ifPresent(own -> text.append("| ")
                            .append(String.join(
                                    " | ",
                                    row.label(),
                                    own.isRate() ? figures(own.clock(), " a second") : figures(own.clock(), " ns"),
                                    figures(own.processor(), " ns"),
                                    row.equals(table.baselineRow()) ? "baseline" : ratio(own, baseline),
                                    String.format(Locale.ROOT, "%,d B", own.bytes()),
                                    targets(row, own, baseline, peers(suite, rows))))
                            .append(" |\n"));
        }
    }

    private static String figures(Sample sample, String unit) {
        return number(sample.median()) + unit + " (" + number(sample.lowerQuartile()) + "–"
                + number(sample.upperQuartile()) + ")";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }

    private static String ratio(Measured own, Optional<Measured> baseline) {
        return baseline.map(base -> String.format(
                        Locale.ROOT,
                        "%.2f× (%.2f–%.2f)",
                        own.compared().median() / base.compared().median(),
                        own.compared().lowerQuartile() / base.compared().upperQuartile(),
                        own.compared().upperQuartile() / base.compared().lowerQuartile()))
                .orElse("");
    }

    private List<Measured> peers(Suite suite, List<Row> rows) {
        return rows.stream()
                .filter(row -> !row.isOurs())
                .flatMap(row -> find(suite, row).stream())
                .toList();
    }

    private static String targets(Row row, Measured own, Optional<Measured> baseline, List<Measured> peers) {
        return row.targets().stream()
                .map(target -> text(target) + " " + verdict(target, own, baseline, peers))
                .collect(Collectors.joining(", "));
    }

    private static String verdict(Target target, Measured own, Optional<Measured> baseline, List<Measured> peers) {
        if (!isJudged(target, baseline, peers)) {
            return "not measured";
        }
        return holds(target, own, baseline, peers) ? "holds" : "**missed**";
    }

    /** Whether that was measured which the row is compared with. */
    private static boolean isJudged(Target target, Optional<Measured> baseline, List<Measured> peers) {
        boolean isOfBaseline = target instanceof Target.Ratio || target instanceof Target.BytesRatio;
        return isOfBaseline ? baseline.isPresent() : !(target instanceof Target.Fastest) || !peers.isEmpty();
    }

    private static boolean holds(Target target, Measured own, Optional<Measured> baseline, List<Measured> peers) {
        if (target instanceof Target.Nanoseconds nanoseconds) {
            return own.compared().median() <= nanoseconds.most();
        }
        if (target instanceof Target.Bytes bytes) {
            return own.bytes() <= bytes.most();
        }
        if (target instanceof Target.BytesRatio ratio) {
            return own.bytes() <= ratio.most() * baseline.orElseThrow().bytes();
        }
        if (target instanceof Target.Fastest) {
            return peers.stream()
                    .allMatch(peer -> own.compared().median() < peer.compared().median());
        }
        double most = ((Target.Ratio) target).most();
        return own.compared().median()
                <= most * baseline.orElseThrow().compared().median();
    }

    static String text(Target target) {
        if (target instanceof Target.Nanoseconds nanoseconds) {
            return "≤ " + nanoseconds.most() + " ns";
        }
        if (target instanceof Target.Bytes bytes) {
            return "≤ " + bytes.most() + " B";
        }
        if (target instanceof Target.BytesRatio ratio) {
            return String.format(Locale.ROOT, "≤ %.2f× the bytes", ratio.most());
        }
        return target instanceof Target.Ratio ratio
                ? String.format(Locale.ROOT, "≤ %.2f×", ratio.most())
                : "less than each peer";
    }

    private Optional<Measured> find(Suite suite, Row row) {
        return Optional.ofNullable(measured.get(suite.benchmark(row)));
    }
}
