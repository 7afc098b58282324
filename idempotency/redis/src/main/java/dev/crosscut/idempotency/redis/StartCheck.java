package dev.crosscut.idempotency.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Looks, when a store is opened, at what would lose records or refuse them. */
final class StartCheck {

    private static final System.Logger LOG = System.getLogger("dev.crosscut.idempotency.redis");

    private StartCheck() {}

    /**
     * Refuses a server that is a replica, and warns of one that evicts keys. What the server does not tell is no reason to
     * refuse it.
     */
    static void run(Calls calls) {
        List<String> evicting = new ArrayList<>();
        calls.servers().masters().forEach((server, connecting) -> {
            Map<String, String> info = info(calls, server, connecting);
            if (info.getOrDefault("role", "master").equals("slave")) {
                throw new IllegalStateException("Redis at " + server + " is a replica of "
                        + info.getOrDefault("master_host", "?") + ":" + info.getOrDefault("master_port", "?")
                        + "; expected the master, or Sentinel, or a cluster to find it by");
            }
            String policy = info.getOrDefault("maxmemory_policy", "noeviction");
            if (!policy.equals("noeviction")) {
                evicting.add(server + " (" + policy + ")");
            }
        });
        if (!evicting.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "Redis drops keys when its memory is full, by its maxmemory-policy: " + String.join(", ", evicting)
                            + ". A record of an idempotency key that is dropped before its retention is over lets the same"
                            + " work be done again. Expected maxmemory-policy noeviction: a full server then refuses claims");
        }
    }

    private static Map<String, String> info(
            Calls calls, String server, CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connecting) {
        StatefulRedisConnection<byte[], byte[]> connection = calls.await(server, "be reached", () -> connecting);
        String text;
        try {
            text = calls.await(
                    server,
                    "tell its role and maxmemory-policy",
                    () -> connection.async().info());
        } catch (IllegalStateException e) {
            if (!Faults.isForbidden(e)) {
                throw e;
            }
            LOG.log(
                    Level.INFO,
                    "not known whether the server is a master that evicts no keys: " + e.getMessage()
                            + ". Expected maxmemory-policy noeviction");
            return Map.of();
        }
        Map<String, String> info = new TreeMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                info.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return info;
    }
}
