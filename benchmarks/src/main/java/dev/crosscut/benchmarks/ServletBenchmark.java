package dev.crosscut.benchmarks;

import dev.crosscut.core.Crosscut;
import dev.crosscut.servlet.CrosscutFilter;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Requests over the loopback address, with two connections that are kept alive. Clients and server share the process and
 * its processors. The clients allocate nothing, so what is allocated is the server's. Nothing is torn down, for JMH would
 * count that to the last iteration; the process ends with it.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Threads(2)
public class ServletBenchmark {

    @Benchmark
    public int plain(PlainClient client) throws IOException {
        return client.exchange();
    }

    @Benchmark
    public int filtered(FilteredClient client) throws IOException {
        return client.exchange();
    }

    /** The server without a filter. */
    @State(Scope.Benchmark)
    public static class PlainServer {

        private final JettyServer server = new JettyServer(Optional.empty());

        @Setup
        public void start() throws Exception {
            server.start();
        }

        void stop() throws Exception {
            server.close();
        }
    }

    /** The same server, each request of which is an exchange with a correlation id. */
    @State(Scope.Benchmark)
    public static class FilteredServer {

        private final Crosscut crosscut = Pipelines.correlated().build();
        private final JettyServer server = new JettyServer(Optional.of(new CrosscutFilter(crosscut)));

        @Setup
        public void start() throws Exception {
            server.start();
        }

        void stop() throws Exception {
            server.close();
            crosscut.close();
        }
    }

    /** A connection to the one. */
    @State(Scope.Thread)
    public static class PlainClient extends Connected {

        @Setup
        public void connect(PlainServer plain) throws IOException {
            connect(plain.server);
        }
    }

    /** A connection to the other. */
    @State(Scope.Thread)
    public static class FilteredClient extends Connected {

        @Setup
        public void connect(FilteredServer filtered) throws IOException {
            connect(filtered.server);
        }
    }

    /** A connection to a server. */
    @State(Scope.Thread)
    public abstract static class Connected {

        private @Nullable KeepAliveClient client;

        final void connect(JettyServer server) throws IOException {
            client = new KeepAliveClient(server.port());
        }

        final int exchange() throws IOException {
            return Objects.requireNonNull(client, "not connected").exchange();
        }

        final void disconnect() throws IOException {
            Objects.requireNonNull(client, "not connected").close();
        }
    }
}
