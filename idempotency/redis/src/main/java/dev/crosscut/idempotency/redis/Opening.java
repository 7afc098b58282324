package dev.crosscut.idempotency.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** Where a store gets its connection, and what of it the store closes. A closed set. */
sealed interface Opening {

    /**
     * What was opened.
     *
     * @param servers what the records are on
     * @param closing closes what was opened for the store
     */
    record Opened(Servers servers, Runnable closing) {}

    /** Connects. */
    Opened open(Duration timeout, boolean cluster);

    /** A connection of the application's. */
    record OfConnection(StatefulRedisConnection<byte[], byte[]> connection) implements Opening {

        @Override
        public Opened open(Duration timeout, boolean cluster) {
            return new Opened(new Servers.One(connection, peer(connection, timeout)), () -> {});
        }
    }

    /** A connection of the application's. */
    record OfClusterConnection(StatefulRedisClusterConnection<byte[], byte[]> connection) implements Opening {

        @Override
        public Opened open(Duration timeout, boolean cluster) {
            return new Opened(new Servers.Cluster(connection), () -> {});
        }
    }

    /** A client of the application's. */
    record OfClient(RedisClient client) implements Opening {

        @Override
        public Opened open(Duration timeout, boolean cluster) {
            StatefulRedisConnection<byte[], byte[]> connection;
            try {
                connection = client.connect(ByteArrayCodec.INSTANCE);
            } catch (RuntimeException e) {
                throw Faults.of("the URI of the client", "be reached", e);
            }
            return new Opened(new Servers.One(connection, peer(connection, timeout)), connection::close);
        }
    }

    /** A client of the application's. */
    record OfClusterClient(RedisClusterClient client) implements Opening {

        @Override
        public Opened open(Duration timeout, boolean cluster) {
            StatefulRedisClusterConnection<byte[], byte[]> connection;
            try {
                connection = client.connect(ByteArrayCodec.INSTANCE);
            } catch (RuntimeException e) {
                throw Faults.of("the URIs of the client", "be reached", e);
            }
            return new Opened(new Servers.Cluster(connection), connection::close);
        }
    }

    /** A URI, read again with each connection for the credentials in it. */
    record OfUri(Supplier<String> text) implements Opening {

