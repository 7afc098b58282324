package dev.crosscut.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.crosscut.benchmarks.Suite.Row;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SuitesTest {

    static Stream<Suite> suites() {
        return Suites.ALL.stream();
    }

    @Test
    void every_benchmark_that_was_compiled_is_a_row_of_one_table() {
        Set<BenchmarkListEntry> compiled = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());

        assertThat(suites().flatMap(suite -> suite.benchmarkNames().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        compiled.stream().map(BenchmarkListEntry::getUsername).toList());
    }

    @ParameterizedTest
    @MethodSource("suites")
    void every_table_has_a_row_for_its_baseline(Suite suite) {
        assertThat(suite.tables())
                .isNotEmpty()
                .allSatisfy(table -> assertThat(table.rows()).contains(table.baselineRow()));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void no_two_rows_of_a_table_look_the_same(Suite suite) {
        assertThat(suite.tables())
                .allSatisfy(
                        table -> assertThat(table.rows()).extracting(Row::label).doesNotHaveDuplicates());
    }

    /** Once, so that a benchmark that throws is found before somebody waits for it. */
    @ParameterizedTest
    @MethodSource("suites")
    void every_benchmark_without_a_server_runs(Suite suite) throws ReflectiveOperationException {
        Set<String> ran = new HashSet<>();
        Object benchmarks = suite.benchmarks().getConstructor().newInstance();
        for (Method method : suite.benchmarks().getMethods()) {
            if (method.isAnnotationPresent(Benchmark.class) && suite.benchmarks() != ServletBenchmark.class) {
                List<Object> states = states(method);
                assertThatCode(() -> method.invoke(benchmarks, states.toArray()))
                        .as(method.getName())
                        .doesNotThrowAnyException();
                callAll(states, TearDown.class);
                ran.add(suite.benchmarks().getName() + "." + method.getName());
            }
        }
        if (suite.benchmarks() != ServletBenchmark.class) {
            assertThat(ran).containsExactlyInAnyOrderElementsOf(suite.benchmarkNames());
        }
    }

    /** What a benchmark is given, set up as JMH does it. */
    private static List<Object> states(Method benchmark) throws ReflectiveOperationException {
        List<Object> states = new ArrayList<>();
        for (Class<?> type : benchmark.getParameterTypes()) {
            states.add(type.getConstructor().newInstance());
        }
        callAll(states, Setup.class);
        return states;
    }

    private static void callAll(List<Object> states, Class<? extends Annotation> marked)
            throws ReflectiveOperationException {
        for (Object state : states) {
            for (Method method : state.getClass().getMethods()) {
                if (method.isAnnotationPresent(marked)) {
                    method.invoke(state);
                }
            }
        }
    }

    @Test
    void both_servers_answer_and_only_the_filtered_one_adds_a_header() throws Exception {
        ServletBenchmark benchmark = new ServletBenchmark();
        ServletBenchmark.PlainServer plain = new ServletBenchmark.PlainServer();
        ServletBenchmark.FilteredServer filtered = new ServletBenchmark.FilteredServer();
        plain.start();
        filtered.start();
        ServletBenchmark.PlainClient toPlain = new ServletBenchmark.PlainClient();
        ServletBenchmark.FilteredClient toFiltered = new ServletBenchmark.FilteredClient();
        toPlain.connect(plain);
        toFiltered.connect(filtered);
        try {
            int bytes = benchmark.plain(toPlain);

            assertThat(benchmark.plain(toPlain)).as("on the same connection").isEqualTo(bytes);
            assertThat(benchmark.filtered(toFiltered))
                    .isEqualTo(bytes + "X-Correlation-ID: \r\n".length() + Pipelines.CORRELATION_ID.length());
        } finally {
            toPlain.disconnect();
            toFiltered.disconnect();
            plain.stop();
            filtered.stop();
        }
    }
}
