package dev.crosscut.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** Puts the tables of a run that measured everything into the documentation. */
final class Publish {

    static final String BEGIN = "<!-- results: begin -->\n";
    static final String END = "<!-- results: end -->\n";

    private Publish() {}

    /**
     * Publishes.
     *
     * @param args the JSON of the run and the page
     */
    public static void main(String[] args) throws IOException {
        Report report = report(Path.of(args[0]));
        List<String> missing = Suites.ALL.stream()
                .flatMap(suite -> suite.benchmarkNames().stream())
                .filter(name -> !report.measured().containsKey(name))
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(args[0] + " lacks " + missing + "; expected a run without a filter");
        }
        Path page = Path.of(args[1]);
        Files.writeString(page, replaced(Files.readString(page), report.markdown()));
    }

    /** The report on a run that ended just before its file was written. */
    static Report report(Path json) throws IOException {
        LocalDate day = LocalDate.ofInstant(Files.getLastModifiedTime(json).toInstant(), ZoneOffset.UTC);
        return new Report(
                Suites.ALL, Measured.read(json), day, Runtime.getRuntime().availableProcessors());
    }

    /** A page with these tables in place of those between its marks. */
    static String replaced(String page, String tables) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the page has no line " + BEGIN.strip() + " before a line " + END.strip()
                    + "; expected both, around the tables");
        }
        return page.substring(0, begin) + BEGIN + tables + page.substring(end);
    }
}
