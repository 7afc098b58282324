package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.tck.IdempotencyStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of stores, on Redis. */
class RedisContractTest extends IdempotencyStoreContract {

    private static RedisServer server;

    @BeforeAll
    static void start() {
        server = new RedisServer();
    }

    @AfterAll
    static void stop() {
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
