package dev.crosscut.idempotency.redis;

import dev.crosscut.core.Secret;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.StoreProvider;
import java.util.List;

/** Opens a {@link RedisStore} where {@code crosscut.idempotency.store} is {@code redis}. Made by the service loader. */
public final class RedisStoreProvider implements StoreProvider {

    /** Makes one; the service loader does. */
    public RedisStoreProvider() {}

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public List<Setting<?>> settings() {
        return RedisSettings.ALL;
    }

    @Override
    public IdempotencyStore open(Settings settings) {
        Secret uri = settings.get(RedisSettings.URI)
                .orElseThrow(() -> new IllegalStateException(RedisSettings.URI
                        + " is not set; expected the URI of Redis, such as redis://host:6379, for the store redis"));
        return RedisStore.builder(uri::reveal)
                .prefix(settings.get(RedisSettings.PREFIX))
                .timeout(settings.get(RedisSettings.TIMEOUT))
                .replicas(settings.get(RedisSettings.WAIT_REPLICAS), settings.get(RedisSettings.WAIT_TIMEOUT))
                .cluster(settings.get(RedisSettings.CLUSTER))
                .open();
    }
}
