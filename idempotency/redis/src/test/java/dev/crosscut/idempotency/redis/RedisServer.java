package dev.crosscut.idempotency.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis of its own, on 127.0.0.1, that keeps nothing on disk unless it is told to. The property
 * {@code embedded.redis.executable} names another server than the one that the tests bring.
 */
final class RedisServer implements AutoCloseable {

    private static final File EXECUTABLE = executable();

    private final int port = freePort();
    private final Path folder;
    private final List<String> settings;
    private final List<String> options;
    private Process process;

    /** Starts one. Each setting is a line of redis.conf. */
    RedisServer(String... settings) {
        this(List.of(), settings);
    }

    private RedisServer(List<String> options, String... settings) {
        this.options = options;
        this.settings = List.of(settings);
        try {
            folder = Files.createTempDirectory("redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
        // No test run leaves a server behind, whatever fails.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    }

    /** Starts a Sentinel that watches a master under a name. */
    static RedisServer sentinel(String name, int port) {
        return new RedisServer(List.of("--sentinel"), "sentinel monitor " + name + " 127.0.0.1 " + port + " 1");
    }

    private static File executable() {
        try {
            return System.getProperty(ExecutableProvider.PROPERTY_EXECUTABLE_LOCATION) == null
                    ? ExecutableProvider.newJarResourceProvider().get()
                    : ExecutableProvider.newSystemPropertyProvider().get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Low enough for the port of a cluster's bus, ten thousand above. */
    static int freePort() {
        int port = anyPort();
        while (port > 55_000) {
            port = anyPort();
        }
        return port;
    }

    private static int anyPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String uri() {
        return "redis://" + address();
    }

    RedisStore.Builder store() {
        return RedisStore.builder(uri());
    }

    void start() {
        List<String> lines = new ArrayList<>(
                List.of("port " + port, "bind 127.0.0.1", "save \"\"", "repl-diskless-sync-delay 0", "dir " + folder));
        lines.addAll(settings);
        try {
            Path file = Files.write(folder.resolve("redis.conf"), lines);
            List<String> command = new ArrayList<>(List.of(EXECUTABLE.getPath(), file.toString()));
            command.addAll(options);
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            await(() -> ping().matches("(?s)[+-].*"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a crash does. */
    void kill() {
        process.destroyForcibly();
        join();
    }

    void stop() {
        process.destroy();
        join();
    }

    private void join() {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Redis is still there");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String ping() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] reply = new byte[64];
            int length = socket.getInputStream().read(reply);
            return new String(reply, 0, Math.max(0, length), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return "";
        }
    }

    /** Whatever the store itself does not offer. */
    <T> T ask(Function<RedisCommands<String, String>, T> commands) {
        RedisClient client = RedisClient.create(uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return commands.apply(connection.sync());
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    String text(Function<RedisCommands<String, String>, String> commands) {
        return ask(commands);
    }

    long number(Function<RedisCommands<String, String>, Long> commands) {
        return ask(commands);
    }

    byte[] bytes(String key) {
        RedisClient client = RedisClient.create(uri());
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            return connection.sync().get(key.getBytes(StandardCharsets.US_ASCII));
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    void set(String key, byte[] value) {
        RedisClient client = RedisClient.create(uri());
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().set(key.getBytes(StandardCharsets.US_ASCII), value);
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    interface Condition {
        boolean holds() throws IOException;
    }

    static void await(Condition condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try {
            while (!condition.holds()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("not within 20 s");
                }
                Thread.sleep(5);
            }
        } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
