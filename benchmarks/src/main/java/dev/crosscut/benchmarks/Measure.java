package dev.crosscut.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs benchmarks for {@code benchmarks/run}. In each round every benchmark has one fork, so that a busy minute of the
 * machine falls on all of them and not on one.
 */
final class Measure {

    private static final int ROUNDS = 4;
    private static final int OVER_TARGET = 3;

    private Measure() {}

    /**
     * Measures, writes what JMH says as JSON, and prints the tables.
     *
     * @param args the folder of results, the name of this one, {@code quick} or {@code full}, and a regular expression
     *     for the names of benchmarks
     */
    public static void main(String[] args) throws IOException, RunnerException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        Path json = folder.resolve(args[1] + ".json");
        Path log = folder.resolve(args[1] + ".log");
        List<String> benchmarks = matching(Pattern.compile(args[3]));
        try (PrintStream out = new PrintStream(Files.newOutputStream(log), true, StandardCharsets.UTF_8)) {
            List<RunResult> results = measure(
                    benchmarks,
                    args[2].equals("quick"),
                    OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL));
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json.toString())
                    .writeOut(results);
        } catch (RunnerException e) {
            throw new RunnerException("a benchmark failed; the end of " + log + " says how", e);
        }

        Report report = Publish.report(json);
        System.out.println();
        System.out.println(report.markdown());
        List<String> over = report.allocationsOverTarget();
        if (!over.isEmpty()) {
            over.forEach(System.err::println);
            System.exit(OVER_TARGET);
        }
    }

    private static List<String> matching(Pattern filter) {
        List<String> names = Suites.ALL.stream()
                .flatMap(suite -> suite.benchmarkNames().stream())
                .toList();
        List<String> matching =
                names.stream().filter(name -> filter.matcher(name).find()).toList();
        if (matching.isEmpty()) {
            throw new IllegalArgumentException("no benchmark matches '" + filter
                    + "'; expected a regular expression that is found in one of " + names);
        }
        return matching;
    }

    private static List<RunResult> measure(List<String> benchmarks, boolean quick, OutputFormat log)
            throws RunnerException {
        int rounds = quick ? 1 : ROUNDS;
        Map<String, List<RunResult>> byName = new TreeMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (String benchmark : benchmarks) {
                RunResult result = new Runner(options(benchmark, quick), log).runSingle();
                byName.computeIfAbsent(benchmark, name -> new ArrayList<>()).add(result);
                System.out.printf(
                        Locale.ROOT,
                        "round %d of %d  %-50s %,12.1f %s%n",
                        round,
                        rounds,
                        benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1),
                        result.getPrimaryResult().getScore(),
                        result.getPrimaryResult().getScoreUnit());
            }
        }
        return byName.values().stream().map(Measure::merged).toList();
    }

    private static Options options(String benchmark, boolean quick) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Pattern.quote(benchmark) + "$")
                .forks(1)
                .jvmArgs("-Xms1g", "-Xmx1g", "-XX:+UseG1GC")
                .addProfiler(GCProfiler.class)
                .addProfiler(ProcessorTime.class)
                .shouldFailOnError(true);
        if (quick) {
            options.warmupIterations(3)
                    .warmupTime(TimeValue.milliseconds(300))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.milliseconds(200));
        }
        return options.build();
    }

    /** The rounds of one benchmark, as JMH shows forks. */
    private static RunResult merged(List<RunResult> rounds) {
        List<BenchmarkResult> forks = rounds.stream()
                .flatMap(round -> round.getBenchmarkResults().stream())
                .toList();
        return new RunResult(rounds.get(0).getParams(), forks);
    }
}
