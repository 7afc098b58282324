package dev.crosscut.idempotency.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.models.role.RedisInstance;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** What the records are on: one server, or a cluster of them. A closed set. */
sealed interface Servers {

    /** Sends a command to whichever server has its key. */
    RedisClusterAsyncCommands<byte[], byte[]> commands();

    /** Where a key is, for errors. */
    String name(byte[] key);

    /** The connection to the one server that has a key. */
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> holding(byte[] key);

    /** The connection to a server that another one has referred to. */
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> at(String host, int port);

    /** Each server that takes writes, by where it is. */
    Map<String, CompletableFuture<StatefulRedisConnection<byte[], byte[]>>> masters();

    /** One server. */
    record One(StatefulRedisConnection<byte[], byte[]> connection, String name) implements Servers {

        @Override
        public RedisClusterAsyncCommands<byte[], byte[]> commands() {
            return connection.async();
        }

        @Override
        public String name(byte[] key) {
            return name;
        }

        @Override
        public CompletableFuture<StatefulRedisConnection<byte[], byte[]>> holding(byte[] key) {
            return CompletableFuture.completedFuture(connection);
        }

        @Override
        public CompletableFuture<StatefulRedisConnection<byte[], byte[]>> at(String host, int port) {
            return CompletableFuture.failedFuture(new IllegalStateException(name + " is a node of a cluster; expected a"
                    + " server of its own, or crosscut.idempotency.redis.cluster=true"));
        }

        @Override
        public Map<String, CompletableFuture<StatefulRedisConnection<byte[], byte[]>>> masters() {
            return Map.of(name, CompletableFuture.completedFuture(connection));
        }
    }

    /** A cluster. */
    record Cluster(StatefulRedisClusterConnection<byte[], byte[]> connection) implements Servers {

        @Override
        public RedisClusterAsyncCommands<byte[], byte[]> commands() {
            return connection.async();
        }

        @Override
        public String name(byte[] key) {
            RedisClusterNode node = connection.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
            return node == null ? "a cluster that has no master for the key" : name(node);
        }

        @Override
        public CompletableFuture<StatefulRedisConnection<byte[], byte[]>> holding(byte[] key) {
            RedisClusterNode node = connection.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
            if (node == null) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException("CLUSTERDOWN no master is known for the key"));
            }
            return at(node.getUri().getHost(), node.getUri().getPort());
        }

        @Override
        public CompletableFuture<StatefulRedisConnection<byte[], byte[]>> at(String host, int port) {
            return connection.getConnectionAsync(host, port);
        }

        @Override
        public Map<String, CompletableFuture<StatefulRedisConnection<byte[], byte[]>>> masters() {
            Map<String, CompletableFuture<StatefulRedisConnection<byte[], byte[]>>> masters = new TreeMap<>();
            for (RedisClusterNode node : connection.getPartitions()) {
                if (node.getRole() == RedisInstance.Role.UPSTREAM
                        && !node.getSlots().isEmpty()) {
                    masters.put(
                            name(node),
                            at(node.getUri().getHost(), node.getUri().getPort()));
                }
            }
            return masters;
        }

        private static String name(RedisClusterNode node) {
            return node.getUri().getHost() + ":" + node.getUri().getPort();
        }
    }
}
