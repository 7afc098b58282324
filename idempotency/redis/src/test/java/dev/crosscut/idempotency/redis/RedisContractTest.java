package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.tck.IdempotencyStoreContract;
import org.junit.jupiter.api.AfterAll;

/** The contract of stores, on Redis. */
class RedisContractTest extends IdempotencyStoreContract {

    private final RedisServer server = new RedisServer();

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected IdempotencyStore open() {
        return server.store().open();
    }

    @Override
    protected IdempotencyStore share(IdempotencyStore first) {
        return server.store().open();
    }
}