        @Override
        public Opened open(Duration timeout, boolean cluster) {
            RedisURI uri = parse(text.get());
            String server = name(uri);
            uri.setTimeout(timeout);
            if (uri.getCredentialsProvider() != null) {
                uri.setCredentialsProvider(() -> Mono.defer(
                        () -> parse(text.get()).getCredentialsProvider().resolveCredentials()));
            }
            // A server that comes back is found within a second, not within Lettuce's thirty.
            ClientResources resources = ClientResources.builder()
                    .reconnectDelay(Delay.exponential(Duration.ZERO, Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
                    .build();
            SocketOptions sockets = SocketOptions.builder()
                    .connectTimeout(timeout)
                    .keepAlive(true)
                    .build();
            return cluster
                    ? cluster(server, uri, timeout, resources, sockets)
                    : one(server, uri, timeout, resources, sockets);
        }

        private static Opened one(
                String server, RedisURI uri, Duration timeout, ClientResources resources, SocketOptions sockets) {
            RedisClient client = RedisClient.create(resources);
            client.setOptions(ClientOptions.builder()
                    .socketOptions(sockets)
                    .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                    .build());
            StatefulRedisConnection<byte[], byte[]> connection = await(
                    server,
                    timeout,
                    () -> shutDown(client, resources),
                    () -> client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture());
            return new Opened(new Servers.One(connection, server), () -> {
                connection.close();
                shutDown(client, resources);
            });
        }

        private static Opened cluster(
                String server, RedisURI uri, Duration timeout, ClientResources resources, SocketOptions sockets) {
            RedisClusterClient client = RedisClusterClient.create(resources, uri);
            client.setOptions(ClusterClientOptions.builder()
                    .socketOptions(sockets)
                    .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                    .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                            .enablePeriodicRefresh()
                            .build())
                    .build());
            StatefulRedisClusterConnection<byte[], byte[]> connection = await(
                    server,
                    timeout,
                    () -> shutDown(client, resources),
                    () -> client.refreshPartitionsAsync()
                            .thenCompose(topology -> client.connectAsync(ByteArrayCodec.INSTANCE))
                            .toCompletableFuture());
            return new Opened(new Servers.Cluster(connection), () -> {
                connection.close();
                shutDown(client, resources);
            });
        }

        private static <C extends StatefulConnection<byte[], byte[]>> C await(
                String server, Duration timeout, Runnable closing, Supplier<? extends Future<C>> connecting) {
            try {
                return connecting.get().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                closing.run();
                throw Faults.of(server, "be reached", Objects.requireNonNullElse(e.getCause(), e));
            } catch (TimeoutException e) {
                closing.run();
                throw Faults.late(server, "be reached", timeout.toMillis());
            } catch (InterruptedException e) {
                closing.run();
                Thread.currentThread().interrupt();
                throw new IllegalStateException(
                        "the thread was interrupted while it connected to Redis at " + server, e);
            } catch (RuntimeException e) {
                closing.run();
                throw Faults.of(server, "be reached", e);
            }
        }

        private static void shutDown(AbstractRedisClient client, ClientResources resources) {
            client.shutdown(0, 2, TimeUnit.SECONDS);
            resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        }

        /**
         * Reads a URI. Nothing of what Lettuce says of it is passed on, since it repeats the URI with the password; and what
         * is not encoded is refused, since a part of the password would then be taken for the host, and shown.
         */
        private static RedisURI parse(String text) {
            RedisURI uri = null;
            if (Local.URI.matcher(text).matches()) {
                try {
                    uri = RedisURI.create(text);
                } catch (IllegalArgumentException e) {
                    // Told below, without it.
                }
            }
            if (uri == null) {
                throw new IllegalStateException("the URI of Redis cannot be read; expected"
                        + " redis://[[user:]password@]host[:port][/database], rediss:// for TLS,"
                        + " redis-sentinel://[[user:]password@]host[:port][,host...]/[database]#master or"
                        + " redis-socket:///path, with what is special in a user or password percent-encoded. It is not"
                        + " shown, as it may have a password in it");
            }
            return uri;
        }

        private static String name(RedisURI uri) {
            if (!uri.getSentinels().isEmpty()) {
                return "the master '" + uri.getSentinelMasterId() + "' of Sentinel at "
                        + uri.getSentinels().stream().map(OfUri::name).collect(Collectors.joining(", "));
            }
            return uri.getSocket() == null ? uri.getHost() + ":" + uri.getPort() : uri.getSocket();
        }
    }

    /** Where a connection leads, as the server sees it; not every server tells. */
    private static String peer(StatefulRedisConnection<byte[], byte[]> connection, Duration timeout) {
        String unknown = "the server of the connection";
        try {
            Matcher address = Local.ADDRESS.matcher(
                    connection.async().clientInfo().get(timeout.toMillis(), TimeUnit.MILLISECONDS));
            return address.find() ? address.group(1) : unknown;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            return unknown;
        }
    }

    /** What an interface cannot keep to itself. */
    final class Local {
        private static final String USER = "([^/?#@\\s]*@)?";
        private static final String HOST = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(:[0-9]{1,5})?";
        private static final Pattern URI = Pattern.compile("(redis|rediss|redis\\+ssl|redis\\+tls)://" + USER + HOST
                + "(/[^#@\\s]*)?(\\?[^#@\\s]*)?" + "|rediss?-sentinel://" + USER + HOST + "(," + HOST
                + ")*(/[^#@\\s]*)?(\\?[^#@\\s]*)?#[^#@\\s]+" + "|(redis-socket|redis\\+socket)://[^#@\\s]*/[^#@\\s]+");
        private static final Pattern ADDRESS = Pattern.compile("\\bladdr=(\\S+)");

        private Local() {}
    }
}
