/**
 * Records of idempotency keys in Redis, on Lettuce. A jar on the class path is enough: {@code crosscut.idempotency.store}
 * names it {@code redis}. The modules of Netty are named since Lettuce has no descriptor that would name them.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-transitive-automatic") // Lettuce states the name in its manifest
module dev.crosscut.idempotency.redis {
    requires static org.jspecify;
    requires transitive dev.crosscut.idempotency;
    requires transitive lettuce.core;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.resolver.dns;
    requires reactor.core;

    exports dev.crosscut.idempotency.redis;

    provides dev.crosscut.idempotency.StoreProvider with
            dev.crosscut.idempotency.redis.RedisStoreProvider;
}
