package dev.crosscut.idempotency.redis;

import dev.crosscut.core.Secret;
import dev.crosscut.core.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the store can be set to. */
final class RedisSettings {

    static final String PREFIX_DEFAULT = "crosscut:idempotency:";
    static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(2);
    static final Duration WAIT_TIMEOUT_DEFAULT = Duration.ofMillis(500);
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    static final String BOUND = "a millisecond to an hour";

    static final Setting<Optional<Secret>> URI = Setting.secret(
                    "crosscut.idempotency.redis.uri",
                    "Where the records are: `redis://[[user:]password@]host[:port][/database]`, `rediss://` for TLS,"
                            + " `redis-sentinel://host[:port][,host...]/[database]#master`. Of a file that changes, the"
                            + " credentials are used from the next connection on.")
            .optional();

    static final Setting<String> PREFIX = Setting.text(
                    "crosscut.idempotency.redis.prefix",
                    "What the names of all keys begin with. In a cluster without braces, or all records are on one server.")
            .check("a text that is not empty", text -> !text.isEmpty())
            .or(PREFIX_DEFAULT);

    static final Setting<Duration> TIMEOUT = Setting.duration(
                    "crosscut.idempotency.redis.timeout", "How long a call may take, and to connect.")
            .check(BOUND, RedisSettings::isBound)
            .or(TIMEOUT_DEFAULT);

    static final Setting<Integer> WAIT_REPLICAS = Setting.integer(
                    "crosscut.idempotency.redis.wait-replicas",
                    "How many replicas must have a claim before work begins, and an outcome before it counts as stored. With"
                            + " fewer, the claim is refused. 0 waits for none.")
            .check("0 or more", number -> number >= 0)
            .or(0);

    static final Setting<Duration> WAIT_TIMEOUT = Setting.duration(
                    "crosscut.idempotency.redis.wait-timeout", "How long to wait for the replicas.")
            .check(BOUND, RedisSettings::isBound)
            .or(WAIT_TIMEOUT_DEFAULT);

    static final Setting<Boolean> CLUSTER = Setting.flag(
                    "crosscut.idempotency.redis.cluster",
                    "Whether the URI is that of a Redis Cluster; one of its servers is enough.")
            .or(false);

    static final List<Setting<?>> ALL = List.of(URI, PREFIX, TIMEOUT, WAIT_REPLICAS, WAIT_TIMEOUT, CLUSTER);

    private RedisSettings() {}

    static boolean isBound(Duration duration) {
        return duration.compareTo(SHORTEST) >= 0 && duration.compareTo(LONGEST) <= 0;
    }
}
