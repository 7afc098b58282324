package dev.crosscut.benchmarks;

import java.util.List;

/**
 * What is measured about one subject, and how it is shown.
 *
 * @param title the heading
 * @param benchmarks the class that measures
 * @param tables what is compared with what; each benchmark of the class is a row of one of them
 */
record Suite(String title, Class<?> benchmarks, List<Table> tables) {

    /**
     * Things that do the same, side by side.
     *
     * @param caption what they all do
     * @param baseline the method of the row that the others are compared with
     * @param rows in the order in which they are shown
     */
    record Table(String caption, String baseline, List<Row> rows) {

        Row baselineRow() {
            return rows.stream()
                    .filter(row -> row.method().equals(baseline))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "the table '" + caption + "' has no row for its baseline " + baseline));
        }
    }

    /**
     * One of them.
     *
     * @param method the benchmark's method
     * @param label what it is
     * @param isOurs whether it is Crosscut, or else a peer
     * @param targets what it is to keep to, none for a peer
     */
    record Row(String method, String label, boolean isOurs, List<Target> targets) {

        static Row ours(String method, String label, Target... targets) {
            return new Row(method, "**" + label + "**", true, List.of(targets));
        }

        static Row peer(String method, String label) {
            return new Row(method, label, false, List.of());
        }
    }

    /** A bound that still holds. */
    sealed interface Target {

        /** Of the time, in nanoseconds. */
        record Nanoseconds(int most) implements Target {}

        /** Of what is allocated. */
        record Bytes(int most) implements Target {}

        /** Of the time, as a share of the baseline's. */
        record Ratio(double most) implements Target {}

        /** Of what is allocated, as a share of what the baseline allocates. */
        record BytesRatio(double most) implements Target {}

        /** Less time than any peer in the table. */
        record Fastest() implements Target {}
    }

    /** The name by which JMH knows the benchmark of a row. */
    String benchmark(Row row) {
        return benchmarks.getName() + "." + row.method();
    }

    /** The names of all benchmarks of this suite. */
    List<String> benchmarkNames() {
        return tables.stream()
                .flatMap(table -> table.rows().stream())
                .map(this::benchmark)
                .toList();
    }
}
