package dev.crosscut.idempotency.redis;

import dev.crosscut.idempotency.Idempotency;
import dev.crosscut.idempotency.processes.Worker;
import java.time.Duration;

/** A JVM that works under keys whose records are in Redis. */
final class RedisWorker {

    private RedisWorker() {}

    /** Its name, the port of those who give it work, and where Redis is. */
    public static void main(String[] args) throws Exception {
        try (RedisStore store = Worker.patiently(() -> RedisStore.builder(args[2])
                        .timeout(Duration.ofSeconds(1))
                        .open());
                Idempotency idempotency =
                        Idempotency.builder(store).lease(Duration.ofSeconds(1)).build()) {
            Worker.run(args[0], Integer.parseInt(args[1]), (key, ledger) -> Worker.foreign(idempotency, key, ledger));
        }
    }
}
